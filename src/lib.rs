//! Event sourcing and CQRS for Rust.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use annals_core::*;
pub use annals_macros::{Command, Event, aggregate, command, event, key, on, prepare, projection};
