//! Starts instances from the events of the log, and gives events to the instances that wait for them.

use std::collections::BTreeMap;
use std::sync::Arc;

use annals_core::saga::Definition;
use annals_core::saga::engine::{Heard, Meaning};
use annals_core::store::{AppendError, Checkpoint, ViewCommit, ViewName};
use annals_core::{Filter, LogPage, ProjectionSink, RecordedEvent, SinkError, Tenant};
use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::runner::Runner;
use super::{hear, starter};
use crate::error::SagaError;
use crate::shared::Shared;

/// How many instances are given their events at once.
const AT_ONCE: usize = 64;

/// Listens for a saga.
pub(super) struct Listener<S> {
    pub(super) runner: Arc<Runner<S>>,
    pub(super) shared: Arc<Shared>,
    pub(super) name: ViewName,
    pub(super) filter: Filter,
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> Listener<S> {
    /// Gives an instance what there is for it in a page, in the order of the log.
    async fn give(&self, key: String, heard: Vec<(&RecordedEvent, Meaning<S>)>) -> Result<(), SinkError> {
        for (record, meaning) in heard {
            let position = record.position;
            let metadata = record.metadata()?.caused_by(record.id.into(), self.shared.env().now());
            let (saga, tenant): (&Definition<S>, &Tenant) = (&self.runner.saga, record.stream.tenant());
            let given = async {
                let stream = || saga.stream(tenant, &key).map_err(annals_core::saga::Fault::from);
                match meaning {
                    Meaning::Starts(state) => starter::start(saga, &self.shared, tenant, &key, &state, &metadata).await,
                    Meaning::Arrives { step, verdict } => {
                        hear::arrives(saga, &self.shared, stream()?, step, verdict, record).await
                    }
                    Meaning::Reacts => hear::reacts(saga, &self.shared, stream()?, record).await,
                    _ => Ok(false),
                }
            };
            let changed = given.await.map_err(|source| match source {
                // The same key and state would be refused again: whoever wrote the definition must see it.
                SagaError::Fault(_) | SagaError::Event(_) | SagaError::Append(AppendError::Invalid(_)) => {
                    SinkError::Refused { position, source: source.into() }
                }
                source => SinkError::Event { position, source: source.into() },
            })?;
            if changed {
                self.runner.nudge();
            }
        }
        Ok(())
    }
}

#[async_trait]
impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> ProjectionSink for Listener<S> {
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
        let mut by_instance: BTreeMap<(&Tenant, String), Vec<_>> = BTreeMap::new();
        let mut unreadable = None;
        for event in &page.events {
            match self.runner.saga.heard(event) {
                Ok(heard) => {
                    for Heard { key, meaning } in heard {
                        by_instance.entry((event.stream.tenant(), key)).or_default().push((event, meaning));
                    }
                }
                Err(error) => {
                    unreadable = Some(error);
                    break;
                }
            }
        }
        let mut giving = Vec::with_capacity(by_instance.len());
        for ((_, key), heard) in by_instance {
            giving.push(self.give(key, heard));
        }
        stream::iter(giving).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
        if let Some(error) = unreadable {
            return Err(error.into());
        }
        let commit = ViewCommit { view: self.name.clone(), version: 1, expected, checkpoint, changes: Vec::new() };
        Ok(crate::projection::views(self.shared.store())?.commit(commit).await?)
    }
}
