//! Conditions are sound while many decide at once, in one process and in four.
//!
//! In each round there are three races between sixteen racers:
//! - for a seat: of those who each demand to be the only one, exactly one is stored. Writers who demand nothing write the
//!   same tag meanwhile, in transactions that commit in another order than that of their positions, or not at all. In
//!   every other round they close the seat, and then no decision may be based on less than what came before it;
//! - with skewed tags: half of them demand that there is no `left` and write `right`, the others the reverse;
//! - with skewed streams: the same, with streams that they check and do not write to.
//!
//! `ANNALS_ROUNDS` says how many rounds there are, by default 40.

mod support;
#[path = "support/told.rs"]
mod told;

use std::env;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use annals_core::store::{Append, AppendError, Condition, Criterion, Filter, ReadLog};
use annals_core::{EventName, EventStore, ExpectedVersion, LogId, LogPosition, Payload, Position, Random, SystemRandom, Tag};
use annals_store_postgres::sqlx::{Connection, PgConnection, query};
use annals_store_postgres::{PostgresOptions, PostgresStore};
use futures_util::future::join_all;
use support::{Schema, connect, stream_of, tagged, unique, url};
use told::Told;

const RACERS: usize = 16;

/// Writers who demand nothing, in each process.
const WRITERS: usize = 3;

fn rounds() -> u64 {
    env::var("ANNALS_ROUNDS").map_or(40, |rounds| rounds.parse().expect("ANNALS_ROUNDS is a number"))
}

/// How many of each side were stored in a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stored {
    seats: u64,
    tags: [u64; 2],
    streams: [u64; 2],
}

impl Stored {
    fn and(self, other: Self) -> Self {
        let sum = |one: [u64; 2], other: [u64; 2]| [one[0] + other[0], one[1] + other[1]];
        Self { seats: self.seats + other.seats, tags: sum(self.tags, other.tags), streams: sum(self.streams, other.streams) }
    }

    /// In how many of its races this is not what must come of it.
    fn violations(self, round: u64) -> u64 {
        let seats = if closes(round) { self.seats <= 1 } else { self.seats == 1 };
        let one_side = |sides: [u64; 2]| (sides[0] == 0) != (sides[1] == 0);
        [seats, one_side(self.tags), one_side(self.streams)].into_iter().map(|holds| u64::from(!holds)).sum()
    }
}

/// As one process tells it to another.
impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seats, tags, streams } = self;
        write!(f, "{seats} {} {} {} {}", tags[0], tags[1], streams[0], streams[1])
    }
}

impl FromStr for Stored {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text.split(' ').map(str::parse).collect::<Result<Vec<u64>, _>>()?;
        let [seats, tags @ .., left, right] = &numbers[..] else { panic!("five numbers, not `{text}`") };
        Ok(Self { seats: *seats, tags: [tags[0], tags[1]], streams: [*left, *right] })
    }
}

/// Whether those who demand nothing close the seat of a round.
const fn closes(round: u64) -> bool {
    round.is_multiple_of(2)
}

fn tag(kind: &str, round: u64) -> Tag {
    Tag::parse(&format!("{kind}:{round}")).unwrap()
}

fn named(mut append: Append, name: &str) -> Append {
    append.streams[0].events[0].name = EventName::new(name).unwrap();
    append
}

/// What is there of that, and up to where that is all.
async fn seen(store: &PostgresStore, filter: &Filter) -> (usize, Position) {
    let (mut count, mut after) = (0, Position::ZERO);
    loop {
        let page = store.read_log(ReadLog::new(filter.clone()).after(after)).await.unwrap();
        (count, after) = (count + page.events.len(), page.scanned_to);
        if page.at_end {
            return (count, after);
        }
    }
}

/// Whether an append was stored; that it was refused for what it demands is no failure.
fn is_stored<T>(outcome: Result<T, AppendError>) -> bool {
    match outcome {
        Ok(_) => true,
        Err(AppendError::ConditionFailed { .. } | AppendError::WrongExpectedVersion { .. }) => false,
        Err(other) => panic!("{other:?}"),
    }
}

/// Appends in a transaction that stays open for up to four milliseconds, and is taken back one time in four.
async fn slowly(store: &PostgresStore, connection: &mut PgConnection, append: &Append) -> bool {
    let dice = SystemRandom.next_u64();
    let mut transaction = connection.begin().await.unwrap();
    let stored = is_stored(store.append_in(&mut transaction, append).await);
    query("select pg_sleep($1)").bind((dice & 1023) as f64 / 256_000.0).execute(&mut *transaction).await.unwrap();
    let is_kept = dice >> 10 & 3 != 0;
    if is_kept {
        transaction.commit().await.unwrap()
    } else {
        transaction.rollback().await.unwrap()
    }
    stored && is_kept
}

/// The racers of one process: their store, and connections for those who take their time.
struct Process {
    store: PostgresStore,
    slow: PgConnection,
    writers: Vec<PgConnection>,
}

impl Process {
    async fn open(schema: &str) -> Self {
        let store = PostgresOptions::new(url()).schema(schema).connections(4).open().await.unwrap();
        Self { store, slow: connect().await, writers: join_all((0..WRITERS).map(|_| connect())).await }
    }

    async fn race(&mut self, round: u64, racers: Range<usize>) -> Stored {
        let Self { store, slow, writers } = self;
        let writers = writers.iter_mut().enumerate().map(|(number, writer)| {
            let name = if closes(round) && number == 0 { "seat.closed" } else { "seat.viewed" };
            let append = named(tagged(unique(&format!("writer {}", SystemRandom.next_u64())), &format!("seat:{round}")), name);
            slowly_or_not(store, writer, append, number)
        });
        let seats = for_the_seat(store, slow, round, racers.clone());
        let skewed = async {
            (with_skewed_tags(store, round, racers.clone()).await, with_skewed_streams(store, round, racers.clone()).await)
        };
        let (_, seats, (tags, streams)) = tokio::join!(join_all(writers), seats, skewed);
        Stored { seats, tags, streams }
    }
}

async fn slowly_or_not(store: &PostgresStore, connection: &mut PgConnection, append: Append, number: usize) {
    if number + 1 < WRITERS {
        slowly(store, connection, &append).await
    } else {
        is_stored(store.append(append).await)
    };
}

/// Each reads who has the seat and, if nobody has, takes it on the condition that this is still so.
async fn for_the_seat(store: &PostgresStore, slow: &mut PgConnection, round: u64, racers: Range<usize>) -> u64 {
    let is = |name| Criterion::new().tag(tag("seat", round)).name(EventName::new(name).unwrap());
    let gone = Filter::from(is("seat.taken")).or(is("seat.closed"));
    let bases = join_all(racers.clone().map(|_| seen(store, &gone))).await;
    let appends = racers.zip(bases).filter(|(_, (taken, _))| *taken == 0).map(|(racer, (_, base))| {
        let append = tagged(unique(&format!("racer {round} {racer}")), &format!("seat:{round}"));
        let mut append = named(append, "seat.taken");
        append.streams[0].events[0].payload = Payload::json(&base).unwrap();
        append.condition(Condition::new(gone.clone(), LogPosition::new(LogId::MAIN, base)))
    });
    let mut appends = appends.collect::<Vec<_>>().into_iter();
    let first = appends.next();
    let others = join_all(appends.map(|append| store.append(append)));
    let first = async {
        match first {
            Some(append) => slowly(store, slow, &append).await,
            None => false,
        }
    };
    let (first, others) = tokio::join!(first, others);
    others.into_iter().map(is_stored).chain([first]).map(u64::from).sum()
}

/// Those with even numbers demand that there is no `left` and write `right`; the others demand and write the reverse.
async fn with_skewed_tags(store: &PostgresStore, round: u64, racers: Range<usize>) -> [u64; 2] {
    race(racers, |racer, [demanded, written]| async move {
        let none = Filter::from(Criterion::new().tag(tag(demanded, round)));
        let (count, base) = seen(store, &none).await;
        let append = tagged(unique(&format!("skewed {round} {racer}")), &format!("{written}:{round}"));
        let append = append.condition(Condition::new(none, LogPosition::new(LogId::MAIN, base)));
        count == 0 && is_stored(store.append(append).await)
    })
    .await
}

/// The same with streams.
async fn with_skewed_streams(store: &PostgresStore, round: u64, racers: Range<usize>) -> [u64; 2] {
    race(racers, |_, [demanded, written]| async move {
        let append = unique(&format!("{written} {round}"));
        let append = append.stream(stream_of(&format!("{demanded} {round}")), ExpectedVersion::NoStream, Vec::new());
        is_stored(store.append(append).await)
    })
    .await
}

/// Lets two sides race. Says how many of each were stored.
async fn race<F: Future<Output = bool>>(racers: Range<usize>, append: impl Fn(usize, [&'static str; 2]) -> F) -> [u64; 2] {
    let sides = [["left", "right"], ["right", "left"]];
    let stored = join_all(racers.clone().map(|racer| append(racer, sides[racer % 2]))).await;
    let of = |side| racers.clone().zip(&stored).filter(|(racer, stored)| racer % 2 == side && **stored).count() as u64;
    [of(0), of(1)]
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn role_race_as_told() {
    let Some(schema) = told::schema() else { return };
    let runtime = runtime();
    let mut process = runtime.block_on(Process::open(&schema));
    told::obey(|order| {
        let numbers: Vec<u64> = order.split(' ').map(|number| number.parse().unwrap()).collect();
        let racers = usize::try_from(numbers[1]).unwrap()..usize::try_from(numbers[2]).unwrap();
        runtime.block_on(process.race(numbers[0], racers)).to_string()
    });
}

/// Lets racers in so many processes race until `enough` is. Says how many rounds there were and in how many races the
/// outcome was wrong.
fn races(schema: &Schema, processes: usize, enough: impl Fn(u64, u64) -> bool) -> (u64, u64) {
    let mut processes: Vec<_> = (0..processes).map(|_| Told::start("role_race_as_told", &schema.name)).collect();
    let each = RACERS / processes.len();
    let (mut round, mut violations) = (0, 0);
    while !enough(round, violations) {
        round += 1;
        for (process, first) in processes.iter_mut().zip((0..).step_by(each)) {
            process.tell(&format!("{round} {first} {}", first + each));
        }
        let stored = processes.iter_mut().map(|process| process.answer().parse::<Stored>().unwrap());
        violations += stored.fold(Stored::default(), Stored::and).violations(round);
    }
    (round, violations)
}

/// How many seats were taken by a decision that did not see what came before it.
async fn taken_blindly(schema: &Schema) -> i64 {
    let sql = "select count(*) from {schema}.event as taken
        where taken.name = 'seat.taken' and exists (
            select from {schema}.event_tag as tag join {schema}.event as other on other.position = tag.position
             where tag.tag = taken.tags[1] and other.name in ('seat.taken', 'seat.closed')
               and tag.position > convert_from(taken.payload, 'utf8')::bigint and tag.position < taken.position
        )";
    schema.number(sql).await
}

fn of_racers_exactly_one_is_stored(processes: usize) {
    let (schema, runtime, rounds) = (Schema::new(), runtime(), rounds());
    runtime.block_on(async { drop(schema.open().await) });
    let (_, violations) = races(&schema, processes, |round, _| round == rounds);
    let (blindly, closed, rolled_back) = runtime.block_on(async {
        (
            taken_blindly(&schema).await,
            schema.number("select count(*) from {schema}.event where name = 'seat.closed'").await,
            schema.number("select max(position) - count(*) from {schema}.event").await,
        )
    });
    println!(
        "{rounds} rounds of 3 races of {RACERS} racers, {processes} processes: {violations} wrong, {blindly} taken blindly; {closed} seats closed, {rolled_back} positions taken back"
    );
    assert_eq!((violations, blindly), (0, 0));
    assert!(closed > 0 && rolled_back > 0, "nothing came between: {closed} closed, {rolled_back} taken back");
}

#[test]
fn of_racers_that_exclude_one_another_exactly_one_is_stored_in_one_process() {
    of_racers_exactly_one_is_stored(1);
}

#[test]
fn of_racers_that_exclude_one_another_exactly_one_is_stored_in_four_processes() {
    of_racers_exactly_one_is_stored(4);
}

/// What the locks are for: without them, or without the shared ones of those who only write, the same races come out wrong.
#[test]
fn without_locks_the_same_races_come_out_wrong() {
    const TOO_MANY: u64 = 400;
    let runtime = runtime();
    for (from, to) in [
        (
            "from unnest(lock_buckets, lock_exclusive) as l (bucket, is_exclusive)",
            "from unnest('{}'::integer[], '{}'::boolean[]) as l (bucket, is_exclusive)",
        ),
        ("pg_advisory_xact_lock_shared(sequence::oid::integer, l.bucket)::text", "null"),
    ] {
        let schema = Schema::new();
        runtime.block_on(async {
            drop(schema.open().await);
            schema.change_function("append", from, to).await;
        });
        let (rounds, violations) = races(&schema, 4, |round, violations| violations > 0 || round == TOO_MANY);
        println!("without `{from}`: {violations} wrong in {rounds} rounds");
        assert!(violations > 0, "in {rounds} rounds nothing went wrong without `{from}`");
    }
}
