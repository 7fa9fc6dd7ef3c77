//! Measures the store beside a yardstick in the same run: `cargo run --release -p annals-store-postgres --example bench_append_postgres`.
//!
//! The yardstick is what a loop by hand does: a bare `INSERT` of the same bytes with sqlx, each in a transaction of its
//! own, with as many connections as clients. The ratio is the result; the rates are those of this machine and hour.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time and starts its own tasks")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use annals_core::store::Append;
use annals_core::{
    AppendId, EncodedMetadata, Encoding, EventId, EventName, EventStore, ExpectedVersion, NewEvent, Payload, StreamId,
};
use annals_store_postgres::PostgresOptions;
use annals_store_postgres::sqlx::postgres::PgPoolOptions;
use annals_store_postgres::sqlx::{PgPool, raw_sql};
use bytes::Bytes;
use uuid::Uuid;

type Failure = Box<dyn Error + Send + Sync>;

const TIME: Duration = Duration::from_secs(2);
const BODY: &[u8] =
    br#"{"order":"A-000000000017","customer":"customer-0000001234","total":12345,"note":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#;
const METADATA: &[u8] =
    br#"{"$occurred_at":"2026-11-22T12:00:00.000000Z","$correlation":"0193546c-7b1e-7c3a-9d5e-0123456789ab"}"#;

/// Numbers that look random and repeat with each run.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// An identity that grows with the number, as those that the engine makes grow with time.
fn id(number: u64) -> Uuid {
    Uuid::from_u128((u128::from(number) << 64) | u128::from(mix(number)))
}

fn stream(number: u64) -> Result<StreamId, Failure> {
    Ok(StreamId::new("order", format!("{:016x}", mix(number)))?)
}

fn append(number: u64, stream: StreamId, expected: ExpectedVersion, events: usize) -> Result<Append, Failure> {
    let event = |index: usize| -> Result<NewEvent, Failure> {
        Ok(NewEvent {
            id: EventId::from_uuid(id(number + index as u64)),
            name: EventName::new("order.placed")?,
            schema_version: 1,
            payload: Payload { encoding: Encoding::JSON, data: Bytes::from_static(BODY) },
            metadata: EncodedMetadata::from_bytes(METADATA),
            tags: Vec::new(),
        })
    };
    let events = (0..events).map(event).collect::<Result<_, _>>()?;
    Ok(Append::new(AppendId::from_uuid(id(number))).stream(stream, expected, events))
}

/// Rate, and the latencies that half and that all but one in a hundred stay below, in microseconds.
struct Measured {
    rate: f64,
    p50: f64,
    p99: f64,
}

fn measured(mut latencies: Vec<f64>, elapsed: Duration) -> Measured {
    latencies.sort_by(f64::total_cmp);
    let at = |part: f64| latencies.get((latencies.len() as f64 * part) as usize).copied().unwrap_or_default();
    Measured { rate: latencies.len() as f64 / elapsed.as_secs_f64(), p50: at(0.5), p99: at(0.99) }
}

/// Lets `clients` tasks do `work` for a while. Work gets the number of the client and a count.
async fn drive<F, W>(clients: u64, work: F) -> Result<Measured, Failure>
where
    F: Fn(u64, u64) -> W + Send + Sync + Clone + 'static,
    W: Future<Output = Result<(), Failure>> + Send,
{
    let start = Instant::now();
    let mut tasks = Vec::new();
    for client in 0..clients {
        let work = work.clone();
        tasks.push(tokio::spawn(async move {
            let mut latencies = Vec::new();
            for count in 0.. {
                let begin = Instant::now();
                if begin - start > TIME {
                    break;
                }
                work(client, count).await?;
                latencies.push(begin.elapsed().as_secs_f64() * 1e6);
            }
            Ok::<_, Failure>(latencies)
        }));
    }
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    Ok(measured(latencies, start.elapsed()))
}

/// A table as one would make it by hand.
const BY_HAND: &str = "drop schema if exists annals_bench_by_hand cascade;
    create schema annals_bench_by_hand;
    create table annals_bench_by_hand.event (
        position bigserial primary key, stream uuid not null, version bigint not null, id uuid not null, name text not null,
        data bytea not null, metadata bytea not null, recorded_at timestamptz not null default now(), unique (stream, version))";

const INSERT: &str = "insert into annals_bench_by_hand.event (stream, version, id, name, data, metadata) values ($1, 1, $2, 'order.placed', $3, $4)";

async fn by_hand(pool: PgPool, run: u64, clients: u64) -> Result<Measured, Failure> {
    drive(clients, move |client, count| {
        let pool = pool.clone();
        async move {
            let number = (run << 48) | (client << 32) | count;
            let query =
                annals_store_postgres::sqlx::query(INSERT).bind(id(mix(number))).bind(id(number)).bind(BODY).bind(METADATA);
            query.execute(&pool).await?;
            Ok(())
        }
    })
    .await
}

async fn ours(store: Arc<dyn EventStore>, run: u64, clients: u64) -> Result<Measured, Failure> {
    drive(clients, move |client, count| {
        let store = Arc::clone(&store);
        async move {
            let number = (run << 48) | (client << 32) | count;
            store.append(append(number, stream(number)?, ExpectedVersion::NoStream, 1)?).await?;
            Ok(())
        }
    })
    .await
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let pool = PgPoolOptions::new().max_connections(90).test_before_acquire(false).connect(&url).await?;
    raw_sql("drop schema if exists annals_bench cascade").execute(&pool).await?;
    raw_sql(BY_HAND).execute(&pool).await?;
    println!(
        "{:>8} {:>10} {:>10} {:>10} {:>10} {:>8} {:>8}",
        "clients", "by hand/s", "annals/s", "ratio", "p50 µs", "p99 µs", "lanes"
    );
    for lanes in [1, 2, 3, 4] {
        let store = PostgresOptions::new(&url).schema("annals_bench").connections(10).batches_in_flight(lanes).open().await?;
        let store: Arc<dyn EventStore> = Arc::new(store);
        for clients in [1, 16, 64, 256] {
            let run = lanes as u64 * 1_000 + clients;
            let hand = by_hand(pool.clone(), run, clients.min(80)).await?;
            let annals = ours(Arc::clone(&store), run, clients).await?;
            println!(
                "{clients:>8} {:>10.0} {:>10.0} {:>10.2} {:>10.0} {:>8.0} {lanes:>8}",
                hand.rate,
                annals.rate,
                annals.rate / hand.rate,
                annals.p50,
                annals.p99,
            );
        }
    }
    raw_sql("drop schema annals_bench, annals_bench_by_hand cascade").execute(&pool).await?;
    Ok(())
}
