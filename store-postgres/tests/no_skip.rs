//! Nothing is skipped: processes write, slowly and quickly, take back and are killed, while readers follow.
//!
//! The other processes are this program again, told by the environment to write. `ANNALS_SECONDS` says for how long, by
//! default six seconds.

mod support;

use std::collections::BTreeMap;
use std::env;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use annals_core::store::{Criterion, Filter, ReadLog};
use annals_core::{Category, Clock, EventName, EventStore, Position, Random, SystemClock, SystemRandom, Tag};
use annals_store_postgres::PostgresStore;
use annals_store_postgres::sqlx::{AssertSqlSafe, Connection, PgConnection, Row, query};
use support::{Schema, connect, event_of, tagged, url};

const SCHEMA: &str = "ANNALS_TEST_SCHEMA";
const PROCESSES: usize = 4;
const WRITERS: usize = 8;

fn seconds() -> u64 {
    env::var("ANNALS_SECONDS").map_or(6, |seconds| seconds.parse().expect("ANNALS_SECONDS is a number"))
}

/// Starts this program again, to write until it is killed.
fn writing_process(schema: &str) -> Child {
    let mut command = Command::new(env::current_exe().expect("the test knows where it is"));
    command.args(["role_write_until_killed", "--exact", "--test-threads=1"]).env(SCHEMA, schema);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts again")
}

/// Appends to one of a few streams; every other event has a tag.
async fn write(store: &PostgresStore, connection: &mut PgConnection) -> Result<(), Box<dyn std::error::Error>> {
    let dice = SystemRandom.next_u64();
    let append = event_of(u128::from(dice) << 64 | u128::from(SystemRandom.next_u64()), &format!("s{}", dice % 7));
    let append = if dice & 8 == 0 { tagged(append, "kind:even") } else { append };
    match dice >> 8 & 3 {
        0 | 1 => drop(store.append(append).await?),
        slow => {
            let mut transaction = connection.begin().await?;
            store.append_in(&mut transaction, &append).await?;
            query("select pg_sleep($1)").bind((dice >> 16 & 31) as f64 / 1_000.0).execute(&mut *transaction).await?;
            if slow == 2 { transaction.commit().await? } else { transaction.rollback().await? }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn role_write_until_killed() {
    let Ok(schema) = env::var(SCHEMA) else { return };
    let options = annals_store_postgres::PostgresOptions::new(url()).schema(schema).connections(4);
    let store = options.open().await.expect("the store is there");
    let writers = (0..WRITERS).map(|_| async {
        let mut connection = connect().await;
        loop {
            // Writers that collide on a stream in their slow transactions lose against one another, and go on.
            if write(&store, &mut connection).await.is_err() {
                connection = connect().await;
            }
        }
    });
    futures_util::future::join_all(writers).await;
}

/// What a reader got: positions with streams and versions.
type Got = Vec<(u64, String, u64)>;

/// Follows the log until it is told that nothing more is written, and then to its end.
async fn follow(schema: Arc<Schema>, filter: Filter, over: Arc<AtomicBool>) -> Got {
    let store = schema.open().await;
    let (mut got, mut after) = (Got::new(), Position::ZERO);
    loop {
        let was_over = over.load(Ordering::SeqCst);
        let page = store.read_log(ReadLog::new(filter.clone()).after(after)).await.expect("the log can be read");
        got.extend(page.events.iter().map(|event| (event.position.get(), event.stream.id().to_owned(), event.version.get())));
        assert!(page.scanned_to >= after, "a reader never goes back");
        after = page.scanned_to;
        if was_over && page.at_end {
            return got;
        }
        tokio::task::yield_now().await;
    }
}

/// Follows the log by its highest position, as most stores do.
async fn follow_naively(schema: Arc<Schema>, over: Arc<AtomicBool>) -> usize {
    let mut connection = connect().await;
    let sql = format!("select position from {}.event where position > $1 order by position limit 1000", schema.name);
    let (mut got, mut after) = (0, 0_i64);
    loop {
        let was_over = over.load(Ordering::SeqCst);
        let rows = query(AssertSqlSafe(sql.clone())).bind(after).fetch_all(&mut connection).await.expect("the table can be read");
        got += rows.len();
        match rows.last() {
            Some(row) => after = row.get(0),
            None if was_over => return got,
            None => {}
        }
        tokio::task::yield_now().await;
    }
}

async fn committed(schema: &Schema, condition: &str) -> Got {
    let sql = format!("select position, stream, version from {}.event where {condition} order by position", schema.name);
    let rows = query(AssertSqlSafe(sql)).fetch_all(&mut connect().await).await.expect("the table can be read");
    let number = |row: &annals_store_postgres::sqlx::postgres::PgRow, column| row.get::<i64, _>(column).cast_unsigned();
    rows.iter().map(|row| (number(row, 0), row.get(1), number(row, 2))).collect()
}

/// Kills a process now and then and starts another, until the time is over; then waits for what they left open.
async fn disturb(schema: &Schema, mut processes: Vec<Child>) {
    let until = SystemClock.now().after(Duration::from_secs(seconds()));
    let mut connection = connect().await;
    while SystemClock.now() < until {
        query("select pg_sleep(0.3)").execute(&mut connection).await.unwrap();
        let one = (SystemRandom.next_u64() % PROCESSES as u64) as usize;
        if SystemRandom.next_u64().is_multiple_of(3) {
            processes[one].kill().unwrap();
            processes[one].wait().unwrap();
            processes[one] = writing_process(&schema.name);
        }
    }
    for mut process in processes {
        process.kill().unwrap();
        process.wait().unwrap();
    }
    // A server process notices only when it speaks that nobody listens any more.
    let open = "select count(*) from pg_locks where locktype = 'relation' and relation = '{schema}.event'::regclass
        and mode = 'RowExclusiveLock'";
    while schema.number(open).await > 0 {
        query("select pg_sleep(0.05)").execute(&mut connection).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_reader_gets_exactly_what_was_committed_in_an_order_that_respects_every_stream() {
    let schema = Arc::new(Schema::new());
    drop(schema.open().await);
    let over = Arc::new(AtomicBool::new(false));
    let processes = (0..PROCESSES).map(|_| writing_process(&schema.name)).collect();
    let tag = Tag::parse("kind:even").unwrap();
    let filters = [
        (Filter::all(), "true"),
        (Filter::everything(), "true"),
        (Criterion::new().tag(tag).into(), "tags is not null"),
        (Criterion::new().category(Category::new("order").unwrap()).into(), "category = 'order'"),
        (Criterion::new().name(EventName::new("order.placed").unwrap()).into(), "name = 'order.placed'"),
    ];
    #[expect(clippy::disallowed_methods, reason = "the readers of a test")]
    let readers =
        filters.each_ref().map(|(filter, _)| tokio::spawn(follow(Arc::clone(&schema), filter.clone(), Arc::clone(&over))));
    #[expect(clippy::disallowed_methods, reason = "the reader of a test")]
    let naive = tokio::spawn(follow_naively(Arc::clone(&schema), Arc::clone(&over)));

    disturb(&schema, processes).await;
    over.store(true, Ordering::SeqCst);

    let mut all = 0;
    for (reader, (_, condition)) in readers.into_iter().zip(filters) {
        let (got, expected) = (reader.await.unwrap(), committed(&schema, condition).await);
        assert!(got == expected, "{condition}: {} of {} committed events, or another order", got.len(), expected.len());
        all = all.max(expected.len());
        if condition == "true" {
            let mut versions = BTreeMap::new();
            for (position, stream, version) in got {
                let last: u64 = versions.insert(stream.clone(), version).unwrap_or_default();
                assert_eq!(version, last + 1, "{stream} at {position}");
            }
        }
    }
    let naive = naive.await.unwrap();
    println!("{all} events committed; a naive reader got {naive}, ours all of them");
    assert!(all > 100, "too little was written to show anything: {all}");
    assert!(naive < all, "the disturbance was too small to show anything: a naive reader missed nothing");
}
