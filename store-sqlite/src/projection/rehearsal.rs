//! A projection on a store of its own in memory, without threads: what a test kit plays it on.

use std::fmt;
use std::sync::Arc;

use annals_core::store::{Anchor, Checkpoint};
use annals_core::{Filter, LogId, RecordedEvent, SinkError, Timestamp};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::SqliteProjection;
use super::feed::{Feed, Page, Task};
use super::place::Known;
use crate::error::Fault;
use crate::guard::Guard;
use crate::memory::Memory;
use crate::reader::Reader;
use crate::session::{Session, State};
use crate::{OpenError, QueryError, connection, lend, schema};

/// What stands for the name of the file.
const FILE: &str = "memory";

/// A projection and its tables. It takes events in as the writer of a store does: under the guard, within a savepoint, fenced by
/// its checkpoint.
#[doc(hidden)]
pub struct Rehearsal {
    reader: Reader,
    state: State,
    feed: Arc<Feed>,
    is_set_up: bool,
}

impl Rehearsal {
    /// A projection that is not set up yet.
    ///
    /// # Errors
    /// [`OpenError`] if there is no memory for it.
    pub fn new(projection: impl SqliteProjection) -> Result<Self, OpenError> {
        let failed = |error| connection::open_error(FILE.as_ref(), error);
        let mut connection = connection::in_memory()?;
        let guard = Guard::on(&mut connection).map_err(failed)?;
        let known = Known { name: projection.name(), version: projection.version() };
        let start = Checkpoint::start(LogId::MAIN, schema::epoch(&connection).map_err(failed)?);
        let feed = Arc::new(Feed { projection: Box::new(projection), known, start });
        let reader = Reader { connection, guard, memory: Memory::default() };
        Ok(Self { reader, state: State::default(), feed, is_set_up: false })
    }

    /// Which events it takes in.
    pub fn filter(&self) -> Filter {
        self.feed.projection.filter()
    }

    /// Sets it up; the next time in the place of what is there, as its next version will.
    ///
    /// # Errors
    /// [`SinkError`] as in an application.
    pub fn set_up(&mut self) -> Result<(), SinkError> {
        if self.is_set_up
            && let Some(feed) = Arc::get_mut(&mut self.feed)
        {
            feed.known.version += 1;
        }
        self.work(None)?;
        self.is_set_up = true;
        Ok(())
    }

    /// Takes in an event.
    ///
    /// # Errors
    /// [`SinkError`] as in an application.
    pub fn take_in(&mut self, event: &RecordedEvent) -> Result<(), SinkError> {
        let place = self.feed.known.find(&self.reader.connection).map_err(|fault| self.lost(&fault))??;
        let expected = place.map(|place| place.checkpoint);
        let anchor = Anchor { position: event.position, event: event.id };
        let checkpoint = expected.unwrap_or(self.feed.start).advanced(event.position, Some(anchor));
        self.work(Some(Page { events: vec![event.clone()], expected, checkpoint }))
    }

    /// Lends the connection for a query, as a store does.
    ///
    /// # Errors
    /// [`QueryError`] if the query fails.
    ///
    /// # Panics
    /// If the query does.
    pub fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, QueryError> {
        self.only_reads(true)?;
        lend::take(lend::lend(&self.reader, query))
    }

    fn only_reads(&self, it_does: bool) -> rusqlite::Result<()> {
        self.reader.connection.pragma_update(None, "query_only", it_does)
    }

    fn work(&mut self, page: Option<Page>) -> Result<(), SinkError> {
        let task = Task::new(Arc::clone(&self.feed), page);
        match self.transact(&task) {
            Ok(answer) => answer,
            Err(fault) => {
                self.state.forget();
                Err(task.failed(&fault, FILE))
            }
        }
    }

    fn transact(&mut self, task: &Task) -> Result<Result<(), SinkError>, Fault> {
        self.only_reads(false)?;
        let Reader { connection, guard, .. } = &self.reader;
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        let session = Session::begin(&transaction, guard, &mut self.state, Timestamp::EPOCH)?;
        let answer = task.run(&session)?;
        session.finish()?;
        transaction.commit()?;
        Ok(answer)
    }

    fn lost(&self, fault: &Fault) -> SinkError {
        fault.view_error(&format!("feed the projection `{}` in {FILE}", self.feed.known.name)).into()
    }
}

impl fmt::Debug for Rehearsal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rehearsal({})", self.feed.known.name)
    }
}
