//! What a step does.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{NamedStep, StepBuilder, Undecided};
use crate::saga::step::{Action, Step};
use crate::saga::{Call, IntoCommands, Kind, RetryPolicy, StepError, StepPlan};
use crate::{MissingService, ServiceKey, Services};

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static, Where> NamedStep<S, Where> {
    /// The step sends commands: one, or what else [`IntoCommands`] says. Their events are stored together with the outcome
    /// of the step: all of them happen, or none does.
    pub fn command<C: IntoCommands>(self, make: impl Fn(&S) -> C + Send + Sync + 'static) -> StepBuilder<S, Where, Undecided> {
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

    /// The step calls the outside world through what the application lends.
    #[doc(hidden)]
    pub fn activity_in<T, E, Fut>(
        self,
        services: Vec<ServiceKey>,
        call: impl Fn(Call<S>, Services) -> Fut + Send + Sync + 'static,
    ) -> StepBuilder<S, Where, Undecided, T>
    where
        T: Serialize,
        E: fmt::Display,
        Fut: Future<Output = Result<Result<T, StepError<E>>, MissingService>> + Send + 'static,
    {
        self.with(Kind::Activity, Action::activity_in(services, call))
    }

    fn with<T>(mut self, kind: Kind, act: Action<S>) -> StepBuilder<S, Where, Undecided, T> {
        let step = StepPlan { name: self.name, kind, undo: false, pivot: false, retry: RetryPolicy::default(), timeout: None };
        self.parts.plan.steps.push(step);
        self.parts.steps.push(Step::new(act));
        StepBuilder { parts: self.parts, state: PhantomData }
    }
}
