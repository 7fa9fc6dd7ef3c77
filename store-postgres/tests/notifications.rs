//! Processes that tell one another of commits: who waits is woken by that alone, where nobody asks the server.

#![cfg(unix)]

#[path = "support/log.rs"]
mod log;
#[path = "support/proxy.rs"]
mod proxy;
#[path = "support/server.rs"]
mod server;
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use annals_core::{EventStore, LogId, Position};
use annals_store_postgres::sqlx::postgres::PgListener;
use annals_store_postgres::sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, query};
use annals_store_postgres::{PostgresOptions, PostgresStore};
use log::Log;
use proxy::Proxy;
use server::Server;
use support::{Schema, connect, event, positions, unique, url};
use tokio::task::JoinHandle;

/// Longer than any test: who is woken before was told.
const NEVER: Duration = Duration::from_secs(100_000);

/// One more process that has the store open, as soon as it hears of others.
async fn process(schema: &Schema) -> Arc<PostgresStore> {
    let store = schema.options().notify(NEVER).open().await.unwrap();
    until_notified(&store, true).await;
    Arc::new(store)
}

async fn until_notified(store: &PostgresStore, is_notified: bool) {
    while store.health().await.unwrap().notified != is_notified {}
}

/// Somebody who waits, and has found that there is nothing yet.
async fn waiting(store: &Arc<PostgresStore>, after: Position) -> JoinHandle<()> {
    let waiting = Arc::clone(store);
    #[expect(clippy::disallowed_methods, reason = "the reader of a test")]
    let waiting = tokio::spawn(async move { waiting.wait(LogId::MAIN, after).await.unwrap() });
    // While this asks several times the one that waits has asked once.
    for _ in 0..10 {
        store.health().await.unwrap();
    }
    waiting
}

#[tokio::test]
async fn who_waits_in_another_process_is_told_of_each_commit() {
    let schema = Schema::new();
    let (writer, reader) = (process(&schema).await, process(&schema).await);
    let mut after = Position::ZERO;
    for _ in 0..20 {
        let told = waiting(&reader, after).await;
        assert!(!told.is_finished(), "nothing has happened");
        after = writer.append(event("a")).await.unwrap().last;
        told.await.unwrap();
        assert_eq!(positions(&reader).await.last(), Some(&after.get()));
    }
}

#[tokio::test]
async fn who_was_told_too_early_looks_again_until_what_is_in_flight_has_ended() {
    let schema = Schema::new();
    let (writer, reader) = (process(&schema).await, process(&schema).await);
    let mut open = connect().await;
    for is_committed in [true, false] {
        let before = positions(&reader).await;
        let end = before.last().map_or(Position::ZERO, |last| Position::try_from(*last).unwrap());
        let told = waiting(&reader, end).await;
        let mut transaction = open.begin().await.unwrap();
        let slow = writer.append_in(&mut transaction, &event("slow")).await.unwrap().last;
        // Told of, and held up.
        let quick = writer.append(event("quick")).await.unwrap().last;
        for _ in 0..10 {
            assert_eq!(positions(&reader).await, before);
        }
        assert!(!told.is_finished());
        // Of this nobody tells.
        if is_committed { transaction.commit().await } else { transaction.rollback().await }.unwrap();
        told.await.unwrap();
        let expected: Vec<_> = before.into_iter().chain(is_committed.then_some(slow.get())).chain([quick.get()]).collect();
        assert_eq!(positions(&reader).await, expected);
    }
}

#[tokio::test]
async fn others_are_told_outside_of_appends_and_not_of_each() {
    let schema = Schema::new();
    let store = process(&schema).await;
    let channel = channel(&schema).await;
    let mut listener = PgListener::connect(&url()).await.unwrap();
    listener.listen(&channel).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "what is told is told every so often")]
    let begun = Instant::now();
    for _ in 0..300 {
        store.append(event("a")).await.unwrap();
    }
    // A transaction that notifies waits for all others that do, so it must not be one that appends.
    let mut locked = connect().await;
    let mut transaction = locked.begin().await.unwrap();
    transaction.execute(AssertSqlSafe(format!("notify {channel}, 'held'"))).await.unwrap();
    store.append(event("a")).await.unwrap();
    transaction.commit().await.unwrap();
    let mut told = 0_u128;
    while listener.recv().await.unwrap().payload() != "held" {
        told += 1;
    }
    let most = begun.elapsed().as_millis() / 10 + 2;
    assert!(0 < told && told <= most, "told {told} times, at most {most} expected");
}

#[tokio::test]
async fn who_loses_the_connection_that_listens_asks_until_there_is_another() {
    let schema = Schema::new();
    let (writer, reader) = (process(&schema).await, process(&schema).await);
    let told = waiting(&reader, Position::ZERO).await;
    let end =
        format!("select pg_terminate_backend(pid) from pg_stat_activity where query = 'LISTEN \"{}\"'", channel(&schema).await);
    let ended = query(AssertSqlSafe(end)).fetch_all(&mut connect().await).await.unwrap();
    assert_eq!(ended.len(), 2, "one of each process");
    until_notified(&reader, false).await;
    let last = writer.append(event("a")).await.unwrap().last;
    told.await.unwrap();
    for store in [&writer, &reader] {
        until_notified(store, true).await;
    }
    let told = waiting(&reader, last).await;
    writer.append(event("a")).await.unwrap();
    told.await.unwrap();
}

#[tokio::test]
async fn where_no_notification_arrives_the_server_is_asked() {
    let server = Server::start(&["allow_system_table_mods = on"]);
    let mut administrator = PgConnection::connect(&server.url()).await.unwrap();
    // Nobody may send one; and one that is sent arrives nowhere.
    for is_swallowed in [false, true] {
        if is_swallowed {
            swallow(&mut administrator).await;
        } else {
            run(
                &mut administrator,
                &[
                    "create role app login",
                    "grant create on database postgres to app",
                    "revoke execute on function pg_notify from public",
                ],
            )
            .await;
        }
        let url = server.url().replace("postgres@", "app@");
        let open = || PostgresOptions::new(&url).schema(format!("swallowed_{is_swallowed}")).connections(6).notify(NEVER).open();
        let (writer, reader) = (open().await.unwrap(), Arc::new(open().await.unwrap()));
        let told = waiting(&reader, Position::ZERO).await;
        writer.append(unique("a")).await.unwrap();
        told.await.unwrap();
        assert!(!reader.health().await.unwrap().notified);
        let listening = "select count(*) from pg_stat_activity where query like 'LISTEN %'";
        // They give up: the sessions could come to somebody who does not listen.
        while is_swallowed && query(listening).fetch_one(&mut administrator).await.unwrap().get::<i64, _>(0) > 0 {}
    }
}

#[tokio::test]
async fn who_cannot_listen_asks_and_tells_the_log_once() {
    let mut log = Log::start();
    let (schema, proxy) = (Schema::new(), Proxy::to(&url()).await);
    proxy.cut_after("LISTEN");
    let options = PostgresOptions::new(&proxy.url).schema(&schema.name).connections(6).notify(NEVER);
    let store = Arc::new(options.open().await.unwrap());
    let told = waiting(&store, Position::ZERO).await;
    schema.open().await.append(event("a")).await.unwrap();
    told.await.unwrap();

    let text = "no connection listens for commits";
    let line = log.line(text).await;
    assert!(line.contains("WARN") && line.contains(&schema.name) && line.contains("error="), "{line}");
    while proxy.cuts() < 2 {
        assert!(!store.health().await.unwrap().notified);
    }
    proxy.cut_no_more();
    until_notified(&store, true).await;
    assert!(log.has_no(text), "it tries again all the while");
}

#[tokio::test]
async fn who_hears_nothing_any_more_listens_anew() {
    let server = Server::start(&["allow_system_table_mods = on"]);
    let mut administrator = PgConnection::connect(&server.url()).await.unwrap();
    let often = Duration::from_millis(10);
    let store = PostgresOptions::new(server.url()).connections(6).notify(often).open().await.unwrap();
    until_notified(&store, true).await;
    swallow(&mut administrator).await;
    // Those that are left know the function that was there before.
    run(
        &mut administrator,
        &["select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'annals' and query not like 'LISTEN %'"],
    )
    .await;
    until_notified(&store, false).await;
    let restore =
        ["drop function pg_catalog.pg_notify(text, text)", "alter function pg_catalog.swallowed(text, text) rename to pg_notify"];
    run(&mut administrator, &restore).await;
    until_notified(&store, true).await;
}

/// Has notifications arrive nowhere.
async fn swallow(administrator: &mut PgConnection) {
    run(
        administrator,
        &[
            "alter function pg_catalog.pg_notify(text, text) rename to swallowed",
            "create function pg_catalog.pg_notify(text, text) returns void language sql as ''",
        ],
    )
    .await;
}

async fn run(connection: &mut PgConnection, statements: &[&'static str]) {
    for statement in statements {
        connection.execute(*statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

#[tokio::test]
async fn what_is_committed_last_is_told_of_before_a_store_is_gone() {
    let schema = Schema::new();
    let reader = process(&schema).await;
    let mut after = Position::ZERO;
    for _ in 0..10 {
        let writer = process(&schema).await;
        let told = waiting(&reader, after).await;
        // The second while it rests from telling of the first.
        writer.append(event("a")).await.unwrap();
        told.await.unwrap();
        let told = waiting(&reader, Position::try_from(*positions(&reader).await.last().unwrap()).unwrap()).await;
        after = writer.append(event("a")).await.unwrap().last;
        drop(writer);
        told.await.unwrap();
    }
}

#[tokio::test]
async fn a_store_that_is_closed_stops_listening() {
    let schema = Schema::new();
    let store = process(&schema).await;
    let listening = format!("select count(*) from pg_stat_activity where query = 'LISTEN \"{}\"'", channel(&schema).await);
    let mut connection = connect().await;
    let mut count = async || -> i64 { query(AssertSqlSafe(listening.clone())).fetch_one(&mut connection).await.unwrap().get(0) };
    assert_eq!(count().await, 1);
    store.close();
    while count().await > 0 {}
}

/// Where the processes of a store meet.
async fn channel(schema: &Schema) -> String {
    let sql = format!("select 'annals_' || replace(uuid::text, '-', '') from \"{}\".store", schema.name);
    query(AssertSqlSafe(sql)).fetch_one(&mut connect().await).await.unwrap().get(0)
}
