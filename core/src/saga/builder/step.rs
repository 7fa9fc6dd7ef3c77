//! What is said of a step once it is known what it does.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{AfterPivot, BeforePivot, NamedStep, Settled, StepBuilder, Undecided, Waits};
use crate::saga::__macro_support::OutcomeOf;
use crate::saga::activity::ActivityResult;
use crate::saga::definition::Definition;
use crate::saga::step::Action;
use crate::saga::{Call, Failure, IntoCommands, InvalidSaga, RetryPolicy};
use crate::{MissingService, ServiceKey, Services};

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

    /// The same, for a type that is named.
    #[doc(hidden)]
    #[must_use]
    pub fn outcome_as<T>(mut self, take_in: impl Fn(&mut S, T) + Send + Sync + 'static) -> Self
    where
        T: OutcomeOf<Outcome> + DeserializeOwned + 'static,
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
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static, Outcome> StepBuilder<S, BeforePivot, Undecided, Outcome> {
    /// The step is undone by commands: one, or what else [`IntoCommands`] says. All of them happen, or none does.
    pub fn undo<C: IntoCommands>(
        self,
        make: impl Fn(&S) -> C + Send + Sync + 'static,
    ) -> StepBuilder<S, BeforePivot, Settled, Outcome> {
        self.undone_by(Action::commands(make))
    }

    /// The step is undone by a call to the outside world. It may be called although the step never happened.
    pub fn undo_activity<R, Fut>(
        self,
        call: impl Fn(Call<S>) -> Fut + Send + Sync + 'static,
    ) -> StepBuilder<S, BeforePivot, Settled, Outcome>
    where
        R: ActivityResult,
        Fut: Future<Output = R> + Send + 'static,
    {
        self.undone_by(Action::activity(call))
    }

    /// The step is undone by a call through a service of the application. It may be called although the step never
    /// happened.
    pub fn undo_activity_with<X, R, Fut>(
        self,
        call: impl Fn(Call<S>, Arc<X>) -> Fut + Send + Sync + 'static,
    ) -> StepBuilder<S, BeforePivot, Settled, Outcome>
    where
        X: Send + Sync + 'static,
        R: ActivityResult,
        Fut: Future<Output = R> + Send + 'static,
    {
        self.undone_by(Action::activity_with(call))
    }

    /// The step is undone by a call to the outside world through what the application lends.
    #[doc(hidden)]
    pub fn undo_activity_in<R, Fut>(
        self,
        services: Vec<ServiceKey>,
        call: impl Fn(Call<S>, Services) -> Fut + Send + Sync + 'static,
    ) -> StepBuilder<S, BeforePivot, Settled, Outcome>
    where
        R: ActivityResult,
        Fut: Future<Output = Result<R, MissingService>> + Send + 'static,
    {
        self.undone_by(Action::activity_in(services, call))
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

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static, Where, Outcome> StepBuilder<S, Where, Waits, Outcome> {
    /// Goes on without the event once this much time has passed; then there is no outcome.
    #[must_use]
    pub fn or_after(self, wait: Duration) -> StepBuilder<S, Where, Waits, Option<Outcome>> {
        let mut decided = self.timeout(wait);
        if let Some(step) = decided.parts.plan.steps.last_mut() {
            step.optional = true;
        }
        StepBuilder { parts: decided.parts, state: PhantomData }
    }
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static, Outcome> StepBuilder<S, BeforePivot, Waits, Outcome> {
    /// The event is the point of no return: before it the saga can only be undone, after it only completed.
    pub fn pivot(mut self) -> StepBuilder<S, AfterPivot, Settled, Outcome> {
        if let Some(step) = self.parts.plan.steps.last_mut() {
            step.pivot = true;
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
    pub fn build(self) -> Result<Definition<S>, InvalidSaga>
    where
        Undo: CompleteAt<Where>,
    {
        self.parts.finish()
    }
}

impl<S, Where, Undo, Outcome> StepBuilder<S, Where, Undo, Outcome>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
    Undo: MayBeRejected<Where>,
{
    /// Goes on without the step when it says no, and takes that into the state: a later step may do something else instead.
    /// Without this a "no" before the pivot undoes the saga, and after it is tried again.
    ///
    /// Only a "no" is meant, which says that nothing happened. If it is not known whether the step happened, or its deadline
    /// passes, the saga is undone as ever.
    ///
    /// ```
    /// use annals_core::saga::{Definition, StepError};
    /// # #[derive(Debug, thiserror::Error)] #[error("declined")] struct Declined;
    ///
    /// # fn main() -> Result<(), annals_core::saga::InvalidSaga> {
    /// // The state is whether there is an invoice.
    /// let sale = Definition::<bool>::named("sale")
    ///     .step("charge")
    ///     .activity(|_| async { Err::<(), StepError<_>>(Declined.into()) })
    ///     .undo_activity(|_| async { Ok::<(), StepError<Declined>>(()) })
    ///     .rejected(|by_invoice, _no| *by_invoice = true)
    ///     .build()?;
    /// assert!(sale.plan().steps[0].goes_on);
    /// # Ok(())
    /// # }
    /// ```
    pub fn rejected(
        mut self,
        take_in: impl Fn(&mut S, &Failure) + Send + Sync + 'static,
    ) -> StepBuilder<S, Where, Settled, Outcome> {
        if let (Some(plan), Some(step)) = (self.parts.plan.steps.last_mut(), self.parts.steps.last_mut()) {
            plan.goes_on = true;
            step.on_rejection = Some(Box::new(take_in));
        }
        self.become_()
    }
}

/// Whether a saga can go on without a step that says no, where it is: without its pivot it cannot.
#[diagnostic::on_unimplemented(
    message = "the saga cannot go on without this step",
    label = "the step before this has not said how it is undone, or is the pivot",
    note = "say `.rejected(…)` last, after how the step is undone; if the pivot says no, the saga is undone"
)]
pub trait MayBeRejected<Where> {}

impl MayBeRejected<BeforePivot> for Settled {}
impl MayBeRejected<AfterPivot> for Undecided {}
impl MayBeRejected<BeforePivot> for Waits {}
impl MayBeRejected<AfterPivot> for Waits {}

/// Whether a step has said everything, where it is: before the pivot that includes how it is undone.
#[diagnostic::on_unimplemented(
    message = "the last step does not say how it is undone",
    label = "the step before this does not say how it is undone",
    note = "before it, write `.undo(…)`, `.undo_activity(…)` or `.nothing_to_undo()`; `.pivot()` if it is the point of no return"
)]
pub trait CompleteAt<Where> {}

impl CompleteAt<BeforePivot> for Settled {}
impl CompleteAt<AfterPivot> for Settled {}
impl CompleteAt<AfterPivot> for Undecided {}
impl CompleteAt<BeforePivot> for Waits {}
impl CompleteAt<AfterPivot> for Waits {}
