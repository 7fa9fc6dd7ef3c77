//! What an engine needs to run instances, and a test kit to play one.
//!
//! Applications need none of it. A [`Plan`] is a definition without the code in it, [`decide`] says what an
//! [`Input`] leads to for an [`Instance`](super::Instance), and the instance says what is [`Next`].

pub use super::commands::{CommandType, WrittenCommand};
pub use super::decide::{Ignored, Input, Moment, decide};
pub use super::definition::{Heard, Meaning, Start};
pub use super::instance::Next;
pub use super::next::Wake;
pub use super::plan::{Kind, Plan, StepPlan};
pub use super::step::ActivityOutcome;
pub use super::wait::Verdict;
