//! A read model in SQL, in the file of the store: `cargo run --example sql_projection`.
use std::convert::Infallible;
use std::sync::Arc;

use annals::prelude::*;
use annals::sqlite::{Error, SqliteStore, Transaction, params};

#[derive(Event)]
enum OrderEvent {
    Placed { customer: String, total: i64 },
    Cancelled,
}

#[derive(Command)]
struct Place {
    #[id]
    order: u32,
    customer: String,
    total: i64,
}

#[derive(Command)]
struct Cancel {
    #[id]
    order: u32,
}

#[aggregate(id = u32, event = OrderEvent)]
#[derive(Default)]
struct Order;

#[aggregate]
impl Order {
    #[command]
    fn place(&self, command: Place) -> Result<OrderEvent, Infallible> {
        Ok(OrderEvent::Placed { customer: command.customer, total: command.total })
    }

    #[command]
    fn cancel(&self, _command: Cancel) -> Result<OrderEvent, Infallible> {
        Ok(OrderEvent::Cancelled)
    }

    #[event]
    fn evolve(&mut self, _event: &OrderEvent) {}
}

/// What was sold: a row for each order. The rows and how far they go are committed in one transaction.
struct Sales;

#[projection(sqlite, version = 1)]
impl Sales {
    /// Once for each version: what an older one has left is dropped.
    #[setup]
    fn tables(tx: &Transaction<'_>) -> Result<(), Error> {
        tx.execute_batch(
            "drop table if exists sale;
             create table sale (number text primary key, customer text not null, total integer not null) strict;
             create index sale_customer on sale (customer);",
        )
    }

    #[on]
    fn order(&self, event: &OrderEvent, tx: &Transaction<'_>, context: &EventContext<'_>) -> Result<(), Error> {
        let order = context.stream_id();
        match event {
            OrderEvent::Placed { customer, total } => {
                tx.prepare_cached("insert into sale values (?1, ?2, ?3)")?.execute(params![order, customer, total])?;
            }
            OrderEvent::Cancelled => {
                tx.prepare_cached("delete from sale where number = ?1")?.execute([order])?;
            }
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::temp_dir().join(format!("annals-sales-{}.db", std::process::id()));
    let store = Arc::new(SqliteStore::open(file).await?);
    let app = App::new(store.clone()).aggregate::<Order>().sink(store.projection(Sales)).start().await?;
    for (order, customer, total) in [(1, "Ann", 300), (2, "Bob", 120), (3, "Ann", 80)] {
        app.send(Place { order, customer: customer.into(), total }).await?;
    }
    let receipt = app.send(Cancel { order: 2 }).await?;

    app.wait_for(&receipt).await?;
    let best = "select customer, sum(total) from sale group by customer order by sum(total) desc limit 1";
    let (customer, total) = store.read(|db| db.query_row(best, [], |row| Ok((row.get(0)?, row.get(1)?)))).await?;
    let (customer, total): (String, i64) = (customer, total);
    println!("{customer} has bought most: {total}");
    app.shutdown(std::time::Duration::from_secs(5)).await;
    Ok(())
}

#[test]
fn a_cancelled_order_is_not_sold() {
    let placed = |customer: &str, total| OrderEvent::Placed { customer: customer.into(), total };
    annals_testing::given_sqlite_projection(Sales)
        .events_of::<Order>(&1, [placed("Ann", 300)])
        .events_of::<Order>(&2, [placed("Bob", 120), OrderEvent::Cancelled])
        .events_of::<Order>(&3, [placed("Ann", 80)])
        .then_rows("select customer, sum(total) from sale group by customer", [("Ann", 380)]);
}
