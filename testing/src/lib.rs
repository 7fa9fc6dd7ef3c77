//! The test kit of Annals.
//!
//! - [`Given`] and [`given_projection`]: given/when/then for aggregates and projections
//! - `property`: property tests of aggregates: whatever the commands, this holds (feature `proptest`)
//! - [`given_saga`]: given/when/then for sagas, in virtual time
//! - [`TestEnv`]: virtual time and random numbers that repeat, for a whole application
//! - [`FaultStore`]: a store that fails as planned
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
#[cfg(feature = "proptest")]
pub use proptest;
pub use random::SeededRandom;
pub use saga::{GivenSaga, SagaScenario, given_saga, given_saga_with};
