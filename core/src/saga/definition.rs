use std::fmt;

use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::commands::WrittenCommand;
use super::decide::{begin, decide};
use super::engine::{ActivityOutcome, Ignored, Input, Moment, Plan, Verdict};
use super::fault::{Fault, read};
use super::react::{On, OnRejected};
use super::step::{Action, Step};
use super::{Call, CommandIntent, Failure, IdempotencyKey, Instance, SagaEvent, Way};
use crate::codec::to_json;
use crate::dispatch::IdentifiedCommand;
use crate::{
    Category, CommandId, DecodeError, Filter, InvalidStreamId, Json, Payload, PayloadError, RecordedEvent, ServiceKey, Services,
    StreamId, Tenant, Timestamp,
};

/// The identity under which the identities of sagas are derived.
const NAMESPACE: Uuid = Uuid::from_u128(0x6e1d_3f4c_9f0a_5d58_8a55_a9d1_4a1e_5a6a);

/// How an event of the log starts an instance: the business key and the first state, or nothing.
pub(super) type Starter<S> = Box<dyn Fn(&RecordedEvent) -> Result<Option<(String, S)>, DecodeError> + Send + Sync>;

/// Takes the failure of a step, named first, into the state.
pub(super) type OnFailure<S> = Box<dyn Fn(&mut S, &Failure) + Send + Sync>;

/// The definition of a saga over the state `S`. Made by [`Definition::named`].
pub struct Definition<S> {
    pub(super) plan: Plan,
    pub(super) steps: Vec<Step<S>>,
    pub(super) starters: Vec<(Filter, Starter<S>)>,
    pub(super) on_failure: Option<OnFailure<S>>,
    pub(super) reactions: Vec<On<S>>,
    pub(super) rejections: Vec<OnRejected<S>>,
    pub(super) category: Category,
}

/// What an event of the log means for an instance.
#[derive(Debug)]
pub struct Heard<S> {
    /// The business key of the instance.
    pub key: String,
    /// What it means.
    pub meaning: Meaning<S>,
}

/// What an event of the log means.
#[derive(Debug)]
#[non_exhaustive]
pub enum Meaning<S> {
    /// It starts the instance, with this state.
    Starts(S),
    /// A step waits for it.
    Arrives {
        /// The index of the step.
        step: usize,
        /// What it comes to for the step.
        verdict: Verdict,
    },
    /// The instance reacts to it.
    Reacts,
}

/// The beginning of an instance.
#[derive(Clone, Debug)]
pub struct Start {
    /// The stream of the instance.
    pub stream: StreamId,
    /// Its first events.
    pub events: Vec<SagaEvent>,
}

/// What an engine asks of a definition. It is pure.
impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> Definition<S> {
    /// The steps without the code in them.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The category of the streams of its instances.
    pub fn category(&self) -> &Category {
        &self.category
    }

    /// The events that may start an instance or mean something to one; none if only the application starts them, and they
    /// wait for nothing.
    pub fn listens_to(&self) -> Option<Filter> {
        let starters = self.starters.iter().map(|(filter, _)| filter);
        let waits = self.steps.iter().filter_map(|step| step.act.waiting()).map(|waiting| &waiting.filter);
        let reactions = self.reactions.iter().map(|on| &on.filter);
        starters.chain(waits).chain(reactions).cloned().reduce(Filter::union)
    }

    /// What its steps, and the commands that it sends, borrow.
    pub fn services(&self) -> Vec<ServiceKey> {
        let steps = self.steps.iter().flat_map(|step| [Some(&step.act), step.undo.as_ref()]).flatten().flat_map(Action::services);
        steps.chain(self.sends().iter().flat_map(|(_, sent)| (sent.services)())).collect()
    }

    /// The stream of the instance with a business key.
    ///
    /// # Errors
    /// [`InvalidStreamId`] if the key is empty or too long.
    pub fn stream(&self, tenant: &Tenant, key: &str) -> Result<StreamId, InvalidStreamId> {
        StreamId::of(tenant.clone(), self.category.clone(), key)
    }

    /// What an event means, in the order in which it has to be done.
    ///
    /// # Errors
    /// [`DecodeError`] if the event cannot be read.
    ///
    /// # Panics
    /// If the code of the definition does.
    pub fn heard(&self, event: &RecordedEvent) -> Result<Vec<Heard<S>>, DecodeError> {
        let mut heard = Vec::new();
        for (_, starter) in self.starters.iter().filter(|(filter, _)| filter.matches(event)) {
            if let Some((key, state)) = starter(event)? {
                heard.push(Heard { key, meaning: Meaning::Starts(state) });
                break;
            }
        }
        for (step, waiting) in self.steps.iter().enumerate().filter_map(|(index, step)| Some((index, step.act.waiting()?))) {
            if waiting.filter.matches(event)
                && let Some((key, verdict)) = (waiting.take)(event)?
            {
                heard.push(Heard { key, meaning: Meaning::Arrives { step, verdict } });
            }
        }
        for on in self.reactions.iter().filter(|on| on.filter.matches(event)) {
            if let Some(key) = (on.key)(event)? {
                heard.push(Heard { key, meaning: Meaning::Reacts });
            }
        }
        Ok(heard)
    }

    /// The first events of an instance.
    ///
    /// # Errors
    /// [`Fault`] if the key cannot be used or the state cannot be written.
    pub fn start(&self, tenant: &Tenant, key: &str, state: &S, now: Timestamp) -> Result<Start, Fault> {
        let stream = self.stream(tenant, key)?;
        let data = to_json(state).map_err(|source| Fault::Write { what: "the first state".into(), source })?;
        let deadline = self.plan.deadline.map(|deadline| now.after(deadline));
        let started = SagaEvent::Started { definition: self.plan.version, data, deadline };
        let first = std::iter::once(started).chain(begin(&self.plan, now));
        let events = self.filled(&stream, state, first.collect())?;
        Ok(Start { stream, events })
    }

    /// What an input leads to, commands filled in.
    ///
    /// # Errors
    /// [`Fault`] if a command cannot be written.
    pub fn decide(
        &self,
        stream: &StreamId,
        state: &S,
        instance: &Instance,
        input: Input,
        at: Moment,
    ) -> Result<Result<Vec<SagaEvent>, Ignored>, Fault> {
        let Ok(events) = decide(&self.plan, instance, input, at) else { return Ok(Err(Ignored)) };
        // A command may depend on the outcome that the same decision has just recorded.
        let mut state_then = None;
        for event in &events {
            if self.takes_in(event) {
                let copy = Payload::json(state).map_err(|source| Fault::Write { what: "the state".into(), source })?;
                let mut copy: S = copy.read().map_err(read("the state"))?;
                self.evolve(&mut copy, event)?;
                state_then = Some(copy);
            }
        }
        self.filled(stream, state_then.as_ref().unwrap_or(state), events).map(Ok)
    }

    /// The first state, from the event that holds it.
    ///
    /// # Errors
    /// [`Fault`] if it cannot be read.
    pub fn first_state(&self, data: &Json) -> Result<S, Fault> {
        S::deserialize(data).map_err(PayloadError::from).map_err(read("the first state"))
    }

    /// Takes the outcome of a step into the state.
    ///
    /// # Errors
    /// [`Fault`] if the outcome cannot be read.
    pub fn evolve(&self, state: &mut S, event: &SagaEvent) -> Result<(), Fault> {
        match event {
            SagaEvent::StepSucceeded { step, outcome } => {
                let index = self.plan.index_of(step);
                match index.and_then(|index| self.steps[index].take_in.as_ref()) {
                    Some(take_in) => take_in(state, outcome).map_err(read(step)),
                    None => Ok(()),
                }
            }
            SagaEvent::StepRejected { step, reason } | SagaEvent::StepUnknown { step, reason } => {
                if let Some(take_in) = &self.on_failure {
                    take_in(state, &Failure::new(step, reason, matches!(event, SagaEvent::StepUnknown { .. })));
                }
                Ok(())
            }
            SagaEvent::StepDeclined { step, reason } => {
                let index = self.plan.index_of(step);
                if let Some(take_in) = index.and_then(|index| self.steps[index].on_rejection.as_ref()) {
                    take_in(state, &Failure::new(step, reason, false));
                }
                Ok(())
            }
            SagaEvent::Reacted { data, .. } => {
                *state = self.first_state(data)?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The commands that were recorded when a step was dispatched, ready to be sent.
    ///
    /// # Errors
    /// [`Fault`] if they cannot be read.
    pub fn commands(&self, step: usize, way: Way, intents: &[CommandIntent]) -> Result<Vec<IdentifiedCommand>, Fault> {
        let Action::Commands { types, .. } = self.action(step, way)? else {
            return Err(Fault::OtherKind(self.plan.steps[step].name));
        };
        let each = intents.iter().map(|intent| {
            let of_type = types.iter().find(|of_type| of_type.name == intent.name);
            let read_command = of_type.ok_or_else(|| Fault::NoCommand(intent.name.clone()))?.read;
            let payload = intent.payload().map_err(|source| Fault::Write { what: intent.name.clone(), source })?;
            Ok(IdentifiedCommand { id: intent.id, command: read_command(&payload).map_err(read(&intent.name))? })
        });
        each.collect()
    }

    /// Calls the outside world for a step.
    ///
    /// # Errors
    /// [`Fault`] if the step is none that does so.
    pub fn call(
        &self,
        step: usize,
        way: Way,
        call: Call<S>,
        services: &Services,
    ) -> Result<BoxFuture<'static, ActivityOutcome>, Fault> {
        match self.action(step, way)? {
            Action::Activity { run, .. } => Ok(run(call, services)),
            Action::Commands { .. } | Action::Wait(_) => Err(Fault::OtherKind(self.plan.steps[step].name)),
        }
    }

    /// Whether a step sends commands one way; otherwise it calls the outside world.
    ///
    /// # Errors
    /// [`Fault`] if there is no such step.
    pub fn sends_commands(&self, step: usize, way: Way) -> Result<bool, Fault> {
        Ok(matches!(self.action(step, way)?, Action::Commands { .. }))
    }

    /// The identity of everything that an instance does: derived from its stream, for ever the same.
    pub fn instance_id(stream: &StreamId) -> Uuid {
        Uuid::new_v5(&NAMESPACE, stream.key().as_bytes())
    }

    /// The identity of a command of a step, the same at every attempt.
    pub fn command_id(stream: &StreamId, step: &str, number: usize, way: Way) -> CommandId {
        CommandId::from_uuid(Self::instance_id(stream)).derive(&format!("{step}/{number}/{}", way.as_str()))
    }

    /// The idempotency key of an activity, the same at every attempt.
    pub fn idempotency_key(stream: &StreamId, step: &str, way: Way) -> IdempotencyKey {
        IdempotencyKey::from_uuid(Self::command_id(stream, step, 0, way).as_uuid())
    }

    fn takes_in(&self, event: &SagaEvent) -> bool {
        match event {
            SagaEvent::StepSucceeded { step, .. } => {
                self.plan.index_of(step).is_some_and(|index| self.steps[index].take_in.is_some())
            }
            SagaEvent::StepRejected { .. } | SagaEvent::StepUnknown { .. } => self.on_failure.is_some(),
            SagaEvent::StepDeclined { .. } => true,
            _ => false,
        }
    }

    fn action(&self, step: usize, way: Way) -> Result<&Action<S>, Fault> {
        let found = self.steps.get(step).ok_or(Fault::NoStep(step))?;
        match way {
            Way::Do => Ok(&found.act),
            Way::Undo => found.undo.as_ref().ok_or(Fault::OtherKind(self.plan.steps[step].name)),
        }
    }

    /// Fills in the commands of what is dispatched.
    fn filled(&self, stream: &StreamId, state: &S, mut events: Vec<SagaEvent>) -> Result<Vec<SagaEvent>, Fault> {
        for event in &mut events {
            let (name, commands, way) = match event {
                SagaEvent::StepDispatched { step, commands, .. } => (step, commands, Way::Do),
                SagaEvent::CompensationDispatched { step, commands } => (step, commands, Way::Undo),
                _ => continue,
            };
            let Some(step) = self.plan.index_of(name) else { continue };
            let Action::Commands { make, .. } = self.action(step, way)? else { continue };
            for (number, WrittenCommand { name: command, payload, .. }) in make(state).into_iter().enumerate() {
                let payload = payload.map_err(|source| Fault::Write { what: command.into(), source })?;
                let body = payload.read().map_err(read(command))?;
                commands.push(CommandIntent { id: Self::command_id(stream, name, number, way), name: command.into(), body });
            }
        }
        Ok(events)
    }
}

impl<S> fmt::Debug for Definition<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Definition").field("plan", &self.plan).finish_non_exhaustive()
    }
}

#[cfg(test)]
fn _is_shared(saga: Definition<()>) -> impl Send + Sync {
    saga
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::saga::StepError;

    #[test]
    fn the_state_learns_why_it_is_undone() {
        let saga = Definition::<String>::named("greeting")
            .on_failure(|state, failure| *state = format!("{}: {}", failure.step, failure.reason))
            .step("greet")
            .activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
            .nothing_to_undo()
            .build()
            .unwrap();
        let mut state = String::new();
        saga.evolve(&mut state, &SagaEvent::StepRejected { step: "greet".into(), reason: "not at home".into() }).unwrap();
        assert_eq!(state, "greet: not at home");
        saga.evolve(&mut state, &SagaEvent::StepUnknown { step: "greet".into(), reason: "no answer".into() }).unwrap();
        assert_eq!(state, "greet: no answer");
    }
}
