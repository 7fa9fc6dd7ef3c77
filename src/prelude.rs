//! The names that the file of a domain, a saga or a projection needs, and those that put an application together.
//!
//! ```
//! use annals::prelude::*;
//! ```

pub use crate::saga::{Call, Classify, Failure, IdempotencyKey, Reaction, StepError};
pub use crate::{
    Aggregate, Command, Context, Document, Event, EventContext, IntoEvents, Multi, Projection, Recorded, Saga, Timestamp,
    aggregate, ensure, projection, saga,
};
#[cfg(feature = "runtime")]
pub use crate::{App, Receipt, SendError};
// Without `#[aggregate]`, `#[projection]` or `#[saga]` around them, these say that it is missing.
pub use crate::{command, event, failure, key, on, outcome, prepare, rejected, setup, start, step, undo, wait};
