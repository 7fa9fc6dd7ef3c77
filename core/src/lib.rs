//! Types, traits and pure logic of Annals.
//!
//! Applications use the facade `annals`; this crate is for those who write stores and tools. It knows no async runtime
//! and no database.
//!
//! - identities and places: [`StreamId`], [`Version`], [`Position`], [`EventId`] …
//! - messages: [`Event`], [`Command`], [`Metadata`], [`RecordedEvent`]
//! - deciding: [`Aggregate`], [`Evolve`], [`Handle`], [`IntoEvents`]
//! - the event store and its contract: [`store`]
//! - reading: [`Projection`], [`ProjectionSink`]
//! - processes over several aggregates: [`saga`]
//! - what an application consists of, as values and diagrams: [`describe`]
//! - the outside world: [`Env`]

#![deny(missing_docs)]

#[doc(hidden)]
#[path = "macro_support.rs"]
pub mod __macro_support;
mod aggregate;
mod codec;
mod command;
mod decision;
pub mod describe;
pub mod dispatch;
mod ensure;
mod env;
mod event;
mod id;
mod metadata;
mod position;
mod projection;
mod recorded;
pub mod saga;
mod schedule;
mod services;
pub mod store;
mod stream;
mod text;
mod time;
mod told;

pub use aggregate::{Aggregate, Behaviour, CommandInfo, CommandOf, Context, Evolve, Handle, PrepareError, Routed};
pub use codec::{Content, EncodeError, Encoding, Payload, PayloadError};
pub use command::Command;
#[doc(hidden)]
pub use decision::Fallible;
pub use decision::{IntoEvents, Multi};
pub use env::{Clock, Env, Executor, Random, SystemClock, SystemRandom};
pub use event::{
    DecodeError, DecodeErrorKind, Event, EventKind, EventName, InvalidEventName, InvalidTag, Tag, UpcastError, Upcaster,
};
pub use id::{AppendId, CausationId, CommandId, CorrelationId, EventId, MessageId};
pub use metadata::{EncodedMetadata, Metadata, ReservedMetadataKey};
pub use position::{ExpectedVersion, LogId, LogPosition, OutOfRange, ParseLogPositionError, Position, Version};
#[doc(hidden)]
pub use projection::IntoDocument;
pub use projection::{Document, On, Projection, ProjectionSink, SinkError};
pub use recorded::{EventContext, NewEvent, NewEventError, Recorded, RecordedEvent};
pub use schedule::ScheduleEvent;
/// JSON as [`Upcaster`]s see it.
pub use serde_json::Value as Json;
pub use services::{MissingService, ServiceKey, Services};
pub use store::{EventStore, Filter, LogPage};
pub use stream::{Category, InvalidCategory, InvalidStreamId, InvalidTenant, StreamId, StreamKey, Tenant};
pub use time::{ParseTimestampError, Timestamp};
#[doc(hidden)]
pub use told::told as __told;
