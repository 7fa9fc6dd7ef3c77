#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod connect;
pub mod prelude;

pub use annals_core::saga::Saga;
pub use annals_core::*;
pub use annals_macros::{
    Command, Event, aggregate, command, event, failure, key, on, outcome, prepare, projection, rejected, saga, start, step, undo,
    wait,
};
#[cfg(feature = "runtime")]
pub use annals_runtime::{
    Acting, App, AppBuilder, Bus, CommandRef, Health, LoadError, Loaded, Origin, Outcome, Receipt, Request, RequestError,
    SagaError, SagaState, Sagas, ScheduleError, Scheduled, Scheduling, SendError, Sending, StartError, Status, Subscription,
    TokioExecutor, View, ViewReadError, WaitError, layer, system_env,
};
#[cfg(feature = "memory")]
pub use annals_store_memory::MemoryStore;
#[cfg(feature = "sqlite")]
pub use annals_store_sqlite as sqlite;
#[cfg(feature = "sqlite")]
pub use annals_store_sqlite::{SqliteOptions, SqliteStore};
pub use connect::{ConnectError, connect};
