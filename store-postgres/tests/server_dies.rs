//! The server is killed while processes append and read, and they go on when it is there again.
//!
//! `ANNALS_KILLS` says how often, by default four times.

#![cfg(unix)]

#[path = "support/server.rs"]
mod server;
mod support;

use std::collections::BTreeMap;
use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use annals_core::store::{Append, AppendError, Appended, Condition, Criterion, Effect, Filter, ReadLog, Timer};
use annals_core::{
    Category, EventId, EventName, EventStore, ExpectedVersion, LogId, LogPosition, Position, Random, SystemRandom, Tag,
    Timestamp, Version,
};
use annals_store_postgres::sqlx::{AssertSqlSafe, Connection, PgConnection, Row, query};
use annals_store_postgres::{PostgresOptions, PostgresStore};
use server::Server;
use support::{event, positions, stream_of, tagged, unique};
use tokio::task::JoinHandle;

const WRITERS: u64 = 12;

fn kills() -> u64 {
    env::var("ANNALS_KILLS").map_or(4, |kills| kills.parse().expect("ANNALS_KILLS is a number"))
}

async fn open(server: &Server) -> PostgresStore {
    PostgresOptions::new(server.url()).connections(8).open().await.expect("the store can be opened")
}

/// What a reader got: positions with events.
type Got = Vec<(u64, EventId)>;

/// Who appends and reads while the server dies.
struct Work {
    store: PostgresStore,
    /// Writers append nothing more.
    enough: AtomicBool,
    /// Nothing more is appended, but one event that wakes everybody.
    over: AtomicBool,
    acknowledged: AtomicU64,
    /// How often somebody was not told what became of an append.
    unknown: AtomicU64,
}

impl Work {
    fn new(store: PostgresStore) -> Self {
        let (enough, over) = (AtomicBool::default(), AtomicBool::default());
        Self { store, enough, over, acknowledged: AtomicU64::default(), unknown: AtomicU64::default() }
    }

    /// Something to append: to a stream of its own with an exact version, to shared ones, with tags, conditions and effects.
    fn append(&self, writer: u64, turn: u64) -> Append {
        let append = match turn % 5 {
            0 => return unique(&format!("hot {}", turn % 3)),
            1 => tagged(unique("tagged"), "kind:odd"),
            2 => {
                let tag = format!("turn:{writer}-{turn}");
                let none = Criterion::new().tag(Tag::parse(&tag).unwrap()).name(EventName::new("order.gone").unwrap());
                tagged(unique("conditional"), &tag).condition(Condition::new(none.into(), LogPosition::default()))
            }
            3 => {
                let owner = stream_of(&format!("writer {writer}"));
                unique("timed").effect(Effect::SetTimer(Timer { owner, name: turn.to_string(), due: Timestamp::from_micros(1) }))
            }
            _ => unique("several"),
        };
        let own = event(&format!("writer {writer}")).streams.remove(0);
        let expected = turn - turn.div_ceil(5);
        let expected = Version::new(expected).unwrap();
        let expected = if expected == Version::ZERO { ExpectedVersion::NoStream } else { ExpectedVersion::Exact(expected) };
        append.stream(own.stream, expected, unique("own").streams.remove(0).events)
    }

    /// Appends one after another, each until it is known what became of it.
    async fn write(&self, writer: u64) -> Vec<(Append, Appended)> {
        let mut done = Vec::new();
        for turn in 0.. {
            if self.enough.load(Ordering::SeqCst) {
                break;
            }
            let append = self.append(writer, turn);
            let appended = loop {
                match self.store.append(append.clone()).await {
                    Ok(appended) => break appended,
                    Err(AppendError::Unknown(_)) => self.unknown.fetch_add(1, Ordering::SeqCst),
                    Err(AppendError::NotStored(_)) => 0,
                    Err(other) => panic!("{writer} {turn}: {other:?}"),
                };
                tokio::task::yield_now().await;
            };
            self.acknowledged.fetch_add(1, Ordering::SeqCst);
            done.push((append, appended));
        }
        done
    }

    /// Follows the log, through all failures, until nothing more is written.
    async fn follow(&self, filter: Filter) -> Got {
        let (mut got, mut after) = (Got::new(), Position::ZERO);
        loop {
            let was_over = self.over.load(Ordering::SeqCst);
            match self.store.read_log(ReadLog::new(filter.clone()).after(after)).await {
                Ok(page) => {
                    got.extend(page.events.iter().map(|event| (event.position.get(), event.id)));
                    assert!(page.scanned_to >= after, "a reader never goes back");
                    after = page.scanned_to;
                    if was_over && page.at_end {
                        return got;
                    }
                    // What is appended last, when it is over, wakes everybody. A failure wakes, too.
                    if page.at_end && !self.over.load(Ordering::SeqCst) {
                        self.store.wait(LogId::MAIN, after).await.expect("the store is open");
                    }
                }
                Err(_) => tokio::task::yield_now().await,
            }
        }
    }

    /// Waits until so many more appends are acknowledged.
    async fn until_more<T>(&self, more: u64, writers: &[JoinHandle<T>]) {
        let enough = self.acknowledged.load(Ordering::SeqCst) + more;
        while self.acknowledged.load(Ordering::SeqCst) < enough {
            assert!(!writers.iter().any(JoinHandle::is_finished), "a writer has failed");
            tokio::task::yield_now().await;
        }
    }
}

/// Lets the server die in one of three ways, and run again.
fn die(server: &Server, way: u64) {
    match way % 3 {
        0 => server.stop_immediately(),
        1 => server.kill(),
        // Then it goes on by itself.
        _ => return server.kill_one_of("annals"),
    }
    server.start_again();
}

#[expect(clippy::disallowed_methods, reason = "the tasks of a test")]
fn start<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(task)
}

async fn committed(server: &Server, condition: &str) -> Got {
    let sql = format!("select position, id from annals.event where {condition} order by position");
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    let rows = query(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
    rows.iter().map(|row| (row.get::<i64, _>(0).cast_unsigned(), EventId::from_uuid(row.get(1)))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_and_what_is_unknown_is_settled_by_its_id() {
    let server = Server::start(&[]);
    let store = open(&server).await;
    let life = store.info().logs[0].epoch;
    let work = Arc::new(Work::new(store));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let work = Arc::clone(&work);
            start(async move { work.write(writer).await })
        })
        .collect();
    let odd: Filter = Criterion::new().tag(Tag::parse("kind:odd").unwrap()).into();
    let orders: Filter = Criterion::new().category(Category::new("order").unwrap()).into();
    let filters = [(Filter::everything(), "true"), (odd, "tags = '{kind:odd}'"), (orders, "category = 'order'")];
    let readers = filters.map(|(filter, condition)| {
        let work = Arc::clone(&work);
        (start(async move { work.follow(filter).await }), condition)
    });

    for kill in 0..kills() {
        work.until_more(SystemRandom.next_u64() % 400, &writers).await;
        die(&server, kill);
    }
    work.until_more(100, &writers).await;
    work.enough.store(true, Ordering::SeqCst);

    let mut outcomes = BTreeMap::new();
    for writer in writers {
        for (append, appended) in writer.await.unwrap() {
            // A retry answers with the first outcome, also now.
            let again = work.store.append(append).await.unwrap();
            assert!(again.repeated);
            assert_eq!((again.first, again.last, &again.streams), (appended.first, appended.last, &appended.streams));
            assert!(outcomes.insert(appended.first, appended).is_none(), "two appends have one position");
        }
    }
    work.over.store(true, Ordering::SeqCst);
    let last = work.store.append(tagged(unique("last"), "kind:odd")).await.unwrap();
    outcomes.insert(last.first, last);
    let all = committed(&server, "true").await;
    let stored: u64 = outcomes.values().flat_map(|it| &it.streams).map(|it| it.last.get() - it.first.get() + 1).sum();
    assert_eq!(all.len() as u64, stored, "what is stored is what was acknowledged");
    for (reader, condition) in readers {
        let (got, expected) = (reader.await.unwrap(), committed(&server, condition).await);
        assert!(got == expected, "{condition}: {} events of {}, or others, or in another order", got.len(), expected.len());
    }
    let unknown = work.unknown.load(Ordering::SeqCst);
    println!(
        "{} deaths: {} appends acknowledged and there, {unknown} were of unknown outcome for longer",
        kills(),
        outcomes.len()
    );
    // A checkpoint from before is valid: the log is the same.
    assert_eq!(open(&server).await.info().logs[0].epoch, life);
}

#[tokio::test]
async fn positions_go_on_above_what_readers_saw_after_a_crash() {
    let server = Server::start(&[]);
    let store = open(&server).await;
    let first = store.append(event("a")).await.unwrap();
    let mut open = PgConnection::connect(&server.url()).await.unwrap();
    // Positions that are drawn, taken back, and nowhere on the disk: what nobody waits for is left to a process that halts.
    let writer = "select pid::text from pg_stat_activity where backend_type = 'walwriter'";
    let writer: String = query(writer).fetch_one(&mut open).await.unwrap().get(0);
    server.signal("STOP", &writer);
    let mut gone = unique("gone");
    gone.streams[0].events = (0..100).flat_map(|_| unique("gone").streams.remove(0).events).collect();
    let mut transaction = open.begin().await.unwrap();
    let gone = store.append_in(&mut transaction, &gone).await.unwrap();
    transaction.rollback().await.unwrap();
    let seen = store.read_log(ReadLog::new(Filter::all())).await.unwrap().scanned_to;
    server.kill();
    server.signal("KILL", &writer);
    server.start_again();
    let next = store.append(unique("a")).await.unwrap();
    assert!(next.first < gone.last, "the server has not forgotten what it drew: this shows nothing");
    assert!(next.first > seen, "{seen} was seen, and then {} was given out", next.first);
    assert_eq!(positions(&self::open(&server).await).await, [first.last.get(), next.last.get()]);
}

#[tokio::test]
async fn who_waits_while_the_server_dies_is_woken_by_what_comes_afterwards() {
    let server = Server::start(&[]);
    let (store, other) = (open(&server).await, open(&server).await);
    let first = store.append(event("a")).await.unwrap();
    server.stop_immediately();
    server.start_again();
    let waiting = async {
        // A failure ends a wait, too, so that who waits looks and is told; then it waits again.
        loop {
            store.wait(LogId::MAIN, first.last).await.unwrap();
            match store.read_log(ReadLog::new(Filter::all()).after(first.last)).await {
                Ok(page) if !page.events.is_empty() => break,
                Ok(_) | Err(_) => {}
            }
        }
    };
    let (woken, appended) = tokio::join!(within(waiting), other.append(event("b")));
    appended.unwrap();
    assert!(woken, "nobody woke who waits");
}

#[expect(clippy::disallowed_methods, reason = "a wait that never ends must not hang the test")]
async fn within(event: impl Future) -> bool {
    tokio::time::timeout(Duration::from_secs(60), event).await.is_ok()
}
