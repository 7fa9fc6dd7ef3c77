//! What a step does.

use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ActivityResult, NamedStep, StepBuilder, Undecided, WaitResult, Waits};
use crate::saga::engine::{Kind, StepPlan};
use crate::saga::step::{Action, Step};
use crate::saga::wait::Waiting;
use crate::saga::{Call, IntoCommands, RetryPolicy};
use crate::{Event, EventContext, MissingService, ServiceKey, Services};

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static, Where> NamedStep<S, Where> {
    /// The step sends commands: one, or what else [`IntoCommands`] says. Their events are stored together with the outcome
    /// of the step: all of them happen, or none does.
    pub fn command<C: IntoCommands>(self, make: impl Fn(&S) -> C + Send + Sync + 'static) -> StepBuilder<S, Where, Undecided> {
        self.with(Kind::Commands, Action::commands(make))
    }

    /// The step does nothing itself. It is there to be undone: as the first, it stands for what started the saga.
    pub fn nothing(self) -> StepBuilder<S, Where, Undecided> {
        self.with(Kind::Nothing, Action::Commands { make: Box::new(|_| Vec::new()), types: Vec::new() })
    }

    /// The step calls the outside world, at least once, under [`Call::key`].
    ///
    /// Without [`timeout`](StepBuilder::timeout) a call that hangs is waited for as long as the process lives, and takes one
    /// of the 128 places that a saga has for instances under way.
    pub fn activity<R, Fut>(
        self,
        call: impl Fn(Call<S>) -> Fut + Send + Sync + 'static,
    ) -> StepBuilder<S, Where, Undecided, R::Outcome>
    where
        R: ActivityResult,
        Fut: Future<Output = R> + Send + 'static,
    {
        self.with(Kind::Activity, Action::activity(call))
    }

    /// The step calls the outside world through a service of the application.
    pub fn activity_with<X, R, Fut>(
        self,
        call: impl Fn(Call<S>, Arc<X>) -> Fut + Send + Sync + 'static,
    ) -> StepBuilder<S, Where, Undecided, R::Outcome>
    where
        X: Send + Sync + 'static,
        R: ActivityResult,
        Fut: Future<Output = R> + Send + 'static,
    {
        self.with(Kind::Activity, Action::activity_with(call))
    }

    /// The step calls the outside world through what the application lends.
    #[doc(hidden)]
    pub fn activity_in<R, Fut>(
        self,
        services: Vec<ServiceKey>,
        call: impl Fn(Call<S>, Services) -> Fut + Send + Sync + 'static,
    ) -> StepBuilder<S, Where, Undecided, R::Outcome>
    where
        R: ActivityResult,
        Fut: Future<Output = Result<R, MissingService>> + Send + 'static,
    {
        self.with(Kind::Activity, Action::activity_in(services, call))
    }

    /// The step waits for an event of the log. `key` says which instance an event is for; `take` whether it is what the step
    /// waits for: with an outcome, or a "no", which undoes what came before.
    ///
    /// An event counts from the start of the instance on, also one that comes before the step is reached; the first that
    /// fits counts. `take` is a function of the event alone. After the pivot a "no" is not what is waited for.
    pub fn wait<E: Event, W: WaitResult>(
        self,
        key: impl Fn(&E, &EventContext<'_>) -> Option<String> + Send + Sync + 'static,
        take: impl Fn(&E, &EventContext<'_>) -> W + Send + Sync + 'static,
    ) -> StepBuilder<S, Where, Waits, W::Outcome> {
        let decided = self.with::<W::Outcome>(Kind::Wait, Action::Wait(Waiting::new(key, take)));
        StepBuilder { parts: decided.parts, state: PhantomData }
    }

    fn with<T>(mut self, kind: Kind, act: Action<S>) -> StepBuilder<S, Where, Undecided, T> {
        let retry = RetryPolicy::default();
        let step =
            StepPlan { name: self.name, kind, undo: false, pivot: false, retry, timeout: None, optional: false, goes_on: false };
        self.parts.plan.steps.push(step);
        self.parts.steps.push(Step::new(act));
        StepBuilder { parts: self.parts, state: PhantomData }
    }
}
