//! The names that a domain file needs.
//!
//! ```
//! use annals::prelude::*;
//! ```

pub use crate::{
    Aggregate, Command, Context, Event, EventContext, IntoEvents, Multi, Recorded, Saga, aggregate, ensure, projection, saga,
};
#[cfg(feature = "runtime")]
pub use crate::{App, Receipt, SendError};
// Without `#[aggregate]`, `#[projection]` or `#[saga]` around them, these say that it is missing.
pub use crate::{command, event, failure, key, on, outcome, prepare, rejected, setup, start, step, undo, wait};
