//! The store: what callers hold.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use annals_core::store::{
    Append, AppendError, Appended, Capability, ConditionModel, Epoch, Inbox, Keys, LogInfo, LogPage, Outbox, ReadError, ReadLog,
    ReadStream, StoreInfo, StreamPage, Timers, Views,
};
use annals_core::{AppendId, EventStore, LogId, Position};
use async_trait::async_trait;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::error::{Fault, Result};
use crate::job::{Job, Reply};
use crate::reader::{Reader, Readers};
use crate::wait::{Horizon, Watcher};
use crate::writer::Writer;
use crate::{NAME, OpenError, QueryError, SqliteOptions, SqliteProjection, SqliteSink, connection, lend, outcome, read, schema};

/// An event store in one SQLite file: durable, embedded, without a server.
///
/// Appends of any number of callers share transactions (group commit), so that many appends cost one fsync. An append
/// is answered when it is on the disk. Several processes may use one file at a time.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # mod annals { pub use annals_core::*; pub use annals_store_sqlite::SqliteStore; }
/// use annals::store::ReadLog;
/// use annals::{EventStore, SqliteStore};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("orders.db");
/// let store = SqliteStore::open(&path).await?;
/// assert!(store.read_log(ReadLog::new(Default::default())).await?.events.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Dropping it waits until what was queued is on the disk.
pub struct SqliteStore {
    info: StoreInfo,
    file: String,
    // In this order they are dropped: who waits is told, then what was queued is written, then reading ends.
    watcher: Watcher,
    writer: Writer,
    readers: Readers,
}

impl SqliteStore {
    /// Opens the store in the file `path`, and creates it where there is none.
    ///
    /// # Errors
    /// [`OpenError`], which names the file. A file that is not an event store, or a newer one, is left as it is.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        SqliteOptions::new(path).open().await
    }

    /// Opening reads the disk and may have to recover a log, so a thread of its own does it.
    pub(crate) async fn start(options: SqliteOptions) -> Result<Self, OpenError> {
        let path = options.path.clone();
        let (reply, opened) = oneshot::channel();
        let opening = thread::Builder::new().name("annals-sqlite-open".to_owned());
        opening
            // If the caller has stopped waiting, the store that was opened is dropped with the reply.
            .spawn(move || drop(reply.send(Self::start_blocking(&options))))
            .map_err(|source| OpenError::Thread { path: path.clone(), source })?;
        opened.await.unwrap_or_else(|ended| Err(OpenError::Failed { path, source: ended.into() }))
    }

    fn start_blocking(options: &SqliteOptions) -> Result<Self, OpenError> {
        let connection = connection::writer(options)?;
        let epoch = schema::epoch(&connection).map_err(|error| connection::open_error(&options.path, error))?;
        let horizon = Arc::new(Horizon::new());
        let readers = Readers::start(options)?;
        let watcher = Watcher::start(options, Arc::clone(&horizon))?;
        let writer = Writer::start(connection, options, horizon)?;
        let info = StoreInfo {
            name: NAME,
            logs: vec![LogInfo { id: LogId::MAIN, epoch }],
            limits: options.limits,
            conditions: ConditionModel::Exact,
            capabilities: vec![Capability::Timers, Capability::Outbox, Capability::Inbox, Capability::Keys, Capability::Views],
            durable: true,
        };
        Ok(Self { info, file: options.path.display().to_string(), watcher, writer, readers })
    }

    /// Closes the store: what was queued is written, whatever comes later is refused, and who waits is told.
    ///
    /// Nobody has to call it, because dropping the store does the same. It returns at once; the threads end by
    /// themselves.
    pub fn close(&self) {
        self.watcher.close();
        self.writer.close();
        self.readers.close();
    }

    /// Makes a projection in SQL a part of an application:
    /// `App::new(store.clone()).sink(store.projection(Sales)).start()`.
    ///
    /// Its tables are set up before the application has started.
    pub fn projection(self: &Arc<Self>, projection: impl SqliteProjection) -> SqliteSink {
        SqliteSink::new(Arc::clone(self), Box::new(projection))
    }

    /// Lends a connection that reads to `query`, on a thread of the store: for the tables of projections in SQL.
    ///
    /// All statements of one query see the file as it was when it started.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("orders.db");
    /// # use annals_store_sqlite::SqliteStore;
    /// let store = SqliteStore::open(&path).await?;
    /// let events: u64 = store.read(|db| db.query_row("select count(*) from event", [], |row| row.get(0))).await?;
    /// assert_eq!(events, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`QueryError`]: what SQLite says, or that the query does not only read.
    ///
    /// # Panics
    /// If the query panics. The store is none the worse for it.
    ///
    /// # Cancellation
    /// A query that has started is run to its end, whether or not anybody waits for it.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, QueryError> {
        let answer = self.readers.run(move |reader| Ok(lend::lend(reader, query))).await;
        // Nothing but the end of the readers keeps a query from being run.
        answer.map_or_else(|_| Err(QueryError::Closed { file: self.file.clone() }), lend::take)
    }

    /// Which life of the store positions belong to.
    pub(crate) fn epoch(&self) -> Epoch {
        self.info.logs[0].epoch
    }

    /// Reads on a thread of the store. `doing` says what, up to the name of the file.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        doing: &str,
        job: impl FnOnce(&mut Reader) -> Result<T> + Send + 'static,
    ) -> Result<T, ReadError> {
        self.readers.run(job).await.map_err(|fault| fault.read_error(&format!("{doing} {}", self.file)))
    }

    /// Hands work to the writer and waits for its answer. `lost` says what to tell the caller if the writer is gone.
    pub(crate) async fn write<T, E>(
        &self,
        job: impl FnOnce(Reply<T, E>) -> Job,
        lost: impl FnOnce(Fault, &str) -> E,
    ) -> Result<T, E> {
        let (reply, answer) = oneshot::channel();
        self.writer.send(job(reply));
        answer.await.unwrap_or_else(|_| Err(lost(Fault::Closed, &self.file)))
    }

    fn known(&self, log: LogId) -> Result<(), ReadError> {
        if self.info.log(log).is_some() { Ok(()) } else { Err(ReadError::UnknownLog(log)) }
    }
}

#[async_trait]
impl EventStore for SqliteStore {
    fn info(&self) -> &StoreInfo {
        &self.info
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        append.check(&self.info.limits)?;
        self.write(
            |reply| Job::Append(append, reply),
            // The writer ended while it had the append: nobody can say how far it came.
            |fault, file| AppendError::Unknown(fault.failure(&format!("append to {file}"))),
        )
        .await
    }

    async fn appended(&self, id: AppendId) -> Result<Option<Appended>, ReadError> {
        self.ask("read", move |reader| outcome::find(&reader.connection, &mut reader.memory, id)).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<StreamPage, ReadError> {
        self.ask("read a stream of", move |reader| read::read_stream(reader, &read)).await
    }

    async fn read_log(&self, read: ReadLog) -> Result<LogPage, ReadError> {
        self.known(read.log)?;
        self.ask("read the log of", move |reader| read::read_log(reader, &read)).await
    }

    async fn wait(&self, log: LogId, after: Position) -> Result<(), ReadError> {
        self.known(log)?;
        self.watcher.wait(after).await.map_err(|fault| fault.read_error(&format!("wait for events of {}", self.file)))
    }

    fn timers(&self) -> Option<&dyn Timers> {
        Some(self)
    }

    fn outbox(&self) -> Option<&dyn Outbox> {
        Some(self)
    }

    fn inbox(&self) -> Option<&dyn Inbox> {
        Some(self)
    }

    fn keys(&self) -> Option<&dyn Keys> {
        Some(self)
    }

    fn views(&self) -> Option<&dyn Views> {
        Some(self)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("file", &self.file).finish_non_exhaustive()
    }
}
