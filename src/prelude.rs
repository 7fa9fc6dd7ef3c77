//! The names that a domain file needs.
//!
//! ```
//! use annals::prelude::*;
//! ```

pub use crate::{Aggregate, Command, Context, Event, EventContext, IntoEvents, Multi, Recorded, aggregate, projection};
#[cfg(feature = "runtime")]
pub use crate::{App, Receipt, SendError};
