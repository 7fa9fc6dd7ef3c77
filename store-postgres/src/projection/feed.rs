//! One transaction of a projection: setting up its tables, or taking in some events.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use annals_core::store::{Checkpoint, StoreFailure, ViewError};
use annals_core::{RecordedEvent, SinkError};
use futures_util::FutureExt;
use sqlx::{Connection, PgConnection, PgPool};

use super::place::Known;
use super::{PgBatch, PgProjection, PgProjectionError};
use crate::error::Fault;
use crate::sql::Statements;

const SESSION: &str = include_str!("../sql/feed_session.sql");
const BEGIN: &str = include_str!("../sql/feed_begin.sql");

/// A projection, and where it starts.
pub(super) struct Feed<P> {
    pub(super) projection: P,
    pub(super) known: Known,
    pub(super) start: Checkpoint,
    pub(super) pool: PgPool,
    pub(super) statements: Arc<Statements>,
    /// Which store, for errors.
    pub(super) place: String,
}

/// What one transaction is for.
#[derive(Clone, Copy)]
pub(super) enum Task<'a> {
    /// The tables, where they are not there yet.
    SetUp,
    /// Empty tables, and everything from the start.
    Reset,
    /// Events.
    TakeIn { events: &'a [RecordedEvent], expected: Option<Checkpoint>, checkpoint: Checkpoint },
}

/// Why a transaction came to nothing.
pub(super) enum Failure {
    /// The code of the projection, on one of its events.
    Code(PgProjectionError),
    /// Anything else, as it is told.
    Told(SinkError),
}

impl<P: PgProjection> Feed<P> {
    /// A connection for nobody but the code of this projection: whatever it does to its session, it does to itself.
    pub(super) async fn connect(&self) -> Result<PgConnection, Failure> {
        let connection = self.pool.acquire().await.map_err(|error| self.lost(error))?;
        let mut connection = connection.detach();
        sqlx::query(SESSION).execute(&mut connection).await.map_err(|error| self.lost(error))?;
        Ok(connection)
    }

    /// Does all of a task, or nothing.
    pub(super) async fn run(&self, connection: &mut PgConnection, task: Task<'_>) -> Result<(), Failure> {
        let mut tx = connection.begin_with(BEGIN).await.map_err(|error| self.lost(error))?;
        let ran = self.run_in(&mut tx, task).await;
        match ran {
            Ok(()) => tx.commit().await.map_err(|error| self.in_code(error.into())),
            Err(failure) => {
                // If that fails the connection is lost, which comes to the same.
                let _ = tx.rollback().await;
                Err(failure)
            }
        }
    }

    async fn run_in(&self, tx: &mut PgConnection, task: Task<'_>) -> Result<(), Failure> {
        let Self { projection, known, statements, .. } = self;
        let is_reset = matches!(task, Task::Reset);
        let held = known.hold(tx, statements, &self.start, is_reset).await.map_err(|fault| self.told(&fault))?;
        let held = held.map_err(Failure::Told)?;
        if let Task::TakeIn { expected, .. } = task
            && held.checkpoint != expected
        {
            let (view, actual) = (known.name.clone(), held.checkpoint);
            return Err(Failure::Told(ViewError::Fenced { view, expected, actual }.into()));
        }
        if held.is_new {
            let made = match task {
                Task::Reset => lend(async { projection.reset(tx).await }).await,
                Task::SetUp | Task::TakeIn { .. } => lend(async { projection.setup(tx).await }).await,
            };
            made.map_err(|error| self.in_setup(error))?;
        }
        let to = match task {
            Task::TakeIn { events, checkpoint, .. } => {
                if !events.is_empty() {
                    let taken_in = lend(async { projection.apply(tx, PgBatch::new(events)).await }).await;
                    taken_in.map_err(|error| self.in_code(error))?;
                }
                checkpoint
            }
            Task::SetUp | Task::Reset if held.is_new => self.start,
            Task::SetUp | Task::Reset => held.checkpoint.unwrap_or(self.start),
        };
        known.advance(tx, statements, &to).await.map_err(|error| self.in_code(error.into()))
    }

    /// What a failure in the code of a projection, or right after it, is told as.
    fn in_code(&self, error: PgProjectionError) -> Failure {
        match error.code().as_deref() {
            // in_failed_sql_transaction
            Some("25P02") => return Failure::Code(PgProjectionError::Aborted),
            // invalid_transaction_termination, no_active_sql_transaction, read_only_sql_transaction
            Some("2D000" | "25P01" | "25006") => return Failure::Code(PgProjectionError::Ended),
            _ => {}
        }
        match error.is_nobodys() {
            Some(kind) => Failure::Told(ViewError::Store(StoreFailure::new(kind, self.doing(), error)).into()),
            None => Failure::Code(error),
        }
    }

    fn in_setup(&self, error: PgProjectionError) -> Failure {
        Failure::Told(self.tell(self.in_code(error)))
    }

    /// What a failure is told as, where there is no event to tell it of.
    pub(super) fn tell(&self, failure: Failure) -> SinkError {
        match failure {
            Failure::Code(error) => SinkError::Setup { name: self.known.name.clone(), source: Box::new(error) },
            Failure::Told(error) => error,
        }
    }

    fn told(&self, fault: &Fault) -> Failure {
        Failure::Told(fault.view_error(&self.doing()).into())
    }

    fn doing(&self) -> String {
        format!("feed the projection `{}` in {}", self.known.name, self.place)
    }

    fn lost(&self, error: sqlx::Error) -> Failure {
        self.told(&error.into())
    }
}

/// Waits for code of the user's. A panic is a failure of its own.
async fn lend(code: impl Future<Output = Result<(), PgProjectionError>>) -> Result<(), PgProjectionError> {
    let outcome = AssertUnwindSafe(code).catch_unwind().await;
    outcome.unwrap_or_else(|panic| Err(PgProjectionError::panicked(&*panic)))
}
