//! What becomes of appends when those who wait for them look away or leave, and when the server is gone.

mod support {
    pub(crate) mod proxy;
    #[path = "mod.rs"]
    mod schema;
    pub(crate) use schema::*;
}

use std::pin::Pin;
use std::time::Duration;

use annals_core::store::{AppendError, Appended, Effect, FailureKind, QueueName};
use annals_core::{EventStore, MessageId};
use annals_store_postgres::sqlx::Connection;
use annals_store_postgres::sqlx::postgres::PgPoolOptions;
use annals_store_postgres::{OpenError, PostgresOptions, PostgresStore};
use futures_util::future::join_all;
use futures_util::{FutureExt, poll};
use support::proxy::Proxy;
use support::{Schema, connect, event, positions, until_blocked, url};
use tokio::runtime::Runtime;

/// An append that was sent, and is on its way. Where this thread is held up the answer may be there with the first poll.
async fn sent(store: &PostgresStore) -> Pin<Box<impl Future<Output = Result<Appended, AppendError>>>> {
    loop {
        let mut append = Box::pin(store.append(event("a")));
        if poll!(append.as_mut()).is_pending() {
            return append;
        }
    }
}

#[tokio::test]
async fn who_sends_an_append_and_looks_away_holds_up_nobody() {
    let schema = Schema::new();
    let store = schema.options().batches_in_flight(1).open().await.unwrap();
    // From here on there is a connection for whoever comes alone and sends by himself.
    store.append(event("warm")).await.unwrap();
    let first = sent(&store).await;
    // Nobody polls the first.
    let second = store.append(event("a")).await.unwrap();
    let first = first.await.unwrap();
    assert_eq!(first.streams[0].last.get() + 1, second.streams[0].last.get());
}

#[tokio::test]
async fn who_sends_an_append_and_looks_away_keeps_no_connection() {
    let schema = Schema::new();
    let store = schema.options().batches_in_flight(1).open().await.unwrap();
    store.append(event("warm")).await.unwrap();
    let first = sent(&store).await;
    // It waits for all of them.
    store.pool().close().await;
    first.await.unwrap();
}

#[tokio::test]
async fn who_sends_an_append_and_leaves_disturbs_nobody() {
    let schema = Schema::new();
    let (store, other) = (schema.options().batches_in_flight(1).open().await.unwrap(), schema.open().await);
    store.append(event("warm")).await.unwrap();
    // The server cannot finish the first, because somebody else is appending to the stream.
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    other.append_in(&mut transaction, &event("a")).await.unwrap();
    let mut first = Box::pin(store.append(event("a")));
    assert!(poll!(first.as_mut()).is_pending());
    drop(first);
    let mut second = Box::pin(store.append(event("a")));
    assert!(poll!(second.as_mut()).is_pending());
    transaction.commit().await.unwrap();
    // What was sent goes its way, and the second has its own answer, not that of the first.
    let second = second.await.unwrap();
    assert_eq!(second.streams[0].last.get(), 3);
    assert_eq!(positions(&store).await.len(), 4);
}

#[tokio::test]
async fn an_outage_is_told_as_such_and_at_once_to_all_who_wait() {
    let schema = Schema::new();
    let proxy = Proxy::to(&url()).await;
    let options = PostgresOptions::new(&proxy.url).schema(&schema.name).batches_in_flight(1).batch_size(1);
    let store = options.acquire_timeout(Duration::from_secs(2)).open().await.unwrap();
    store.append(event("warm")).await.unwrap();
    proxy.stop().await;
    // It was on its way: what became of it is asked for some time.
    let mut lost = Box::pin(store.append(event("lost")));
    assert!(poll!(lost.as_mut()).is_pending());
    let outcomes = join_all((0..20).map(|_| store.append(event("a")))).await;
    for outcome in outcomes {
        let Err(AppendError::NotStored(failure)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(failure.kind, FailureKind::Unavailable);
    }
    assert!(poll!(lost.as_mut()).is_pending());
}

#[tokio::test]
async fn an_append_that_meets_its_own_mark_was_stored_before() {
    let schema = Schema::new();
    let store = schema.open().await;
    let mark = Effect::MarkInbox { consumer: QueueName::new("shop").unwrap(), message: MessageId::from_uuid(uuid::Uuid::nil()) };
    let append = event("a").effect(mark);
    let (mut one, mut other) = (connect().await, connect().await);
    let (mut one, mut other) = (one.begin().await.unwrap(), other.begin().await.unwrap());
    let first = store.append_in(&mut one, &append).await.unwrap();
    // It looks for the append before the first is committed, and for the mark afterwards.
    let (second, ()) = tokio::join!(store.append_in(&mut other, &append), async {
        support::until_blocked(&schema, 1).await;
        one.commit().await.unwrap();
    });
    let second = second.unwrap();
    assert!(second.repeated);
    assert_eq!(second.first, first.first);
}

#[tokio::test]
async fn a_pool_that_would_leave_no_connection_to_readers_is_refused() {
    let schema = Schema::new();
    let pool = |connections| PgPoolOptions::new().max_connections(connections).connect_lazy(&url()).unwrap();
    let open = |connections| PostgresOptions::with_pool(pool(connections)).schema(&schema.name).batches_in_flight(3).open();
    let Err(OpenError::TooFewConnections { found: 4, needed: 5 }) = open(4).await else { panic!("it is too small") };
    open(5).await.unwrap();
    // A pool of its own is made as large as it must be.
    let store = schema.options().connections(1).batches_in_flight(3).open().await.unwrap();
    assert_eq!(store.pool().options().get_max_connections(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_appends_from_another_runtime_takes_no_connections_from_readers() {
    let schema = Schema::new();
    let store = schema.options().batches_in_flight(1).open().await.unwrap();
    let before = store.pool().size() as usize;
    for _ in 0..20 {
        let append = || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(store.append(event("a"))).unwrap();
        };
        tokio::task::block_in_place(|| std::thread::scope(|scope| scope.spawn(append).join().unwrap()));
    }
    let now = store.pool().size() as usize;
    assert!(now <= before + 1, "{now} connections for one append after another, {before} before");
}

#[tokio::test]
async fn who_left_while_waiting_for_a_stream_blocks_nobody() {
    let schema = Schema::new();
    let (store, other) = (schema.options().batches_in_flight(2).open().await.unwrap(), schema.open().await);
    let mut open = connect().await;
    let mut transaction = open.begin().await.unwrap();
    other.append_in(&mut transaction, &event("a")).await.unwrap();
    // The first waits for the transaction, the second for the first, and the third for the second.
    let mut first = Box::pin(store.append(event("a")));
    assert!(poll!(first.as_mut()).is_pending());
    until_blocked(&schema, 1).await;
    let mut both = event("a");
    both.streams.extend(event("b").streams);
    let mut second = Box::pin(store.append(both));
    assert!(poll!(second.as_mut()).is_pending());
    store.append(event("elsewhere")).await.unwrap();
    drop(second);
    assert_eq!(store.append(event("b")).await.unwrap().streams[0].last.get(), 1);
    transaction.commit().await.unwrap();
    first.await.unwrap();
}

#[tokio::test]
async fn who_comes_back_at_once_travels_together_again() {
    let schema = Schema::new();
    let store = schema.open().await;
    let (clients, rounds) = (16, 20);
    join_all((0..clients).map(async |client| {
        for _ in 0..rounds {
            store.append(event(&client.to_string())).await.unwrap();
        }
    }))
    .await;
    assert_eq!(positions(&store).await.len(), clients * rounds);
    let transactions = schema.number("select count(distinct xmin::text) from {schema}.event").await;
    // Else the first goes alone, and another one with it, before those who were answered together.
    assert!(transactions < 30, "{transactions} transactions for {rounds} rounds");
}

#[test]
fn who_outlives_the_runtime_of_the_store_is_told_that_nobody_knows() {
    let schema = Schema::new();
    let runtime = Runtime::new().unwrap();
    let store = runtime.block_on(schema.open());
    runtime.block_on(store.append(event("warm"))).unwrap();
    let other = Runtime::new().unwrap();
    // The server cannot finish it, because somebody else is appending to the stream.
    let (second, transaction, mut first) = other.block_on(async {
        let second = schema.open().await;
        let mut transaction = second.pool().begin().await.unwrap();
        second.append_in(&mut transaction, &event("a")).await.unwrap();
        (second, transaction, Box::pin(store.append(event("a"))))
    });
    runtime.block_on(async { assert!(poll!(first.as_mut()).is_pending()) });
    drop(runtime);
    let told = first.now_or_never();
    assert!(matches!(told, Some(Err(AppendError::Unknown(_)))), "{told:?}");
    other.block_on(async move {
        drop(transaction);
        drop(second);
    });
}
