//! A projection on a store of its own, on the server of the tests.

use std::str::FromStr as _;
use std::thread;

use annals_core::{Filter, ProjectionSink as _, RecordedEvent, SinkError};
use annals_store_postgres::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use annals_store_postgres::sqlx::{AssertSqlSafe, Error, PgPool, query};
use annals_store_postgres::{PgConnection, PgProjection, PgSink, PostgresOptions};
use tokio::runtime::{Builder, Runtime};

use super::rows::{Rows, ask};
use crate::PostgresSchema;
use crate::story::chain;

/// Why there is a runtime.
const RUNS: &str = "it is taken when the stage is dropped";

/// A projection and its tables.
pub(super) struct Stage<P> {
    sink: PgSink<P>,
    pool: PgPool,
    /// What it runs on, also where the test is on a runtime itself.
    runtime: Option<Runtime>,
    _schemas: [PostgresSchema; 2],
}

impl<P: PgProjection> Stage<P> {
    /// # Panics
    /// If there is no server.
    pub(super) fn new(projection: P) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime for a test");
        // Names that a projection chooses meet none of the store's.
        let [tables, home] = [PostgresSchema::new(), PostgresSchema::new()];
        let server = PostgresSchema::server();
        let opened = on(&runtime, async || {
            let options = PgConnectOptions::from_str(&server)?.options([("search_path", tables.name())]);
            let pool = PgPoolOptions::new().max_connections(3).connect_with(options).await?;
            // Audited: the name is made of hexadecimal digits.
            query(AssertSqlSafe(format!("create schema {}", tables.name()))).execute(&pool).await?;
            let store = PostgresOptions::with_pool(pool.clone()).schema(home.name()).batches_in_flight(1).open().await;
            let store = store.map_err(|error| Error::Configuration(error.into()))?;
            Ok::<_, Error>((store.projection(projection), pool))
        });
        let (sink, pool) = opened.unwrap_or_else(|error| panic!("no server for the test: {}", chain(&error)));
        Self { sink, pool, runtime: Some(runtime), _schemas: [tables, home] }
    }

    pub(super) fn filter(&self) -> Filter {
        self.sink.filter()
    }

    pub(super) fn set_up(&mut self) -> Result<(), SinkError> {
        let Self { sink, runtime, .. } = self;
        on(runtime.as_ref().expect(RUNS), async || sink.setup().await)
    }

    pub(super) fn reset(&mut self) -> Result<(), SinkError> {
        let Self { sink, runtime, .. } = self;
        on(runtime.as_ref().expect(RUNS), async || sink.reset().await)
    }

    /// Takes in events as one batch.
    pub(super) fn take_in(&mut self, events: &[RecordedEvent]) -> Result<(), SinkError> {
        let Self { sink, runtime, .. } = self;
        on(runtime.as_ref().expect(RUNS), async || sink.__take_in_whole(events).await)
    }

    /// Asks a query.
    pub(super) fn rows(&self, asked: &str) -> Result<Rows, Error> {
        let found = on(self.runtime(), async || {
            let mut reading = self.pool.begin_with("begin read only").await?;
            ask(&mut reading, asked).await
        });
        found.map(Rows::from)
    }

    /// Lends a connection that reads.
    pub(super) fn read<F>(&self, check: &F) -> thread::Result<Result<(), Error>>
    where
        F: AsyncFn(&mut PgConnection) -> Result<(), Error> + Sync,
    {
        let read = async || {
            let mut reading = self.pool.begin_with("begin read only").await?;
            check(&mut reading).await
        };
        try_on(self.runtime(), read)
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect(RUNS)
    }
}

/// Runs something to its end, on a thread without a runtime: who calls may be on one.
fn on<T: Send>(runtime: &Runtime, code: impl AsyncFnOnce() -> T + Send) -> T {
    try_on(runtime, code).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn try_on<T: Send>(runtime: &Runtime, code: impl AsyncFnOnce() -> T + Send) -> thread::Result<T> {
    thread::scope(|scope| scope.spawn(|| runtime.block_on(code())).join())
}

impl<P> Drop for Stage<P> {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A runtime that waits for its tasks cannot be dropped on another one.
            runtime.shutdown_background();
        }
    }
}
