use std::collections::BTreeSet;
use std::sync::Arc;

use annals_core::saga::{Definition, SagaEvent};
use annals_core::store::{Append, AppendError, Checkpoint, ViewCommit, ViewName};
use annals_core::{
    AppendId, EventId, ExpectedVersion, Filter, LogPage, Metadata, NewEvent, ProjectionSink, RecordedEvent, SinkError, StreamId,
    Tenant,
};
use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::live::timer;
use super::runner::Runner;
use crate::error::SagaError;
use crate::shared::Shared;

/// How many instances are started at once.
const AT_ONCE: usize = 64;

/// Starts an instance, once a business key. Returns whether it is a new one.
pub(super) async fn start<S>(
    saga: &Definition<S>,
    shared: &Shared,
    tenant: &Tenant,
    key: &str,
    state: &S,
    metadata: &Metadata,
) -> Result<bool, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let env = shared.env();
    let now = env.now();
    let start = saga.start(tenant, key, state, now)?;
    let encoded = metadata.encode();
    let events: Result<Vec<_>, _> =
        start.events.iter().map(|event| NewEvent::new(EventId::generate(env), event, &encoded)).collect();
    let ends_at_once = start.events.iter().any(|event| matches!(event, SagaEvent::Completed {}));
    let id = AppendId::from_uuid(Definition::<S>::instance_id(&start.stream)).derive("start");
    let append = Append::new(id)
        .stream(start.stream.clone(), ExpectedVersion::NoStream, events?)
        .effect(timer(&start.stream, (!ends_at_once).then_some(now)));
    match shared.store().append(append).await {
        Ok(appended) => Ok(!appended.repeated),
        Err(AppendError::WrongExpectedVersion { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Starts instances from the events of the log.
pub(super) struct Starter<S> {
    pub(super) runner: Arc<Runner<S>>,
    pub(super) shared: Arc<Shared>,
    pub(super) name: ViewName,
    pub(super) filter: Filter,
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> Starter<S> {
    async fn start_by(&self, event: &RecordedEvent, key: String, state: S) -> Result<(), SinkError> {
        let position = event.position;
        let failed = |source: SagaError| match source {
            // The same key and state would be refused again: whoever wrote the definition must see it.
            SagaError::Fault(_) | SagaError::Event(_) | SagaError::Append(AppendError::Invalid(_)) => {
                SinkError::Refused { position, source: source.into() }
            }
            source => SinkError::Event { position, source: source.into() },
        };
        let metadata = event.metadata()?.caused_by(event.id.into(), self.shared.env().now());
        let stream: &StreamId = &event.stream;
        let new = start(&self.runner.saga, &self.shared, stream.tenant(), &key, &state, &metadata).await.map_err(failed)?;
        if new {
            self.runner.nudge();
        }
        Ok(())
    }
}

#[async_trait]
impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> ProjectionSink for Starter<S> {
    fn name(&self) -> &ViewName {
        &self.name
    }

    fn filter(&self) -> Filter {
        self.filter.clone()
    }

    async fn checkpoint(&mut self) -> Result<Option<Checkpoint>, SinkError> {
        Ok(crate::projection::views(self.shared.store())?.checkpoint(&self.name, 1).await?)
    }

    async fn apply(&mut self, page: &LogPage, expected: Option<Checkpoint>, checkpoint: Checkpoint) -> Result<(), SinkError> {
        let mut starting = Vec::with_capacity(page.events.len());
        let mut keys = BTreeSet::new();
        let mut unreadable = None;
        for event in &page.events {
            match self.runner.saga.started_by(event) {
                // Of several events that start one instance the first does.
                Ok(Some((key, state))) if keys.insert((event.stream.tenant().clone(), key.clone())) => {
                    starting.push(self.start_by(event, key, state));
                }
                Ok(_) => {}
                Err(error) => {
                    unreadable = Some(error);
                    break;
                }
            }
        }
        stream::iter(starting).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
        if let Some(error) = unreadable {
            return Err(error.into());
        }
        let commit = ViewCommit { view: self.name.clone(), version: 1, expected, checkpoint, changes: Vec::new() };
        Ok(crate::projection::views(self.shared.store())?.commit(commit).await?)
    }
}
