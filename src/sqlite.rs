//! The store in one file, and read models in tables of your own.
//!
//! [`SqliteStore`] is the store; [`annals::connect("sqlite:orders.db")`](crate::connect) opens one with what suits most
//! applications, [`SqliteOptions`] with what you say. It is durable: what was answered survives a crash of the process and of the
//! machine. Several processes on one machine may use a file.
//!
//! A projection in SQL is written with [`#[projection(sqlite)]`](macro@crate::projection#in-sql), which implements
//! [`SqliteProjection`]. Its rows and its checkpoint are committed in one transaction, so each event is taken in exactly once:
//!
//! ```
//! # use annals::prelude::*;
//! # #[derive(Event)] enum OrderEvent { Placed { customer: String, total: i64 } }
//! # #[derive(Command)] struct Place { #[id] order: u32, customer: String, total: i64 }
//! # #[aggregate(id = u32, event = OrderEvent)] #[derive(Default)] struct Order;
//! # #[aggregate] impl Order {
//! #     #[command] fn place(&self, it: Place) -> Result<OrderEvent, std::convert::Infallible> { Ok(OrderEvent::Placed { customer: it.customer, total: it.total }) }
//! #     #[event] fn evolve(&mut self, _: &OrderEvent) {}
//! # }
//! use annals::sqlite::{Error, SqliteStore, Transaction, params};
//! use std::sync::Arc;
//!
//! struct Sales;
//!
//! #[projection(sqlite)]
//! impl Sales {
//!     #[setup]
//!     fn tables(tx: &Transaction<'_>) -> Result<(), Error> {
//!         tx.execute_batch("drop table if exists sale; create table sale (customer text not null, total integer not null) strict")
//!     }
//!
//!     #[on]
//!     fn order(&self, event: &OrderEvent, tx: &Transaction<'_>) -> Result<(), Error> {
//!         let OrderEvent::Placed { customer, total } = event;
//!         tx.prepare_cached("insert into sale values (?1, ?2)")?.execute(params![customer, total]).map(drop)
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("orders.db");
//! let store = Arc::new(SqliteStore::open(file).await?);
//! let app = App::new(store.clone()).aggregate::<Order>().sink(store.projection(Sales)).start().await?;
//! app.wait_for(&app.send(Place { order: 1, customer: "Ann".into(), total: 300 }).await?).await?;
//! let sold: i64 = store.read(|db| db.query_row("select sum(total) from sale", [], |row| row.get(0))).await?;
//! assert_eq!(sold, 300);
//! # Ok(())
//! # }
//! ```
//!
//! [`Connection`], [`Transaction`], [`Error`] and [`params!`] are those of [rusqlite](https://docs.rs/rusqlite): use it from here, so that the versions are the
//! same. The file is plain SQLite, and any other program may read it: `select * from readable` shows the log to people.

/// The library behind the store.
#[doc(no_inline)]
pub use annals_store_sqlite::rusqlite;
pub use annals_store_sqlite::{
    Connection, Error, OpenError, QueryError, SqliteOptions, SqliteProjection, SqliteProjectionError, SqliteSink, SqliteStore,
    Transaction, params,
};
