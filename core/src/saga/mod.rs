//! Sagas: processes over several aggregates and the outside world that end as a whole, or are undone.
//!
//! A saga is a list of steps. Each sends commands or calls the outside world; each before the point of no return says
//! how it is undone. One stream per instance, `$saga.{name}`, records every intent before it takes effect and every
//! outcome after it, so that an instance goes on where it was after any crash, on any machine.
//!
//! Instead of steps, a saga may have reactions: then it is a process manager, which sends commands as events come.
//!
//! A [`Saga`] is written with `#[saga]`, which makes a [`Definition`], or the definition is made with its
//! [`builder`], begun by [`Definition::named`].
//!
//! # Where things are
//! - **To write one with `#[saga]`**, whose page has examples: [`StepError`] and [`Classify`] for what an activity answers,
//!   [`IdempotencyKey`] and [`Call`] for what it is given, [`Failure`] for why the saga is undone, [`Reaction`] for what it does about
//!   an event. The prelude has them. [`IntoCommands`] and [`IntoReaction`] are what methods may return.
//! - **To write one by hand**: [`Definition::named`], with [`RetryPolicy`]; the types behind it are in [`builder`].
//! - **To see how one is going**: [`Instance`] with its [`Phase`], and its history, a list of [`SagaEvent`].
//! - **To run one**, or to play one in a test: [`engine`].
//!
//! # How it works
//! This module is pure: an [`Instance`] is the fold of the recorded events, and [`engine::decide`] says what an input leads
//! to. The engine in `annals-runtime` runs it.
//!
//! Instances run beside one another, in no order: who started first may well reserve second.
//!
//! # Rules
//! - One input leads to one decision and one append with an expected version. Nothing leaves before it is stored.
//! - Identities of commands and idempotency keys of activities derive from instance, step and direction: the same at
//!   every attempt.
//! - To undo is every step that was dispatched and is not known to be rejected, steps of unknown outcome included, in
//!   reverse order. Undoing is retried without limit.
//! - A rejection undoes, unless the definition goes on without the step, which has not happened; a transient failure is retried and then counts as unknown; a defect (panic, data that cannot
//!   be read) suspends the instance and undoes nothing.
//! - Before the pivot the saga only goes back, after it only forward.
//! - Deadlines are stored. Who comes second in a race of outcome and deadline is refused by the version of the stream.

#[doc(hidden)]
#[path = "macro_support.rs"]
pub mod __macro_support;
mod activity;
pub mod builder;
mod commands;
mod decide;
mod definable;
mod definition;
pub mod engine;
mod error;
mod event;
mod failure;
mod fault;
mod instance;
mod next;
mod outline;
mod plan;
mod react;
mod reacting;
mod reaction;
mod retry;
mod step;
mod wait;

pub use commands::IntoCommands;
pub use definable::Saga;
pub use definition::Definition;
pub use error::{Classify, StepError};
pub use event::{Cause, CommandIntent, Outgoing, SagaEvent, Way};
pub use failure::Failure;
pub use fault::{Fault, InvalidSaga};
pub use instance::{Current, Instance, Phase, Reacting, StepState};
pub(crate) use outline::Outline;
pub use reaction::{IntoReaction, Reaction};
pub use retry::RetryPolicy;
pub use step::{Call, IdempotencyKey};
