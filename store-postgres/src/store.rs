//! The store: what callers hold.

use std::fmt;
use std::sync::Arc;

use annals_core::store::{
    Append, AppendError, Appended, Capability, ConditionModel, Inbox, Keys, LogInfo, LogPage, Outbox, ReadError, ReadLog,
    ReadStream, StoreInfo, StreamPage, Timers, Views,
};
use annals_core::{AppendId, EventStore, LogId, Position};
use async_trait::async_trait;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{PgPool, Postgres, Transaction};
use tokio::runtime::Handle;

use crate::committer::{Committer, Measures};
use crate::error::{Fault, Result};
use crate::gather::Gatherer;
use crate::health::StoreHealth;
use crate::horizon::Horizon;
use crate::lane::Lane;
use crate::notifications::Notifications;
use crate::schema::Opening;
use crate::sizes::Sizes;
use crate::sql::{Schema, Statements};
use crate::{NAME, OpenError, PgProjection, PgSink, PostgresOptions, append, connection, outcome, read};

/// An event store in a schema of a PostgreSQL database. Any number of processes may use one at a time.
///
/// Appends of any number of callers share transactions (group commit) and are answered when they are committed. Readers
/// never skip an event.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use annals_core::EventStore;
/// use annals_core::store::ReadLog;
/// use annals_store_postgres::PostgresStore;
///
/// let store = PostgresStore::open("postgres://app@127.0.0.1/shop").await?;
/// assert!(store.read_log(ReadLog::new(Default::default())).await?.events.is_empty());
/// # Ok(())
/// # }
/// ```
pub struct PostgresStore {
    pub(crate) info: StoreInfo,
    pub(crate) pool: PgPool,
    pub(crate) statements: Arc<Statements>,
    pub(crate) horizon: Arc<Horizon>,
    pub(crate) committer: Committer,
    pub(crate) sizes: Sizes,
    pub(crate) gatherer: Arc<Gatherer>,
    /// Which store, for errors.
    pub(crate) place: String,
}

impl PostgresStore {
    /// Opens the store in the schema `annals` of the database that a URL names, and creates it where there is none.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn open(url: impl AsRef<str>) -> Result<Self, OpenError> {
        PostgresOptions::new(url).open().await
    }

    pub(crate) async fn start(options: PostgresOptions) -> Result<Self, OpenError> {
        let schema = Schema::new(&options.schema)?;
        let pool = connection::pool(&options)?;
        let server = connection::server(&pool.connect_options());
        let connect = |error: sqlx::Error| OpenError::Connect { server: server.clone(), source: error.into() };
        let opening = Opening { schema: &schema, server: &server, create: options.create, repair: options.repair };
        let opened = opening.run(&mut *pool.acquire().await.map_err(connect)?).await?;
        let (statements, runtime) = (Arc::new(Statements::new(&schema)), Handle::current());
        let place = format!("the schema `{schema}` of {server}");
        let notifications = options.notify.map(|poll_every| Notifications::new(opened.store, poll_every));
        let (pool_of_horizon, known) = (pool.clone(), Arc::clone(&statements));
        let horizon = Horizon::new(pool_of_horizon, known, runtime.clone(), &place, options.stall_after, notifications);
        horizon.watch();
        let lane =
            Lane { pool: pool.clone(), statements: Arc::clone(&statements), horizon: Arc::clone(&horizon), place: place.clone() };
        let info = StoreInfo {
            name: NAME,
            logs: vec![LogInfo { id: LogId::MAIN, epoch: opened.epoch }],
            limits: options.limits,
            conditions: ConditionModel::Exact,
            capabilities: vec![Capability::Timers, Capability::Outbox, Capability::Inbox, Capability::Keys, Capability::Views],
            durable: opened.durable,
        };
        let gatherer = Gatherer::new(pool.clone(), statements.read_streams.clone(), runtime.clone());
        let measures = Measures { is_encrypted: opened.is_encrypted, ..options.measures };
        let committer = Committer::new(lane, measures, runtime);
        Ok(Self { info, pool, statements, horizon, committer, sizes: Sizes::new(), gatherer, place })
    }

    /// Appends in a transaction of yours, so that it is stored together with what else you write there, or not at all.
    ///
    /// As long as the transaction is open, **readers of the whole store get no event that was appended since**: commit it
    /// soon, and call nothing slow in between. It shares no round trip with other appends. Who waits for events is woken
    /// within some 50 ms of the commit.
    ///
    /// Writers wait for its end too, where they append to the same streams, or with a tag that its condition asks for, or to
    /// a stream that it only checks; and who only checks a stream that it appends to. So do not append through the store
    /// before the transaction has ended: it could wait for its own task.
    ///
    /// ```no_run
    /// # async fn example(store: annals_store_postgres::PostgresStore, append: annals_core::store::Append)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// # let pool = annals_store_postgres::sqlx::PgPool::connect("postgres://app@127.0.0.1/shop").await?;
    /// let mut transaction = pool.begin().await?;
    /// annals_store_postgres::sqlx::query("update stock set reserved = reserved + 1").execute(&mut *transaction).await?;
    /// store.append_in(&mut transaction, &append).await?;
    /// transaction.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AppendError`]. After a refusal the transaction can go on without the append; after
    /// [`NotStored`](AppendError::NotStored) it can only be rolled back. A transaction above READ COMMITTED is refused,
    /// because its checks would not see what was committed since it started.
    ///
    /// # Cancellation
    /// If the future is dropped, roll the transaction back.
    pub async fn append_in(&self, transaction: &mut Transaction<'_, Postgres>, append: &Append) -> Result<Appended, AppendError> {
        append::append_in(self, transaction, append).await
    }

    /// Makes a projection in SQL a part of an application:
    /// `App::new(store.clone()).sink(store.projection(Sales)).start()`.
    ///
    /// Its tables are set up before the application has started, and are in the database of this store. The events may come
    /// from another one.
    pub fn projection<P: PgProjection>(&self, projection: P) -> PgSink<P> {
        PgSink::new(self, projection)
    }

    /// How the store is doing: how far readers get, and who holds them up, for a probe or a dashboard.
    ///
    /// Nobody has to call it to be warned: while somebody reads or waits, the store tells the log (`tracing`, as a warning)
    /// of a transaction that holds readers up for longer than [`PostgresOptions::stall_after`], and when that is over.
    ///
    /// ```no_run
    /// # async fn example(store: annals_store_postgres::PostgresStore) -> Result<(), Box<dyn std::error::Error>> {
    /// let health = store.health().await?;
    /// for blocker in health.blockers {
    ///     println!("{} positions behind, because of {blocker}", health.drawn.get() - blocker.after.get());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ReadError::Store`] if the server cannot be asked.
    ///
    /// # Cancellation
    /// If the future is dropped, nothing has happened.
    pub async fn health(&self) -> Result<StoreHealth, ReadError> {
        self.told("read the state of", self.again(|| self.horizon.examine()).await)
    }

    /// The connections of the store, to query tables of yours in the same database. What is open there for long is missing
    /// to the store.
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Closes the store: appends that wait are still sent, those that come later are refused, and who waits is told.
    ///
    /// Nobody has to call it: dropping the store does the same.
    pub fn close(&self) {
        self.committer.close();
        self.horizon.close();
    }

    /// Reads, and once more for each connection that turns out to be broken: after a restart of the server all of them are, and
    /// to read again does no harm.
    async fn again<T, F: Future<Output = Result<T>> + Send>(&self, read: impl Fn() -> F + Send) -> Result<T> {
        let mut left = self.pool.size();
        loop {
            match read().await {
                Err(Fault::Lost(_)) if left > 0 => left -= 1,
                other => return other,
            }
        }
    }

    /// All rows of a query. `doing` says what, up to the name of the store.
    pub(crate) async fn all<T>(
        &self,
        doing: &str,
        query: impl Fn() -> Query<'static, Postgres, PgArguments> + Send + Sync,
        read: impl FnMut(&PgRow) -> Result<T> + Send,
    ) -> Result<Vec<T>, ReadError> {
        let rows = self.again(|| async { Ok(query().fetch_all(&self.pool).await?) }).await;
        self.told(doing, rows.and_then(|rows| rows.iter().map(read).collect()))
    }

    /// The first row of a query, if it has one.
    pub(crate) async fn first<T>(
        &self,
        doing: &str,
        query: impl Fn() -> Query<'static, Postgres, PgArguments> + Send + Sync,
        read: impl FnOnce(&PgRow) -> Result<T> + Send,
    ) -> Result<Option<T>, ReadError> {
        let row = self.again(|| async { Ok(query().fetch_optional(&self.pool).await?) }).await;
        self.told(doing, row.and_then(|row| row.as_ref().map(read).transpose()))
    }

    /// Runs a statement that answers nothing.
    pub(crate) async fn change(&self, doing: &str, query: Query<'_, Postgres, PgArguments>) -> Result<(), ReadError> {
        self.told(doing, query.execute(&self.pool).await.map(drop).map_err(Fault::from))
    }

    fn known(&self, log: LogId) -> Result<(), ReadError> {
        if self.info.log(log).is_some() { Ok(()) } else { Err(ReadError::UnknownLog(log)) }
    }

    fn told<T>(&self, doing: &str, result: Result<T>) -> Result<T, ReadError> {
        result.map_err(|fault| fault.read_error(&format!("{doing} {}", self.place)))
    }
}

#[async_trait]
impl EventStore for PostgresStore {
    fn info(&self) -> &StoreInfo {
        &self.info
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        append::append(self, append).await
    }

    async fn appended(&self, id: AppendId) -> Result<Option<Appended>, ReadError> {
        self.told("read", self.again(|| outcome::find(&self.pool, &self.statements, id)).await)
    }

    async fn read_stream(&self, read: ReadStream) -> Result<StreamPage, ReadError> {
        self.told("read a stream of", self.again(|| read::read_stream(self, &read)).await)
    }

    async fn read_log(&self, read: ReadLog) -> Result<LogPage, ReadError> {
        self.known(read.log)?;
        self.told("read the log of", self.again(|| read::read_log(self, &read)).await)
    }

    async fn wait(&self, log: LogId, after: Position) -> Result<(), ReadError> {
        self.known(log)?;
        self.told("wait for events of", self.horizon.wait(after).await)
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

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("place", &self.place).finish_non_exhaustive()
    }
}
