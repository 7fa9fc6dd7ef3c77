//! How a store is opened.

use std::fmt;
use std::time::Duration;

use annals_core::store::Limits;
use sqlx::PgPool;

use crate::committer::Measures;
use crate::{OpenError, PostgresStore};

/// How a [`PostgresStore`] is opened. What is not said has a default that suits most applications.
///
/// ```no_run
/// # async fn open() -> Result<(), annals_store_postgres::OpenError> {
/// use annals_store_postgres::PostgresOptions;
///
/// let store = PostgresOptions::new("postgres://app@127.0.0.1/shop").schema("orders").connections(20).open().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresOptions {
    pub(crate) url: String,
    pub(crate) pool: Option<PgPool>,
    pub(crate) schema: String,
    pub(crate) create: bool,
    pub(crate) repair: bool,
    pub(crate) connections: u32,
    pub(crate) acquire_timeout: Duration,
    pub(crate) limits: Limits,
    pub(crate) measures: Measures,
    pub(crate) stall_after: Duration,
    pub(crate) notify: Option<Duration>,
}

impl PostgresOptions {
    /// The store in the database that a URL names: `postgres://user:password@host:port/database`, with parameters such
    /// as `?sslmode=verify-full` and, for the [schema](Self::schema), `?schema=orders`. What it leaves out is that of the
    /// variables of libpq (`PGHOST`, `PGUSER` …).
    ///
    /// Without a word on `sslmode`, connections to this machine are not encrypted, and others are if the server can.
    pub fn new(url: impl AsRef<str>) -> Self {
        let (url, schema) = take_schema(url.as_ref());
        Self {
            url,
            pool: None,
            schema: schema.unwrap_or_else(|| "annals".to_owned()),
            create: true,
            repair: false,
            connections: 10,
            acquire_timeout: Duration::from_secs(10),
            limits: Limits { events_per_append: 10_000, ..Limits::default() },
            measures: Measures { lanes: 2, batch: 512, queue: 8_192, is_encrypted: false },
            stall_after: Duration::from_secs(5),
            notify: None,
        }
    }

    /// The store in the database of a pool of the application, which it then shares. What the pool says of timeouts and
    /// sizes holds; it must have at least as many connections as there are [batches in flight](Self::batches_in_flight), and
    /// two more; with [notifications](Self::notify) three.
    pub fn with_pool(pool: PgPool) -> Self {
        Self { pool: Some(pool), ..Self::new("") }
    }

    /// The schema that has the tables, by default `annals`. Each schema is a store of its own.
    #[must_use]
    pub fn schema(self, schema: impl Into<String>) -> Self {
        Self { schema: schema.into(), ..self }
    }

    /// Whether schema and tables are created where there are none. By default they are.
    #[must_use]
    pub fn create(self, create: bool) -> Self {
        Self { create, ..self }
    }

    /// Sets the sequence of positions behind the last event, if it is before it: after events were restored without
    /// it. No other program may write to the store meanwhile.
    #[must_use]
    pub fn repair(self) -> Self {
        Self { repair: true, ..self }
    }

    /// How many connections the store opens at most, by default 10. It is never less than the [batches in
    /// flight](Self::batches_in_flight) and two more, for readers; with [notifications](Self::notify) three.
    #[must_use]
    pub fn connections(self, connections: u32) -> Self {
        Self { connections, ..self }
    }

    /// How long somebody waits for a connection before being answered with a failure, by default ten seconds.
    #[must_use]
    pub fn acquire_timeout(self, acquire_timeout: Duration) -> Self {
        Self { acquire_timeout, ..self }
    }

    /// What the store refuses for its size. By default that of every store, but 10,000 events an append.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// How long a transaction that has appended may hold readers up before the log is told of it, by default five seconds.
    /// It is told within one and a half times of this, while somebody reads or waits.
    #[must_use]
    pub fn stall_after(self, stall_after: Duration) -> Self {
        Self { stall_after, ..self }
    }

    /// Has processes tell one another of commits (`LISTEN`, `NOTIFY`): who waits in another process is woken at once, and
    /// while nothing happens the server is asked for news every `poll_every` only, where without this each process that
    /// waits asks it every 50 ms. A second is a good choice.
    ///
    /// A process keeps a connection more for it, to listen, and tells the others at most every 10 ms, in transactions of
    /// their own: no append waits for that. Open the store so in all processes: what others commit, and what a process
    /// committed that died before it told, is found after `poll_every` at most.
    ///
    /// Where no notification arrives, the log says so and the server is asked as without this. It is **not for poolers that
    /// hand connections from one transaction to another** (pgbouncer in transaction mode): there the session that was told to
    /// listen may come to others, who then get notifications instead of answers.
    #[must_use]
    pub fn notify(self, poll_every: Duration) -> Self {
        Self { notify: Some(poll_every), ..self }
    }

    /// How many batches of appends are on their way at a time, by default 2. On a disk that is slow to be durable two wait for
    /// each other, and 1 may be better: with 2 ms, commands that open streams were 1.2 to 1.5 times as many with it, and those
    /// that read first 0.94 to 1.16 times (`benches/README.md`).
    #[must_use]
    pub fn batches_in_flight(mut self, batches: usize) -> Self {
        self.measures.lanes = batches.max(1);
        self
    }

    /// How many appends share a transaction at most, by default 512. With 1 each has its own.
    #[must_use]
    pub fn batch_size(mut self, appends: usize) -> Self {
        self.measures.batch = appends.max(1);
        self
    }

    /// How many appends wait at most, those on their way included, by default 8,192. Who comes later waits for a place.
    #[must_use]
    pub fn queue_size(mut self, appends: usize) -> Self {
        self.measures.queue = appends.clamp(1, 1 << 20);
        self
    }

    /// How many connections it takes to append and to read at the same time: one for each batch in flight, one for the
    /// horizon and one for a page; and one to listen for notifications.
    pub(crate) fn least_connections(&self) -> u32 {
        let others = if self.notify.is_some() { 3 } else { 2 };
        u32::try_from(self.measures.lanes).unwrap_or(u32::MAX).saturating_add(others)
    }

    /// Opens the store, on the runtime of the caller.
    ///
    /// Tables are created where there are none, in one transaction, and whatever would break a guarantee is refused.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong and, where somebody can, how to cure it. Tables that are not those of a store,
    /// or of a newer one, are left as they are.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    ///
    /// # Cancellation
    /// If the future is dropped, the tables may have been created; nothing else stays behind.
    pub async fn open(self) -> Result<PostgresStore, OpenError> {
        PostgresStore::start(self).await
    }
}

/// Takes the parameter `schema`, which the library does not know, out of a URL.
fn take_schema(url: &str) -> (String, Option<String>) {
    let Some((server, parameters)) = url.split_once('?') else { return (url.to_owned(), None) };
    let is_schema = |parameter: &&str| parameter.starts_with("schema=");
    let schema = parameters.split('&').find(is_schema).and_then(|parameter| parameter.strip_prefix("schema="));
    let others: Vec<_> = parameters.split('&').filter(|parameter| !is_schema(parameter)).collect();
    let url = if others.is_empty() { server.to_owned() } else { format!("{server}?{}", others.join("&")) };
    (url, schema.map(str::to_owned))
}

/// Without the URL, which may have a password.
impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("schema", &self.schema)
            .field("create", &self.create)
            .field("connections", &self.connections)
            .field("limits", &self.limits)
            .field("measures", &self.measures)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_may_name_the_schema() {
        let taken = |url| {
            let (url, schema) = take_schema(url);
            (url, schema.unwrap_or_default())
        };
        let of = |url: &str, schema: &str| (url.to_owned(), schema.to_owned());
        assert_eq!(taken("postgres://a/b"), of("postgres://a/b", ""));
        assert_eq!(taken("postgres://a/b?schema=orders"), of("postgres://a/b", "orders"));
        let url = "postgres://a/b?sslmode=require&schema=orders&application_name=shop";
        assert_eq!(taken(url), of("postgres://a/b?sslmode=require&application_name=shop", "orders"));
        assert_eq!(PostgresOptions::new("postgres://a/b").schema, "annals");
    }
}
