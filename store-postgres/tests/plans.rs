//! What the server makes of our statements, also on tables that it has no statistics of.

mod support;

use annals_core::store::{Condition, Criterion, Filter};
use annals_core::{EventStore, LogPosition, Tag};
use annals_store_postgres::sqlx::{AssertSqlSafe, Row, query};
use support::{Schema, connect, event, tagged};

/// The plan of a statement in a file, with these values for its parameters.
async fn plan(schema: &Schema, file: &str, parameters: &str) -> String {
    let mut connection = connect().await;
    let statement = file.replace("{schema}", &schema.name);
    for sql in ["set plan_cache_mode = force_generic_plan".to_owned(), format!("prepare ours as {statement}")] {
        query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }
    let explain = AssertSqlSafe(format!("explain (costs off) execute ours({parameters})"));
    let rows = query(explain).fetch_all(&mut connection).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n")
}

macro_rules! plan {
    ($name:ident: $file:literal, $parameters:literal, $index:literal) => {
        #[tokio::test]
        async fn $name() {
            let schema = Schema::new();
            drop(schema.open().await);
            let file = include_str!(concat!("../src/sql/", $file, ".sql"));
            let plan = plan(&schema, file, $parameters).await;
            assert!(plan.contains($index), "{plan}");
            assert!(!plan.contains("Seq Scan"), "{plan}");
        }
    };
}

plan!(a_stream_is_read_by_its_index: "read_stream_forward", "gen_random_uuid(), 1, 100, 1000, '', 'order', 'a'", "Index Scan using event_version");
plan!(a_stream_is_read_backward_by_its_index: "read_stream_backward", "gen_random_uuid(), 1, 100, 1000, '', 'order', 'a'", "Index Scan Backward using event_version");
plan!(streams_are_read_together_by_their_index: "read_streams", "array[gen_random_uuid()], '{1}', 64, 1000, '{\"\"}', '{order}', '{a}'", "Index Scan using event_version");
plan!(the_log_is_read_in_order_of_positions: "read_log", "0, 100, null, true, '{}', false, 100, 1000", "Index Scan using event_pkey");
plan!(tags_lead_to_events: "read_tagged", "'{a:b}', '{0}', 0, 100, 100, 1000", "using event_tag_pkey");
plan!(what_is_due_is_found_by_its_moment: "due_timers", "'order', 0, 100", "timer_due");
plan!(messages_are_found_in_their_order: "pending", "'orders', 100", "outbox_queue");

#[tokio::test]
async fn statements_that_read_are_planned_once() {
    let schema = Schema::new();
    drop(schema.open().await);
    let fill = "insert into {schema}.event
        select n, (n - 1) % 10 + 1, n, 1, 0, 1, 1, md5((n / 10)::text)::uuid, gen_random_uuid(), gen_random_uuid(), 'order',
            'order.placed', '', (n / 10)::text, array['seat:' || n / 10], '{}', '{}'
        from generate_series(1, 10000) as n;
insert into {schema}.event_tag select unnest(tags), position from {schema}.event;
vacuum analyze {schema}.event, {schema}.event_tag";
    schema.run(fill).await;
    let mut connection = connect().await;
    let statements = [
        (include_str!("../src/sql/read_stream_forward.sql"), "gen_random_uuid(), 1, 1001, null, '', 'order', 'a'"),
        (include_str!("../src/sql/read_stream_backward.sql"), "gen_random_uuid(), 100, 2, null, '', 'order', 'a'"),
        (include_str!("../src/sql/read_log.sql"), "0, 10000, null, true, '{}', false, 1000, null"),
        (include_str!("../src/sql/read_tagged.sql"), "'{seat:1}', '{0}', 0, 10000, 512, 8388608"),
    ];
    for (number, (file, parameters)) in statements.into_iter().enumerate() {
        schema.run_on(&mut connection, &format!("prepare ours_{number} as {file}")).await;
        // The server plans the first five for their values, and goes on so where that seems to pay.
        for _ in 0..6 {
            schema.run_on(&mut connection, &format!("execute ours_{number}({parameters})")).await;
        }
        let kept = format!("select generic_plans from pg_prepared_statements where name = 'ours_{number}'");
        let kept: i64 = query(AssertSqlSafe(kept)).fetch_one(&mut connection).await.unwrap().get(0);
        assert_eq!(kept, 1, "planned anew each time: {file}");
    }
}

#[tokio::test]
async fn documents_are_read_from_the_start_of_a_prefix_to_its_end() {
    let schema = Schema::new();
    drop(schema.open().await);
    let plan = plan(&schema, include_str!("../src/sql/list_documents.sql"), "'orders', 1, 'a', true, 'b', 100").await;
    assert!(plan.contains("using document_pkey"), "{plan}");
    let bounds = "Index Cond: ((view = view.id) AND (key >= $3) AND (key < $5))";
    assert!(plan.contains(bounds) && !plan.contains("Seq Scan"), "{plan}");
}

/// Plans within functions are kept by the session, so one that was made for empty tables serves full ones.
#[tokio::test]
async fn functions_read_by_indexes_on_tables_without_statistics() {
    let schema = Schema::new();
    // To make an index is to read its table.
    schema.open().await.pool().close().await;
    let before = scans(&schema).await;
    let store = schema.open().await;
    let first = tagged(event("a"), "seat:1");
    store.append(first.clone()).await.unwrap();
    assert!(store.append(first).await.unwrap().repeated);
    let criterion = Criterion::new().tag(Tag::parse("seat:1").unwrap()).tag(Tag::parse("seat:2").unwrap());
    let filter = Filter::from(criterion).or(Criterion::new().tag(Tag::parse("seat:1").unwrap()));
    let conditional = event("b").condition(Condition::new(filter, LogPosition::default()));
    assert!(store.append(conditional).await.unwrap_err().is_conflict());
    // What a session has counted is published when it ends.
    store.pool().close().await;
    assert_eq!(scans(&schema).await, before, "tables of events were read from start to end");
    schema.number("select count(*) from {schema}.event where payload is not null").await;
    assert!(scans(&schema).await > before, "such a reading would have been counted");
}

/// How often the tables of events were read from start to end.
async fn scans(schema: &Schema) -> i64 {
    let sql = "select sum(pg_stat_get_numscans(oid))::bigint from pg_class
        where relnamespace = '{schema}'::regnamespace and relname in ('event', 'event_tag')";
    schema.number(sql).await
}
