//! The builder of definitions, begun by [`Definition::named`].
//!
//! The types keep the order of what is said: before the pivot each step says how it is undone, after it none can. Whoever chains
//! the calls names none of them.
//!
//! ```
//! # use annals_core as annals;
//! use annals::saga::{Definition, InvalidSaga, StepError};
//! use std::convert::Infallible;
//!
//! /// Books a seat, and gives it back if the payment fails.
//! fn trip() -> Result<Definition<String>, InvalidSaga> {
//!     Definition::<String>::named("trip")
//!         .step("book")
//!         .activity(|_| async { Ok::<_, StepError<Infallible>>(7) })
//!         .outcome(|seat, number: u32| *seat = format!("seat {number}"))
//!         .undo_activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
//!         .step("pay")
//!         .activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
//!         .pivot()
//!         .build()
//! }
//! # assert_eq!(trip()?.plan().steps.len(), 2);
//! # Ok::<(), InvalidSaga>(())
//! ```

mod finish;
mod named;
mod reactions;
mod step;

pub use super::activity::ActivityResult;
pub use super::wait::WaitResult;
pub use reactions::ReactionBuilder;
pub use step::{CompleteAt, MayBeRejected};

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Failure;
use super::definition::{Definition, OnFailure, Starter};
use super::engine::Plan;
use super::react::{On, OnRejected};
use super::step::Step;
use crate::{Event, EventContext, Filter};

/// Before the point of no return: a step must say how it is undone.
#[derive(Debug)]
pub struct BeforePivot;

/// After the point of no return: a step cannot be undone.
#[derive(Debug)]
pub struct AfterPivot;

/// The last step has not said yet how it is undone.
#[derive(Debug)]
pub struct Undecided;

/// The last step waits for an event: there is nothing to undo.
#[derive(Debug)]
pub struct Waits;

/// The last step is complete.
#[derive(Debug)]
pub struct Settled;

/// The last step sends commands, which return nothing.
#[derive(Debug)]
pub struct NoOutcome;

/// Starts the definition of a saga. Made by [`Definition::named`].
#[derive(Debug)]
pub struct DefinitionBuilder<S>(Parts<S>);

/// Defines the last step of a saga, and adds more.
///
/// The type parameters keep the order: after [`pivot`](StepBuilder::pivot) there is no `undo`, and before it no step can
/// follow one that has not said how it is undone.
#[derive(Debug)]
pub struct StepBuilder<S, Where, Undo, Outcome = NoOutcome> {
    parts: Parts<S>,
    state: Marks<Where, Undo, Outcome>,
}

type Marks<Where, Undo, Outcome> = PhantomData<fn() -> (Where, Undo, Outcome)>;

/// A step that has a name and nothing to do yet.
#[derive(Debug)]
pub struct NamedStep<S, Where> {
    parts: Parts<S>,
    name: &'static str,
    state: PhantomData<fn() -> Where>,
}

struct Parts<S> {
    plan: Plan,
    steps: Vec<Step<S>>,
    starters: Vec<(Filter, Starter<S>)>,
    on_failure: Option<OnFailure<S>>,
    reactions: Vec<On<S>>,
    rejections: Vec<OnRejected<S>>,
}

impl<S> fmt::Debug for Parts<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.fmt(f)
    }
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> Definition<S> {
    /// Starts the definition of the saga `name`, with `S` as the state of an instance.
    ///
    /// ```
    /// # use annals_core as annals;
    /// use annals::saga::{Definition, StepError};
    /// use std::convert::Infallible;
    ///
    /// # fn main() -> Result<(), annals::saga::InvalidSaga> {
    /// let saga = Definition::<u64>::named("greeting")
    ///     .step("greet")
    ///     .activity(|call| async move { Ok::<_, StepError<Infallible>>(*call + 1) })
    ///     .outcome(|state, greeted: u64| *state = greeted)
    ///     .nothing_to_undo()
    ///     .build()?;
    /// assert_eq!(saga.plan().steps.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A step before the pivot must say how it is undone:
    ///
    /// ```compile_fail,E0277
    /// # use annals_core::saga::{Definition, StepError};
    /// # use std::convert::Infallible;
    /// Definition::<u64>::named("greeting")
    ///     .step("greet")
    ///     .activity(|call| async move { Ok::<_, StepError<Infallible>>(*call + 1) })
    ///     .build(); // no `undo…`, no `nothing_to_undo()`
    /// ```
    ///
    /// what a step returns is what its outcome takes in:
    ///
    /// ```compile_fail,E0631
    /// # use annals_core::saga::{Definition, StepError};
    /// # use std::convert::Infallible;
    /// Definition::<u64>::named("greeting")
    ///     .step("greet")
    ///     .activity(|call| async move { Ok::<_, StepError<Infallible>>(*call + 1) })
    ///     .outcome(|state, greeted: String| *state = 1);
    /// ```
    ///
    /// and after the pivot there is nothing to undo:
    ///
    /// ```compile_fail,E0599
    /// # use annals_core::saga::{Definition, StepError};
    /// # use std::convert::Infallible;
    /// Definition::<u64>::named("greeting")
    ///     .step("greet")
    ///     .activity(|call| async move { Ok::<_, StepError<Infallible>>(*call + 1) })
    ///     .pivot()
    ///     .undo_activity(|call| async move { Ok::<_, StepError<Infallible>>(()) });
    /// ```
    pub const fn named(name: &'static str) -> DefinitionBuilder<S> {
        DefinitionBuilder(Parts {
            plan: Plan { name, version: 1, deadline: None, steps: Vec::new(), reacts: false },
            steps: Vec::new(),
            starters: Vec::new(),
            on_failure: None,
            reactions: Vec::new(),
            rejections: Vec::new(),
        })
    }
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> DefinitionBuilder<S> {
    /// Sets the version of the definition, 1 by default. An instance finishes on the version it started with.
    #[must_use]
    pub fn version(mut self, version: u32) -> Self {
        self.0.plan.version = version;
        self
    }

    /// Sets how long an instance may take to pass its pivot; then it is undone. After the pivot, missing it is recorded.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.0.plan.deadline = Some(deadline);
        self
    }

    /// Lets an event start an instance, also one that was recorded before the application had the saga: `start` gives its business key and first state, or nothing. A key starts one
    /// instance, however often the event is delivered.
    #[must_use]
    pub fn starts_on<E: Event>(
        mut self,
        start: impl Fn(&E, &EventContext<'_>) -> Option<(String, S)> + Send + Sync + 'static,
    ) -> Self {
        let starter: Starter<S> = Box::new(move |record| Ok(start(&record.decode()?, &EventContext::new(record))));
        self.0.starters.push((Filter::events::<E>(), starter));
        self
    }

    /// Takes into the state of the instance why it is going to be undone, so that undoing can say so. A deadline that
    /// passes between two steps names none.
    #[must_use]
    pub fn on_failure(mut self, take_in: impl Fn(&mut S, &Failure) + Send + Sync + 'static) -> Self {
        self.0.on_failure = Some(Box::new(take_in));
        self
    }

    /// Begins the first step.
    pub fn step(self, name: &'static str) -> NamedStep<S, BeforePivot> {
        NamedStep { parts: self.0, name, state: PhantomData }
    }
}
