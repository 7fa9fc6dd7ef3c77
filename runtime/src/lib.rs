//! The engine of Annals: everything that runs.
//!
//! Applications use the facade `annals`. The engine knows no store and no macro: it puts an [`App`] together from what
//! `annals-core` describes, and runs it on tokio.

#![deny(missing_docs)]

mod alarm;
mod app;
mod bus;
mod engine;
mod env;
mod error;
pub mod layer;
mod progress;
mod projection;
mod saga;
mod schedule;
mod send;
mod shared;
mod subscription;

pub use app::{Acting, App, AppBuilder, Loaded};
pub use env::{TokioExecutor, system_env};
pub use error::{LoadError, SagaError, ScheduleError, SendError, StartError, ViewReadError, WaitError};
pub use progress::{Health, Status};
pub use projection::View;
pub use saga::{Intervention, SagaState, Sagas};
pub use schedule::{Scheduled, Scheduling};
pub use send::{Receipt, Sending};
pub use subscription::Subscription;
