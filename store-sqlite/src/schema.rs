//! What is in the file, and how a file of ours is told from others.

use std::path::Path;

use annals_core::store::Epoch;
use annals_core::{Random, SystemRandom};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use uuid::{Builder, Uuid};

use crate::OpenError;
use crate::connection::open_error;

/// `Anls`, in the header of the file.
pub(crate) const APPLICATION: i32 = 0x416e_6c73;

/// The newest format of the file.
pub(crate) const FORMAT: i32 = 1;

const TABLES: [&str; 24] = [
    include_str!("sql/schema/word.sql"),
    include_str!("sql/schema/word_no_update.sql"),
    include_str!("sql/schema/word_no_delete.sql"),
    include_str!("sql/schema/stream.sql"),
    include_str!("sql/schema/stream_no_update.sql"),
    include_str!("sql/schema/stream_no_delete.sql"),
    include_str!("sql/schema/event.sql"),
    include_str!("sql/schema/event_version.sql"),
    include_str!("sql/schema/event_append.sql"),
    include_str!("sql/schema/event_no_update.sql"),
    include_str!("sql/schema/event_no_delete.sql"),
    include_str!("sql/schema/event_tag.sql"),
    include_str!("sql/schema/event_tag_no_update.sql"),
    include_str!("sql/schema/event_tag_no_delete.sql"),
    include_str!("sql/schema/log.sql"),
    include_str!("sql/schema/timer.sql"),
    include_str!("sql/schema/timer_due.sql"),
    include_str!("sql/schema/outbox.sql"),
    include_str!("sql/schema/outbox_queue.sql"),
    include_str!("sql/schema/inbox.sql"),
    include_str!("sql/schema/reserved_key.sql"),
    include_str!("sql/schema/view.sql"),
    include_str!("sql/schema/document.sql"),
    include_str!("sql/schema/readable.sql"),
];

/// What the header of a file says about who wrote it.
enum Found {
    Nothing,
    Ours,
}

/// Refuses a file that something else wrote, without changing it.
pub(crate) fn refuse_foreign(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    inspect(connection, path).map(drop)
}

/// Makes an empty file a store. Of several processes that do so at a time one succeeds, and the others find it done.
pub(crate) fn create(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    if let Found::Ours = inspect(connection, path)? {
        return Ok(());
    }
    let failed = |error| open_error(path, error);
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(failed)?;
    if let Found::Nothing = inspect(&transaction, path)? {
        write(&transaction).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

fn inspect(connection: &Connection, path: &Path) -> Result<Found, OpenError> {
    let read = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let found = || -> rusqlite::Result<_> {
        let empty = connection.query_row("select 1 from sqlite_schema limit 1", [], |_| Ok(())).optional()?.is_none();
        Ok((read("application_id")?, read("user_version")?, empty))
    };
    match found().map_err(|error| open_error(path, error))? {
        (0, 0, true) => Ok(Found::Nothing),
        (APPLICATION, FORMAT, _) => Ok(Found::Ours),
        (APPLICATION, found, _) if found > FORMAT => {
            Err(OpenError::NewerFormat { path: path.to_owned(), found, supported: FORMAT })
        }
        _ => Err(OpenError::Foreign { path: path.to_owned() }),
    }
}

fn write(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    for table in TABLES {
        transaction.execute(table, [])?;
    }
    transaction.execute(include_str!("sql/schema/new_log.sql"), [new_epoch().as_uuid().as_bytes()])?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", FORMAT)
}

/// The life of the store that positions belong to: that of the file.
fn new_epoch() -> Epoch {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&SystemRandom.next_u64().to_le_bytes());
    bytes[8..].copy_from_slice(&SystemRandom.next_u64().to_le_bytes());
    Epoch::from_uuid(Builder::from_random_bytes(bytes).into_uuid())
}

/// Reads the life of the store.
pub(crate) fn epoch(connection: &Connection) -> rusqlite::Result<Epoch> {
    connection.query_row(include_str!("sql/read_epoch.sql"), [], |row| Ok(Epoch::from_uuid(Uuid::from_bytes(row.get(0)?))))
}
