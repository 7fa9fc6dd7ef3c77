//! Shows what a store costs as it grows: `cargo run --release -p annals-store-postgres --example grow_postgres [events…]`.
//!
//! Stores with 10⁴, 10⁶ and 10⁷ events (or as many as the arguments say) lie side by side in one server and are measured in
//! turns, one client after another call, so that what else happens on the machine touches all of them. Then five million
//! events of the largest are streamed, and the memory of this process is printed on the way. It takes some 6 GB of disk.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]

use std::error::Error;
use std::time::Instant;

use annals_core::store::{Append, Condition, Criterion, Filter, PageSize, ReadLog, ReadStream};
use annals_core::{
    AppendId, EncodedMetadata, Encoding, EventId, EventName, EventStore, ExpectedVersion, LogId, LogPosition, NewEvent, Payload,
    Position, StreamId, Tag, Version,
};
use annals_store_postgres::sqlx::{AssertSqlSafe, query};
use annals_store_postgres::{PostgresOptions, PostgresStore};
use uuid::Uuid;

type Failure = Box<dyn Error + Send + Sync>;

const SIZES: [u64; 3] = [10_000, 1_000_000, 10_000_000];
const ROUNDS: u64 = 20;
/// Calls of each kind in a round.
const CALLS: u64 = 25;
/// Events of each stream that is loaded, and of those that fill the store.
const EVENTS: u64 = 10;
/// Events that are streamed, and those after which memory has settled.
const STREAMED: u64 = 5_000_000;
const SETTLED: u64 = 500_000;

const BODY: &[u8] = br#"{"order":"A-000000000017","customer":"customer-0000001234","total":12345,"note":"xxxxxxxxxxxxxxxxxxxx"}"#;

/// Events of streams of ten, one in ten with a tag, as `append` would have written them. Keys of streams are spread, ids
/// grow with time.
const FILL: [&str; 4] = [
    "insert into {schema}.event
    select n, (n - 1) % 10 + 1, 1763900000000000 + n, 1, 0, 1, 1, md5('stream' || (n - 1) / 10)::uuid,
        lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid, 'order', 'order.placed', '', 'filler-' || (n - 1) / 10,
        case when n % 10 = 0 then array['filler:' || n] end, '{}',
        '{\"order\":\"A-000000000017\",\"customer\":\"customer-0000001234\",\"total\":12345,\"note\":\"xxxxxxxxxxxxxxxxxxxx\"}'
    from generate_series({from}::bigint, {to}::bigint) as n",
    "insert into {schema}.event_tag select 'filler:' || n, n from generate_series({from}::bigint, {to}::bigint) as n where n % 10 = 0",
    "select setval('{schema}.event_position', {to})",
    "vacuum analyze {schema}.event, {schema}.event_tag",
];

/// A store of some size.
struct Store {
    size: u64,
    schema: String,
    store: PostgresStore,
    /// Positions up to here are filled in.
    filled: Position,
}

fn id(kind: u64, number: u64) -> Uuid {
    Uuid::from_u128((u128::from(u64::MAX - kind) << 64) | u128::from(number))
}

fn stream(kind: &str, number: u64) -> Result<StreamId, Failure> {
    Ok(StreamId::new("order", format!("{kind}-{number}"))?)
}

/// Some events; kinds and numbers tell the ids of appends apart.
fn append(kind: u64, number: u64, stream: StreamId, expected: ExpectedVersion, events: u64) -> Result<Append, Failure> {
    let event = |index| -> Result<NewEvent, Failure> {
        Ok(NewEvent {
            id: EventId::from_uuid(id(kind, number * 100 + index)),
            name: EventName::new("order.placed")?,
            schema_version: 1,
            payload: Payload { encoding: Encoding::JSON, data: BODY.into() },
            metadata: EncodedMetadata::from_bytes(&b"{}"[..]),
            tags: vec![Tag::parse(&format!("order:{kind}-{number}"))?],
        })
    };
    let events = (0..events).map(event).collect::<Result<_, _>>()?;
    Ok(Append::new(AppendId::from_uuid(id(kind, number))).stream(stream, expected, events))
}

impl Store {
    async fn create(url: &str, size: u64) -> Result<Self, Failure> {
        let schema = format!("annals_grow_{size}");
        let store = PostgresOptions::new(url).schema(&schema).open().await?;
        let created = Self { size, schema, store, filled: Position::new(size)? };
        let start = Instant::now();
        for from in (1..=size).step_by(500_000) {
            for statement in &FILL[..3] {
                created.run(statement, from, size.min(from + 499_999)).await?;
            }
        }
        created.run(FILL[3], 0, 0).await?;
        for number in 0..CALLS {
            created.store.append(append(1, number, stream("load", number)?, ExpectedVersion::NoStream, EVENTS)?).await?;
        }
        println!("{size} events after {:.0?}", start.elapsed());
        Ok(created)
    }

    async fn run(&self, statement: &str, from: u64, to: u64) -> Result<(), Failure> {
        let statement = statement.replace("{schema}", &self.schema);
        let statement = statement.replace("{from}", &from.to_string()).replace("{to}", &to.to_string());
        let mut connection = self.store.pool().acquire().await?;
        // To fill takes longer than a statement of a store may.
        query("set statement_timeout = 0").execute(&mut *connection).await?;
        query(AssertSqlSafe(statement)).execute(&mut *connection).await?;
        Ok(())
    }

    /// One call of a kind.
    async fn call(&self, kind: usize, round: u64, number: u64) -> Result<(), Failure> {
        let count = round * CALLS + number;
        match kind {
            0 => {
                self.store.append(append(2, count, stream("new", count)?, ExpectedVersion::NoStream, 1)?).await?;
            }
            1 => {
                let before = Version::new(round)?;
                let expected = if round == 0 { ExpectedVersion::NoStream } else { ExpectedVersion::Exact(before) };
                self.store.append(append(3, count, stream("old", number)?, expected, 1)?).await?;
            }
            2 => {
                let criterion = Criterion::new().tag(Tag::parse(&format!("order:4-{count}"))?);
                let condition = Condition::new(criterion.into(), LogPosition::new(LogId::MAIN, self.filled));
                let append = append(4, count, stream("tagged", count)?, ExpectedVersion::NoStream, 1)?.condition(condition);
                self.store.append(append).await?;
            }
            3 => {
                let page = self.store.read_stream(ReadStream::forward(stream("load", number)?)).await?;
                assert_eq!(page.events.len() as u64, EVENTS);
            }
            _ => {
                let tag = Tag::parse(&format!("order:1-{number}"))?;
                let page = self.store.read_log(ReadLog::new(Criterion::new().tag(tag).into())).await?;
                assert_eq!(page.events.len() as u64, EVENTS);
            }
        }
        Ok(())
    }

    /// Streams the log, and says how much memory this process had at most.
    async fn stream(&self) -> Result<(), Failure> {
        let mut read = ReadLog::new(Filter::all()).size(PageSize::events(1_000));
        let (mut events, mut settled) = (0, 0);
        let start = Instant::now();
        while events < STREAMED {
            let page = self.store.read_log(read.clone()).await?;
            events += page.events.len() as u64;
            if settled == 0 && events >= SETTLED.min(self.size / 10) {
                settled = peak()?;
                println!("{events} events streamed: at most {settled} KiB of memory");
            }
            if page.at_end {
                break;
            }
            read = read.after(page.scanned_to);
        }
        let last = peak()?;
        println!(
            "{events} events streamed in {:.1?}: at most {last} KiB, {:.3} times as much",
            start.elapsed(),
            last as f64 / settled as f64
        );
        Ok(())
    }
}

/// The most memory that this process had, in KiB.
fn peak() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the system does not say how much memory is used")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

const KINDS: [&str; 5] = ["append, new stream", "append, old stream", "append, condition", "load 10 events", "read by tag"];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let mut sizes = std::env::args().skip(1).map(|size| size.parse()).collect::<Result<Vec<u64>, _>>()?;
    if sizes.is_empty() {
        sizes.extend(SIZES);
    }
    let mut stores = Vec::new();
    for size in sizes {
        stores.push(Store::create(&url, size).await?);
    }
    let mut micros = vec![vec![Vec::new(); stores.len()]; KINDS.len()];
    for round in 0..ROUNDS {
        for (kind, micros) in micros.iter_mut().enumerate() {
            for number in 0..CALLS {
                for turn in 0..stores.len() {
                    let place = (turn + number as usize) % stores.len();
                    let start = Instant::now();
                    stores[place].call(kind, round, number).await?;
                    micros[place].push(start.elapsed().as_secs_f64() * 1e6);
                }
            }
        }
    }
    println!("{:>20} {:>12} {:>10} {:>10} {:>8}", "median of 500", "events", "p50 µs", "p99 µs", "ratio");
    for (kind, micros) in KINDS.iter().zip(&mut micros) {
        let mut first = None;
        for (store, micros) in stores.iter().zip(micros) {
            micros.sort_by(f64::total_cmp);
            let (p50, p99) = (micros[micros.len() / 2], micros[micros.len() * 99 / 100]);
            let first = *first.get_or_insert(p50);
            println!("{kind:>20} {:>12} {p50:>10.0} {p99:>10.0} {:>8.2}", store.size, p50 / first);
        }
    }
    if let Some(largest) = stores.last() {
        largest.stream().await?;
    }
    for store in &stores {
        store.run("drop schema {schema} cascade", 0, 0).await?;
    }
    Ok(())
}
