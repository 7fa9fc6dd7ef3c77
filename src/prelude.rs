//! The names that a domain file needs.
//!
//! ```
//! use annals::prelude::*;
//! ```

pub use crate::{
    Aggregate, Command, Context, Event, EventContext, IntoEvents, Multi, Recorded, Saga, aggregate, ensure, projection,
};
// Without `#[aggregate]` or `#[projection]` around them, these say that it is missing.
#[cfg(feature = "runtime")]
pub use crate::{App, Receipt, SendError};
pub use crate::{command, event, key, on, prepare, setup};
