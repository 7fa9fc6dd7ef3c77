//! The test kit of Annals.
//!
//! - [`broken`]: stores with one flaw each, which the suite rejects
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

pub mod broken;
pub mod compliance;
mod random;
mod saga;

pub use random::SeededRandom;
pub use saga::SagaScenario;
