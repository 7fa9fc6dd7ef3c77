//! The names that the file of a domain, a saga or a projection needs, and those that put an application together.
//!
//! - **Aggregates**: [`Event`], [`Command`], [`aggregate`](macro@aggregate), [`Aggregate`]; a decision takes a [`Context`], returns
//!   [`IntoEvents`] or [`Multi`], and states its rules with [`ensure!`].
//! - **Projections**: [`projection`](macro@projection), [`Projection`], [`Document`]; an event comes with its [`EventContext`].
//! - **Sagas**: [`saga`](macro@saga), [`Saga`], and the words of steps and reactions: [`StepError`], [`Classify`],
//!   [`IdempotencyKey`], [`Call`], [`Failure`], [`Reaction`].
//! - **Applications**: [`App`], [`Receipt`], [`SendError`].
//! - **Marks**, such as `#[command]`, `#[on]` and `#[step]`, which mean something to the macro around them.
//!
//! ```
//! use annals::prelude::*;
//! ```

#[doc(no_inline)]
pub use crate::saga::{Call, Classify, Failure, IdempotencyKey, Reaction, StepError};
#[doc(no_inline)]
pub use crate::{
    Aggregate, Command, Context, Document, Event, EventContext, IntoEvents, Multi, Projection, Recorded, Saga, Timestamp,
    aggregate, ensure, projection, saga,
};
#[cfg(feature = "runtime")]
#[doc(no_inline)]
pub use crate::{App, Receipt, SendError};
// Without `#[aggregate]`, `#[projection]` or `#[saga]` around them, these say that it is missing.
#[doc(no_inline)]
pub use crate::{command, event, failure, key, on, outcome, prepare, rejected, setup, start, step, undo, wait};
