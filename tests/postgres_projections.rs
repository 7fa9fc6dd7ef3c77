//! Projections in SQL on PostgreSQL, as parts of an application.

mod support;

use std::env;
use std::error::Error as StdError;
use std::future::IntoFuture as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use annals::postgres::sqlx::{AssertSqlSafe, Row as _, query, raw_sql};
use annals::postgres::{PgBatch, PgConnection, PgProjection, PgProjectionError};
use annals::prelude::*;
use annals::store::ViewName;
use annals::{Filter, Health, MemoryStore, PostgresOptions, PostgresStore};
use annals_testing::PostgresSchema;
use support::*;

/// The balance of each account, and how many events went into all of them.
struct Balances {
    schema: String,
    /// Withdrawals cannot be taken in.
    is_broken: Arc<AtomicBool>,
}

impl Balances {
    fn of(schema: &str) -> Self {
        Self { schema: schema.to_owned(), is_broken: Arc::default() }
    }

    fn sql(&self, text: &str) -> AssertSqlSafe<String> {
        in_schema(&self.schema, text)
    }
}

fn in_schema(schema: &str, text: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(text.replace("{schema}", schema))
}

impl PgProjection for Balances {
    fn name(&self) -> ViewName {
        ViewName::from_static("balances")
    }

    fn version(&self) -> u32 {
        1
    }

    fn filter(&self) -> Filter {
        Filter::events::<AccountEvent>()
    }

    async fn setup(&self, tx: &mut PgConnection) -> Result<(), PgProjectionError> {
        let tables = self.sql(
            "drop table if exists {schema}.balance, {schema}.balance_total;
             create table {schema}.balance (account text primary key, balance bigint not null);
             create table {schema}.balance_total (events bigint not null);
             insert into {schema}.balance_total values (0)",
        );
        raw_sql(tables).execute(tx).await?;
        Ok(())
    }

    async fn apply(&self, tx: &mut PgConnection, batch: PgBatch<'_>) -> Result<(), PgProjectionError> {
        let mut changed: Vec<(String, i64)> = Vec::new();
        for event in batch.events_of::<AccountEvent>() {
            let (event, context) = event?;
            let change = match event {
                AccountEvent::Deposited { amount } => i64::try_from(amount).map_err(PgProjectionError::failed)?,
                AccountEvent::Withdrawn { .. } if self.is_broken.load(Ordering::SeqCst) => {
                    return Err(PgProjectionError::failed("nobody knows how"));
                }
                AccountEvent::Withdrawn { amount } => -i64::try_from(amount).map_err(PgProjectionError::failed)?,
                AccountEvent::Closed => 0,
            };
            changed.push((context.stream_id().to_owned(), change));
        }
        let (accounts, changes): (Vec<String>, Vec<i64>) = changed.into_iter().unzip();
        let upsert = self.sql(
            "insert into {schema}.balance (account, balance)
             select account, sum(change) from unnest($1::text[], $2::bigint[]) as changed (account, change) group by account
             on conflict (account) do update set balance = balance.balance + excluded.balance",
        );
        let count = i64::try_from(accounts.len()).map_err(PgProjectionError::failed)?;
        query(upsert).bind(accounts).bind(changes).execute(&mut *tx).await?;
        query(self.sql("update {schema}.balance_total set events = events + $1")).bind(count).execute(tx).await?;
        Ok(())
    }
}

async fn number(store: &PostgresStore, schema: &str, sql: &str) -> Result<i64, Box<dyn StdError>> {
    Ok(query(in_schema(schema, sql)).fetch_one(store.pool()).await?.get(0))
}

const EVENTS: &str = "select events from {schema}.balance_total";
const OF_A: &str = "select coalesce(sum(balance), 0)::bigint from {schema}.balance where account = 'a'";

async fn fresh() -> Result<(PostgresSchema, Arc<PostgresStore>), Box<dyn StdError>> {
    let schema = PostgresSchema::new();
    let store = Arc::new(PostgresStore::open(schema.url()).await?);
    Ok((schema, store))
}

#[tokio::test]
async fn rows_are_read_once_they_are_waited_for() -> TestResult {
    let (schema, store) = fresh().await?;
    let sink = store.projection(Balances::of(schema.name()));
    let app = App::new(store.clone()).aggregate::<Account>().projection::<Totals>().sink(sink).start().await?;
    assert_eq!(number(&store, schema.name(), EVENTS).await?, 0, "the tables are there as soon as it has started");

    app.wait_for(&app.send(deposit("a", 5)).await?).await?;
    assert_eq!(number(&store, schema.name(), OF_A).await?, 5);
    app.send(withdraw("a", 2)).await?;
    app.wait_for(&app.send(deposit("b", 7)).await?).await?;

    assert_eq!(number(&store, schema.name(), OF_A).await?, 3);
    assert_eq!(number(&store, schema.name(), EVENTS).await?, 3);
    let status = app.status().remove(0);
    assert_eq!((status.name.as_str(), status.health), ("balances", Health::Running));
    app.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn an_event_that_fails_is_said_and_taken_in_once_the_code_is_right() -> TestResult {
    let (schema, store) = fresh().await?;
    let projection = Balances::of(schema.name());
    let is_broken = Arc::clone(&projection.is_broken);
    is_broken.store(true, Ordering::SeqCst);
    let app = App::new(store.clone()).aggregate::<Account>().sink(store.projection(projection)).start().await?;
    app.send(deposit("a", 5)).await?;
    app.send(withdraw("a", 2)).await?;
    let last = app.send(deposit("a", 1)).await?;
    let told = loop {
        match &app.status()[0].health {
            Health::Retrying(told) => break told.to_string(),
            _ => tokio::task::yield_now().await,
        }
    };
    assert_eq!(
        told,
        "the event at position 2 could not be taken in: event 2 of `account/a` (`account.withdrawn`): nobody knows how"
    );
    assert_eq!(number(&store, schema.name(), OF_A).await?, 5, "what came before it is there");

    is_broken.store(false, Ordering::SeqCst);
    app.wait_for(&last).await?;
    assert_eq!(number(&store, schema.name(), OF_A).await?, 4);
    assert_eq!(number(&store, schema.name(), EVENTS).await?, 3);
    app.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn tables_may_be_in_another_store_than_the_events() -> TestResult {
    let (schema, tables) = fresh().await?;
    let store = Arc::new(MemoryStore::new());
    for round in 1..=3 {
        let sink = tables.projection(Balances::of(schema.name()));
        let app = App::new(store.clone()).aggregate::<Account>().sink(sink).start().await?;
        app.wait_for(&app.send(deposit("a", 5)).await?).await?;
        assert_eq!(number(&tables, schema.name(), EVENTS).await?, round);
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_long_history_is_taken_in_as_a_whole_in_large_batches() -> TestResult {
    const MANY: u64 = 12_345;
    let (schema, store) = fresh().await?;
    let app = App::new(store.clone()).aggregate::<Account>().start().await?;
    let all = (0..MANY).map(|number| app.send(deposit(&format!("{}", number % 97), number % 10)).into_future());
    futures_util::future::try_join_all(all).await?;
    app.shutdown(Duration::from_secs(5)).await;

    let app = App::new(store.clone()).sink(store.projection(Balances::of(schema.name()))).start().await?;
    app.settled().await?;

    assert_eq!(number(&store, schema.name(), EVENTS).await?, i64::try_from(MANY)?);
    let sum = "select sum(balance)::bigint from {schema}.balance";
    assert_eq!(number(&store, schema.name(), sum).await?, (0..i64::try_from(MANY)?).map(|number| number % 10).sum::<i64>());
    app.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

const SCHEMA: &str = "ANNALS_TEST_SCHEMA";

async fn open(schema: &str) -> Result<Arc<PostgresStore>, annals::postgres::OpenError> {
    Ok(Arc::new(PostgresOptions::new(PostgresSchema::server()).schema(schema).connections(5).open().await?))
}

/// Pays in without end, eight at a time, and says each round when the balances have it.
#[tokio::test]
async fn role_pay_in_until_killed() -> TestResult {
    let Ok(schema) = env::var(SCHEMA) else { return Ok(()) };
    let store = open(&schema).await?;
    let app = App::new(store.clone()).aggregate::<Account>().sink(store.projection(Balances::of(&schema))).start().await?;
    loop {
        let all = (0..8).map(|number| app.send(deposit(if number == 0 { "a" } else { "b" }, 1)).into_future());
        for receipt in futures_util::future::try_join_all(all).await? {
            app.wait_for(&receipt).await?;
        }
        let mut out = std::io::stdout().lock();
        writeln!(out, "taken in")?;
        out.flush()?;
    }
}

/// Starts this program twice more, to pay in, and kills both once one of them has said so many rounds.
fn pay_in_and_be_killed(schema: &str, rounds: usize) -> TestResult {
    let start = || {
        Command::new(env::current_exe()?)
            .args(["role_pay_in_until_killed", "--exact", "--nocapture", "--test-threads=1"])
            .env(SCHEMA, schema)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    };
    let (mut one, mut other) = (start()?, start()?);
    // What nobody reads would stop who says it.
    let unread = other.stdout.take().ok_or("the output of the other process is piped")?;
    let reader = std::thread::spawn(move || BufReader::new(unread).lines().map_while(Result::ok).count());
    let out = one.stdout.take().ok_or("the output of the other process is piped")?;
    let said = BufReader::new(out).lines().map_while(Result::ok).filter(|line| line.ends_with("taken in"));
    // Reading goes on to the end: the process may say more before it is gone.
    for round in said.enumerate().map(|(at, _)| at + 1) {
        if round == rounds {
            one.kill()?;
            other.kill()?;
        }
    }
    one.wait()?;
    other.kill()?;
    other.wait()?;
    reader.join().map_err(|_| "the reader panicked")?;
    Ok(())
}

#[tokio::test]
async fn two_processes_killed_at_any_moment_have_taken_in_each_event_once() -> TestResult {
    let (schema, store) = fresh().await?;
    drop(store);
    for rounds in [1, 2, 3, 7, 12, 5, 1] {
        pay_in_and_be_killed(schema.name(), rounds)?;

        let store = open(schema.name()).await?;
        // What is in the tables is what lies up to the checkpoint, no less and no more. One statement sees one moment.
        let behind =
            "select (select count(*) from {schema}.event where position <= (checkpoint::json ->> 'scanned_to')::bigint), events,
                             (select sum(balance)::bigint from {schema}.balance)
                        from {schema}.view, {schema}.balance_total where name = '$postgres.balances'";
        let row = query(in_schema(schema.name(), behind)).fetch_one(store.pool()).await?;
        let (before, taken, sum): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
        assert!(taken >= 8 && (before, before) == (taken, sum), "{before} events, {taken} taken in, {sum} on the accounts");

        let app =
            App::new(store.clone()).aggregate::<Account>().sink(store.projection(Balances::of(schema.name()))).start().await?;
        app.settled().await?;
        let all = number(&store, schema.name(), "select count(*) from {schema}.event").await?;
        let sum = number(&store, schema.name(), "select sum(balance)::bigint from {schema}.balance").await?;
        assert_eq!((number(&store, schema.name(), EVENTS).await?, sum), (all, all));
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_checkpoint_that_is_ahead_of_what_readers_see_for_now_is_gone_on_from_later() -> TestResult {
    let schema = PostgresSchema::new();
    let first = App::new(annals::connect(&schema.url()).await?).aggregate::<Account>().projection::<Totals>().start().await?;
    let receipt = first.send(deposit("ann", 1)).await?;
    first.wait_for(&receipt).await?;
    assert!(first.shutdown(Duration::from_secs(10)).await);

    // A writer that read the sequence long ago, and announces itself only now.
    let store = PostgresStore::open(schema.url()).await?;
    let mut late = store.pool().acquire().await?;
    let key = "('{schema}.event_position'::regclass::oid::bigint % 32768) << 48";
    let sql = |function: &str| in_schema(schema.name(), &format!("select {function}({key})"));
    query(sql("pg_advisory_lock_shared")).execute(&mut *late).await?;
    let app = App::new(annals::connect(&schema.url()).await?).aggregate::<Account>().projection::<Totals>().start().await?;
    loop {
        match &app.status()[0].health {
            Health::Retrying(reason) if reason.contains("the log can be read up to position 0 so far") => break,
            Health::Failed(reason) => panic!("{reason}"),
            _ => tokio::task::yield_now().await,
        }
    }
    query(sql("pg_advisory_unlock_shared")).execute(&mut *late).await?;
    let receipt = app.send(deposit("ann", 2)).await?;
    let totals = app.view::<Totals>()?.at_least(&receipt).await?.single().await?;
    assert_eq!((totals.events, totals.deposited), (2, 3));
    Ok(())
}
