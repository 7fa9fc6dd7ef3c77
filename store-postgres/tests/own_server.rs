//! What takes a server of its own to show: prepared transactions, a standby, a small lock table, equal object identifiers.

#![cfg(unix)]

#[path = "support/server.rs"]
mod server;
mod support;

use annals_core::EventStore;
use annals_core::store::{AppendError, FailureKind, Filter, ReadLog};
use annals_store_postgres::sqlx::{Connection, Executor, PgConnection, Row, query};
use annals_store_postgres::{OpenError, PostgresOptions, PostgresStore};
use futures_util::future::join_all;
use server::Server;
use support::{positions, tagged, unique};

async fn open(server: &Server) -> PostgresStore {
    PostgresOptions::new(server.url()).connections(6).open().await.expect("the store can be opened")
}

async fn connect(server: &Server) -> PgConnection {
    PgConnection::connect(&server.url()).await.expect("the server answers")
}

async fn number(connection: &mut PgConnection, sql: &'static str) -> i64 {
    query(sql).fetch_one(connection).await.expect("the statement answers").get(0)
}

#[tokio::test]
async fn a_prepared_transaction_holds_readers_up_until_it_is_decided_and_then_nothing_is_skipped() {
    let server = Server::start(&["max_prepared_transactions = 4"]);
    for is_committed in [true, false] {
        let (store, mut open) = (self::open(&server).await, connect(&server).await);
        let before = positions(&store).await;
        let mut transaction = open.begin().await.unwrap();
        let prepared = store.append_in(&mut transaction, &unique("prepared")).await.unwrap();
        transaction.execute("prepare transaction 'ours'").await.unwrap();
        drop(transaction);
        let late = store.append(unique("late")).await.unwrap();
        assert!(prepared.last < late.first);
        assert_eq!(positions(&store).await, before, "the later event waits for what is prepared");
        // Also after a crash of the server, and for a reader that opens the store then.
        server.kill();
        server.start_again();
        let again = self::open(&server).await;
        assert_eq!(positions(&again).await, before, "what is prepared survives, and so does its announcement");
        open = connect(&server).await;
        open.execute(if is_committed { "commit prepared 'ours'" } else { "rollback prepared 'ours'" }).await.unwrap();
        let mut expected = before;
        expected.extend(is_committed.then_some(prepared.last.get()));
        expected.push(late.last.get());
        assert_eq!(positions(&again).await, expected);
    }
}

#[tokio::test]
async fn a_standby_is_refused_and_its_horizon_is_not_read() {
    let primary = Server::start(&[]);
    let store = open(&primary).await;
    store.append(unique("a")).await.unwrap();
    let standby = primary.standby();
    let refused = PostgresOptions::new(standby.url()).open().await.expect_err("it is a standby");
    assert!(matches!(&refused, OpenError::Standby { .. }), "{refused:?}");
    let error = query("select annals.horizon()").execute(&mut connect(&standby).await).await.unwrap_err();
    assert!(error.to_string().contains("the horizon cannot be read on a standby"), "{error}");
    // When it is the primary, it is opened, and it is another life of the log.
    let mut connection = connect(&standby).await;
    assert!(query("select pg_promote()").fetch_one(&mut connection).await.unwrap().get::<bool, _>(0));
    let promoted = open(&standby).await;
    assert_ne!(promoted.info().logs[0].epoch, store.info().logs[0].epoch, "checkpoints of the other must be verified");
    promoted.append(unique("b")).await.unwrap();
    assert_eq!(positions(&promoted).await.len(), 2);
}

/// Lets the next object identifier of a cluster be this one.
async fn next_oid(server: &Server, oid: i64) {
    server.stop();
    server.run("pg_resetwal", ["--next-oid", oid.to_string().as_str()]);
    server.start_again();
}

#[tokio::test]
async fn announcements_of_two_stores_never_look_alike() {
    let server = Server::start(&[]);
    let options = |schema: &str| PostgresOptions::new(server.url()).schema(schema);
    let mut connection = connect(&server).await;
    options("one").open().await.unwrap().pool().close().await;
    let sequence = "select oid::bigint from pg_class where oid = $1::regclass";
    let sequence = async |connection: &mut PgConnection, name: &str| -> i64 {
        query(sequence).bind(format!("{name}.event_position")).fetch_one(connection).await.unwrap().get(0)
    };
    let one = sequence(&mut connection, "one").await;
    // How many identifiers a store takes up to that of its sequence.
    options("probe").open().await.unwrap().pool().close().await;
    let first = number(&mut connection, "select oid::bigint from pg_namespace where nspname = 'probe'").await;
    let taken = sequence(&mut connection, "probe").await - first;
    connection.execute("drop schema probe cascade").await.unwrap();

    // One that is made where its sequence would look like the other takes another.
    next_oid(&server, one + 32_768 - taken).await;
    let store = options("two").open().await.unwrap();
    store.append(unique("a")).await.unwrap();
    assert_eq!(positions(&store).await, [1]);
    store.pool().close().await;
    let mut connection = connect(&server).await;
    let two = sequence(&mut connection, "two").await;
    assert!(two > one + 32_768 && two < one + 33_000, "{one} and {two}: it would not have looked alike, this shows nothing");
    options("one").open().await.unwrap().pool().close().await;

    // One that was restored, by whatever means, is refused by both names.
    connection.execute("create schema restored").await.unwrap();
    next_oid(&server, one + 65_536).await;
    connect(&server).await.execute("create sequence restored.event_position").await.unwrap();
    let refused = options("one").open().await.expect_err("they look alike");
    let OpenError::Collision { schema, other } = &refused else { panic!("{refused:?}") };
    assert_eq!((schema.as_str(), other.as_str()), ("one", "restored"));
    options("two").open().await.unwrap();
}

#[tokio::test]
async fn a_lock_table_that_is_full_fails_what_is_too_large_for_it_and_nothing_else_of_the_batch() {
    // Some 700 locks in all.
    let server = Server::start(&["max_locks_per_transaction = 10", "max_connections = 20"]);
    let store = PostgresOptions::new(server.url()).connections(6).batches_in_flight(1).open().await.unwrap();
    let mut large = unique("large");
    large.streams[0].events =
        (0..1_000).flat_map(|number| tagged(unique("large"), &format!("tag:{number}")).streams.remove(0).events).collect();
    let small = |name: &str| tagged(unique(name), "kind:small");
    // One holds the lane, so that the others travel together.
    let appends = [small("first"), small("a"), large, small("b"), small("c")];
    let outcomes = join_all(appends.map(|append| store.append(append))).await;
    let Err(AppendError::NotStored(failure)) = &outcomes[2] else { panic!("{outcomes:?}") };
    assert_eq!(failure.kind, FailureKind::Busy);
    assert!(format!("{failure:?}").contains("out of shared memory"), "{failure:?}");
    assert!([0, 1, 3, 4].iter().all(|place| outcomes[*place].is_ok()), "{outcomes:?}");
    let page = store.read_log(ReadLog::new(Filter::all())).await.unwrap();
    assert_eq!(page.events.len(), 4);
}
