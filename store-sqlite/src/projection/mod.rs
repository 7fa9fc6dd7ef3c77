//! Projections in SQL: tables of the user's, kept in the file of the store together with their checkpoint.

mod failure;
mod feed;
mod place;
mod rehearsal;
mod sink;

use annals_core::store::ViewName;
use annals_core::{Filter, RecordedEvent};
use rusqlite::Transaction;

pub use failure::SqliteProjectionError;
pub(crate) use feed::Task;
pub use rehearsal::Rehearsal;
pub use sink::SqliteSink;

/// A read model in tables of its own, in the file of the store. Written as `#[projection(sqlite)]` on an `impl`.
///
/// The statements for a page of events and the checkpoint behind it are committed in one transaction, fenced by the checkpoint
/// before: each event is taken in exactly once, whatever crashes, and also when several processes feed the projection.
/// [`SqliteStore::projection`](crate::SqliteStore::projection) makes it a part of an application, and
/// [`SqliteStore::read`](crate::SqliteStore::read) lends a connection for queries.
///
/// ```
/// # mod annals { pub use annals_core::*; pub use annals_store_sqlite as sqlite; }
/// use annals::sqlite::{SqliteProjection, SqliteProjectionError, Transaction, params};
/// use annals::store::ViewName;
/// use annals::{Filter, RecordedEvent};
///
/// /// How many events there are of each kind.
/// struct Kinds;
///
/// impl SqliteProjection for Kinds {
///     fn name(&self) -> ViewName {
///         ViewName::from_static("kinds")
///     }
///
///     fn version(&self) -> u32 {
///         1
///     }
///
///     fn filter(&self) -> Filter {
///         Filter::all()
///     }
///
///     fn setup(&self, tx: &Transaction<'_>) -> Result<(), SqliteProjectionError> {
///         tx.execute_batch(
///             "drop table if exists kind;
///              create table kind (name text primary key, events integer not null) strict;",
///         )?;
///         Ok(())
///     }
///
///     fn apply(&self, event: &RecordedEvent, tx: &Transaction<'_>) -> Result<(), SqliteProjectionError> {
///         let count = "insert into kind values (?1, 1) on conflict do update set events = events + 1";
///         tx.prepare_cached(count)?.execute(params![event.name.as_str()])?;
///         Ok(())
///     }
/// }
/// ```
///
/// # What it may do
/// Everything it stores is in tables: the transaction may be rolled back and done again, so the methods take `&self`.
/// It creates, writes and drops tables, indexes, triggers, views and virtual tables of its own, and reads any table. What is
/// Annals' own it cannot write: the tables that are in a fresh store (`event`, `stream`, `view`, `document` …; `select name from
/// sqlite_schema` lists them) and names that start with `annals_`. It also cannot end the transaction, attach databases, set
/// pragmas or use temporary tables. Its own tables are best named after the projection.
///
/// # When it fails
/// What was taken in before the event stays; the event holds up those behind it and is tried again, and the health of the
/// projection says which event it is. The same goes for a panic.
pub trait SqliteProjection: Send + Sync + 'static {
    /// The name that it is known by, and its checkpoint is kept under.
    fn name(&self) -> ViewName;

    /// The version of its tables. A new version is built anew from the log, in place of the old one; a program that still
    /// has the old version stops feeding it and says so. To build a new version beside the old one, give it another name
    /// and other tables.
    fn version(&self) -> u32;

    /// Which events it takes in.
    fn filter(&self) -> Filter;

    /// Makes its tables, empty. It is called once for each version, before the first event; what an older version has left
    /// is dropped here: `drop table if exists sale; create table sale (…)`.
    ///
    /// # Errors
    /// [`SqliteProjectionError`]; the application does not start then, and what was there stays.
    fn setup(&self, tx: &Transaction<'_>) -> Result<(), SqliteProjectionError>;

    /// Takes in one event. Prepare statements with [`prepare_cached`](rusqlite::Connection::prepare_cached): it is called for
    /// each event of a page, within one transaction.
    ///
    /// # Errors
    /// [`SqliteProjectionError`]; the event is tried again later.
    fn apply(&self, event: &RecordedEvent, tx: &Transaction<'_>) -> Result<(), SqliteProjectionError>;
}

#[cfg(test)]
fn _is_object_safe(_: &dyn SqliteProjection) {}
