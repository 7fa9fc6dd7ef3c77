use std::fmt;
use std::sync::Arc;

use annals_core::saga::engine::{Input, Moment};
use annals_core::saga::{Definition, Instance, Phase, SagaEvent};
use annals_core::store::{Append, ReadStream};
use annals_core::{AppendId, CorrelationId, Metadata, Recorded, StreamId, Tenant, Timestamp, Version};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::live::Live;
use super::runner::Runner;
use super::starter;
use super::{IDLE, SUSPENDED, TIMER};
use crate::error::SagaError;
use crate::shared::Shared;

/// The instances of a saga over the state `S`.
pub struct Sagas<S> {
    shared: Arc<Shared>,
    runner: Arc<Runner<S>>,
    tenant: Tenant,
    actor: Option<String>,
}

/// Who steps in by hand, and why: both become part of the history of the instance.
///
/// ```
/// use annals::Intervention;
///
/// let mended = Intervention { actor: "clerk 7", reason: "the address can be read again" };
/// # assert_eq!(mended.actor, "clerk 7");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervention<'a> {
    /// Who.
    pub actor: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// An instance as it stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SagaState<S> {
    /// Its stream, the audit log.
    pub stream: StreamId,
    /// The version of the stream.
    pub version: Version,
    /// Where it is.
    pub instance: Instance,
    /// The state of its definition.
    pub state: S,
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> Sagas<S> {
    pub(crate) fn new(shared: Arc<Shared>, runner: Arc<Runner<S>>) -> Self {
        Self { shared, runner, tenant: Tenant::NONE, actor: None }
    }

    /// The instances of a tenant.
    #[must_use]
    pub fn tenant(self, tenant: Tenant) -> Self {
        Self { tenant, ..self }
    }

    /// Says on whose behalf instances are started: their commands carry the actor on.
    #[must_use]
    pub fn actor(self, actor: impl Into<String>) -> Self {
        Self { actor: Some(actor.into()), ..self }
    }

    /// Starts the instance of a business key. Starting it again changes nothing; returns whether it is new.
    ///
    /// # Errors
    /// [`SagaError`] if the key cannot be used or the store does not take it.
    pub async fn start(&self, key: &str, state: &S) -> Result<bool, SagaError> {
        let env = self.shared.env();
        let mut metadata = Metadata::new(env.now(), CorrelationId::generate(env));
        metadata.actor.clone_from(&self.actor);
        let new = starter::start(&self.runner.saga, &self.shared, &self.tenant, key, state, &metadata).await?;
        self.runner.nudge();
        Ok(new)
    }

    /// The instance of a business key, if there is one.
    ///
    /// # Errors
    /// [`SagaError`] if its history cannot be read.
    pub async fn get(&self, key: &str) -> Result<Option<SagaState<S>>, SagaError> {
        let live = self.read(key).await?;
        let state =
            |live: Live<S>| SagaState { stream: live.stream, version: live.version, instance: live.instance, state: live.state };
        Ok(live.map(state))
    }

    /// Everything that has happened to the instance of a business key, oldest first: its audit log.
    ///
    /// # Errors
    /// [`SagaError`] if it cannot be read.
    pub async fn history(&self, key: &str) -> Result<Vec<Recorded<SagaEvent>>, SagaError> {
        let stream = self.runner.saga.stream(&self.tenant, key).map_err(annals_core::saga::Fault::from)?;
        let mut events = Vec::new();
        let mut next = Some(Version::FIRST);
        while let Some(from) = next {
            let page = self.shared.store().read_stream(ReadStream::forward(stream.clone()).from(from)).await?;
            for record in page.events {
                events.push(Recorded::read(record)?);
            }
            next = page.next;
        }
        Ok(events)
    }

    /// The business keys of up to `limit` instances of the tenant that are running, the longest due first; those that wait
    /// for an event are among them, suspended ones are not.
    ///
    /// # Errors
    /// [`SagaError`] if the store cannot be read.
    pub async fn running(&self, limit: usize) -> Result<Vec<String>, SagaError> {
        self.with_timer(&[TIMER, IDLE], limit).await
    }

    /// The business keys of up to `limit` instances of the tenant that wait for an operator:
    /// [`get`](Self::get) and [`history`](Self::history) say why, [`resume`](Self::resume) lets them go on.
    ///
    /// # Errors
    /// [`SagaError`] if the store cannot be read.
    pub async fn suspended(&self, limit: usize) -> Result<Vec<String>, SagaError> {
        self.with_timer(&[SUSPENDED], limit).await
    }

    async fn with_timer(&self, names: &[&str], limit: usize) -> Result<Vec<String>, SagaError> {
        let timers = self.shared.timers().ok_or(SagaError::NoTimers)?;
        // The timers are those of all tenants and both kinds: more of them are read until enough fit.
        let mut read = limit;
        loop {
            let due = timers.due(self.runner.saga.category(), Timestamp::MAX, read).await?;
            let all = due.len() < read;
            let own = due.iter().filter(|timer| names.contains(&timer.name.as_str()) && *timer.owner.tenant() == self.tenant);
            let keys: Vec<_> = own.take(limit).map(|timer| timer.owner.id().to_owned()).collect();
            if all || keys.len() == limit {
                return Ok(keys);
            }
            read = read.saturating_mul(2);
        }
    }

    /// Lets a suspended instance go on with the step it was at, and records who did so and why.
    ///
    /// # Errors
    /// [`SagaError::NotSuspended`] if it is not suspended, [`SagaError::NoInstance`] if there is none.
    pub async fn resume(&self, key: &str, intervention: Intervention<'_>) -> Result<(), SagaError> {
        let Intervention { actor, reason } = intervention;
        let saga = &self.runner.saga;
        loop {
            let live = self.read(key).await?.ok_or_else(|| SagaError::NoInstance(key.to_owned()))?;
            if live.instance.suspended.is_none() || live.instance.phase.is_terminal() {
                return Err(SagaError::NotSuspended(key.to_owned()));
            }
            let env = self.shared.env();
            let input = Input::Resume { actor: actor.to_owned(), reason: reason.to_owned() };
            let at = Moment { now: env.now(), random: env.random() };
            let Ok(events) = saga.decide(&live.stream, &live.state, &live.instance, input, at)? else {
                return Err(SagaError::NotSuspended(key.to_owned()));
            };
            let prepared = live.append(saga, &events, env)?;
            let id = AppendId::from_uuid(Definition::<S>::instance_id(&live.stream)).derive(&format!("after {}", live.version));
            let append = Append { id, streams: vec![prepared.part], condition: None, effects: prepared.effects };
            match self.shared.store().append(append).await {
                Ok(_) => {
                    self.runner.nudge();
                    return Ok(());
                }
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn read(&self, key: &str) -> Result<Option<Live<S>>, SagaError> {
        let stream = self.runner.saga.stream(&self.tenant, key).map_err(annals_core::saga::Fault::from)?;
        Live::read(&self.runner.saga, self.shared.store(), stream).await
    }
}

impl<S> SagaState<S> {
    /// Whether nothing will happen to it any more.
    pub fn is_terminal(&self) -> bool {
        self.instance.phase.is_terminal()
    }

    /// Where it is as a whole.
    pub fn phase(&self) -> Phase {
        self.instance.phase
    }
}

impl<S> fmt::Debug for Sagas<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sagas").field("runner", &self.runner).finish_non_exhaustive()
    }
}
