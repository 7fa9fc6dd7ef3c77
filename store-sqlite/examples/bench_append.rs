//! Measures the store beside a yardstick in the same run: `cargo run --release -p annals-store-sqlite --example bench_append`.
//!
//! The yardstick is what a loop by hand does with the same durability: a bare `INSERT` of the same bytes with `rusqlite`, each
//! in a transaction of its own. The ratio is the result; the rates are those of this machine and hour.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time and starts its own tasks")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use annals_core::store::{Append, PageSize, ReadLog, ReadStream};
use annals_core::{
    AppendId, EncodedMetadata, Encoding, EventId, EventName, EventStore, ExpectedVersion, NewEvent, Payload, StreamId,
};
use annals_store_sqlite::SqliteStore;
use bytes::Bytes;
use rusqlite::Connection;
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

/// What a loop by hand reaches: one `INSERT`, one transaction.
fn yardstick(path: &Path) -> Result<Measured, Failure> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.execute_batch(
        "create table event (position integer primary key, stream text, version integer, id blob, data blob, metadata blob);
         create unique index event_version on event (stream, version)",
    )?;
    let mut statement =
        connection.prepare("insert into event (stream, version, id, data, metadata) values (?1, 1, ?2, ?3, ?4)")?;
    let (start, mut latencies) = (Instant::now(), Vec::new());
    for number in 0.. {
        let begin = Instant::now();
        if begin - start > TIME {
            break;
        }
        statement.execute((format!("order-{:016x}", mix(number)), id(number).as_bytes(), BODY, METADATA))?;
        latencies.push(begin.elapsed().as_secs_f64() * 1e6);
    }
    Ok(measured(latencies, start.elapsed()))
}

fn report(what: &str, measured: &Measured, yardstick: f64) {
    let Measured { rate, p50, p99 } = measured;
    println!("| {what} | {rate:.0} | {p50:.0} | {p99:.0} | {:.2} |", rate / yardstick);
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let hand = yardstick(&folder.path().join("yardstick.db"))?;
    println!("| work | per second | p50 µs | p99 µs | × the yardstick |\n|---|---|---|---|---|");
    report("bare INSERT loop, 1 client", &hand, hand.rate);

    let store = Arc::new(SqliteStore::open(folder.path().join("store.db")).await?);
    for number in 0..1_000 {
        store.append(append(number << 40, stream(number)?, ExpectedVersion::NoStream, 10)?).await?;
    }
    for part in 0..10 {
        store.append(append((2_000 + part) << 40, stream(1_000)?, ExpectedVersion::Any, 1_000)?).await?;
    }

    for clients in [1, 16, 64] {
        let opened = Arc::clone(&store);
        let open = drive(clients, move |client, count| {
            let store = Arc::clone(&opened);
            async move {
                let number = (10_000 + clients * 1_000 + client) << 32 | count;
                store.append(append(number, stream(number)?, ExpectedVersion::NoStream, 1)?).await?;
                Ok(())
            }
        });
        report(&format!("open, {clients} clients"), &open.await?, hand.rate);
    }
    for clients in [1, 16, 64] {
        let appended = Arc::clone(&store);
        let append = drive(clients, move |client, count| {
            let store = Arc::clone(&appended);
            async move {
                let stream = stream(client * 15 + count % 15)?;
                let page = store.read_stream(ReadStream::forward(stream.clone())).await?;
                let expected = page.events.last().map_or(ExpectedVersion::NoStream, |last| ExpectedVersion::Exact(last.version));
                store.append(append((100_000 + clients * 1_000 + client) << 32 | count, stream, expected, 1)?).await?;
                Ok(())
            }
        });
        report(&format!("load and append, {clients} clients"), &append.await?, hand.rate);
    }
    let read = Arc::clone(&store);
    let short = drive(1, move |_, count| {
        let store = Arc::clone(&read);
        async move { store.read_stream(ReadStream::forward(stream(960 + count % 40)?)).await.map(drop).map_err(Into::into) }
    });
    report("read a stream of 10, 1 client", &short.await?, hand.rate);
    let read = Arc::clone(&store);
    let long = drive(1, move |_, _| {
        let store = Arc::clone(&read);
        async move {
            let page = store.read_stream(ReadStream::forward(stream(1_000)?).size(PageSize::events(10_000))).await?;
            if page.events.len() == 10_000 { Ok(()) } else { Err("the long stream is not whole".into()) }
        }
    });
    let long = long.await?;
    report("read a stream of 10,000", &long, hand.rate);
    println!("\nrehydrate: {:.0} events per second", long.rate * 10_000.0);
    let (start, mut after, mut events) = (Instant::now(), annals_core::Position::ZERO, 0);
    loop {
        let page = store.read_log(ReadLog::new(Default::default()).after(after)).await?;
        events += page.events.len();
        after = page.scanned_to;
        if page.at_end {
            break;
        }
    }
    println!("log in pages of 1,000: {:.0} events per second of {events}", events as f64 / start.elapsed().as_secs_f64());
    Ok(())
}
