//! Given/when/then for projections in SQL on PostgreSQL, and what a failed test says.
#![cfg(feature = "postgres")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use annals::postgres::sqlx::{query, query_scalar, raw_sql};
use annals::postgres::{PgBatch, PgConnection, PgProjection, PgProjectionError};
use annals::prelude::*;
use annals::store::ViewName;
use annals::{Filter, StreamId};
use annals_testing::{GivenPostgresProjection, given_postgres_projection};

#[derive(Event)]
enum OrderEvent {
    Placed { customer: String, total: i64 },
    Noted { text: String },
}

#[derive(Event)]
enum StockEvent {
    Counted,
}

#[aggregate(id = u32, event = OrderEvent)]
#[derive(Default)]
struct Order;

/// What each customer has bought, with a flaw where one is asked for.
struct Customers {
    upsert: &'static str,
    setup: &'static str,
}

const TABLES: &str = "drop table if exists customer; create table customer (name text primary key, bought bigint not null)";
const SUMS: &str = "insert into customer select name, sum(total) from unnest($1::text[], $2::bigint[]) as sale (name, total)
    group by name on conflict (name) do update set bought = customer.bought + excluded.bought";
/// Two sales to one customer are an error, if they are in one batch.
const ROWS: &str = "insert into customer select name, total from unnest($1::text[], $2::bigint[]) as sale (name, total)
    on conflict (name) do update set bought = customer.bought + excluded.bought";
/// The first sale of a batch counts, and of the others none.
const FIRSTS: &str = "insert into customer
    select distinct on (name) name, total from unnest($1::text[], $2::bigint[]) with ordinality as sale (name, total, at) order by name, at
    on conflict (name) do update set bought = customer.bought + excluded.bought";

impl PgProjection for Customers {
    fn name(&self) -> ViewName {
        ViewName::from_static("customers")
    }

    fn version(&self) -> u32 {
        1
    }

    fn filter(&self) -> Filter {
        Filter::events::<OrderEvent>()
    }

    async fn setup(&self, tx: &mut PgConnection) -> Result<(), PgProjectionError> {
        raw_sql(self.setup).execute(tx).await?;
        Ok(())
    }

    async fn apply(&self, tx: &mut PgConnection, batch: PgBatch<'_>) -> Result<(), PgProjectionError> {
        let (names, totals): (Vec<String>, Vec<i64>) = batch.columns(|event, _| match event {
            OrderEvent::Placed { customer, total } => Some((customer, total)),
            OrderEvent::Noted { text } if text == "a panic" => panic!("nobody writes this"),
            OrderEvent::Noted { .. } => None,
        })?;
        query(self.upsert).bind(names).bind(totals).execute(tx).await?;
        Ok(())
    }
}

fn placed(customer: &str, total: i64) -> OrderEvent {
    OrderEvent::Placed { customer: customer.into(), total }
}

fn three_orders(upsert: &'static str) -> GivenPostgresProjection<Customers> {
    given_postgres_projection(Customers { upsert, setup: TABLES })
        .events_of::<Order>(&1, [placed("Ann", 300)])
        .events(StreamId::new("stock", "tea").unwrap(), [StockEvent::Counted])
        .events_of::<Order>(&2, [placed("Bob", 120), placed("Ann", 50)])
}

const ALL: &str = "select name, bought from customer order by name";

/// What a test says that fails.
fn said(test: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(test)).expect_err("it passed");
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn rows_are_compared_in_the_order_of_the_query() {
    three_orders(SUMS)
        .then_rows(ALL, [("Ann", 350), ("Bob", 120)])
        .then_rows("select sum(bought), null::text as nothing from customer", [(470, None::<String>)])
        .then_rows("select count(*) from customer;", [2])
        .then_no_rows("select * from customer where bought < 0")
        .events_of::<Order>(&3, [placed("Ann", -350)])
        .then_rows("select name from customer where bought = 0", ["Ann"])
        .then_read(async |db| {
            let best: String = query_scalar("select name from customer order by bought desc limit 1").fetch_one(db).await?;
            assert_eq!(best, "Bob");
            Ok(())
        });
}

#[tokio::test]
async fn a_test_may_be_on_a_runtime_itself() {
    three_orders(SUMS).then_rows(ALL, [("Ann", 350), ("Bob", 120)]);
}

#[test]
fn other_rows_are_shown_with_the_values_that_differ() {
    let said = said(|| drop(three_orders(SUMS).then_rows(ALL, [("Ann", 300), ("Bob", 120)])));
    let expected = r#"the query finds other rows than expected
    select name, bought from customer order by name

given
    order.placed {"customer":"Ann","total":300} of `order/1`
    stock.counted {} of `stock/tea`: left out, the projection does not take it in
    order.placed {"customer":"Bob","total":120} of `order/2`
    order.placed {"customer":"Ann","total":50} of `order/2`
then
    name | bought
  - 'Ann' | 300
  + 'Ann' | 350
        bought: expected 300, got 350
    'Bob' | 120
(- was expected, + came)"#;
    assert_eq!(said.trim_end(), expected);
}

#[test]
fn what_comes_of_events_must_not_depend_on_batches() {
    let twice = said(|| drop(three_orders(ROWS).then_rows(ALL, [("Ann", 350), ("Bob", 120)])));
    assert!(twice.starts_with("all events together, in one batch, fail: "), "{twice}");
    assert!(twice.contains("ON CONFLICT DO UPDATE command cannot affect row a second time"), "{twice}");
    let lost = said(|| drop(three_orders(FIRSTS).then_rows(ALL, [("Ann", 350), ("Bob", 120)])));
    assert!(lost.starts_with("where all events are one batch, the query finds other rows than expected"), "{lost}");
    assert!(lost.contains("bought: expected 350, got 300"), "{lost}");
}

#[test]
fn an_event_that_fails_is_named_with_those_before_it() {
    let note = OrderEvent::Noted { text: "a panic".into() };
    let said = said(|| drop(three_orders(SUMS).events_of::<Order>(&1, [note])));
    let headline =
        "the event at position 5 could not be taken in: event 2 of `order/1` (`order.noted`): it panicked: nobody writes this";
    assert!(said.starts_with(headline), "{said}");
    assert!(said.contains(r#"order.noted {"text":"a panic"} of `order/1`: failed"#), "{said}");
}

#[test]
fn tables_that_are_not_dropped_first_are_noticed_before_the_next_version_is() {
    let setup = "create table customer (name text primary key, bought bigint not null)";
    let said = said(|| drop(given_postgres_projection(Customers { upsert: SUMS, setup })));
    let start = "the tables cannot be made anew where they are: `customers` could not be set up: ";
    assert!(said.starts_with(start) && said.contains("relation \"customer\" already exists"), "{said}");
}

#[test]
fn a_query_only_reads() {
    let said = said(|| drop(three_orders(SUMS).then_no_rows("delete from customer returning name")));
    assert!(said.contains("syntax error"), "{said}");
    let said = said_reading();
    assert!(said.contains("cannot execute DELETE in a read-only transaction"), "{said}");
}

fn said_reading() -> String {
    said(|| drop(three_orders(SUMS).then_read(async |db| query("delete from customer").execute(db).await.map(drop))))
}
