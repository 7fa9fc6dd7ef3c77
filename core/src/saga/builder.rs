use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::definition::{InvalidSaga, OnFailure, Saga, Starter};
use super::step::{Action, Step};
use super::{Call, Kind, Plan, RetryPolicy, StepError, StepPlan};
use crate::text::is_word;
use crate::{Category, Event, EventContext, Filter, Routed};

/// Before the point of no return: a step must say how it is undone.
#[derive(Debug)]
pub struct BeforePivot;

/// After the point of no return: a step cannot be undone.
#[derive(Debug)]
pub struct AfterPivot;

/// The last step has not said yet how it is undone.
#[derive(Debug)]
pub struct Undecided;

/// The last step is complete.
#[derive(Debug)]
pub struct Settled;

/// The last step sends commands, which return nothing.
#[derive(Debug)]
pub struct NoOutcome;

/// Starts the definition of a saga. Made by [`Saga::named`].
#[derive(Debug)]
pub struct SagaBuilder<S>(Parts<S>);

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
}

impl<S> fmt::Debug for Parts<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.fmt(f)
    }
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> Saga<S> {
    /// Starts the definition of the saga `name`, with `S` as the state of an instance.
    ///
    /// ```
    /// use annals_core::saga::{Saga, StepError};
    /// use std::convert::Infallible;
    ///
    /// # fn main() -> Result<(), annals_core::saga::InvalidSaga> {
    /// let saga = Saga::<u64>::named("greeting")
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
    /// # use annals_core::saga::{Saga, StepError};
    /// # use std::convert::Infallible;
    /// Saga::<u64>::named("greeting")
    ///     .step("greet")
    ///     .activity(|call| async move { Ok::<_, StepError<Infallible>>(*call + 1) })
    ///     .build(); // no `undo…`, no `nothing_to_undo()`
    /// ```
    ///
    /// what a step returns is what its outcome takes in:
    ///
    /// ```compile_fail,E0631
    /// # use annals_core::saga::{Saga, StepError};
    /// # use std::convert::Infallible;
    /// Saga::<u64>::named("greeting")
    ///     .step("greet")
    ///     .activity(|call| async move { Ok::<_, StepError<Infallible>>(*call + 1) })
    ///     .outcome(|state, greeted: String| *state = 1);
    /// ```
    ///
    /// and after the pivot there is nothing to undo:
    ///
    /// ```compile_fail,E0599
    /// # use annals_core::saga::{Saga, StepError};
    /// # use std::convert::Infallible;
    /// Saga::<u64>::named("greeting")
    ///     .step("greet")
    ///     .activity(|call| async move { Ok::<_, StepError<Infallible>>(*call + 1) })
    ///     .pivot()
    ///     .undo_activity(|call| async move { Ok::<_, StepError<Infallible>>(()) });
    /// ```
    pub const fn named(name: &'static str) -> SagaBuilder<S> {
        let plan = Plan { name, version: 1, deadline: None, steps: Vec::new() };
        SagaBuilder(Parts { plan, steps: Vec::new(), starters: Vec::new(), on_failure: None })
    }
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> SagaBuilder<S> {
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

    /// Takes into the state of the instance why it is going to be undone, so that undoing can say so: which step was
    /// rejected or is of unknown outcome, and the reason. A deadline that passes between two steps names none.
    #[must_use]
    pub fn on_failure(mut self, take_in: impl Fn(&mut S, &str, &str) + Send + Sync + 'static) -> Self {
        self.0.on_failure = Some(Box::new(take_in));
        self
    }

    /// Begins the first step.
    pub fn step(self, name: &'static str) -> NamedStep<S, BeforePivot> {
        NamedStep { parts: self.0, name, state: PhantomData }
    }
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static, Where> NamedStep<S, Where> {
    /// The step sends one command. Its events are stored together with the outcome of the step.
    pub fn command<C: Routed>(self, make: impl Fn(&S) -> C + Send + Sync + 'static) -> StepBuilder<S, Where, Undecided> {
        self.commands(move |state| vec![make(state)])
    }

    /// The step sends several commands of one type. All of them happen, or none does.
    pub fn commands<C: Routed>(self, make: impl Fn(&S) -> Vec<C> + Send + Sync + 'static) -> StepBuilder<S, Where, Undecided> {
        self.with(Kind::Commands, Action::commands(make))
    }

    /// The step calls the outside world, at least once, under [`Call::key`].
    ///
    /// Without [`timeout`](StepBuilder::timeout) a call that hangs is waited for as long as the process lives, and takes one
    /// of the 128 places that a saga has for instances under way.
    pub fn activity<T, E, Fut>(self, call: impl Fn(Call<S>) -> Fut + Send + Sync + 'static) -> StepBuilder<S, Where, Undecided, T>
    where
        T: Serialize,
        E: fmt::Display,
        Fut: Future<Output = Result<T, StepError<E>>> + Send + 'static,
    {
        self.with(Kind::Activity, Action::activity(call))
    }

    /// The step calls the outside world through a service of the application.
    pub fn activity_with<X, T, E, Fut>(
        self,
        call: impl Fn(Call<S>, Arc<X>) -> Fut + Send + Sync + 'static,
    ) -> StepBuilder<S, Where, Undecided, T>
    where
        X: Send + Sync + 'static,
        T: Serialize,
        E: fmt::Display,
        Fut: Future<Output = Result<T, StepError<E>>> + Send + 'static,
    {
        self.with(Kind::Activity, Action::activity_with(call))
    }

    fn with<T>(mut self, kind: Kind, act: Action<S>) -> StepBuilder<S, Where, Undecided, T> {
        let step = StepPlan { name: self.name, kind, undo: false, pivot: false, retry: RetryPolicy::default(), timeout: None };
        self.parts.plan.steps.push(step);
        self.parts.steps.push(Step::new(act));
        StepBuilder { parts: self.parts, state: PhantomData }
    }
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static, Where, Undo, Outcome> StepBuilder<S, Where, Undo, Outcome> {
    /// Takes what the activity returned into the state of the instance.
    #[must_use]
    pub fn outcome(mut self, take_in: impl Fn(&mut S, Outcome) + Send + Sync + 'static) -> Self
    where
        Outcome: DeserializeOwned + 'static,
    {
        if let Some(step) = self.parts.steps.last_mut() {
            step.taking_in(take_in);
        }
        self
    }

    /// Sets how the step is tried again.
    #[must_use]
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        if let Some(step) = self.parts.plan.steps.last_mut() {
            step.retry = retry;
        }
        self
    }

    /// Sets how long the outcome may take, all attempts together; then it counts as unknown. After the pivot, and when it
    /// is undone, a step is tried until it succeeds: then this is how long each attempt may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        if let Some(step) = self.parts.plan.steps.last_mut() {
            step.timeout = Some(timeout);
        }
        self
    }

    fn become_<Then, Decided>(self) -> StepBuilder<S, Then, Decided, Outcome> {
        StepBuilder { parts: self.parts, state: PhantomData }
    }

    fn finish(self) -> Result<Saga<S>, InvalidSaga> {
        let Parts { plan, steps, starters, on_failure } = self.parts;
        let name = || InvalidSaga::Name(plan.name.to_owned());
        if !is_word(plan.name.as_bytes()) {
            return Err(name());
        }
        let category = Category::new(format!("$saga.{}", plan.name)).map_err(|_| name())?;
        for (index, step) in plan.steps.iter().enumerate() {
            if !is_word(step.name.as_bytes()) {
                return Err(InvalidSaga::StepName { saga: plan.name, step: step.name });
            }
            if plan.index_of(step.name) != Some(index) {
                return Err(InvalidSaga::RepeatedStep { saga: plan.name, step: step.name });
            }
        }
        Ok(Saga { plan, steps, starters, on_failure, category })
    }
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static, Outcome> StepBuilder<S, BeforePivot, Undecided, Outcome> {
    /// The step is undone by a command.
    pub fn undo<C: Routed>(
        self,
        make: impl Fn(&S) -> C + Send + Sync + 'static,
    ) -> StepBuilder<S, BeforePivot, Settled, Outcome> {
        self.undo_all(move |state| vec![make(state)])
    }

    /// The step is undone by several commands of one type.
    pub fn undo_all<C: Routed>(
        self,
        make: impl Fn(&S) -> Vec<C> + Send + Sync + 'static,
    ) -> StepBuilder<S, BeforePivot, Settled, Outcome> {
        self.undone_by(Action::commands(make))
    }

    /// The step is undone by a call to the outside world. It may be called although the step never happened.
    pub fn undo_activity<T, E, Fut>(
        self,
        call: impl Fn(Call<S>) -> Fut + Send + Sync + 'static,
    ) -> StepBuilder<S, BeforePivot, Settled, Outcome>
    where
        T: Serialize,
        E: fmt::Display,
        Fut: Future<Output = Result<T, StepError<E>>> + Send + 'static,
    {
        self.undone_by(Action::activity(call))
    }

    /// The step is undone by a call through a service of the application. It may be called although the step never
    /// happened.
    pub fn undo_activity_with<X, T, E, Fut>(
        self,
        call: impl Fn(Call<S>, Arc<X>) -> Fut + Send + Sync + 'static,
    ) -> StepBuilder<S, BeforePivot, Settled, Outcome>
    where
        X: Send + Sync + 'static,
        T: Serialize,
        E: fmt::Display,
        Fut: Future<Output = Result<T, StepError<E>>> + Send + 'static,
    {
        self.undone_by(Action::activity_with(call))
    }

    /// The step changes nothing that would have to be undone.
    pub fn nothing_to_undo(self) -> StepBuilder<S, BeforePivot, Settled, Outcome> {
        self.become_()
    }

    /// The step is the point of no return: before it the saga can only be undone, after it only completed.
    pub fn pivot(mut self) -> StepBuilder<S, AfterPivot, Settled, Outcome> {
        if let Some(step) = self.parts.plan.steps.last_mut() {
            step.pivot = true;
        }
        self.become_()
    }

    fn undone_by(mut self, undo: Action<S>) -> StepBuilder<S, BeforePivot, Settled, Outcome> {
        if let (Some(plan), Some(step)) = (self.parts.plan.steps.last_mut(), self.parts.steps.last_mut()) {
            plan.undo = true;
            step.undo = Some(undo);
        }
        self.become_()
    }
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static, Where, Undo, Outcome> StepBuilder<S, Where, Undo, Outcome> {
    /// Begins the next step. After the pivot a step is tried until it succeeds.
    pub fn step(self, name: &'static str) -> NamedStep<S, Where>
    where
        Undo: CompleteAt<Where>,
    {
        NamedStep { parts: self.parts, name, state: PhantomData }
    }

    /// Ends the definition.
    ///
    /// # Errors
    /// [`InvalidSaga`] if a name cannot be used or occurs twice.
    pub fn build(self) -> Result<Saga<S>, InvalidSaga>
    where
        Undo: CompleteAt<Where>,
    {
        self.finish()
    }
}

/// Whether a step has said everything, where it is: before the pivot that includes how it is undone.
#[diagnostic::on_unimplemented(
    message = "the last step does not say how it is undone",
    label = "the step before this does not say how it is undone",
    note = "before it, write `.undo(…)`, `.undo_all(…)`, `.undo_activity(…)` or `.nothing_to_undo()`; `.pivot()` if it is the point of no return"
)]
pub trait CompleteAt<Where> {}

impl CompleteAt<BeforePivot> for Settled {}
impl CompleteAt<AfterPivot> for Settled {}
impl CompleteAt<AfterPivot> for Undecided {}
