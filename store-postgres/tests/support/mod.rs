//! A schema of its own for each test, on the server that tests use.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::atomic::{AtomicU64, Ordering};

use annals_core::store::{Append, Filter, ReadLog};
use annals_core::{
    AppendId, EncodedMetadata, Encoding, EventId, EventName, EventStore, ExpectedVersion, NewEvent, Payload, Random, StreamId,
    SystemRandom, Tag,
};
use annals_store_postgres::sqlx::{AssertSqlSafe, Connection, PgConnection, Row, query};
use annals_store_postgres::{PostgresOptions, PostgresStore};
use annals_testing::PostgresSchema;
use uuid::Uuid;

/// The server of the tests.
pub(crate) fn url() -> String {
    PostgresSchema::server()
}

/// A schema that nobody else has.
pub(crate) struct Schema {
    pub(crate) name: String,
    _schema: PostgresSchema,
}

impl Schema {
    pub(crate) fn new() -> Self {
        let schema = PostgresSchema::new();
        Self { name: schema.name().to_owned(), _schema: schema }
    }

    pub(crate) fn options(&self) -> PostgresOptions {
        PostgresOptions::new(url()).schema(&self.name).connections(6)
    }

    pub(crate) async fn open(&self) -> PostgresStore {
        self.options().open().await.unwrap_or_else(|error| panic!("no store in the schema: {error:?}; run `cargo xtask test`"))
    }

    /// Runs statements in which `{schema}` stands for the schema.
    pub(crate) async fn run(&self, sql: &str) {
        let mut connection = connect().await;
        self.run_on(&mut connection, sql).await;
    }

    pub(crate) async fn run_on(&self, connection: &mut PgConnection, sql: &str) {
        let sql = sql.replace("{schema}", &self.name);
        for statement in sql.split(";\n") {
            query(AssertSqlSafe(statement.to_owned()))
                .execute(&mut *connection)
                .await
                .unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
    }

    /// Changes the text of a function, to see what becomes of us without a part of it.
    pub(crate) async fn change_function(&self, function: &str, from: &str, to: &str) {
        let sql = format!("select pg_get_functiondef('\"{}\".{function}'::regproc)", self.name);
        let row = query(AssertSqlSafe(sql)).fetch_one(&mut connect().await).await.expect("the function is there");
        let text: String = row.get(0);
        assert!(text.contains(from), "{function} has no `{from}`");
        query(AssertSqlSafe(text.replace(from, to))).execute(&mut connect().await).await.expect("the function can be replaced");
    }

    /// The number that a statement answers with.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = sql.replace("{schema}", &self.name);
        let mut connection = connect().await;
        let row = query(AssertSqlSafe(sql)).fetch_one(&mut connection).await.expect("the statement answers");
        connection.close().await.expect("the connection ends");
        row.get(0)
    }
}

/// A unit of work of one event, with an id that it shares with nobody.
pub(crate) fn event(stream: &str) -> Append {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    event_of(NUMBER.fetch_add(1, Ordering::Relaxed).into(), stream)
}

/// A unit of work of one event under an id.
pub(crate) fn event_of(id: u128, stream: &str) -> Append {
    let event = NewEvent {
        id: EventId::from_uuid(Uuid::from_u128(id)),
        name: EventName::new("order.placed").expect("a name"),
        schema_version: 1,
        payload: Payload { encoding: Encoding::JSON, data: b"{}"[..].into() },
        metadata: EncodedMetadata::from_bytes(&b"{}"[..]),
        tags: Vec::new(),
    };
    Append::new(AppendId::from_uuid(Uuid::from_u128(id))).stream(stream_of(stream), ExpectedVersion::Any, vec![event])
}

/// A unit of work of one event, with an id that nobody has in any process.
pub(crate) fn unique(stream: &str) -> Append {
    event_of(u128::from(SystemRandom.next_u64()) << 64 | u128::from(SystemRandom.next_u64()), stream)
}

/// The same, where the events have a tag.
pub(crate) fn tagged(mut append: Append, tag: &str) -> Append {
    for event in append.streams.iter_mut().flat_map(|part| &mut part.events) {
        event.tags.push(Tag::parse(tag).expect("a tag"));
    }
    append
}

/// The same, where the first stream is at a version.
pub(crate) fn expecting(mut append: Append, expected: ExpectedVersion) -> Append {
    append.streams[0].expected = expected;
    append
}

pub(crate) fn stream_of(stream: &str) -> StreamId {
    StreamId::new("order", stream).expect("an id")
}

/// The positions of all events that a reader gets.
pub(crate) async fn positions(store: &PostgresStore) -> Vec<u64> {
    let mut read = ReadLog::new(Filter::everything());
    let mut positions = Vec::new();
    loop {
        let page = store.read_log(read.clone()).await.expect("the log can be read");
        positions.extend(page.events.iter().map(|event| event.position.get()));
        if page.at_end {
            return positions;
        }
        read = read.after(page.scanned_to);
    }
}

pub(crate) async fn connect() -> PgConnection {
    PgConnection::connect(&url()).await.expect("the server of the tests can be reached: run `cargo xtask test`")
}

/// Waits until as many backends of the store wait for a lock.
pub(crate) async fn until_blocked(schema: &Schema, backends: i64) {
    let blocked = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%{schema}%'";
    while schema.number(blocked).await < backends {
        tokio::task::yield_now().await;
    }
}
