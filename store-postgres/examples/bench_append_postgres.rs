//! Measures the store beside a yardstick in the same run: `cargo run --release -p annals-store-postgres --example bench_append_postgres`.
//! An argument says how many batches are in flight, `DATABASE_URL` where.
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

/// How long a round takes.
const TIME: Duration = Duration::from_millis(500);

/// Rounds by hand and of the store, in turn: what else the machine does then meets both.
const ROUNDS: u64 = 7;
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

/// What happened in one round: how many a second, and how long each took, in microseconds.
struct Round {
    rate: f64,
    latencies: Vec<f64>,
}

/// Lets `clients` tasks do `work` for a while. Work gets the number of the client and a count.
async fn drive<F, W>(clients: u64, work: F) -> Result<Round, Failure>
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
    Ok(Round { rate: latencies.len() as f64 / start.elapsed().as_secs_f64(), latencies })
}

/// The value that so large a part of these is below.
fn quantile(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get((values.len() as f64 * part) as usize).copied().unwrap_or_default()
}

/// A table as one would make it by hand.
const BY_HAND: &str = "drop schema if exists annals_bench_by_hand cascade;
    create schema annals_bench_by_hand;
    create table annals_bench_by_hand.event (
        position bigserial primary key, stream uuid not null, version bigint not null, id uuid not null, name text not null,
        data bytea not null, metadata bytea not null, recorded_at timestamptz not null default now(), unique (stream, version))";

const INSERT: &str = "insert into annals_bench_by_hand.event (stream, version, id, name, data, metadata) values ($1, 1, $2, 'order.placed', $3, $4)";

async fn by_hand(pool: PgPool, run: u64, clients: u64) -> Result<Round, Failure> {
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

async fn ours(store: Arc<dyn EventStore>, run: u64, clients: u64) -> Result<Round, Failure> {
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
    let url = std::env::var("DATABASE_URL")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable".to_owned());
    let lanes = std::env::args().nth(1).map_or(Ok(2), |lanes| lanes.parse())?;
    let pool = PgPoolOptions::new().max_connections(80).test_before_acquire(false).connect(&url).await?;
    raw_sql("drop schema if exists annals_bench cascade").execute(&pool).await?;
    raw_sql(BY_HAND).execute(&pool).await?;
    let store = PostgresOptions::new(&url).schema("annals_bench").connections(10).batches_in_flight(lanes).open().await?;
    let store: Arc<dyn EventStore> = Arc::new(store);
    println!("{lanes} batches in flight; latencies in µs: by hand / of the store");
    println!("clients  by hand/s   store/s  ratio          p10            p50            p99");
    for clients in [1, 16, 64, 256] {
        let (mut hand, mut annals) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let run = round * 1_000 + clients;
            hand.push(by_hand(pool.clone(), run, clients.min(80)).await?);
            annals.push(ours(Arc::clone(&store), run, clients).await?);
        }
        let rate = |rounds: &[Round]| quantile(rounds.iter().map(|round| round.rate).collect(), 0.5);
        let ratios = hand.iter().zip(&annals).map(|(hand, annals)| annals.rate / hand.rate).collect();
        let all = |rounds: &[Round]| rounds.iter().flat_map(|round| round.latencies.clone()).collect::<Vec<_>>();
        print!("{clients:>7} {:>10.0} {:>9.0} {:>6.2}", rate(&hand), rate(&annals), quantile(ratios, 0.5));
        for part in [0.1, 0.5, 0.99] {
            print!(" {:>6.0} / {:>5.0}", quantile(all(&hand), part), quantile(all(&annals), part));
        }
        println!();
    }
    raw_sql("drop schema annals_bench, annals_bench_by_hand cascade").execute(&pool).await?;
    Ok(())
}
