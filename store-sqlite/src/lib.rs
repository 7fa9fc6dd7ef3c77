//! The embedded event store of Annals: durable, in one SQLite file, without a server.
//!
//! - [`SqliteStore`] is the store, [`SqliteOptions`] how it is opened, [`OpenError`] why it was not.
//! - One thread writes. It takes in whatever waits and commits it as one transaction, with `synchronous = FULL`: an append
//!   that was answered survives a crash of the process and of the machine.
//! - A few threads read, each on a connection of its own. Nothing runs on the threads of the caller, and no async
//!   runtime is needed.
//! - [`SqliteProjection`] keeps a read model in tables of the user's, in the same file and the same transactions;
//!   [`SqliteStore::read`] lends a connection for queries.
//! - Several processes may use one file: versions are checked inside the transaction, and who waits is woken by commits of
//!   other processes too.
//!
//! The file is plain SQLite: `select * from readable` shows the log to people, the tables are in `src/sql/schema`.

#![deny(missing_docs)]

mod append;
mod condition;
mod connection;
mod effects;
mod error;
mod filter;
mod guard;
mod inbox;
mod job;
mod keys;
mod lend;
mod memory;
mod options;
mod outbox;
mod outcome;
mod projection;
mod read;
mod reader;
mod row;
mod schema;
mod session;
mod sql;
mod store;
mod tagged;
mod timers;
mod views;
mod wait;
mod writer;

pub use error::{OpenError, QueryError};
pub use options::SqliteOptions;
/// For the test kit.
#[doc(hidden)]
pub use projection::Rehearsal as __Rehearsal;
pub use projection::{SqliteProjection, SqliteProjectionError, SqliteSink};
/// The library behind this store, so that an application uses the same version.
pub use rusqlite;
pub use rusqlite::{Connection, Error, Transaction, params};
pub use store::SqliteStore;

/// What kind of store this is, for errors and information.
const NAME: &str = "sqlite";
