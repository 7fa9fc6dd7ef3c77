//! The store on a PostgreSQL server, for any number of processes on any number of machines.
//!
//! [`PostgresStore`] is the store; [`annals::connect("postgres://app@db/shop")`](crate::connect) opens one with what suits most
//! applications, [`PostgresOptions`] with what you say: the schema, the pool of your application, how many appends share a
//! transaction. An append is answered when it is committed.
//!
//! Readers never skip an event, however slowly transactions of others commit: they read up to a horizon, below which nothing
//! can appear any more. Appends that are in flight together share transactions and round trips.
//!
//! ```no_run
//! # use annals::prelude::*;
//! # #[derive(Event)] enum OrderEvent { Placed }
//! # #[derive(Command)] struct Place { #[id] order: u32 }
//! # #[aggregate(id = u32, event = OrderEvent)] #[derive(Default)] struct Order;
//! # #[aggregate] impl Order {
//! #     #[command] fn place(&self, _: Place) -> Result<OrderEvent, std::convert::Infallible> { Ok(OrderEvent::Placed) }
//! #     #[event] fn evolve(&mut self, _: &OrderEvent) {}
//! # }
//! use annals::PostgresOptions;
//! use std::sync::Arc;
//!
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! let store = PostgresOptions::new("postgres://app@db/shop?sslmode=verify-full").schema("orders").open().await?;
//! let app = App::new(Arc::new(store)).aggregate::<Order>().start().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Together with other changes in a transaction of yours, events are appended by [`PostgresStore::append_in`].

/// The library behind the store.
#[doc(no_inline)]
pub use annals_store_postgres::sqlx;
pub use annals_store_postgres::{Blocker, Holder, OpenError, PostgresOptions, PostgresStore, StoreHealth};
