//! The test kit of Annals.
//!
//! The rules of an event-sourced program are functions: given what happened, when this is asked for, then that happens. They
//! are tested without a store, without a clock and without waiting, and a test that fails tells the whole story.
//!
//! For the domain:
//! - [`Given`] and [`given_projection`]: given/when/then for aggregates and projections
//! - `given_sqlite_projection` (feature `sqlite`): the same for projections in SQL, whose tables are asked with queries
//! - `given_postgres_projection` (feature `postgres`): the same on PostgreSQL, with events taken in one by one and together
//! - `property` (feature `proptest`): whatever the commands, this holds; hundreds of histories are tried, and of those that
//!   fail the shortest is shown
//! - [`given_saga`]: given/when/then for sagas, in virtual time
//!
//! For an application as a whole:
//! - [`TestEnv`]: virtual time and random numbers that repeat
//! - [`FaultStore`]: a store that fails as planned
//! - `PostgresSchema` (feature `postgres`): a schema of its own for each test
//!
//! For whoever writes a store:
//! - [`compliance`]: the contract of the event store as tests. A store has them all by these lines in
//!   `tests/compliance.rs`:
//!
//!   ```no_run
//!   use annals_store_memory::MemoryStore;
//!
//!   annals_testing::event_store_compliance!(|| async { MemoryStore::new() });
//!   # fn main() {}
//!   ```

#![deny(missing_docs)]

mod activity;
// Stores with one flaw each, for the tests of the suite itself.
#[doc(hidden)]
pub mod broken;
mod clock;
pub mod compliance;
mod env;
mod fault;
mod given;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "proptest")]
pub mod property;
mod random;
mod saga;
mod story;
mod undriven;

pub use clock::{ManualClock, Sleep};
pub use env::TestEnv;
pub use fault::{Fault, FaultPlan, FaultStore, Operation};
pub use given::{Given, GivenProjection, Then, given_projection};
#[cfg(feature = "postgres")]
pub use given::{GivenPostgresProjection, given_postgres_projection};
#[cfg(feature = "sqlite")]
pub use given::{GivenSqliteProjection, given_sqlite_projection};
#[cfg(feature = "postgres")]
pub use postgres::PostgresSchema;
#[cfg(feature = "proptest")]
pub use proptest;
pub use random::SeededRandom;
pub use saga::{GivenSaga, SagaScenario, given_saga, given_saga_with};
