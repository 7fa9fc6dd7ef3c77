//! Connections to the file, and the refusal of files that are not ours.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use annals_core::store::FailureKind;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::kind_of;
use crate::{OpenError, SqliteOptions, schema};

/// The statements that a connection keeps prepared: more than there are in `src/sql`.
const STATEMENTS: usize = 64;

/// Pages in the write-ahead log after which the writer copies them into the file.
const CHECKPOINT_PAGES: u32 = 2_000;

/// The most that the write-ahead log keeps on the disk once it has been copied.
const LOG_BYTES: u32 = 64 << 20;

/// Opens the connection that writes, and makes the file a store if there is nothing in it.
pub(crate) fn writer(options: &SqliteOptions) -> Result<Connection, OpenError> {
    let path = &options.path;
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => return Err(OpenError::Directory { path: path.clone() }),
        Err(error) if error.kind() == ErrorKind::NotFound && !options.create => {
            return Err(OpenError::NotFound { path: path.clone() });
        }
        _ => {}
    }
    let connection = open(options, options.create)?;
    schema::refuse_foreign(&connection, path)?;
    configure(&connection, options).map_err(|error| open_error(path, error))?;
    schema::create(&connection, path)?;
    Ok(connection)
}

/// Opens one more connection to a file that [`writer`] has opened, which only reads.
pub(crate) fn reader(options: &SqliteOptions) -> Result<Connection, OpenError> {
    let connection = open(options, false)?;
    let configured = connection.pragma_update(None, "query_only", true).and_then(|()| {
        // Reads go through the cache of the system: one more copy, but none is stale and none is kept twice.
        connection.pragma_update(None, "cache_size", -8_192)
    });
    configured.map_err(|error| open_error(&options.path, error))?;
    Ok(connection)
}

/// Opens a store in memory, which is gone with its connection.
pub(crate) fn in_memory() -> Result<Connection, OpenError> {
    let path = Path::new(":memory:");
    let opened = Connection::open_in_memory().and_then(|connection| {
        prepare(&connection)?;
        keep_events(&connection)?;
        Ok(connection)
    });
    let connection = opened.map_err(|error| open_error(path, error))?;
    schema::create(&connection, path)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A plan that depended on bound values would be made anew for each use of a statement.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Without this, `insert or replace` would delete an event past the trigger that forbids it.
fn keep_events(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "recursive_triggers", true)
}

fn open(options: &SqliteOptions, create: bool) -> Result<Connection, OpenError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let path = &options.path;
    // SQLite takes names such as `:memory:` and `file:…` for something else; with a folder before it, a name is a name.
    let connection = Connection::open_with_flags(Path::new(".").join(path), flags).map_err(|error| open_error(path, error))?;
    prepare(&connection).map_err(|error| open_error(path, error))?;
    connection.busy_timeout(options.busy_timeout).map_err(|error| open_error(path, error))?;
    // SQLite falls back to reading where a file cannot be written.
    if connection.is_readonly("main").map_err(|error| open_error(path, error))? {
        return Err(OpenError::NotWritable { path: path.clone(), source: None });
    }
    Ok(connection)
}

fn configure(connection: &Connection, options: &SqliteOptions) -> rusqlite::Result<()> {
    write_ahead(connection, options.busy_timeout)?;
    connection.pragma_update(None, "synchronous", "full")?;
    // On macOS an fsync does not reach the disk without these two; elsewhere they change nothing.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    connection.pragma_update(None, "cache_size", -32_768)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    keep_events(connection)?;
    if let Some(pages) = options.max_pages {
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(())
}

/// Switches a new file to a write-ahead log. SQLite does not wait by itself while another process does the same.
fn write_ahead(connection: &Connection, patience: Duration) -> rusqlite::Result<()> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    loop {
        match connection.pragma_update(None, "journal_mode", "wal") {
            Err(error) if kind_of(&error) == FailureKind::Busy && waited < patience => {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
            done => return done,
        }
    }
}

/// What to tell somebody who wanted to open `path`.
pub(crate) fn open_error(path: &Path, error: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::Foreign { path },
        _ if kind_of(&error) == FailureKind::NotWritable => OpenError::NotWritable { path, source: Some(error.into()) },
        _ => OpenError::Failed { path, source: error.into() },
    }
}
