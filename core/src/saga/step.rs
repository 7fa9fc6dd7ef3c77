use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::activity::ActivityResult;
use super::commands::{CommandType, WrittenCommand};
use super::definition::OnFailure;
use super::wait::Waiting;
use super::{IntoCommands, StepError};
use crate::dispatch::AnyCommand;
use crate::{Json, MissingService, Payload, PayloadError, ServiceKey, Services, Timestamp};

/// The key under which an activity calls the outside world: the same at every attempt of a step, another for undoing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(Uuid);

impl IdempotencyKey {
    /// A key that the engine derived.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The key as a UUID.
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One call of an activity: the state of the saga (by dereference) and what belongs to the attempt.
#[derive(Debug)]
pub struct Call<S> {
    state: Arc<S>,
    attempt: Attempt,
}

#[derive(Clone, Copy, Debug)]
struct Attempt {
    key: IdempotencyKey,
    done_under: IdempotencyKey,
    number: u32,
    deadline: Option<Timestamp>,
}

impl<S> Call<S> {
    /// Puts a call together.
    pub const fn new(
        state: Arc<S>,
        key: IdempotencyKey,
        done_under: IdempotencyKey,
        number: u32,
        deadline: Option<Timestamp>,
    ) -> Self {
        Self { state, attempt: Attempt { key, done_under, number, deadline } }
    }

    /// The key to call the outside world under.
    pub const fn key(&self) -> IdempotencyKey {
        self.attempt.key
    }

    /// The key that the step is or was done under: another than [`key`](Self::key) while it is undone.
    pub const fn done_under(&self) -> IdempotencyKey {
        self.attempt.done_under
    }

    /// Which attempt it is, from 1.
    pub const fn attempt(&self) -> u32 {
        self.attempt.number
    }

    /// When the call is given up.
    pub const fn deadline(&self) -> Option<Timestamp> {
        self.attempt.deadline
    }
}

impl<S> Clone for Call<S> {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state), attempt: self.attempt }
    }
}

impl<S> Deref for Call<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.state
    }
}

/// What an activity came to, types erased.
#[derive(Debug)]
#[non_exhaustive]
pub enum ActivityOutcome {
    /// It is done.
    Succeeded(Json),
    /// It said no.
    Rejected(String),
    /// It failed without effect.
    Transient(String),
    /// It may have happened.
    Unknown(String),
    /// It cannot be called, or its outcome cannot be kept.
    Defect(String),
}

pub(super) type Commands<S> = Box<dyn Fn(&S) -> Vec<WrittenCommand> + Send + Sync>;
pub(super) type ReadCommand = fn(&Payload) -> Result<Box<dyn AnyCommand>, PayloadError>;
pub(super) type Run<S> = Box<dyn Fn(Call<S>, &Services) -> BoxFuture<'static, ActivityOutcome> + Send + Sync>;
pub(super) type TakeIn<S> = Box<dyn Fn(&mut S, &Json) -> Result<(), PayloadError> + Send + Sync>;

/// What a step does, one way.
pub(super) enum Action<S> {
    Commands { make: Commands<S>, types: Vec<CommandType> },
    Activity { run: Run<S>, services: Vec<ServiceKey> },
    Wait(Waiting),
}

impl<S> Action<S> {
    /// The types of command that it may send.
    pub(super) fn types(&self) -> &[CommandType] {
        match self {
            Self::Commands { types, .. } => types,
            _ => &[],
        }
    }
}

impl<S: Send + Sync + 'static> Action<S> {
    pub(super) fn commands<C: IntoCommands>(make: impl Fn(&S) -> C + Send + Sync + 'static) -> Self {
        let mut types = Vec::new();
        C::types(&mut types);
        let make = move |state: &S| {
            let mut commands = Vec::new();
            make(state).into_commands(&mut commands);
            commands
        };
        Self::Commands { make: Box::new(make), types }
    }

    pub(super) fn activity<R, Fut>(call: impl Fn(Call<S>) -> Fut + Send + Sync + 'static) -> Self
    where
        R: ActivityResult,
        Fut: Future<Output = R> + Send + 'static,
    {
        Self::Activity {
            run: Box::new(move |state, _| {
                let calling = call(state);
                Box::pin(async move { outcome(calling.await) })
            }),
            services: Vec::new(),
        }
    }

    pub(super) fn activity_with<X, R, Fut>(call: impl Fn(Call<S>, Arc<X>) -> Fut + Send + Sync + 'static) -> Self
    where
        X: Send + Sync + 'static,
        R: ActivityResult,
        Fut: Future<Output = R> + Send + 'static,
    {
        let call = Arc::new(call);
        Self::activity_in(vec![ServiceKey::of::<X>()], move |state, services| {
            let call = Arc::clone(&call);
            async move { Ok(call(state, services.get_arc::<X>()?).await) }
        })
    }

    pub(super) fn activity_in<R, Fut>(
        keys: Vec<ServiceKey>,
        call: impl Fn(Call<S>, Services) -> Fut + Send + Sync + 'static,
    ) -> Self
    where
        R: ActivityResult,
        Fut: Future<Output = Result<R, MissingService>> + Send + 'static,
    {
        let run = move |state: Call<S>, services: &Services| -> BoxFuture<'static, ActivityOutcome> {
            let calling = call(state, services.clone());
            Box::pin(async move {
                match calling.await {
                    Ok(result) => outcome(result),
                    Err(missing) => ActivityOutcome::Defect(missing.to_string()),
                }
            })
        };
        Self::Activity { run: Box::new(run), services: keys }
    }

    /// What it waits for.
    pub(super) fn waiting(&self) -> Option<&Waiting> {
        match self {
            Self::Wait(waiting) => Some(waiting),
            _ => None,
        }
    }

    /// A name of two commands that go to different aggregates.
    pub(super) fn ambiguous(&self) -> Option<&'static str> {
        let types = self.types();
        let is_other = |one: &CommandType, other: &CommandType| one.name == other.name && one.category != other.category;
        types.iter().find(|one| types.iter().any(|other| is_other(one, other))).map(|of_type| of_type.name)
    }

    pub(super) fn services(&self) -> Vec<ServiceKey> {
        match self {
            Self::Activity { services, .. } => services.clone(),
            Self::Commands { .. } | Self::Wait(_) => Vec::new(),
        }
    }
}

fn outcome(result: impl ActivityResult) -> ActivityOutcome {
    match result.into_result() {
        Ok(value) => match serde_json::to_value(&value) {
            Ok(json) => ActivityOutcome::Succeeded(json),
            Err(error) => ActivityOutcome::Defect(format!("the outcome cannot be written as JSON: {error}")),
        },
        Err(StepError::Rejected(reason)) => ActivityOutcome::Rejected(reason.to_string()),
        Err(StepError::Transient(error)) => ActivityOutcome::Transient(error.to_string()),
        Err(StepError::Unknown(error)) => ActivityOutcome::Unknown(error.to_string()),
    }
}

/// A step with its code.
pub(super) struct Step<S> {
    pub(super) act: Action<S>,
    pub(super) undo: Option<Action<S>>,
    pub(super) take_in: Option<TakeIn<S>>,
    /// Takes in that it said no, where the saga goes on without it.
    pub(super) on_rejection: Option<OnFailure<S>>,
}

impl<S: Send + Sync + 'static> Step<S> {
    pub(super) fn new(act: Action<S>) -> Self {
        Self { act, undo: None, take_in: None, on_rejection: None }
    }

    pub(super) fn taking_in<T: DeserializeOwned>(&mut self, take_in: impl Fn(&mut S, T) + Send + Sync + 'static) {
        self.take_in = Some(Box::new(move |state, outcome| {
            take_in(state, T::deserialize(outcome)?);
            Ok(())
        }));
    }
}
