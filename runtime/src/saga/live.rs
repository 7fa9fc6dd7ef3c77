use annals_core::saga::engine::{Plan, Wake};
use annals_core::saga::{CommandIntent, Definition, Fault, Instance, SagaEvent};
use annals_core::store::{Effect, ReadStream, StreamAppend, Timer};
use annals_core::{
    CausationId, Env, EventId, ExpectedVersion, Metadata, NewEvent, NewEventError, Position, RecordedEvent, StreamId, Timestamp,
    Version,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{IDLE, SUSPENDED, TIMER};
use crate::engine::Store;
use crate::error::SagaError;

/// An instance as its stream has it.
pub(super) struct Live<S> {
    pub(super) stream: StreamId,
    pub(super) version: Version,
    pub(super) instance: Instance,
    pub(super) state: S,
    /// The commands of the step that it is at.
    pub(super) intents: Vec<CommandIntent>,
    /// The metadata of its first event: who set it off.
    pub(super) metadata: Metadata,
    /// Where its first event is in the main log.
    began: Position,
    /// The last event: what causes the next.
    last: EventId,
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> Live<S> {
    /// Reads an instance; none if its stream is empty.
    pub(super) async fn read(saga: &Definition<S>, store: &Store, stream: StreamId) -> Result<Option<Self>, SagaError> {
        let mut live: Option<Self> = None;
        let mut next = Some(Version::FIRST);
        while let Some(from) = next {
            let page = store.read_stream(ReadStream::forward(stream.clone()).from(from)).await?;
            for record in &page.events {
                match &mut live {
                    None => live = Some(Self::begun(saga, record)?),
                    Some(live) => live.take_in(saga, record.decode()?, record.recorded_at, record.version, record.id)?,
                }
            }
            next = page.next;
        }
        Ok(live)
    }

    /// Reads the instance anew: something else has happened to it.
    pub(super) async fn renew(&mut self, saga: &Definition<S>, store: &Store) -> Result<(), SagaError> {
        let gone = || SagaError::NoInstance(self.stream.id().to_owned());
        *self = Self::read(saga, store, self.stream.clone()).await?.ok_or_else(gone)?;
        Ok(())
    }

    fn begun(saga: &Definition<S>, record: &RecordedEvent) -> Result<Self, SagaError> {
        let event: SagaEvent = record.decode()?;
        let SagaEvent::Started { data, .. } = &event else {
            return Err(SagaError::NoInstance(record.stream.id().to_owned()));
        };
        let mut live = Self {
            stream: record.stream.clone(),
            version: Version::ZERO,
            instance: Instance::new(saga.plan()),
            state: saga.first_state(data)?,
            intents: Vec::new(),
            metadata: record.metadata()?,
            began: record.position,
            last: record.id,
        };
        live.take_in(saga, event, record.recorded_at, record.version, record.id)?;
        Ok(live)
    }

    /// Takes in an event that is stored.
    pub(super) fn take_in(
        &mut self,
        saga: &Definition<S>,
        event: SagaEvent,
        at: Timestamp,
        version: Version,
        id: EventId,
    ) -> Result<(), Fault> {
        self.instance.evolve(saga.plan(), &event, at);
        saga.evolve(&mut self.state, &event)?;
        if let SagaEvent::StepDispatched { commands, .. } | SagaEvent::CompensationDispatched { commands, .. } = event {
            self.intents = commands;
        }
        self.version = version;
        self.last = id;
        Ok(())
    }

    /// Whether an event is from before the instance. The event that started one, and those after it, are not, although the
    /// instance has its first event later; the application starts one at the place of its first event.
    pub(super) fn is_before(&self, position: Position) -> bool {
        self.metadata.causation_id.is_none() && position < self.began
    }

    /// What the next events of the instance, and commands it sends, are caused by.
    pub(super) fn next_metadata(&self, now: Timestamp) -> Metadata {
        self.metadata.caused_by(CausationId::from(self.last), now)
    }

    /// The append of `events`, with the timer that goes with what they lead to.
    pub(super) fn append(&self, saga: &Definition<S>, events: &[SagaEvent], env: &Env) -> Result<Prepared, NewEventError> {
        let now = env.now();
        let metadata = self.next_metadata(now).encode();
        let mut then = self.instance.clone();
        let mut new = Vec::with_capacity(events.len());
        for event in events {
            then.evolve(saga.plan(), event, now);
            new.push(NewEvent::new(EventId::generate(env), event, &metadata)?);
        }
        let mut effects = timers(&self.stream, saga.plan(), then.wake(saga.plan(), now));
        if then.suspended.is_some() != self.instance.suspended.is_some() {
            effects.push(mark(&self.stream, then.suspended.is_some()));
        }
        let part = StreamAppend::new(self.stream.clone(), ExpectedVersion::Exact(self.version), new);
        Ok(Prepared { part, effects, at: now })
    }

    /// Takes in events that have just been stored.
    pub(super) fn stored(&mut self, saga: &Definition<S>, events: Vec<SagaEvent>, prepared: &Prepared) -> Result<(), Fault> {
        for (event, new) in events.into_iter().zip(&prepared.part.events) {
            tell(&self.stream, &event);
            let version = self.version.next().unwrap_or(Version::MAX);
            self.take_in(saga, event, prepared.at, version, new.id)?;
        }
        Ok(())
    }
}

/// Events of an instance, ready to be stored.
pub(super) struct Prepared {
    pub(super) part: StreamAppend,
    pub(super) effects: Vec<Effect>,
    at: Timestamp,
}

pub(super) fn unset(stream: &StreamId, name: &str) -> Effect {
    Effect::CancelTimer { owner: stream.clone(), name: name.into() }
}

/// The timers that go with where an instance is.
pub(super) fn timers(stream: &StreamId, plan: &Plan, wake: Option<Wake>) -> Vec<Effect> {
    let set = |name: &str, due| Effect::SetTimer(Timer { owner: stream.clone(), name: name.into(), due });
    let (own, other) = match wake {
        Some(Wake::Work(due)) => (set(TIMER, due), unset(stream, IDLE)),
        Some(Wake::Idle(due)) => (set(IDLE, due), unset(stream, TIMER)),
        None => (unset(stream, TIMER), unset(stream, IDLE)),
    };
    if plan.may_wait() { vec![own, other] } else { vec![own] }
}

/// The mark of an instance that waits for an operator, or its end.
pub(super) fn mark(stream: &StreamId, suspended: bool) -> Effect {
    let (owner, name) = (stream.clone(), SUSPENDED.into());
    if suspended { Effect::SetTimer(Timer { owner, name, due: Timestamp::MAX }) } else { Effect::CancelTimer { owner, name } }
}

/// Logs what somebody should know.
fn tell(instance: &StreamId, event: &SagaEvent) {
    match event {
        SagaEvent::Suspended { step, reason, .. } => tracing::error!(%instance, step, reason, "suspended"),
        SagaEvent::CompensationStuck { step, attempts } => tracing::warn!(%instance, step, attempts, "cannot be undone so far"),
        SagaEvent::StepStuck { step, attempts } => tracing::warn!(%instance, step, attempts, "cannot be completed so far"),
        SagaEvent::DeadlineMissed {} => tracing::warn!(%instance, "its deadline passed after the pivot"),
        _ => {}
    }
}
