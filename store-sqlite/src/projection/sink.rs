use std::fmt;
use std::sync::Arc;

use annals_core::store::{Checkpoint, ViewName};
use annals_core::{Filter, LogId, LogPage, ProjectionSink, SinkError};
use async_trait::async_trait;

use super::SqliteProjection;
use super::feed::{Feed, Page, Task};
use super::place::Known;
use crate::SqliteStore;
use crate::job::Job;

/// A projection in SQL, ready to be a part of an application. Made by [`SqliteStore::projection`].
pub struct SqliteSink {
    store: Arc<SqliteStore>,
    feed: Arc<Feed>,
}

impl SqliteSink {
    pub(crate) fn new(store: Arc<SqliteStore>, projection: Box<dyn SqliteProjection>) -> Self {
        let known = Known { name: projection.name(), version: projection.version() };
        let start = Checkpoint::start(LogId::MAIN, store.epoch());
        Self { store, feed: Arc::new(Feed { projection, known, start }) }
    }

    async fn work(&self, page: Option<Page>) -> Result<(), SinkError> {
        let task = Box::new(Task::new(Arc::clone(&self.feed), page));
        let name = &self.feed.known.name;
        let lost =
            |fault: crate::error::Fault, file: &str| fault.view_error(&format!("feed the projection `{name}` in {file}")).into();
        self.store.write(|reply| Job::Project(task, reply), lost).await
    }
}

#[async_trait]
impl ProjectionSink for SqliteSink {
    fn name(&self) -> &ViewName {
        &self.feed.known.name
    }

    fn filter(&self) -> Filter {
        self.feed.projection.filter()
    }

    async fn setup(&mut self) -> Result<(), SinkError> {
        self.work(None).await
    }

    async fn checkpoint(&mut self) -> Result<Option<Checkpoint>, SinkError> {
        let known = self.feed.known.clone();
        let found = self.store.ask("read a projection of", move |reader| known.find(&reader.connection)).await?;
        Ok(found?.map(|place| place.checkpoint))
    }

    async fn apply(&mut self, page: &LogPage, expected: Option<Checkpoint>, checkpoint: Checkpoint) -> Result<(), SinkError> {
        self.work(Some(Page { events: page.events.clone(), expected, checkpoint })).await
    }
}

impl fmt::Debug for SqliteSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqliteSink({})", self.feed.known.name)
    }
}
