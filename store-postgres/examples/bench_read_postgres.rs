//! Measures reading beside a yardstick in the same run: `cargo run --release -p annals-store-postgres --example bench_read_postgres`.
//!
//! The yardstick is what one writes by hand with sqlx: the payloads of a stream in one `select`, as `bytea` and as the text of a
//! `jsonb`, and the log in pages. The ratio is the result; the rates are those of this machine and hour.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]

use std::error::Error;
use std::time::Instant;

use annals_core::store::{Append, Filter, PageSize, ReadLog, ReadStream};
use annals_core::{
    AppendId, EncodedMetadata, Encoding, EventId, EventName, EventStore, ExpectedVersion, NewEvent, Payload, StreamId,
};
use annals_store_postgres::sqlx::postgres::PgPoolOptions;
use annals_store_postgres::sqlx::{PgPool, Row, query, raw_sql};
use annals_store_postgres::{PostgresOptions, PostgresStore};
use bytes::Bytes;
use uuid::Uuid;

type Failure = Box<dyn Error + Send + Sync>;

const ROUNDS: usize = 9;
/// Events of the stream that is read as a whole, and of the log.
const LONG: usize = 10_000;
const LOG: usize = 100_000;
/// Events of each other stream.
const SHORT: usize = 10;
const BODY: &[u8] =
    br#"{"order":"A-000000000017","customer":"customer-0000001234","total":12345,"note":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#;
const METADATA: &[u8] =
    br#"{"$occurred_at":"2026-11-22T12:00:00.000000Z","$correlation":"0193546c-7b1e-7c3a-9d5e-0123456789ab"}"#;

fn append(number: u128, stream: &str, events: usize) -> Result<Append, Failure> {
    let event = |index: usize| -> Result<NewEvent, Failure> {
        Ok(NewEvent {
            id: EventId::from_uuid(Uuid::from_u128((number << 32) + index as u128)),
            name: EventName::new("order.placed")?,
            schema_version: 1,
            payload: Payload { encoding: Encoding::JSON, data: Bytes::from_static(BODY) },
            metadata: EncodedMetadata::from_bytes(METADATA),
            tags: Vec::new(),
        })
    };
    let events = (0..events).map(event).collect::<Result<_, _>>()?;
    let id = AppendId::from_uuid(Uuid::from_u128(number));
    Ok(Append::new(id).stream(StreamId::new("order", stream)?, ExpectedVersion::NoStream, events))
}

async fn fill(store: &PostgresStore, pool: &PgPool) -> Result<(), Failure> {
    store.append(append(1, "long", LONG)?).await?;
    let streams = (LOG - LONG) / SHORT;
    for first in (0..streams).step_by(500) {
        let appends = (first..streams.min(first + 500)).map(|number| append(number as u128 + 2, &number.to_string(), SHORT));
        let appends = appends.collect::<Result<Vec<_>, _>>()?;
        futures_util::future::try_join_all(appends.into_iter().map(|append| store.append(append))).await?;
    }
    for statement in BY_HAND {
        query(statement).execute(pool).await?;
    }
    Ok(())
}

/// A table as one would make it by hand, with the same events.
const BY_HAND: [&str; 6] = [
    "drop schema if exists annals_bench_by_hand cascade",
    "create schema annals_bench_by_hand",
    "create table annals_bench_by_hand.event (
        position bigserial primary key, stream uuid not null, version bigint not null, name text not null,
        data bytea not null, json jsonb not null, unique (stream, version))",
    "insert into annals_bench_by_hand.event (stream, version, name, data, json)
        select stream_key, version, name, payload, convert_from(payload, 'UTF8')::jsonb from annals_bench.event order by position",
    "vacuum analyze annals_bench_by_hand.event",
    "vacuum analyze annals_bench.event",
];

const STREAM: &str = "select version, data from annals_bench_by_hand.event where stream = $1 order by version";
const STREAM_JSON: &str = "select version, json::text from annals_bench_by_hand.event where stream = $1 order by version";
const PAGE: &str =
    "select position, stream, version, name, data from annals_bench_by_hand.event where position > $1 order by position limit $2";

struct Bench {
    store: PostgresStore,
    pool: PgPool,
}

impl Bench {
    async fn stream_by_hand(&self, statement: &'static str) -> Result<usize, Failure> {
        let key = Uuid::from_bytes(*StreamId::new("order", "long")?.key().as_bytes());
        let rows = query(statement).bind(key).fetch_all(&self.pool).await?;
        let mut bytes = 0;
        for row in &rows {
            let _version: i64 = row.try_get(0)?;
            bytes += row.try_get_raw(1)?.as_bytes()?.len();
        }
        assert!(bytes >= LONG * BODY.len());
        Ok(rows.len())
    }

    async fn stream(&self, page: usize) -> Result<usize, Failure> {
        let mut read = ReadStream::forward(StreamId::new("order", "long")?).size(PageSize::events(page));
        let mut events = 0;
        loop {
            let page = self.store.read_stream(read.clone()).await?;
            events += page.events.len();
            let Some(next) = page.next else { return Ok(events) };
            read = read.from(next);
        }
    }

    async fn log_by_hand(&self, page: i64) -> Result<usize, Failure> {
        let (mut after, mut events) = (0_i64, 0);
        loop {
            let rows = query(PAGE).bind(after).bind(page).fetch_all(&self.pool).await?;
            for row in &rows {
                after = row.try_get(0)?;
                let (_stream, _version): (Uuid, i64) = (row.try_get(1)?, row.try_get(2)?);
                let (_name, _data): (String, Vec<u8>) = (row.try_get(3)?, row.try_get(4)?);
            }
            events += rows.len();
            if rows.is_empty() {
                return Ok(events);
            }
        }
    }

    async fn log(&self, page: usize) -> Result<usize, Failure> {
        let mut read = ReadLog::new(Filter::all()).size(PageSize::events(page));
        let mut events = 0;
        loop {
            let page = self.store.read_log(read.clone()).await?;
            events += page.events.len();
            if page.at_end {
                return Ok(events);
            }
            read = read.after(page.scanned_to);
        }
    }

    async fn run(&self, work: usize) -> Result<usize, Failure> {
        match work {
            0 => self.stream_by_hand(STREAM).await,
            1 => self.stream_by_hand(STREAM_JSON).await,
            2 => self.stream(1_000).await,
            3 => self.stream(10_000).await,
            4 => self.log_by_hand(1_000).await,
            5 => self.log(1_000).await,
            _ => self.log(10_000).await,
        }
    }
}

/// What is measured, and how many events it has to read. The first of each kind is the yardstick.
const WORK: [(&str, usize); 7] = [
    ("a stream by hand, bytea", LONG),
    ("a stream by hand, jsonb as text", LONG),
    ("a stream, pages of 1,000", LONG),
    ("a stream, pages of 10,000", LONG),
    ("the log by hand, pages of 1,000", LOG),
    ("the log, pages of 1,000", LOG),
    ("the log, pages of 10,000", LOG),
];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let pool = PgPoolOptions::new().max_connections(4).test_before_acquire(false).connect(&url).await?;
    raw_sql("drop schema if exists annals_bench cascade").execute(&pool).await?;
    let store = PostgresOptions::new(&url).schema("annals_bench").open().await?;
    fill(&store, &pool).await?;
    let bench = Bench { store, pool };
    let mut seconds = vec![Vec::new(); WORK.len()];
    for round in 0..=ROUNDS {
        for turn in 0..WORK.len() {
            let work = (round + turn) % WORK.len();
            let start = Instant::now();
            assert_eq!(bench.run(work).await?, WORK[work].1);
            // The first round warms up.
            if round > 0 {
                seconds[work].push(start.elapsed().as_secs_f64());
            }
        }
    }
    println!("{:>34} {:>12} {:>8}", "median of 9", "events/s", "ratio");
    let mut yardstick = 0.0;
    for ((what, events), mut seconds) in WORK.into_iter().zip(seconds) {
        seconds.sort_by(f64::total_cmp);
        let rate = events as f64 / seconds[ROUNDS / 2];
        if what.ends_with("bytea") || what.starts_with("the log by hand") {
            yardstick = rate;
        }
        println!("{what:>34} {rate:>12.0} {:>8.2}", rate / yardstick);
    }
    raw_sql("drop schema annals_bench, annals_bench_by_hand cascade").execute(&bench.pool).await?;
    Ok(())
}
