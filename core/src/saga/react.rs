//! How a saga without steps reacts.

use std::any::type_name;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::commands::CommandType;
use super::engine::{Ignored, Moment};
use super::fault::{Fault, read};
use super::reaction::Delay;
use super::{Definition, Instance, IntoReaction, Outgoing, Reaction, RetryPolicy, SagaEvent, Way};
use crate::codec::to_json;
use crate::dispatch::AnyRejection;
use crate::{
    CommandId, CommandOf, DecodeError, Event, EventContext, EventId, Filter, Json, Payload, PayloadError, Position,
    RecordedEvent, Routed, StreamId,
};

/// How it reacts to the events of one type.
pub(super) struct On<S> {
    pub(super) filter: Filter,
    /// The type of the events.
    pub(super) events: &'static str,
    /// The types of command that it sends, as far as its code says.
    pub(super) types: Vec<CommandType>,
    pub(super) key: Key,
    react: React<S>,
}

pub(super) type Key = Box<dyn Fn(&RecordedEvent) -> Result<Option<String>, DecodeError> + Send + Sync>;
type React<S> = Box<dyn Fn(&mut S, &RecordedEvent) -> Result<Reaction, DecodeError> + Send + Sync>;

/// How it reacts to the rejection of a command of one type.
pub(super) struct OnRejected<S> {
    pub(super) aggregate: &'static str,
    pub(super) name: &'static str,
    /// The type of the command, and those that it sends, as far as its code says.
    pub(super) types: Vec<CommandType>,
    react: ReactToRejection<S>,
}

type ReactToRejection<S> = Box<dyn Fn(&mut S, &Payload, &AnyRejection) -> Result<Option<Reaction>, PayloadError> + Send + Sync>;

impl<S> On<S> {
    pub(super) fn new<E: Event, R: IntoReaction>(
        key: impl Fn(&E, &EventContext<'_>) -> Option<String> + Send + Sync + 'static,
        react: impl Fn(&mut S, &E, &EventContext<'_>) -> R + Send + Sync + 'static,
    ) -> Self {
        let mut types = Vec::new();
        R::types(&mut types);
        Self {
            filter: Filter::events::<E>(),
            events: type_name::<E>(),
            types,
            key: Box::new(move |record| Ok(key(&record.decode()?, &EventContext::new(record)))),
            react: Box::new(move |state, record| Ok(react(state, &record.decode()?, &EventContext::new(record)).into_reaction())),
        }
    }
}

impl<S> OnRejected<S> {
    pub(super) fn new<C: Routed, R: IntoReaction>(
        react: impl Fn(&mut S, &C, &<C as CommandOf<C::Aggregate>>::Error) -> R + Send + Sync + 'static,
    ) -> Self {
        let react = move |state: &mut S, body: &Payload, rejection: &AnyRejection| {
            let Some(rejection) = rejection.downcast_ref() else { return Ok(None) };
            Ok(Some(react(state, &C::decode(body)?, rejection).into_reaction()))
        };
        let mut types = vec![CommandType::of::<C>()];
        R::types(&mut types);
        Self { aggregate: <C::Aggregate as crate::Aggregate>::CATEGORY, name: C::NAME, types, react: Box::new(react) }
    }
}

/// What makes an instance react: its identity is where the commands get theirs from.
struct Source {
    at: Option<Position>,
    id: EventId,
}

/// What an engine asks of a definition that reacts. It is pure.
impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> Definition<S> {
    /// What an event leads to for an instance that reacts. An event that came before is ignored; one that comes while the
    /// instance cannot react is kept.
    ///
    /// # Errors
    /// [`Fault`] if the event or the state cannot be read, or a command cannot be written.
    ///
    /// # Panics
    /// If the code of the reaction does.
    pub fn react(
        &self,
        stream: &StreamId,
        state: &S,
        instance: &Instance,
        record: &RecordedEvent,
        at: Moment,
    ) -> Result<Result<Vec<SagaEvent>, Ignored>, Fault> {
        let (position, reacting) = (record.position, &instance.reacting);
        let is_kept = reacting.kept.contains(&position);
        if instance.phase.is_terminal() || reacting.ends || position <= reacting.last && !is_kept {
            return Ok(Err(Ignored));
        }
        let is_first = reacting.kept.first().is_none_or(|first| *first == position);
        let (started, known) = (instance.definition, self.plan.version);
        if instance.suspended.is_some() || started != known || !is_first {
            let reason = Fault::OtherVersion { started, known }.full();
            let suspended = SagaEvent::Suspended { step: record.name.to_string(), way: Way::Do, reason };
            let suspended = (started != known && instance.suspended.is_none()).then_some(suspended);
            let kept = (!is_kept).then_some(SagaEvent::EventKept { at: position });
            let events: Vec<_> = kept.into_iter().chain(suspended).collect();
            return Ok(if events.is_empty() { Err(Ignored) } else { Ok(events) });
        }
        let Some(on) = self.reactions.iter().find(|on| on.filter.matches(record)) else { return Ok(Err(Ignored)) };
        let mut copy = self.copy(state)?;
        let reaction = (on.react)(&mut copy, record).map_err(|source| Fault::Event(source.into()))?;
        let source = Source { at: Some(position), id: record.id };
        let events = self.reacted(stream, instance, &copy, reaction, source, at)?;
        // What changes nothing need not be stored: it would change nothing a second time.
        let changes = !matches!(events.as_slice(), [SagaEvent::Reacted { data, outgoing, ends: false, .. }]
            if *outgoing == reacting.outgoing && *data == written(state)?);
        Ok(if changes || is_kept { Ok(events) } else { Err(Ignored) })
    }

    /// What the rejection of a command leads to: the reaction to it, or the instance waits for an operator.
    ///
    /// # Errors
    /// [`Fault`] if the command or the state cannot be read, or a command cannot be written.
    ///
    /// # Panics
    /// If the code of the reaction does.
    pub fn rejected(
        &self,
        stream: &StreamId,
        state: &S,
        instance: &Instance,
        command: &Outgoing,
        rejection: &AnyRejection,
        at: Moment,
    ) -> Result<Vec<SagaEvent>, Fault> {
        let on = self.rejections.iter().find(|on| (on.aggregate, on.name) == (command.aggregate.as_str(), command.name.as_str()));
        let mut copy = self.copy(state)?;
        let body = Payload::json(&command.body).map_err(|source| Fault::Write { what: command.name.clone(), source })?;
        let reaction = match on {
            Some(on) => (on.react)(&mut copy, &body, rejection).map_err(read(&command.name))?,
            None => None,
        };
        let Some(reaction) = reaction else {
            let reason = format!("`{}` was rejected, and no `#[rejected]` method says what then: {rejection}", command.name);
            return Ok(vec![SagaEvent::Suspended { step: command.name.clone(), way: Way::Do, reason }]);
        };
        let rejected =
            SagaEvent::CommandRejected { command: command.id, name: command.name.clone(), reason: rejection.to_string() };
        let mut then = instance.clone();
        then.evolve(&self.plan, &rejected, at.now);
        let source = Source { at: None, id: EventId::from_uuid(command.id.as_uuid()) };
        let mut events = vec![rejected];
        events.extend(self.reacted(stream, &then, &copy, reaction, source, at)?);
        Ok(events)
    }

    /// A command was sent.
    pub fn sent(&self, instance: &Instance, command: CommandId) -> Vec<SagaEvent> {
        let mut events = vec![SagaEvent::CommandSent { command }];
        if instance.reacting.ends && instance.reacting.outgoing.iter().all(|outgoing| outgoing.id == command) {
            events.push(SagaEvent::Completed {});
        }
        events
    }

    /// A command could not be sent for now: it is tried until it can.
    pub fn not_sent(&self, instance: &Instance, command: &Outgoing, error: String, at: Moment) -> Vec<SagaEvent> {
        let (reacting, policy) = (&instance.reacting, RetryPolicy::default());
        let attempt = reacting.failed + 1;
        let retry_at = at.now.after(policy.wait(attempt, at.random));
        let step = || command.name.clone();
        let mut events = vec![SagaEvent::AttemptFailed { step: step(), way: Way::Do, attempt, error, retry_at }];
        let failing_for = reacting.failing_since.map(|since| at.now.since(since)).unwrap_or_default();
        if !reacting.stuck && failing_for >= policy.alert_after {
            events.push(SagaEvent::StepStuck { step: step(), attempts: attempt });
        }
        events
    }

    fn reacted(
        &self,
        stream: &StreamId,
        instance: &Instance,
        state: &S,
        reaction: Reaction,
        source: Source,
        at: Moment,
    ) -> Result<Vec<SagaEvent>, Fault> {
        let mut outgoing = instance.reacting.outgoing.clone();
        for cancelled in &reaction.cancelled {
            outgoing.retain(|it| (it.aggregate.as_str(), it.name.as_str()) != (cancelled.aggregate, cancelled.name));
        }
        let instance_id = CommandId::from_uuid(Self::instance_id(stream));
        for (number, (command, delay)) in reaction.sent.into_iter().enumerate() {
            let name = command.name.to_owned();
            let payload = command.payload.map_err(|source| Fault::Write { what: name.clone(), source })?;
            outgoing.push(Outgoing {
                id: instance_id.derive(&format!("{}/{number}", source.id)),
                aggregate: command.category.to_owned(),
                body: payload.read().map_err(read(&name))?,
                name,
                due: match delay {
                    Delay::After(wait) => at.now.after(wait),
                    Delay::Until(due) => due.max(at.now),
                },
            });
        }
        let is_over = (reaction.ends || instance.reacting.ends) && outgoing.is_empty();
        let mut events = vec![SagaEvent::Reacted { at: source.at, data: written(state)?, outgoing, ends: reaction.ends }];
        if is_over {
            events.push(SagaEvent::Completed {});
        }
        Ok(events)
    }

    /// A copy to react on: what is decided becomes the state once it is stored.
    fn copy(&self, state: &S) -> Result<S, Fault> {
        S::deserialize(&written(state)?).map_err(PayloadError::from).map_err(read("the state"))
    }
}

fn written(state: &impl Serialize) -> Result<Json, Fault> {
    to_json(state).map_err(|source| Fault::Write { what: "the state".into(), source })
}
