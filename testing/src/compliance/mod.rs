//! The contract of [`EventStore`](annals_core::EventStore) as tests that every store passes.
//!
//! A store has them all by five lines in `tests/compliance.rs`:
//!
//! ```no_run
//! use annals_store_memory::MemoryStore;
//!
//! annals_testing::event_store_compliance!(|| async { MemoryStore::new() });
//! # fn main() {}
//! ```
//!
//! The factory gives each test a fresh store. What else must live as long as the store goes into a [`Subject`], and so
//! does a second way to the same data:
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use annals::SqliteStore;
//! use annals_testing::compliance::Subject;
//!
//! annals_testing::event_store_compliance!(|| async {
//!     let folder = tempfile::tempdir().unwrap();
//!     let path = folder.path().join("events.db");
//!     let store = SqliteStore::open(&path).await.unwrap();
//!     let other_process = SqliteStore::open(&path).await.unwrap();
//!     Subject::new(store).also_through(Arc::new(other_process)).keep(folder)
//! });
//! # fn main() {}
//! ```
//!
//! Capabilities that a store does not declare are left out, after a check that it refuses them by name. A program that
//! wants to see results instead of tests calls [`run`].

mod append;
mod cancellation;
mod condition_races;
mod conditions;
mod effects;
mod filters;
mod integrity;
mod keys;
mod limits;
mod list;
mod messages;
mod model;
mod order;
mod paging;
mod races;
mod retry;
mod runner;
mod sample;
mod subject;
mod timers;
mod views;
mod waiting;

pub use list::CHECKS;
#[doc(hidden)]
pub use runner::assert_check;
pub use runner::{Check, Outcome, run};
pub use subject::Subject;
