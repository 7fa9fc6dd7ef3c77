//! What readers see while transactions of others are open: the table of breaks of the published horizon, a test a row.

mod support;

use std::pin::pin;
use std::sync::Arc;

use annals_core::store::{AppendError, FailureKind, Filter, ReadLog};
use annals_core::{EventStore, ExpectedVersion, LogId, Position};
use annals_store_postgres::sqlx::{Connection, Executor, Row, query};
use futures_util::{FutureExt, poll};
use support::{Schema, connect, event, positions, stream_of, tagged};

#[tokio::test]
async fn an_event_below_an_open_transaction_is_never_skipped() {
    let schema = Schema::new();
    let store = schema.open().await;
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    let early = store.append_in(&mut transaction, &event("slow")).await.unwrap();
    let late = store.append(event("quick")).await.unwrap();
    assert!(early.last < late.first);
    assert_eq!(positions(&store).await, [] as [u64; 0], "the later event waits for the earlier one");

    transaction.commit().await.unwrap();
    assert_eq!(positions(&store).await, [early.last.get(), late.last.get()]);
}

#[tokio::test]
async fn a_naive_reader_skips_what_commits_late() {
    // What the horizon is for: without it the same run loses an event.
    let schema = Schema::new();
    let store = schema.open().await;
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    let early = store.append_in(&mut transaction, &event("slow")).await.unwrap();
    let late = store.append(event("quick")).await.unwrap();
    let naive = schema.number("select max(position) from {schema}.event").await;
    transaction.commit().await.unwrap();
    assert_eq!(naive.cast_unsigned(), late.last.get());
    assert!(early.last.get() < naive.cast_unsigned(), "it goes on after the later event and never comes back");
}

#[tokio::test]
async fn two_schemas_in_one_database_do_not_hold_up_each_other() {
    let (one, other) = (Schema::new(), Schema::new());
    let (store, stalled) = (one.open().await, other.open().await);
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    stalled.append_in(&mut transaction, &event("slow")).await.unwrap();
    store.append(event("a")).await.unwrap();
    assert_eq!(positions(&store).await.len(), 1);
    transaction.rollback().await.unwrap();
}

#[tokio::test]
async fn a_foreign_lock_and_the_locks_of_tags_do_not_pin_the_horizon() {
    let schema = Schema::new();
    let store = schema.open().await;
    let sequence = schema.number("select '{schema}.event_position'::regclass::oid::bigint").await;
    let mut foreign = connect().await;
    store.append(event("a")).await.unwrap();
    // One that looks like an announcement, but is exclusive; and one of the form that appends with tags and conditions
    // take, with the same bits.
    query("select pg_advisory_lock($1)").bind((sequence % 32_768) << 48).execute(&mut foreign).await.unwrap();
    query("select pg_advisory_lock_shared($1::integer, 0)")
        .bind(i32::try_from((sequence % 32_768) << 16).unwrap())
        .execute(&mut foreign)
        .await
        .unwrap();
    store.append(tagged(event("a"), "seat:1")).await.unwrap();
    assert_eq!(positions(&store).await, [1, 2]);
}

#[tokio::test]
async fn what_only_checks_a_stream_is_never_stored_behind_an_event_that_it_has_not_seen() {
    let checks = || event("written").stream(stream_of("read"), ExpectedVersion::NoStream, Vec::new());
    for is_committed in [true, false] {
        let schema = Schema::new();
        let (store, other) = (Arc::new(schema.open().await), schema.open().await);
        let mut open = connect().await;
        let mut transaction = open.begin().await.unwrap();
        other.append_in(&mut transaction, &event("read")).await.unwrap();
        let mut decided = pin!(store.append(checks()));
        // Where it waits for nothing it is stored while these are read.
        for _ in 0..10 {
            positions(&store).await;
            assert!(poll!(&mut decided).is_pending());
        }
        if is_committed { transaction.commit().await } else { transaction.rollback().await }.unwrap();
        let decided = decided.await;
        let is_refused = matches!(decided, Err(AppendError::WrongExpectedVersion { .. }));
        assert_eq!((is_refused, decided.is_ok()), (is_committed, !is_committed), "{decided:?}");
    }
}

#[tokio::test]
async fn what_is_written_to_a_stream_that_another_append_checks_comes_after_that() {
    let schema = Schema::new();
    let store = schema.open().await;
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    let checks = event("written").stream(stream_of("read"), ExpectedVersion::NoStream, Vec::new());
    let checked = store.append_in(&mut transaction, &checks).await.unwrap();
    let mut both = event("read");
    both.streams.extend(event("other").streams);
    // Alone, and as one of several: they take their locks in different functions.
    for append in [event("read"), both] {
        let mut written = pin!(store.append(append));
        for _ in 0..10 {
            positions(&store).await;
            assert!(poll!(&mut written).is_pending());
        }
    }
    transaction.commit().await.unwrap();
    let written = store.append(event("read")).await.unwrap();
    assert!(checked.last < written.first);
}

#[tokio::test]
async fn a_reader_above_read_committed_is_refused() {
    let schema = Schema::new();
    let _store = schema.open().await;
    let mut connection = connect().await;
    connection.execute("begin isolation level repeatable read").await.unwrap();
    let sql = annals_store_postgres::sqlx::AssertSqlSafe(format!("select \"{}\".horizon()", schema.name));
    let refused = query(sql).execute(&mut connection).await.unwrap_err();
    assert!(refused.to_string().contains("the horizon is read in READ COMMITTED"), "{refused}");
}

#[tokio::test]
async fn a_writer_above_read_committed_is_refused() {
    let schema = Schema::new();
    let store = schema.open().await;
    let mut connection = connect().await;
    for level in ["repeatable read", "serializable"] {
        let begin = annals_store_postgres::sqlx::AssertSqlSafe(format!("begin isolation level {level}"));
        let mut transaction = connection.begin_with(begin).await.unwrap();
        let refused = store.append_in(&mut transaction, &event("a")).await.unwrap_err();
        let AppendError::NotStored(failure) = refused else { panic!("{refused:?}") };
        assert!(format!("{failure:?}").contains("events are appended in READ COMMITTED"), "{failure:?}");
        transaction.rollback().await.unwrap();
    }
    assert_eq!(positions(&store).await, [] as [u64; 0]);
}

#[tokio::test]
async fn a_fresh_sequence_gives_the_first_position_and_hides_nothing() {
    let schema = Schema::new();
    let store = schema.open().await;
    let page = store.read_log(ReadLog::new(Filter::all())).await.unwrap();
    assert_eq!((page.scanned_to, page.at_end), (Position::ZERO, true));
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    let first = store.append_in(&mut transaction, &event("a")).await.unwrap();
    assert_eq!(first.first, Position::FIRST);
    let page = store.read_log(ReadLog::new(Filter::all())).await.unwrap();
    assert_eq!((page.scanned_to, page.at_end), (Position::ZERO, true), "the first position is open");
    transaction.commit().await.unwrap();
    assert_eq!(positions(&store).await, [1]);
}

#[tokio::test]
async fn a_rolled_back_append_leaves_a_gap_that_readers_pass_with_the_next_event() {
    let schema = Schema::new();
    let store = schema.open().await;
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    store.append_in(&mut transaction, &event("gone")).await.unwrap();
    transaction.rollback().await.unwrap();
    let page = store.read_log(ReadLog::new(Filter::all())).await.unwrap();
    // Not before: the server may forget in a crash that it has drawn the position, and draw it again.
    assert_eq!((page.events.len(), page.scanned_to), (0, Position::ZERO));
    store.append(event("a")).await.unwrap();
    assert_eq!(positions(&store).await, [2]);
}

#[tokio::test]
async fn what_a_savepoint_takes_back_is_announced_again() {
    let schema = Schema::new();
    let store = schema.open().await;
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    let mut inner = transaction.begin().await.unwrap();
    store.append_in(&mut inner, &event("gone")).await.unwrap();
    // The announcement goes with the savepoint, and the next append makes its own.
    inner.rollback().await.unwrap();
    let second = store.append_in(&mut transaction, &event("kept")).await.unwrap();
    let late = store.append(event("late")).await.unwrap();
    assert_eq!(positions(&store).await, [] as [u64; 0]);
    transaction.commit().await.unwrap();
    assert_eq!(positions(&store).await, [second.last.get(), late.last.get()]);
}

#[tokio::test]
async fn what_readers_saw_survives_where_commits_are_not_synchronous() {
    let schema = Schema::new();
    let store = schema.open().await;
    let mut connection = connect().await;
    connection.execute("set synchronous_commit = off").await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    store.append_in(&mut transaction, &event("a")).await.unwrap();
    let setting: String = query("show synchronous_commit").fetch_one(&mut *transaction).await.unwrap().get(0);
    assert_eq!(setting, "on", "for the transaction that appends");
    transaction.commit().await.unwrap();
    let setting: String = query("show synchronous_commit").fetch_one(&mut connection).await.unwrap().get(0);
    assert_eq!(setting, "off", "and for no other");
}

#[tokio::test]
async fn positions_end_where_announcements_do() {
    let schema = Schema::new();
    let store = schema.open().await;
    schema.run("select setval('{schema}.event_position', 281474976710653)").await;
    let last = store.append(event("a")).await.unwrap().last;
    assert_eq!(positions(&store).await, [last.get()], "the horizon reaches that far");
    // Two positions are not left: nothing of the append is stored.
    let mut two = event("b");
    two.streams[0].events.extend(event("b").streams.remove(0).events);
    let refused = store.append(two).await.unwrap_err();
    let AppendError::NotStored(failure) = refused else { panic!("{refused:?}") };
    assert_eq!(failure.kind, FailureKind::Other);
    assert!(format!("{failure:?}").contains("reached maximum value of sequence"), "{failure:?}");
    assert_eq!(positions(&store).await, [last.get()]);
}

#[tokio::test]
async fn readers_of_one_process_share_a_look_at_the_horizon() {
    let schema = Schema::new();
    let store = Arc::new(schema.open().await);
    store.append(event("a")).await.unwrap();
    schema.run("create sequence {schema}.looks;
alter function {schema}.horizon() rename to horizon_itself;
create function {schema}.horizon(out place bigint, out in_flight boolean) language sql volatile as 'select pg_sleep(0.05), nextval(''{schema}.looks''); select * from {schema}.horizon_itself()'").await;
    let readers: Vec<_> = (0..64)
        .map(|_| {
            let store = Arc::clone(&store);
            #[expect(clippy::disallowed_methods, reason = "the readers of a test")]
            tokio::spawn(async move { store.read_log(ReadLog::new(Filter::all())).await.unwrap().events.len() })
        })
        .collect();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), 1);
    }
    let looks = schema.number("select last_value from {schema}.looks").await;
    assert!(looks < 16, "64 readers took {looks} looks");
}

#[tokio::test]
async fn who_looks_at_the_horizon_and_stops_polling_holds_nobody_up() {
    let schema = Schema::new();
    let store = schema.open().await;
    store.append(event("a")).await.unwrap();
    let mut stuck: Vec<_> = (0..3).map(|_| Box::pin(store.read_log(ReadLog::new(Filter::everything())))).collect();
    // One of them asks, the others wait for its answer, and nobody polls them.
    stuck.iter_mut().for_each(|look| assert!(look.as_mut().now_or_never().is_none()));
    assert_eq!(positions(&store).await.len(), 1);
    for look in stuck {
        assert_eq!(look.await.unwrap().events.len(), 1);
    }
}

#[tokio::test]
async fn who_waits_is_woken_by_another_connection() {
    let schema = Schema::new();
    let (store, other) = (schema.open().await, schema.open().await);
    let waiting = store.wait(LogId::MAIN, Position::ZERO);
    let (woken, appended) = tokio::join!(waiting, other.append(event("a")));
    woken.unwrap();
    appended.unwrap();
    assert_eq!(positions(&store).await, [1]);
}
