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
//!
//! # Projections in SQL
//!
//! A [`PgProjection`] keeps a read model in tables of its own. What a batch of events writes and the checkpoint behind it are
//! committed in one transaction, so each event is taken in exactly once. A statement takes in the whole batch:
//!
//! ```
//! # use annals::prelude::*;
//! # use std::sync::Arc;
//! use annals::Filter;
//! use annals::postgres::sqlx::{query, query_scalar, raw_sql};
//! use annals::postgres::{PgBatch, PgConnection, PgProjection, PgProjectionError};
//! use annals::store::ViewName;
//!
//! # #[derive(Command)] struct Place { #[id] order: u32, customer: String, total: i64 }
//! # #[aggregate(id = u32, event = OrderEvent)] #[derive(Default)] struct Order;
//! # #[aggregate] impl Order {
//! #     #[command] fn place(&self, it: Place) -> Result<OrderEvent, std::convert::Infallible> {
//! #         Ok(OrderEvent::Placed { customer: it.customer, total: it.total })
//! #     }
//! #     #[event] fn evolve(&mut self, _: &OrderEvent) {}
//! # }
//! #[derive(Event)]
//! enum OrderEvent {
//!     Placed { customer: String, total: i64 },
//! }
//!
//! /// How much each customer has bought.
//! struct Customers;
//!
//! impl PgProjection for Customers {
//!     fn name(&self) -> ViewName {
//!         ViewName::from_static("customers")
//!     }
//!
//!     fn version(&self) -> u32 {
//!         1
//!     }
//!
//!     fn filter(&self) -> Filter {
//!         Filter::events::<OrderEvent>()
//!     }
//!
//!     async fn setup(&self, tx: &mut PgConnection) -> Result<(), PgProjectionError> {
//!         let tables = "drop table if exists customer;
//!                       create table customer (name text primary key, bought bigint not null)";
//!         raw_sql(tables).execute(tx).await?;
//!         Ok(())
//!     }
//!
//!     async fn apply(&self, tx: &mut PgConnection, batch: PgBatch<'_>) -> Result<(), PgProjectionError> {
//!         let (names, totals): (Vec<String>, Vec<i64>) =
//!             batch.columns(|OrderEvent::Placed { customer, total }, _| Some((customer, total)))?;
//!         query(
//!             "insert into customer (name, bought)
//!              select name, sum(total) from unnest($1::text[], $2::bigint[]) as sale (name, total) group by name
//!              on conflict (name) do update set bought = customer.bought + excluded.bought",
//!         )
//!         .bind(names)
//!         .bind(totals)
//!         .execute(tx)
//!         .await?;
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (tables, schema) = (annals_testing::PostgresSchema::new(), annals_testing::PostgresSchema::new());
//! # let url = schema.url() + "&options[search_path]=" + tables.name();
//! # let store = annals::PostgresStore::open(&url).await?;
//! # query(annals::postgres::sqlx::AssertSqlSafe(format!("create schema {}", tables.name()))).execute(store.pool()).await?;
//! # let store = Arc::new(store);
//! let app = App::new(store.clone()).aggregate::<Order>().sink(store.projection(Customers)).start().await?;
//! app.wait_for(&app.send(Place { order: 1, customer: "Ann".into(), total: 300 }).await?).await?;
//! let bought: i64 = query_scalar("select bought from customer where name = 'Ann'").fetch_one(store.pool()).await?;
//! assert_eq!(bought, 300);
//! # Ok(())
//! # }
//! ```

/// The library behind the store.
#[doc(no_inline)]
pub use annals_store_postgres::sqlx;
pub use annals_store_postgres::{
    Blocker, Holder, OpenError, PgBatch, PgConnection, PgProjection, PgProjectionError, PgSink, PostgresOptions, PostgresStore,
    Roles, StoreHealth,
};
