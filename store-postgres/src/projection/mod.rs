//! Projections in SQL: tables of the user's, kept in the database of the store together with their checkpoint.

mod batch;
mod failure;
mod feed;
mod place;
mod sink;

use std::future::Future;

use annals_core::Filter;
use annals_core::store::{PageSize, ViewName};
use sqlx::PgConnection;

pub use batch::PgBatch;
pub use failure::PgProjectionError;
pub use sink::PgSink;

/// A read model in tables of its own, in the database of the store.
///
/// The statements for a batch of events and the checkpoint behind it are committed in one transaction, fenced by the checkpoint
/// before: each event is taken in exactly once, whatever crashes, and also when several processes feed the projection.
/// [`PostgresStore::projection`](crate::PostgresStore::projection) makes it a part of an application.
///
/// Its statements take in a whole batch: [`PgBatch::columns`] makes columns of the events, and `unnest` makes rows of them
/// again. A statement for each event would be a round trip for each.
///
/// ```
/// # mod annals { pub use annals_core::*; pub use annals_store_postgres as postgres; }
/// use annals::postgres::sqlx::{query, raw_sql};
/// use annals::postgres::{PgBatch, PgConnection, PgProjection, PgProjectionError};
/// use annals::store::ViewName;
/// use annals::{Filter, RecordedEvent};
///
/// /// How many events there are of each kind.
/// struct Kinds;
///
/// impl PgProjection for Kinds {
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
///     async fn setup(&self, tx: &mut PgConnection) -> Result<(), PgProjectionError> {
///         raw_sql(
///             "drop table if exists kind;
///              create table kind (name text primary key, events bigint not null)",
///         )
///         .execute(tx)
///         .await?;
///         Ok(())
///     }
///
///     async fn apply(&self, tx: &mut PgConnection, batch: PgBatch<'_>) -> Result<(), PgProjectionError> {
///         let names: Vec<&str> = batch.events().iter().map(|event| event.name.as_str()).collect();
///         query(
///             "insert into kind select name, count(*) from unnest($1::text[]) as name group by name
///              on conflict (name) do update set events = kind.events + excluded.events",
///         )
///         .bind(names)
///         .execute(tx)
///         .await?;
///         Ok(())
///     }
/// }
/// ```
///
/// # What it may do
/// Everything it stores is in tables: the transaction may be rolled back and done again, so the methods take `&self`. It runs as
/// the role of the store, on a connection that no other part of the application has.
///
/// It cannot end the transaction. A `commit` is refused by the server and takes everything back; what is sent after that, or after a
/// `rollback`, can only read, and the batch fails with [`PgProjectionError::Ended`]. `set constraints all immediate` is refused in
/// the same way: name the constraints. A statement that may fail needs a transaction within the transaction,
/// [`tx.begin()`](sqlx::Connection::begin); without one, going on after an error leads to [`PgProjectionError::Aborted`].
///
/// A connection that the store opened is ended by the server if a statement takes 30 seconds, or if the code does something else for
/// 10 seconds between two statements.
///
/// # When it fails
/// The batch is rolled back and taken in again in parts, down to the event that fails. What comes before that event stays; the event
/// holds up those behind it and is tried again, and the health of the projection says which event it is. The same goes for
/// a panic. If the connection is lost, or another transaction is in the way (a deadlock), no event is blamed.
pub trait PgProjection: Send + Sync + 'static {
    /// The name that it is known by, and its checkpoint is kept under.
    fn name(&self) -> ViewName;

    /// The version of its tables. A new version is built anew from the log, in place of the old one; a program that still
    /// has the old version stops feeding it and says so. To build a new version beside the old one, give it another name
    /// and other tables.
    fn version(&self) -> u32;

    /// Which events it takes in.
    fn filter(&self) -> Filter;

    /// How many events a batch has at most, by default 5,000 of up to 8 MiB. While it follows the end of the log, a batch has what
    /// there is.
    fn batch_size(&self) -> PageSize {
        PageSize::events(5_000)
    }

    /// Makes its tables, empty. It is called once for each version, before the first event; what an older version has left
    /// is dropped here: `drop table if exists sale; create table sale (…)`.
    ///
    /// # Errors
    /// [`PgProjectionError`]; the application does not start then, and what was there stays.
    fn setup(&self, tx: &mut PgConnection) -> impl Future<Output = Result<(), PgProjectionError>> + Send;

    /// Empties its tables, for [`PgSink::reset`]. By default it [sets them up](Self::setup) again; `truncate sale` keeps
    /// what others have granted on them, or built on them.
    ///
    /// # Errors
    /// [`PgProjectionError`]; what was there stays.
    fn reset(&self, tx: &mut PgConnection) -> impl Future<Output = Result<(), PgProjectionError>> + Send {
        self.setup(tx)
    }

    /// Takes in some events that follow one another, in order.
    ///
    /// # Errors
    /// [`PgProjectionError`]; the events are tried again, in smaller batches.
    ///
    /// # Cancellation
    /// When the application stops at once, the future is dropped and the transaction rolled back.
    fn apply(&self, tx: &mut PgConnection, batch: PgBatch<'_>) -> impl Future<Output = Result<(), PgProjectionError>> + Send;
}
