use std::marker::PhantomData;

use annals_core::store::{Checkpoint, ViewCommit, ViewName};
use annals_core::{Event, Filter, LogPage, Position, ProjectionSink, Recorded, SinkError};
use async_trait::async_trait;
use tower::BoxError;

use super::fold::views;
use crate::engine::Store;

/// Calls a handler for each event, in order, at least once, and stores how far it came after each page.
pub(crate) struct SubscriberSink<E, H> {
    store: Store,
    name: ViewName,
    handler: H,
    /// Handled already, on a page that is being tried again.
    handled_to: Position,
    event: PhantomData<fn() -> E>,
}

impl<E: Event, H> SubscriberSink<E, H> {
    pub(crate) fn new(store: Store, name: ViewName, handler: H) -> Self {
        Self { store, name, handler, handled_to: Position::ZERO, event: PhantomData }
    }
}

#[async_trait]
impl<E, H, Fut> ProjectionSink for SubscriberSink<E, H>
where
    E: Event,
    H: Fn(Recorded<E>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), BoxError>> + Send,
{
    fn name(&self) -> &ViewName {
        &self.name
    }

    fn filter(&self) -> Filter {
        Filter::events::<E>()
    }

    async fn checkpoint(&mut self) -> Result<Option<Checkpoint>, SinkError> {
        Ok(views(&self.store)?.checkpoint(&self.name, 1).await?)
    }

    async fn apply(&mut self, page: &LogPage, expected: Option<Checkpoint>, checkpoint: Checkpoint) -> Result<(), SinkError> {
        for record in &page.events {
            let position = record.position;
            if position <= self.handled_to {
                continue;
            }
            let event = Recorded::read(record.clone())?;
            (self.handler)(event).await.map_err(|source| SinkError::Event { position, source })?;
            self.handled_to = position;
        }
        let commit = ViewCommit { view: self.name.clone(), version: 1, expected, checkpoint, changes: Vec::new() };
        Ok(views(&self.store)?.commit(commit).await?)
    }
}
