//! The event store of Annals on PostgreSQL, version 14 and above: nothing skipped, nothing lost.
//!
//! - [`PostgresStore`] is the store, [`PostgresOptions`] how it is opened, [`OpenError`] why it was not.
//! - Appends that are in flight together share transactions and round trips: one that comes alone is sent at once, and
//!   under pressure batches grow. What one append comes to touches no other.
//! - A reader never skips an event, however slowly transactions commit: it reads up to a published horizon, below which
//!   nothing can appear any more. How that works, and why, is in `src/sql/schema/horizon.sql`.
//! - [`PgProjection`] keeps a read model in tables of the user's, in the same transactions as its checkpoint.
//! - Any number of processes may use one schema. One that waits is woken at once by appends of its own process, and by
//!   those of others within milliseconds.
//!
//! The tables are in `src/sql/schema`; `select * from annals.readable` shows the log to people. Events are written
//! through the function `append` only: who writes rows by other means breaks the order that readers rely on.
#![deny(missing_docs)]

mod append;
mod batch;
mod committer;
mod connection;
mod effects;
mod error;
mod filter;
mod footprint;
mod gather;
mod health;
mod horizon;
mod inbox;
mod job;
mod keys;
mod lane;
mod led;
mod notifications;
mod options;
mod outbox;
mod outcome;
mod projection;
mod queue;
mod read;
mod roles;
mod row;
mod schema;
mod sizes;
mod sql;
mod stall;
mod store;
mod tagged;
mod timers;
mod unit;
mod verdict;
mod views;

pub use error::OpenError;
pub use health::{Blocker, Holder, StoreHealth};
pub use options::PostgresOptions;
pub use projection::{PgBatch, PgProjection, PgProjectionError, PgSink};
pub use roles::Roles;
/// The library behind this store, so that an application uses the same version.
pub use sqlx;
pub use sqlx::PgConnection;
pub use store::PostgresStore;

/// What kind of store this is, for errors and information.
const NAME: &str = "postgres";
