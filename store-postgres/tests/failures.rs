//! What becomes of appends when others are quicker, the server takes too long or the connection breaks.

mod support {
    pub(crate) mod proxy;
    #[path = "mod.rs"]
    mod schema;
    pub(crate) use schema::*;
}

use std::time::Duration;

use annals_core::store::{
    AppendError, Checkpoint, Condition, Criterion, Effect, FailureKind, InvalidAppend, QueueName, ReadStream, ReservedKeyName,
    StreamAppend, Timer, ViewChange, ViewCommit, ViewEntry, ViewName,
};
use annals_core::{Encoding, EventStore, ExpectedVersion, LogPosition, MessageId, Payload, Tag, Tenant, Timestamp, Version};
use annals_store_postgres::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use annals_store_postgres::sqlx::{AssertSqlSafe, Connection, query};
use annals_store_postgres::{PostgresOptions, PostgresStore};
use futures_util::future::join_all;
use support::proxy::{MARK, Proxy};
use support::{Schema, connect, event, event_of, expecting, positions, stream_of, tagged, until_blocked, url};

async fn version(store: &PostgresStore, stream: &str) -> u64 {
    let page = store.read_stream(ReadStream::backward(stream_of(stream))).await.unwrap();
    page.events.first().map_or(0, |event| event.version.get())
}

/// A store whose statements take at most so long.
async fn impatient(schema: &Schema, patience: &str) -> PostgresStore {
    let connect = url().parse::<PgConnectOptions>().unwrap().options([("statement_timeout", patience)]);
    let pool = PgPoolOptions::new().max_connections(6).test_before_acquire(false).connect_lazy_with(connect);
    PostgresOptions::with_pool(pool).schema(&schema.name).batches_in_flight(1).open().await.unwrap()
}

#[tokio::test]
async fn a_conflict_with_another_process_touches_no_other_append_of_the_batch() {
    let schema = Schema::new();
    let (store, other) = (schema.options().batches_in_flight(1).open().await.unwrap(), schema.open().await);
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    other.append_in(&mut transaction, &event("raced")).await.unwrap();
    // All of these are one batch, which waits for the transaction and then fails because of it.
    let new = |stream| expecting(event(stream), ExpectedVersion::NoStream);
    let batch = join_all(["a", "raced", "b"].map(|stream| store.append(new(stream))));
    let (outcomes, ()) = tokio::join!(batch, async {
        until_blocked(&schema, 1).await;
        transaction.commit().await.unwrap();
    });
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    let Err(AppendError::WrongExpectedVersion { actual, .. }) = &outcomes[1] else { panic!("{outcomes:?}") };
    assert_eq!(*actual, Version::FIRST);
    assert_eq!(positions(&store).await.len(), 3);
}

#[tokio::test]
async fn an_append_that_another_process_is_storing_is_stored_once() {
    let schema = Schema::new();
    let (store, other) = (schema.open().await, schema.open().await);
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    let append = event("a");
    let first = other.append_in(&mut transaction, &append).await.unwrap();
    let (second, ()) = tokio::join!(store.append(append), async {
        until_blocked(&schema, 1).await;
        transaction.commit().await.unwrap();
    });
    let second = second.unwrap();
    assert!(second.repeated);
    assert_eq!((second.first, second.last), (first.first, first.last));
    assert_eq!(positions(&store).await.len(), 1);
}

#[tokio::test]
async fn a_timeout_fails_what_is_held_up_and_nothing_else_of_the_batch() {
    let schema = Schema::new();
    let other = schema.open().await;
    let store = impatient(&schema, "300ms").await;
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    other.append_in(&mut transaction, &event("held")).await.unwrap();
    let new = |stream| expecting(event(stream), ExpectedVersion::NoStream);
    let outcomes = join_all(["a", "held", "b", "c"].map(|stream| store.append(new(stream)))).await;
    let Err(AppendError::NotStored(failure)) = &outcomes[1] else { panic!("{outcomes:?}") };
    assert_eq!(failure.kind, FailureKind::Busy);
    assert!([0, 2, 3].iter().all(|place| outcomes[*place].is_ok()), "{outcomes:?}");
    transaction.rollback().await.unwrap();
    assert_eq!(positions(&store).await.len(), 3);
}

#[tokio::test]
async fn what_the_server_cannot_keep_fails_alone() {
    let schema = Schema::new();
    let store = schema.options().batches_in_flight(1).open().await.unwrap();
    let timer = Timer { owner: stream_of("b"), name: "a\0b".to_owned(), due: Timestamp::from_micros(1) };
    let appends = [event("a"), event("b").effect(Effect::SetTimer(timer)), event("c")];
    let outcomes = join_all(appends.map(|append| store.append(append))).await;
    assert!(matches!(&outcomes[1], Err(AppendError::NotStored(_))), "{outcomes:?}");
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    assert_eq!(positions(&store).await.len(), 2);
}

#[tokio::test]
async fn an_append_whose_answer_is_lost_after_the_commit_is_settled_by_its_id() {
    let schema = Schema::new();
    let proxy = Proxy::to(&url()).await;
    let store = PostgresOptions::new(&proxy.url).schema(&schema.name).batches_in_flight(1).open().await.unwrap();
    proxy.cut_after_mark();
    let append = event(MARK);
    let settled = store.append(append.clone()).await.unwrap();
    assert!(settled.repeated, "the first attempt had stored it");
    assert_eq!((version(&store, MARK).await, positions(&store).await.len()), (1, 1));
    assert_eq!(store.append(append).await.unwrap(), settled);
}

#[tokio::test]
async fn whatever_travels_with_an_answer_that_is_lost_after_the_commit_is_settled_by_its_id() {
    let schema = Schema::new();
    let proxy = Proxy::to(&url()).await;
    let store = PostgresOptions::new(&proxy.url).schema(&schema.name).batches_in_flight(1).open().await.unwrap();
    store.append(event("old")).await.unwrap();
    let several = event("several").stream(stream_of("more"), ExpectedVersion::NoStream, event("more").streams.remove(0).events);
    let checked = event("checked").stream(stream_of("old"), ExpectedVersion::Exact(Version::FIRST), Vec::new());
    let none = Criterion::new().tag(Tag::parse("seat:1").unwrap());
    let conditional = tagged(event("conditional"), "seat:1").condition(Condition::new(none.into(), LogPosition::default()));
    let key = ReservedKeyName::new(Tenant::NONE, "email", "a@b").unwrap();
    let consumer = QueueName::new("mail").unwrap();
    let mark = Effect::MarkInbox { consumer, message: MessageId::from_uuid(event("m").id.as_uuid()) };
    let marks = event("marks").effect(mark).effect(Effect::ReserveKey { key: key.clone(), owner: stream_of("marks") });
    let timer = Timer { owner: stream_of("timed"), name: "deadline".to_owned(), due: Timestamp::from_micros(1) };
    let timed = event("timed").effect(Effect::SetTimer(timer));
    let wrong = expecting(event("old"), ExpectedVersion::NoStream);
    // The first keeps the lane busy, so that the others travel together.
    let appends = [event("first"), event(MARK), several, checked, conditional, marks, timed, wrong];
    proxy.cut_after_mark();
    let outcomes = join_all(appends.iter().map(|append| store.append(append.clone()))).await;
    let (wrong, stored) = outcomes.split_last().unwrap();
    assert!(matches!(wrong, Err(AppendError::WrongExpectedVersion { .. })), "{wrong:?}");
    for (append, outcome) in appends.iter().zip(stored).skip(1) {
        let outcome = outcome.as_ref().unwrap();
        assert!(outcome.repeated, "the first attempt had stored it: {append:?}");
        assert_eq!(store.append(append.clone()).await.unwrap(), *outcome);
    }
    assert_eq!(positions(&store).await.len(), 9);
    assert_eq!(store.keys().unwrap().owner(&key).await.unwrap(), Some(stream_of("marks")));
}

#[tokio::test]
async fn an_append_whose_server_process_is_killed_is_stored_once() {
    let schema = Schema::new();
    let (store, other) = (schema.options().batches_in_flight(1).open().await.unwrap(), schema.open().await);
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    other.append_in(&mut transaction, &event("held")).await.unwrap();
    let outcomes = join_all(["a", "held", "b"].map(|stream| store.append(event(stream))));
    let (outcomes, ()) = tokio::join!(outcomes, async {
        until_blocked(&schema, 1).await;
        let kill = "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and query like $1";
        query(kill).bind(format!("%{}%", schema.name)).execute(&mut connect().await).await.unwrap();
        transaction.commit().await.unwrap();
    });
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!((version(&store, "held").await, positions(&store).await.len()), (2, 4));
}

#[tokio::test]
async fn what_another_process_is_setting_is_cancelled_and_given_back() {
    let schema = Schema::new();
    let (store, other) = (schema.open().await, schema.open().await);
    let timer = Timer { owner: stream_of("a"), name: "deadline".to_owned(), due: Timestamp::from_micros(1) };
    let key = ReservedKeyName::new(Tenant::NONE, "email", "a@b").unwrap();
    let (set, cancel) = (Effect::SetTimer(timer), Effect::CancelTimer { owner: stream_of("a"), name: "deadline".to_owned() });
    let reserve = Effect::ReserveKey { key: key.clone(), owner: stream_of("a") };
    let release = Effect::ReleaseKey { key: key.clone(), owner: stream_of("a") };
    for (make, unmake) in [(set, cancel), (reserve, release)] {
        let mut open = connect().await;
        let mut transaction = open.begin().await.unwrap();
        other.append_in(&mut transaction, &event("a").effect(make)).await.unwrap();
        let (unmade, ()) = tokio::join!(store.append(event("b").effect(unmake)), async {
            until_blocked(&schema, 1).await;
            transaction.commit().await.unwrap();
        });
        unmade.unwrap();
    }
    assert_eq!(store.timers().unwrap().of(&stream_of("a")).await.unwrap(), []);
    assert_eq!(store.keys().unwrap().owner(&key).await.unwrap(), None);
}

#[tokio::test]
async fn a_view_that_is_reset_while_it_is_written_is_whole_or_gone() {
    let schema = Schema::new();
    let store = schema.open().await;
    let views = store.views().unwrap();
    let view = ViewName::new("totals").unwrap();
    let start = Checkpoint::start(annals_core::LogId::MAIN, store.info().logs[0].epoch);
    let entry = ViewEntry { key: "a".to_owned(), data: Payload { encoding: Encoding::JSON, data: b"1"[..].into() } };
    let commit = |expected| ViewCommit {
        view: view.clone(),
        version: 1,
        expected,
        checkpoint: start,
        changes: vec![ViewChange::Put(entry.clone())],
    };
    views.commit(commit(None)).await.unwrap();
    // A reset that is not committed yet: who writes the view for the first time waits for it, and then writes it.
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    let reset = AssertSqlSafe(format!("select \"{}\".reset_view('totals', 1)", schema.name));
    query(reset).execute(&mut *transaction).await.unwrap();
    let (committed, ()) = tokio::join!(views.commit(commit(None)), async {
        until_blocked(&schema, 1).await;
        transaction.commit().await.unwrap();
    });
    committed.unwrap();
    assert_eq!(views.checkpoint(&view, 1).await.unwrap(), Some(start));
    assert!(views.get(&view, 1, "a").await.unwrap().is_some());
    // A reset that waits for a commit takes what that wrote with it.
    let mut transaction = open.begin().await.unwrap();
    let write = AssertSqlSafe(format!(
        "insert into \"{0}\".document select id, 'late', 1, '' from \"{0}\".view where name = 'totals' for update",
        schema.name
    ));
    query(write).execute(&mut *transaction).await.unwrap();
    let (gone, ()) = tokio::join!(views.reset(&view, 1), async {
        until_blocked(&schema, 1).await;
        transaction.commit().await.unwrap();
    });
    gone.unwrap();
    assert_eq!(schema.number("select count(*) from {schema}.document").await, 0);
}

#[test]
fn who_appends_when_the_runtime_of_the_store_has_ended_is_told() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let schema = Schema::new();
    let ended = runtime();
    let store = ended.block_on(schema.open());
    drop(ended);
    let outcome = runtime().block_on(store.append(event("a")));
    assert!(matches!(outcome, Err(AppendError::Unknown(_) | AppendError::NotStored(_))), "{outcome:?}");
}

#[tokio::test]
async fn who_cannot_be_served_is_told_that_nothing_was_stored() {
    let schema = Schema::new();
    let pool = PgPoolOptions::new().max_connections(4).acquire_timeout(Duration::from_millis(200)).connect(&url()).await.unwrap();
    let store = PostgresOptions::with_pool(pool.clone()).schema(&schema.name).open().await.unwrap();
    let _all = join_all((0..4).map(|_| pool.acquire())).await;
    let Err(AppendError::NotStored(failure)) = store.append(event("a")).await else { panic!("there is no connection") };
    assert_eq!(failure.kind, FailureKind::Busy);
}

#[tokio::test]
async fn a_closed_store_refuses_and_wakes_who_waits() {
    let schema = Schema::new();
    let store = schema.open().await;
    let (woken, ()) = tokio::join!(store.wait(annals_core::LogId::MAIN, annals_core::Position::ZERO), async { store.close() });
    assert!(woken.is_err());
    let Err(AppendError::NotStored(failure)) = store.append(event("a")).await else { panic!("it is closed") };
    assert_eq!(failure.kind, FailureKind::Closed);
}

#[tokio::test]
async fn a_hot_stream_in_one_batch_gets_its_versions_in_order() {
    let schema = Schema::new();
    let store = schema.options().batches_in_flight(1).open().await.unwrap();
    let outcomes = join_all((0..64).map(|_| store.append(event("hot")))).await;
    let versions: Vec<_> = outcomes.iter().map(|outcome| outcome.as_ref().unwrap().streams[0].last.get()).collect();
    assert_eq!(versions, (1..=64).collect::<Vec<_>>());
    // One batch where all but one are wrong, and one where each stands on the one before it.
    let same =
        join_all((0..8).map(|_| store.append(expecting(event("hot"), ExpectedVersion::Exact(Version::new(64).unwrap()))))).await;
    assert_eq!(same.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{same:?}");
    assert!(same[0].is_ok(), "the first that came");
    let chain =
        (65..73).map(|version| store.append(expecting(event("hot"), ExpectedVersion::Exact(Version::new(version).unwrap()))));
    assert!(join_all(chain).await.iter().all(Result::is_ok));
    assert_eq!(version(&store, "hot").await, 73);
}

#[tokio::test]
async fn thousands_of_tags_do_not_exhaust_the_lock_table() {
    let schema = Schema::new();
    let store = schema.open().await;
    let mut append = event("a");
    append.streams[0].events = (0..1_000)
        .flat_map(|number| {
            let mut append = event("a");
            for tag in 0..16 {
                append = tagged(append, &format!("tag:{number}-{tag}"));
            }
            append.streams.remove(0).events
        })
        .collect();
    store.append(append).await.unwrap();
    assert_eq!(schema.number("select count(*) from {schema}.event_tag").await, 16_000);
}

#[tokio::test]
async fn an_append_has_ten_thousand_events_and_not_one_more() {
    let schema = Schema::new();
    let store = schema.open().await;
    let events = |count| (0..count).flat_map(|_| event("a").streams.remove(0).events).collect::<Vec<_>>();
    let of = |events| {
        let mut append = event_of(u128::MAX, "a");
        append.streams = vec![StreamAppend::new(stream_of("a"), ExpectedVersion::NoStream, events)];
        append
    };
    let Err(AppendError::Invalid(InvalidAppend::Limit(limit))) = store.append(of(events(10_001))).await else {
        panic!("it is too large")
    };
    assert_eq!(limit.to_string(), "the append has 10001 events, the limit of this store is 10000");
    let appended = store.append(of(events(10_000))).await.unwrap();
    assert_eq!(appended.streams[0].last.get(), 10_000);
    assert_eq!(
        store.appended(appended_id()).await.unwrap().map(|found| (found.first, found.last)),
        Some((appended.first, appended.last))
    );
}

fn appended_id() -> annals_core::AppendId {
    event_of(u128::MAX, "a").id
}

#[tokio::test]
async fn reads_go_on_after_every_connection_was_broken() {
    let schema = Schema::new();
    let connect = url().parse::<PgConnectOptions>().unwrap().application_name(&schema.name);
    let pool = PgPoolOptions::new().max_connections(6).test_before_acquire(false).connect_lazy_with(connect);
    let store = PostgresOptions::with_pool(pool).schema(&schema.name).open().await.unwrap();
    store.append(event("a")).await.unwrap();
    let id = event("b");
    store.append(id.clone()).await.unwrap();
    let end_all = || async {
        // As many as the pool can have.
        let held = join_all((0..6).map(|_| store.pool().acquire())).await;
        drop(held);
        let sql = "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where application_name = '{schema}'";
        assert!(schema.number(sql).await >= 6);
    };
    end_all().await;
    let page = store.read_stream(ReadStream::forward(stream_of("a"))).await.unwrap();
    assert_eq!(page.events.len(), 1);
    end_all().await;
    assert_eq!(positions(&store).await.len(), 2);
    end_all().await;
    assert!(store.appended(id.id).await.unwrap().is_some());
    end_all().await;
    assert_eq!(store.outbox().unwrap().pending(&QueueName::new("mail").unwrap(), 9).await.unwrap().len(), 0);
    end_all().await;
    assert_eq!(store.timers().unwrap().of(&stream_of("a")).await.unwrap().len(), 0);
}
