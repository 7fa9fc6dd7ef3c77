//! A transaction that has appended and does not end: who is told of it, and what ends it.

#![cfg(unix)]

#[path = "support/log.rs"]
mod log;
#[path = "support/server.rs"]
mod server;
mod support;

use std::time::Duration;

use annals_core::{EventStore, LogId, Position};
use annals_store_postgres::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use annals_store_postgres::sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, query};
use annals_store_postgres::{Holder, PostgresOptions};
use log::Log;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use server::Server;
use support::{Schema, connect, event, positions, url};

/// So short that whoever is found twice is told of.
const AT_ONCE: Duration = Duration::from_millis(1);

async fn pid(connection: &mut PgConnection) -> i32 {
    query("select pg_backend_pid()").fetch_one(connection).await.unwrap().get(0)
}

#[tokio::test]
async fn an_appender_idle_in_transaction_is_named_by_its_process_and_once_more_when_it_is_over() {
    let mut log = Log::start();
    let schema = Schema::new();
    let store = schema.options().stall_after(AT_ONCE).open().await.unwrap();
    let mut open = connect().await;
    let holder = pid(&mut open).await;
    let mut transaction = open.begin().await.unwrap();
    store.append_in(&mut transaction, &event("slow")).await.unwrap();
    store.append(event("quick")).await.unwrap();

    let told = async {
        let line = log.line("readers are held up").await;
        assert!(line.contains("WARN") && line.contains(&schema.name) && line.contains("behind=2"), "{line}");
        assert!(line.contains(&format!("process {holder}, idle in transaction")), "{line}");
        assert!(line.contains(&format!("pg_terminate_backend({holder})")), "{line}");
        let health = store.health().await.unwrap();
        assert_eq!((health.horizon, health.drawn.get(), health.behind(), health.stalls), (Position::ZERO, 2, 2, 1));
        assert!(health.held_up_for.is_some_and(|age| age >= AT_ONCE), "{health:?}");
        let Holder::Session { pid, state, query, .. } = &health.blockers[0].holder else { panic!("{health:?}") };
        assert_eq!((*pid, state.as_deref()), (holder, Some("idle in transaction")));
        assert!(query.as_ref().is_some_and(|query| query.contains("select verdicts") && query.len() <= 120), "{query:?}");
        transaction.rollback().await.unwrap();
        let line = log.line("held up").await;
        assert!(line.contains("INFO") && line.contains("readers are no longer held up"), "told once: {line}");
    };
    // The horizon passes the first position with the second, which is stored by then.
    let (waited, ()) = tokio::join!(store.wait(LogId::MAIN, Position::new(1).unwrap()), told);
    waited.unwrap();
    let health = store.health().await.unwrap();
    assert_eq!((health.behind(), health.held_up_for, health.blockers.len(), health.stalls), (0, None, 0, 1));
}

#[tokio::test]
async fn a_prepared_transaction_holds_readers_up_without_a_process_and_is_told_of_by_its_name() {
    let mut log = Log::start();
    let server = Server::start(&["max_prepared_transactions = 2"]);
    let store = PostgresOptions::new(server.url()).stall_after(AT_ONCE).open().await.unwrap();
    let mut open = PgConnection::connect(&server.url()).await.unwrap();
    let mut transaction = open.begin().await.unwrap();
    let early = store.append_in(&mut transaction, &event("slow")).await.unwrap();
    transaction.execute("prepare transaction 'forgotten'").await.unwrap();
    drop(transaction);
    // Its session is gone, and it stays.
    open.close().await.unwrap();
    let late = store.append(event("quick")).await.unwrap();

    let told = async {
        let line = log.line("readers are held up").await;
        assert!(line.contains("the prepared transaction `forgotten`"), "{line}");
        let health = store.health().await.unwrap();
        assert_eq!(health.blockers[0].holder, Holder::Prepared { gid: "forgotten".to_owned() });
        assert!(health.blockers[0].transaction_age.is_some() && health.behind() == 2, "{health:?}");
        assert_eq!(health.blockers.len(), 1, "{health:?}");
        query("commit prepared 'forgotten'").execute(store.pool()).await.unwrap();
        log.line("no longer held up").await;
    };
    let (waited, ()) = tokio::join!(store.wait(LogId::MAIN, early.last), told);
    waited.unwrap();
    assert_eq!(positions(&store).await, [early.last.get(), late.last.get()]);

    // It outlives the server, also where a savepoint has a transaction of its own.
    let mut open = PgConnection::connect(&server.url()).await.unwrap();
    let mut transaction = open.begin().await.unwrap();
    transaction.execute("savepoint halfway").await.unwrap();
    store.append_in(&mut transaction, &event("slow")).await.unwrap();
    transaction.execute("prepare transaction 'again'").await.unwrap();
    drop((transaction, store));
    server.stop_immediately();
    server.start_again();
    let store = PostgresOptions::new(server.url()).open().await.unwrap();
    let health = store.health().await.unwrap();
    assert_eq!(health.blockers.len(), 1, "{health:?}");
    assert_eq!(health.blockers[0].holder, Holder::Prepared { gid: "again".to_owned() });
}

#[tokio::test]
async fn a_stall_is_seen_by_the_recorder_of_metrics() {
    let recorder = DebuggingRecorder::new();
    let metrics = recorder.snapshotter();
    let _recorder = metrics::set_default_local_recorder(&recorder);
    let value = |name: &str| {
        let all = metrics.snapshot().into_vec();
        all.into_iter().find(|(key, ..)| key.key().name() == name).map(|(.., value)| value)
    };
    let schema = Schema::new();
    let store = schema.options().stall_after(AT_ONCE).open().await.unwrap();
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    store.append_in(&mut transaction, &event("slow")).await.unwrap();
    while store.health().await.unwrap().stalls == 0 {}
    assert_eq!(value("annals_horizon_stalls_total"), Some(DebugValue::Counter(1)));
    store.health().await.unwrap();
    assert_eq!(value("annals_horizon_behind"), Some(DebugValue::Gauge(1.0.into())));
    store.health().await.unwrap();
    assert!(matches!(value("annals_horizon_held_up_seconds"), Some(DebugValue::Gauge(age)) if age.into_inner() > 0.0));

    transaction.rollback().await.unwrap();
    store.health().await.unwrap();
    assert_eq!(value("annals_horizon_behind"), Some(DebugValue::Gauge(0.0.into())));
}

#[tokio::test]
async fn a_store_in_which_nothing_happens_is_not_held_up() {
    let mut log = Log::start();
    let schema = Schema::new();
    let store = schema.options().stall_after(AT_ONCE).open().await.unwrap();
    // A gap at the end, which looks like a horizon that is behind.
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    store.append_in(&mut transaction, &event("gone")).await.unwrap();
    transaction.rollback().await.unwrap();
    for _ in 0..20 {
        assert_eq!(positions(&store).await, [] as [u64; 0]);
        assert!(store.health().await.unwrap().blockers.is_empty());
    }
    assert!(log.has_no("held up"));
}

#[tokio::test]
async fn an_idle_transaction_on_a_connection_of_the_store_is_ended_by_the_server() {
    let schema = Schema::new();
    let opened = schema.open().await;
    let setting = query("show idle_in_transaction_session_timeout").fetch_one(opened.pool()).await.unwrap();
    assert_eq!(setting.get::<String, _>(0), "10s", "on connections that the store opens");

    // The same in short.
    let connect = url().parse::<PgConnectOptions>().unwrap().options([("idle_in_transaction_session_timeout", "50ms")]);
    let pool = PgPoolOptions::new().connect_lazy_with(connect);
    let store = PostgresOptions::with_pool(pool).schema(&schema.name).open().await.unwrap();
    let mut transaction = store.pool().begin().await.unwrap();
    let gone = store.append_in(&mut transaction, &event("slow")).await.unwrap();
    let kept = store.append(event("quick")).await.unwrap();
    store.wait(LogId::MAIN, gone.last).await.unwrap();
    assert_eq!(positions(&store).await, [kept.last.get()]);
    assert!(transaction.commit().await.is_err(), "nothing of it is stored");
}

#[tokio::test]
async fn who_may_not_see_other_sessions_is_told_their_process_only() {
    let schema = Schema::new();
    let store = schema.open().await;
    let mut open = connect().await;
    let holder = pid(&mut open).await;
    let mut transaction = open.begin().await.unwrap();
    store.append_in(&mut transaction, &event("slow")).await.unwrap();

    // A role that every server has, and that may see no statistics of others.
    let mut other = connect().await;
    schema.run_on(&mut other, "grant usage on schema {schema} to pg_signal_backend").await;
    other.execute("set role pg_signal_backend").await.unwrap();
    let statement = include_str!("../src/sql/find_blockers.sql").replace("{schema}", &schema.name);
    let rows = query(AssertSqlSafe(statement)).fetch_all(&mut other).await.unwrap();
    assert_eq!((rows.len(), rows[0].get::<Option<i32>, _>(1)), (1, Some(holder)));
    let texts: Vec<Option<String>> = [2, 3, 7].map(|column| rows[0].get(column)).to_vec();
    assert_eq!(texts, [None, None, None]);
    assert_eq!(rows[0].get::<Option<i64>, _>(4), None);
    transaction.rollback().await.unwrap();
}
