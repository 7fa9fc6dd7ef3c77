#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! - **To write a domain**: [`Event`], [`Command`] and [`aggregate`](macro@aggregate); what a command comes to is
//!   [`IntoEvents`], step by step with [`Multi`], or an error, for which there is [`ensure!`]. The [`prelude`] has the names
//!   that a domain file needs.
//! - **To run it**: [`connect`] opens a store, [`AppBuilder`] puts an application together, [`App`] takes commands;
//!   [`Sending`] is what may be said about one, [`SendError`] why it failed.
//! - **To read**: [`projection`](macro@projection) folds events into documents, which a [`View`] finds, or keeps them in tables of
//!   yours ([`sqlite`], or the module `postgres`). [`ProjectionSink`] is for read models that keep themselves, [`Subscription`] for reading a log as it grows.
//! - **To go over several aggregates**: the attribute [`saga`](macro@saga); its words are in the module [`saga`](mod@saga),
//!   and [`Sagas`] finds the instances.
//! - **To guard and watch what is sent**: [`layer`].
//! - **To see what there is**: [`describe`] draws it, [`App::status`] and [`Sagas::history`] say how it is going.
//! - **To test**: the crate `annals-testing`, and [`Env`] in the place of clock, randomness and tasks.
//! - **To choose a store**: [`MemoryStore`], [`SqliteStore`]; [`store`] is for who reads and writes one by hand, or writes one.
//!
//! The marks (`command`, `event`, `on`, `step` …) work inside the attributes that they belong to; their pages say which.
//!
//! # Features
//!
//! | feature | what it brings | default |
//! |---|---|---|
//! | `runtime` | the engine: [`App`], [`layer`] and what reads; needs tokio | yes |
//! | `memory` | [`MemoryStore`], the URL `memory:` | yes |
//! | `sqlite` | [`SqliteStore`], projections in SQL, the URL `sqlite:…`; needs a C compiler | yes |
//! | `postgres` | `PostgresStore`, projections in SQL, the URL `postgres://…` | no |
//!
//! A crate that holds only a domain leaves them all out.
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod connect;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod prelude;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use annals_core::saga::Saga;
pub use annals_core::{describe, ensure, saga, store};

// What a domain is made of.
pub use annals_core::{Aggregate, Behaviour, CommandInfo, CommandOf, Context, Evolve, Handle, PrepareError, Routed};
pub use annals_core::{Command, Content, Document, Event, IntoEvents, Multi, On, Projection};
pub use annals_core::{MissingService, ServiceKey, Services};
// Not to be used: but what the compiler says of them should name `annals::…`.
#[doc(hidden)]
pub use annals_core::{Fallible, IntoDocument};

// Events, as they are written, stored and read.
/// JSON as [`Upcaster`]s see it.
pub use annals_core::Json;
pub use annals_core::{DecodeError, DecodeErrorKind, EventKind, EventName, UpcastError, Upcaster};
pub use annals_core::{EncodeError, EncodedMetadata, Encoding, Metadata, Payload, PayloadError, ReservedMetadataKey, Tag};
pub use annals_core::{EventContext, NewEvent, NewEventError, Recorded, RecordedEvent, ScheduleEvent};
pub use annals_core::{InvalidCategory, InvalidEventName, InvalidStreamId, InvalidTag, InvalidTenant};

// Identities and places.
pub use annals_core::{AppendId, CausationId, CommandId, CorrelationId, EventId, MessageId};
pub use annals_core::{Category, StreamId, Tenant};
pub use annals_core::{ExpectedVersion, LogId, LogPosition, OutOfRange, ParseLogPositionError, Position, Version};

// Stores and what reads them.
pub use annals_core::{EventStore, Filter, ProjectionSink, SinkError};

// The outside world.
pub use annals_core::{Clock, Env, Executor, ParseTimestampError, Random, SystemClock, SystemRandom, Timestamp};

pub use annals_macros::{
    Command, Event, aggregate, command, event, failure, key, on, outcome, prepare, projection, rejected, saga, setup, start,
    step, undo, wait,
};
#[cfg(feature = "runtime")]
pub use annals_runtime::{
    Acting, App, AppBuilder, Health, Intervention, LoadError, Loaded, Receipt, SagaError, SagaState, Sagas, ScheduleError,
    Scheduled, Scheduling, SendError, Sending, StartError, Status, Subscription, TokioExecutor, View, ViewReadError, WaitError,
    layer, system_env,
};
#[cfg(feature = "memory")]
pub use annals_store_memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use annals_store_postgres::{PostgresOptions, PostgresStore};
#[cfg(feature = "sqlite")]
pub use annals_store_sqlite::{SqliteOptions, SqliteStore};
pub use connect::{ConnectError, connect};
