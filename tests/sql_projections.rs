//! Projections in SQL, as parts of an application.

mod support;

use std::env;
use std::error::Error as StdError;
use std::future::IntoFuture as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use annals::prelude::*;
use annals::sqlite::{Error, SqliteStore, Transaction, params};
use annals::{Health, MemoryStore, StartError, WaitError};
use support::*;

/// The balance of each account, and how many events went into all of them.
#[derive(Default)]
struct Balances {
    /// Withdrawals cannot be taken in.
    is_broken: Arc<AtomicBool>,
}

#[projection(sqlite, version = 2)]
impl Balances {
    #[setup]
    fn tables(tx: &Transaction<'_>) -> Result<(), Error> {
        tx.execute_batch(
            "drop table if exists balance;
             create table balance (account text primary key, balance integer not null, changed text not null) strict;
             drop table if exists balance_total;
             create table balance_total (events integer not null) strict;
             insert into balance_total values (0)",
        )
    }

    #[on]
    fn account(
        &self,
        event: &AccountEvent,
        tx: &Transaction<'_>,
        context: &EventContext<'_>,
    ) -> Result<(), Box<dyn StdError + Send + Sync>> {
        let mut change = tx.prepare_cached(
            "insert into balance values (?1, ?2, ?3)
             on conflict do update set balance = balance + excluded.balance, changed = excluded.changed",
        )?;
        let (account, changed) = (context.stream_id(), context.recorded_at().to_string());
        match event {
            AccountEvent::Deposited { amount } => {
                change.execute(params![account, amount, changed])?;
            }
            AccountEvent::Withdrawn { .. } if self.is_broken.load(Ordering::SeqCst) => Err("nobody knows how")?,
            AccountEvent::Withdrawn { amount } => {
                change.execute(params![account, -i64::try_from(*amount)?, changed])?;
            }
            AccountEvent::Closed => {
                tx.execute("delete from balance where account = ?1", [account])?;
            }
        }
        tx.execute("update balance_total set events = events + 1", [])?;
        Ok(())
    }
}

/// The balance of an account, if it has one.
async fn balance(store: &SqliteStore, account: &'static str) -> Result<Option<i64>, annals::sqlite::QueryError> {
    let query = "select (select balance from balance where account = ?1)";
    store.read(move |db| db.query_row(query, [account], |row| row.get(0))).await
}

async fn events(store: &SqliteStore) -> Result<u64, annals::sqlite::QueryError> {
    store.read(|db| db.query_row("select events from balance_total", [], |row| row.get(0))).await
}

async fn fresh() -> Result<(tempfile::TempDir, Arc<SqliteStore>), Box<dyn StdError>> {
    let folder = tempfile::tempdir()?;
    let store = Arc::new(SqliteStore::open(folder.path().join("bank.db")).await?);
    Ok((folder, store))
}

#[tokio::test]
async fn rows_are_read_once_they_are_waited_for() -> TestResult {
    let (_folder, store) = fresh().await?;
    let sink = store.projection(Balances::default());
    let app = App::new(store.clone()).aggregate::<Account>().projection::<Totals>().sink(sink).start().await?;
    assert_eq!(events(&store).await?, 0, "the tables are there as soon as it has started");

    let receipt = app.send(deposit("a", 5)).await?;
    app.wait_for(&receipt).await?;
    assert_eq!(balance(&store, "a").await?, Some(5));
    app.send(withdraw("a", 2)).await?;
    app.send(deposit("b", 7)).await?;
    app.wait_for(&app.send(Close { account: "b".into() }).await?).await?;

    assert_eq!((balance(&store, "a").await?, balance(&store, "b").await?), (Some(3), None));
    assert_eq!(events(&store).await?, 4);
    let status = app.status().remove(0);
    assert_eq!((status.name.as_str(), status.health), ("balances", Health::Running));
    app.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn an_event_that_fails_is_said_and_taken_in_once_the_code_is_right() -> TestResult {
    let (_folder, store) = fresh().await?;
    let is_broken = Arc::new(AtomicBool::new(true));
    let test = annals_testing::TestEnv::new();
    let watched = Arc::new(test.watch(store.clone()));
    let sink = store.projection(Balances { is_broken: Arc::clone(&is_broken) });
    let app = App::new(watched).env(test.env()).aggregate::<Account>().sink(sink).start().await?;
    let told = test
        .run(async {
            app.send(deposit("a", 5)).await?;
            app.send(withdraw("a", 2)).await?;
            let last = app.send(deposit("a", 1)).await?;
            let told = loop {
                match &app.status()[0].health {
                    Health::Retrying(told) => break told.to_string(),
                    _ => app.env().sleep_until(app.env().now().after(Duration::from_millis(10))).await,
                }
            };
            assert_eq!(balance(&store, "a").await?, Some(5), "what came before it is there");
            is_broken.store(false, Ordering::SeqCst);
            app.wait_for(&last).await?;
            Ok::<_, Box<dyn StdError>>(told)
        })
        .await?;

    assert_eq!(
        told,
        "the event at position 2 could not be taken in: event 2 of `account/a` (`account.withdrawn`): nobody knows how"
    );
    assert_eq!((balance(&store, "a").await?, events(&store).await?), (Some(4), 3));
    app.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

/// The next version of the same tables.
struct Newer(Balances);

impl annals::sqlite::SqliteProjection for Newer {
    fn name(&self) -> annals::store::ViewName {
        self.0.name()
    }

    fn version(&self) -> u32 {
        self.0.version() + 1
    }

    fn filter(&self) -> annals::Filter {
        self.0.filter()
    }

    fn setup(&self, tx: &Transaction<'_>) -> Result<(), annals::sqlite::SqliteProjectionError> {
        self.0.setup(tx)
    }

    fn apply(&self, event: &annals::RecordedEvent, tx: &Transaction<'_>) -> Result<(), annals::sqlite::SqliteProjectionError> {
        self.0.apply(event, tx)
    }
}

#[tokio::test]
async fn a_new_version_takes_over_from_a_program_that_still_runs() -> TestResult {
    let (_folder, store) = fresh().await?;
    let old = App::new(store.clone()).aggregate::<Account>().sink(store.projection(Balances::default())).start().await?;
    old.wait_for(&old.send(deposit("a", 5)).await?).await?;

    let new = App::new(store.clone()).aggregate::<Account>().sink(store.projection(Newer(Balances::default()))).start().await?;
    let receipt = new.send(deposit("a", 1)).await?;
    new.wait_for(&receipt).await?;

    assert_eq!((balance(&store, "a").await?, events(&store).await?), (Some(6), 2));
    let Err(WaitError::Failed { reason, .. }) = old.wait_for(&receipt).await else { panic!("it cannot go on") };
    let told =
        "`balances` has version 3 in the store, and this program has version 2: what a newer version has built is left alone";
    assert_eq!(reason, told);
    let again = App::new(store.clone()).sink(store.projection(Balances::default())).start().await;
    let Err(error @ StartError::Setup { .. }) = again else { panic!("it started") };
    assert_eq!(error.to_string(), "the projection `balances` cannot start");
    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some(told));
    for app in [old, new] {
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn tables_may_be_in_another_store_than_the_events() -> TestResult {
    let (_folder, tables) = fresh().await?;
    let store = Arc::new(MemoryStore::new());
    for round in 1..=3 {
        let sink = tables.projection(Balances::default());
        let app = App::new(store.clone()).aggregate::<Account>().sink(sink).start().await?;
        app.wait_for(&app.send(deposit("a", 5)).await?).await?;
        assert_eq!(events(&tables).await?, round);
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

const FILE: &str = "ANNALS_TEST_FILE";

/// Pays in without end, eight at a time, and says each round when the balances have it.
#[tokio::test]
async fn role_pay_in_until_killed() -> TestResult {
    let Ok(file) = env::var(FILE) else { return Ok(()) };
    let store = Arc::new(SqliteStore::open(file).await?);
    let app = App::new(store.clone()).aggregate::<Account>().sink(store.projection(Balances::default())).start().await?;
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

/// Starts this program again, to pay in, and kills it once it has said so many rounds.
fn pay_in_and_be_killed(file: &Path, rounds: usize) -> TestResult {
    let mut other = Command::new(env::current_exe()?)
        .args(["role_pay_in_until_killed", "--exact", "--nocapture", "--test-threads=1"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let out = other.stdout.take().ok_or("the output of the other process is piped")?;
    let said = BufReader::new(out).lines().map_while(Result::ok).filter(|line| line.ends_with("taken in"));
    // Reading goes on to the end: the process may say more before it is gone.
    for round in said.enumerate().map(|(at, _)| at + 1) {
        if round == rounds {
            other.kill()?;
        }
    }
    other.wait()?;
    Ok(())
}

#[tokio::test]
async fn killed_at_any_moment_a_projection_has_taken_in_each_event_once() -> TestResult {
    let (folder, store) = fresh().await?;
    drop(store);
    let file = folder.path().join("bank.db");
    for rounds in [1, 2, 3, 7, 20, 5, 1] {
        pay_in_and_be_killed(&file, rounds)?;

        let store = Arc::new(SqliteStore::open(&file).await?);
        // What is in the tables is what lies up to the checkpoint, no less and no more.
        let behind = "select (select count(*) from event where position <= checkpoint ->> 'scanned_to'), events, \
                             (select sum(balance) from balance) from view, balance_total where name = '$sqlite.balances'";
        let row = |row: &annals::sqlite::rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let (before, taken, sum): (u64, u64, u64) = store.read(move |db| db.query_row(behind, [], row)).await?;
        assert!(taken >= 8 && (before, before) == (taken, sum), "{before} events, {taken} taken in, {sum} on the accounts");

        let app = App::new(store.clone()).aggregate::<Account>().sink(store.projection(Balances::default())).start().await?;
        app.settled().await?;
        let all: u64 = store.read(|db| db.query_row("select count(*) from event", [], |row| row.get(0))).await?;
        let sum = balance(&store, "a").await?.unwrap_or_default() + balance(&store, "b").await?.unwrap_or_default();
        assert_eq!((events(&store).await?, u64::try_from(sum)?), (all, all));
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}
