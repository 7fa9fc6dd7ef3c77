//! What is refused when a store is opened, and what the refusal says.

mod support;

use std::error::Error;
use std::sync::Arc;

use annals_core::EventStore;
use annals_store_postgres::sqlx::PgPool;
use annals_store_postgres::{OpenError, PostgresOptions, PostgresStore};
use support::{Schema, event, positions, url};

fn chain(error: &(dyn Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| (*error).source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

async fn refused(options: PostgresOptions) -> OpenError {
    options.open().await.map(drop).expect_err("it is refused")
}

#[tokio::test]
async fn a_store_is_opened_again_with_what_is_in_it() {
    let schema = Schema::new();
    let first = schema.open().await;
    first.append(event("a")).await.unwrap();
    let life = first.info().logs[0].epoch;
    drop(first);
    let again = schema.open().await;
    assert_eq!(again.info().logs[0].epoch, life);
    assert_eq!(positions(&again).await, [1]);
    assert!(again.info().durable);
}

#[tokio::test]
async fn of_many_who_create_a_store_at_a_time_all_find_one() {
    let schema = Arc::new(Schema::new());
    let opened = (0..8).map(|_| async { schema.open().await.info().logs[0].epoch });
    let lives = futures_util::future::join_all(opened).await;
    assert!(lives.iter().all(|life| *life == lives[0]));
}

#[tokio::test]
async fn two_schemas_are_two_lives() {
    let (one, other) = (Schema::new(), Schema::new());
    assert_ne!(one.open().await.info().logs[0].epoch, other.open().await.info().logs[0].epoch);
}

#[tokio::test]
async fn the_pool_of_an_application_can_be_shared() {
    let schema = Schema::new();
    let pool = PgPool::connect(&url()).await.unwrap();
    let store = PostgresOptions::with_pool(pool.clone()).schema(&schema.name).open().await.unwrap();
    store.append(event("a")).await.unwrap();
    assert_eq!(positions(&store).await, [1]);
    drop(store);
    assert!(!pool.is_closed());
}

#[tokio::test]
async fn a_store_that_is_not_there_is_not_created_against_ones_will() {
    let schema = Schema::new();
    let error = refused(schema.options().create(false)).await;
    assert!(matches!(error, OpenError::NotFound { .. }));
    assert_eq!(schema.number("select count(*) from pg_namespace where nspname = '{schema}'").await, 0);
}

#[tokio::test]
async fn a_schema_of_somebody_else_is_left_as_it_is() {
    let schema = Schema::new();
    schema.run("create schema {schema};\ncreate table {schema}.mine (id integer)").await;
    assert!(matches!(refused(schema.options()).await, OpenError::Foreign { .. }));
    schema.run("create table {schema}.store (shelf integer)").await;
    assert!(matches!(refused(schema.options()).await, OpenError::Foreign { .. }));
    assert_eq!(
        schema.number("select count(*) from pg_class where relnamespace = '{schema}'::regnamespace and relkind = 'r'").await,
        2
    );
}

#[tokio::test]
async fn an_empty_schema_that_an_administrator_made_is_taken() {
    let schema = Schema::new();
    schema.run("create schema {schema}").await;
    schema.open().await.append(event("a")).await.unwrap();
}

#[tokio::test]
async fn a_newer_store_is_left_as_it_is() {
    let schema = Schema::new();
    drop(schema.open().await);
    schema.run("update {schema}.store set format = 99").await;
    let error = refused(schema.options()).await;
    let expected = format!(
        "the store in the schema `{}` has format 99; this program knows formats up to 1: use the version of annals that made it, or a newer one",
        schema.name
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_sequence_behind_the_events_is_refused_and_can_be_repaired() {
    let schema = Schema::new();
    let store = schema.open().await;
    for _ in 0..3 {
        store.append(event("a")).await.unwrap();
    }
    drop(store);
    schema.run("select setval('{schema}.event_position', 1)").await;
    let error = refused(schema.options()).await;
    assert!(matches!(error, OpenError::SequenceBehind { next: 2, last: 3, .. }), "{error:?}");
    assert!(error.to_string().contains("repair it with `PostgresOptions::repair`"));

    let repaired = schema.options().repair().open().await.unwrap();
    repaired.append(event("a")).await.unwrap();
    assert_eq!(positions(&repaired).await, [1, 2, 3, 4]);
    // It never goes back.
    drop(repaired);
    schema.run("select setval('{schema}.event_position', 100)").await;
    let again = schema.options().repair().open().await.unwrap();
    again.append(event("a")).await.unwrap();
    assert_eq!(positions(&again).await, [1, 2, 3, 4, 101]);
}

#[tokio::test]
async fn a_sequence_that_gives_positions_out_of_order_is_refused() {
    let schema = Schema::new();
    drop(schema.open().await);
    for (change, back) in [("cache 10", "cache 1"), ("cycle", "no cycle"), ("increment 2", "increment 1")] {
        schema.run(&format!("alter sequence {{schema}}.event_position {change}")).await;
        let error = refused(schema.options()).await;
        assert!(matches!(error, OpenError::SequenceChanged { .. }), "{change}: {error:?}");
        schema.run(&format!("alter sequence {{schema}}.event_position {back}")).await;
    }
    drop(schema.open().await);
}

#[tokio::test]
async fn a_name_that_is_no_schema_is_refused_before_anything_is_sent() {
    let error = refused(PostgresOptions::new("postgres://nowhere.invalid/x").schema("a\"; drop schema public; --")).await;
    assert!(matches!(error, OpenError::SchemaName { .. }));
}

#[tokio::test]
async fn an_error_names_the_server_and_no_password() {
    let url = "postgres://app:hunter2@127.0.0.1:1/shop";
    let options = PostgresOptions::new(url).acquire_timeout(std::time::Duration::from_millis(300));
    assert!(!format!("{options:?}").contains("hunter2"));
    let error = refused(options).await;
    assert_eq!(error.to_string(), "the server at `127.0.0.1:1` cannot be reached");
    assert!(!format!("{error:?} {}", chain(&error)).contains("hunter2"));

    let error = PostgresStore::open("postgres://app:hunter2@[").await.unwrap_err();
    assert!(matches!(error, OpenError::Url { .. }));
    assert!(!format!("{error:?} {}", chain(&error)).contains("hunter2"));
}

#[tokio::test]
async fn events_are_never_changed() {
    let schema = Schema::new();
    let store = schema.open().await;
    store.append(support::tagged(event("a"), "seat:1")).await.unwrap();
    let mut connection = support::connect().await;
    for change in [
        "update {schema}.event set version = 2",
        "delete from {schema}.event",
        "truncate {schema}.event",
        "update {schema}.event_tag set tag = 'x:y'",
        "delete from {schema}.event_tag",
        "truncate {schema}.event_tag",
    ] {
        let sql = annals_store_postgres::sqlx::AssertSqlSafe(change.replace("{schema}", &schema.name));
        let error = annals_store_postgres::sqlx::query(sql).execute(&mut connection).await.unwrap_err();
        assert!(error.to_string().contains("events are never changed"), "{change}: {error}");
    }
}

#[tokio::test]
async fn the_log_can_be_read_by_people() {
    let schema = Schema::new();
    let store = schema.open().await;
    store.append(event("a")).await.unwrap();
    let rows =
        schema.number("select count(*) from {schema}.readable where stream = 'a' and payload = '{}' and category = 'order'");
    assert_eq!(rows.await, 1);
}
