//! The work of the writer for a projection: setting up its tables, and taking in a page of events.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use annals_core::store::{Anchor, Checkpoint, FailureKind, ViewError};
use annals_core::{RecordedEvent, SinkError};
use rusqlite::Transaction;

use super::place::{Known, Place};
use super::{SqliteProjection, SqliteProjectionError};
use crate::error::{Fault, Result};
use crate::session::Session;
use crate::sql::{execute, sql};

/// What a projection may not do.
const TAKEN_BACK: &str = "take back the transaction: it is the store's";

/// A projection, and where it starts.
pub(super) struct Feed {
    pub(super) projection: Box<dyn SqliteProjection>,
    pub(super) known: Known,
    pub(super) start: Checkpoint,
}

/// Events that are to be taken in together.
pub(super) struct Page {
    pub(super) events: Vec<RecordedEvent>,
    pub(super) expected: Option<Checkpoint>,
    pub(super) checkpoint: Checkpoint,
}

/// A piece of work: a page, or only the tables.
pub(crate) struct Task {
    feed: Arc<Feed>,
    page: Option<Page>,
    /// What took back the whole transaction: the writer then does the work again, up to there.
    undone: RefCell<Option<Undone>>,
}

/// A failure after which nothing is left of the transaction.
struct Undone {
    /// Which event of the page it was; none: setting up the tables.
    at: Option<usize>,
    error: SinkError,
}

impl Task {
    pub(super) fn new(feed: Arc<Feed>, page: Option<Page>) -> Self {
        Self { feed, page, undone: RefCell::default() }
    }

    /// Roughly how many bytes it adds to a batch.
    pub(crate) fn bytes(&self) -> usize {
        self.page.iter().flat_map(|page| &page.events).map(|event| event.payload.len()).sum()
    }

    /// Does the work. The outer error is that of the connection and ends the batch; the inner one is the answer.
    pub(crate) fn run(&self, session: &Session<'_>) -> Result<Result<(), SinkError>> {
        let undone = self.undone.take();
        if let Some(Undone { at: None, error }) = undone {
            return Ok(Err(error));
        }
        let found = match self.feed.known.find(session.connection)? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let Some(page) = &self.page else {
            return match found {
                Some(_) => Ok(Ok(())),
                None => Ok(self.set_up(session)?.map(drop)),
            };
        };
        let actual = found.as_ref().map(|place| place.checkpoint);
        if actual != page.expected {
            let (view, expected) = (self.feed.known.name.clone(), page.expected);
            return Ok(Err(ViewError::Fenced { view, expected, actual }.into()));
        }
        let place = match found {
            Some(place) => place,
            None => match self.set_up(session)? {
                Ok(place) => place,
                Err(error) => return Ok(Err(error)),
            },
        };
        let failed = match undone {
            Some(Undone { at, error }) => Err((at.unwrap_or_default(), error)),
            None => self.apply(session, &page.events)?,
        };
        match failed {
            Ok(()) => Ok(Ok(place.advance(session.connection, &page.checkpoint)?)),
            Err((at, error)) => {
                self.take_in_before(session, &place, page, at)?;
                Ok(Err(error))
            }
        }
    }

    /// What to tell the caller if the batch failed.
    pub(crate) fn failed(self, fault: &Fault, file: &str) -> SinkError {
        let doing = || format!("feed the projection `{}` in {file}", self.feed.known.name);
        self.undone.take().map_or_else(|| fault.view_error(&doing()).into(), |undone| undone.error)
    }

    fn set_up(&self, session: &Session<'_>) -> Result<Result<Place, SinkError>> {
        let Feed { projection, known, start } = &*self.feed;
        let failed = |error| SinkError::Setup { name: known.name.clone(), source: Box::new(error) };
        match self.lend(session, |tx| projection.setup(tx), failed, || None)? {
            Ok(()) => Ok(Ok(known.begin(session.connection, *start)?)),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Takes in what comes before an event that failed, so that the next attempt begins with it.
    fn take_in_before(&self, session: &Session<'_>, place: &Place, page: &Page, at: usize) -> Result<()> {
        let before = &page.events[..at];
        if let Some(last) = before.last()
            && self.apply(session, before)?.is_ok()
        {
            let anchor = Anchor { position: last.position, event: last.id };
            place.advance(session.connection, &page.checkpoint.advanced(last.position, Some(anchor)))?;
        }
        Ok(())
    }

    /// Takes in events, all or none. An inner error says at which of them it happened.
    fn apply(&self, session: &Session<'_>, events: &[RecordedEvent]) -> Result<Result<(), (usize, SinkError)>> {
        let at = Cell::new(0);
        let code = |tx: &Transaction<'_>| {
            events.iter().enumerate().try_for_each(|(number, event)| {
                at.set(number);
                self.feed.projection.apply(event, tx)
            })
        };
        let told = |error: SqliteProjectionError| match events.get(at.get()) {
            Some(event) => error.at(event),
            None => SinkError::Setup { name: self.feed.known.name.clone(), source: Box::new(error) },
        };
        let applied = self.lend(session, code, told, || Some(at.get()))?;
        Ok(applied.map_err(|error| (at.get(), error)))
    }

    /// Lends the transaction to code of the user's. If that fails or panics, what it wrote is taken back.
    fn lend(
        &self,
        session: &Session<'_>,
        code: impl FnOnce(&Transaction<'_>) -> Result<(), SqliteProjectionError>,
        told: impl FnOnce(SqliteProjectionError) -> SinkError,
        at: impl FnOnce() -> Option<usize>,
    ) -> Result<Result<(), SinkError>> {
        execute(session.connection, sql!("savepoint_guest"), [])?;
        let guest = session.guard.admit();
        let outcome = catch_unwind(AssertUnwindSafe(|| code(session.transaction)));
        let outcome = outcome.unwrap_or_else(|panic| Err(SqliteProjectionError::panicked(&*panic)));
        let outcome = outcome.map_err(|error| match guest.refused() {
            Some(what) => error.refused(what),
            None => error,
        });
        drop(guest);
        if session.transaction.is_autocommit() {
            // A full disk, or `insert or rollback` that violates a constraint: what others put into the batch is gone too.
            let error = match outcome {
                Err(error) if error.kind() != FailureKind::Other => error,
                Err(error) => error.refused(TAKEN_BACK.to_owned()),
                Ok(()) => SqliteProjectionError::failed(format!("a projection may not {TAKEN_BACK}")),
            };
            let fault = Fault::Undone(error.kind());
            self.undone.replace(Some(Undone { at: at(), error: told(error) }));
            return Err(fault);
        }
        if outcome.is_err() {
            execute(session.connection, sql!("rollback_to_guest"), [])?;
        }
        execute(session.connection, sql!("release_guest"), [])?;
        Ok(outcome.map_err(told))
    }
}
