//! Given/when/then for projections in SQL, and what a failed test says: `tests/snapshots/sqlite__*.snap`.
#![cfg(feature = "sqlite")]

mod failing;

use annals::prelude::*;
use annals::sqlite::{Connection, Error, Transaction, params};
use annals::{StreamId, Timestamp};
use annals_testing::{GivenSqliteProjection, given_sqlite_projection};
use failing::failure;

#[derive(Event)]
enum OrderEvent {
    Placed { customer: String, total: i64 },
    Noted { text: String },
    Cancelled,
}

#[derive(Event)]
enum StockEvent {
    Counted,
}

#[aggregate(id = u32, event = OrderEvent)]
#[derive(Default)]
struct Order;

/// What was sold, a row for each order, with a flaw where one is asked for.
struct Sales;

#[projection(sqlite)]
impl Sales {
    #[setup]
    fn tables(tx: &Transaction<'_>) -> Result<(), Error> {
        tx.execute_batch(
            "drop table if exists sale;
             create table sale (number text primary key, customer text not null, total integer not null, at text, note blob) strict",
        )
    }

    #[on]
    fn order(&self, event: &OrderEvent, tx: &Transaction<'_>, context: &EventContext<'_>) -> Result<(), Error> {
        let order = context.stream_id();
        let changed = match event {
            OrderEvent::Placed { customer, total } => {
                let at = context.recorded_at().to_string();
                tx.execute("insert into sale values (?1, ?2, ?3, ?4, x'00ff')", params![order, customer, total, at])
            }
            OrderEvent::Noted { text } if text == "a panic" => panic!("nobody writes this"),
            OrderEvent::Noted { text } => tx.execute(text, []),
            OrderEvent::Cancelled => tx.execute("delete from sale where number = ?1", [order]),
        };
        changed.map(drop)
    }
}

fn placed(customer: &str, total: i64) -> OrderEvent {
    OrderEvent::Placed { customer: customer.into(), total }
}

fn noted(text: &str) -> OrderEvent {
    OrderEvent::Noted { text: text.into() }
}

fn two_orders() -> GivenSqliteProjection {
    given_sqlite_projection(Sales)
        .events_of::<Order>(&1, [placed("Ann", 300)])
        .events(StreamId::new("stock", "tea").unwrap(), [StockEvent::Counted])
        .events_of::<Order>(&2, [placed("Bob", 120)])
}

/// A query as an application has it.
fn best_customer(db: &Connection) -> Result<String, Error> {
    db.query_row("select customer from sale order by total desc limit 1", [], |row| row.get(0))
}

#[test]
fn rows_are_compared_in_the_order_of_the_query() {
    let one = Timestamp::EPOCH.after(std::time::Duration::from_secs(1));
    two_orders()
        .then_rows("select number, customer, total from sale order by number", [("1", "Ann", 300), ("2", "Bob", 120)])
        .then_rows("select count(*) from sale", [[2]])
        .events_of::<Order>(&2, [OrderEvent::Cancelled])
        .then_no_rows("select * from sale where customer = 'Bob'")
        .at(one)
        .events_of::<Order>(&3, [placed("Cleo", 400)])
        .then_rows("select at, note from sale where number = '3'", [(one.to_string(), [0_u8, 0xff])])
        .then_read(|db| {
            assert_eq!(best_customer(db)?, "Cleo");
            Ok(())
        });
}

#[test]
fn what_differs_in_type_differs() {
    let query = "select number from sale where number = '1'";
    let text = failure(|| drop(two_orders().then_rows(query, [[1]])));
    assert!(text.contains("  - 1\n  + '1'\n"), "{text}");
}

#[test]
fn a_check_only_reads_and_its_panic_is_its_own() {
    let write = "delete from sale";
    let text = failure(|| drop(two_orders().then_read(|db| db.execute(write, []).map(drop))));
    assert!(text.starts_with("attempt to write a readonly database"), "{text}");
    assert_eq!(failure(|| drop(two_orders().then_read(|_| panic!("not so")))), "not so");
    // And what comes after it is taken in.
    two_orders()
        .then_read(|_| Ok(()))
        .events_of::<Order>(&1, [OrderEvent::Cancelled])
        .then_rows("select number from sale", [["2"]]);
}

/// Tables that an earlier version has left are in its way.
struct Forgetful;

#[projection(sqlite)]
impl Forgetful {
    #[setup]
    fn tables(tx: &Transaction<'_>) -> Result<(), Error> {
        tx.execute_batch("create table once (number integer) strict")
    }

    #[on]
    fn stock(&self, _event: &StockEvent, _tx: &Transaction<'_>) -> Result<(), Error> {
        Ok(())
    }
}

macro_rules! snapshot {
    ($name:ident, $test:expr) => {
        #[test]
        fn $name() {
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(failure(|| drop($test)));
            });
        }
    };
}

snapshot!(
    rows_with_another_value_and_one_too_many,
    two_orders().then_rows("select customer, total, note from sale order by total desc", [("Ann", 310, Some([0_u8, 0xff]))])
);
snapshot!(rows_that_should_not_be_there, two_orders().then_no_rows("select total from sale"));
snapshot!(a_row_of_another_length, two_orders().then_rows("select customer from sale", [("Ann", 300)]));
snapshot!(a_query_that_cannot_be, two_orders().then_rows("select customers from sale", [["Ann"]]));
snapshot!(a_query_that_the_store_refuses, two_orders().then_no_rows("pragma case_sensitive_like = 1"));
snapshot!(a_statement_that_is_no_query, two_orders().then_no_rows("delete from sale"));
snapshot!(an_event_that_fails, two_orders().events_of::<Order>(&1, [placed("Ann", 300)]));
snapshot!(a_panic_in_the_projection, two_orders().events_of::<Order>(&1, [noted("a panic")]));
snapshot!(what_the_store_refuses, two_orders().events_of::<Order>(&1, [noted("delete from event")]));
snapshot!(tables_that_are_not_dropped_first, given_sqlite_projection(Forgetful));
