use std::fmt;
use std::sync::Arc;

use annals_core::store::{Anchor, Checkpoint, PageSize, ViewName};
use annals_core::{EventStore, Filter, LogId, LogPage, Position, ProjectionSink, RecordedEvent, SinkError};
use async_trait::async_trait;
use sqlx::{Connection, PgConnection};

use super::PgProjection;
use super::feed::{Failure, Feed, Task};
use super::place::Known;
use crate::PostgresStore;

/// A projection in SQL, ready to be a part of an application. Made by [`PostgresStore::projection`].
///
/// From its first batch on it has a connection of its own, besides those of the pool.
pub struct PgSink<P> {
    feed: Feed<P>,
    /// Kept as long as nothing goes wrong on it.
    connection: Option<PgConnection>,
    /// The event that failed last.
    stuck: Option<Position>,
}

impl<P: PgProjection> PgSink<P> {
    pub(crate) fn new(store: &PostgresStore, projection: P) -> Self {
        let known = Known { name: projection.name(), version: projection.version() };
        let start = Checkpoint::start(LogId::MAIN, store.info().logs[0].epoch);
        let (pool, statements, place) = (store.pool.clone(), Arc::clone(&store.statements), store.place.clone());
        Self { feed: Feed { projection, known, start, pool, statements, place }, connection: None, stuck: None }
    }

    /// Builds the projection anew, from the first event on: its tables are [emptied](PgProjection::reset), and it is put at its
    /// start, in one transaction. A program that feeds it at the moment goes on from there.
    ///
    /// ```no_run
    /// # async fn example(store: annals_store_postgres::PostgresStore, sales: impl annals_store_postgres::PgProjection)
    /// #     -> Result<(), annals_core::SinkError> {
    /// store.projection(sales).reset().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`SinkError`]; nothing has changed then. A newer version of the projection is left alone.
    ///
    /// # Cancellation
    /// If the future is dropped, it was reset or it was not.
    pub async fn reset(&mut self) -> Result<(), SinkError> {
        self.run(Task::Reset).await.map_err(|failure| self.feed.tell(failure))
    }

    /// Takes in events all at once, from where it is: for the test kit, where a batch that fails is not to be divided.
    ///
    /// # Errors
    /// [`SinkError`]; nothing has been taken in then.
    #[doc(hidden)]
    pub async fn __take_in_whole(&mut self, events: &[RecordedEvent]) -> Result<(), SinkError> {
        let (expected, Some(last)) = (self.checkpoint().await?, events.last()) else { return Ok(()) };
        let anchor = Anchor { position: last.position, event: last.id };
        let checkpoint = expected.unwrap_or(self.feed.start).advanced(last.position, Some(anchor));
        match self.run(Task::TakeIn { events, expected, checkpoint }).await {
            Err(Failure::Code(error)) if events.len() == 1 => Err(error.at(last)),
            outcome => outcome.map_err(|failure| self.feed.tell(failure)),
        }
    }

    /// Does all of a task, or nothing.
    async fn run(&mut self, task: Task<'_>) -> Result<(), Failure> {
        // Whoever drops the future drops the connection with it, and the server takes back what was done on it.
        let mut kept = self.connection.take();
        if let Some(connection) = &mut kept
            && connection.ping().await.is_err()
        {
            // It broke while there was nothing to do.
            kept = None;
        }
        let mut connection = match kept {
            Some(connection) => connection,
            None => self.feed.connect().await?,
        };
        let ran = self.feed.run(&mut connection, task).await;
        if ran.is_ok() {
            self.connection = Some(connection);
        }
        ran
    }

    /// Takes in events up to a checkpoint, in parts down to one that fails.
    async fn take_in(&mut self, events: &[RecordedEvent], mut from: Option<Checkpoint>, to: Checkpoint) -> Result<(), SinkError> {
        let mut is_stuck = events.first().is_some_and(|event| Some(event.position) == self.stuck);
        let mut most = if is_stuck { 1 } else { events.len().max(1) };
        let mut rest = events;
        let mut objection = None;
        loop {
            let (part, later) = rest.split_at(most.min(rest.len()));
            let checkpoint = match part.last().filter(|_| !later.is_empty()) {
                Some(last) => {
                    let anchor = Anchor { position: last.position, event: last.id };
                    to.advanced(last.position, Some(anchor))
                }
                None => to,
            };
            match self.run(Task::TakeIn { events: part, expected: from, checkpoint }).await {
                Ok(()) if later.is_empty() => {
                    if let Some(reason) = objection {
                        let (projection, events) = (self.name().as_str(), events.len());
                        tracing::warn!(projection, events, reason, "events failed together, and none of them alone");
                    }
                    return Ok(());
                }
                Ok(()) => {
                    if std::mem::take(&mut is_stuck) {
                        most = later.len();
                    }
                    (rest, from) = (later, Some(checkpoint));
                }
                Err(Failure::Code(error)) if part.len() > 1 => {
                    most = part.len().div_ceil(2);
                    objection.get_or_insert_with(|| format!("{error:?}"));
                }
                Err(Failure::Code(error)) => {
                    self.stuck = part.first().map(|event| event.position);
                    return Err(match part.first() {
                        Some(event) => error.at(event),
                        None => self.feed.tell(Failure::Code(error)),
                    });
                }
                Err(Failure::Told(error)) => return Err(error),
            }
        }
    }
}

#[async_trait]
impl<P: PgProjection> ProjectionSink for PgSink<P> {
    fn name(&self) -> &ViewName {
        &self.feed.known.name
    }

    fn filter(&self) -> Filter {
        self.feed.projection.filter()
    }

    fn page_size(&self) -> PageSize {
        self.feed.projection.batch_size()
    }

    async fn setup(&mut self) -> Result<(), SinkError> {
        self.run(Task::SetUp).await.map_err(|failure| self.feed.tell(failure))
    }

    async fn checkpoint(&mut self) -> Result<Option<Checkpoint>, SinkError> {
        let found = self.feed.known.find(&self.feed.pool, &self.feed.statements).await;
        found.map_err(|fault| fault.read_error(&format!("read a projection of {}", self.feed.place)))?
    }

    async fn apply(&mut self, page: &LogPage, expected: Option<Checkpoint>, checkpoint: Checkpoint) -> Result<(), SinkError> {
        self.take_in(&page.events, expected, checkpoint).await
    }
}

impl<P> fmt::Debug for PgSink<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PgSink({})", self.feed.known.name)
    }
}
