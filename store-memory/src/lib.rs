//! The in-memory event store of Annals.
//!
//! It keeps the whole contract of [`EventStore`](annals_core::EventStore), conditions and effects included, and is the
//! contract in its most readable form: one state behind one lock. Start with `append.rs`, which does every check before
//! the first change, and `read.rs`.
//!
//! ```
//! use std::sync::Arc;
//!
//! use annals_core::EventStore;
//! use annals_store_memory::MemoryStore;
//!
//! let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
//! assert!(!store.info().durable);
//! ```

#![deny(missing_docs)]

mod append;
mod condition;
mod effects;
mod inbox;
mod keys;
mod outbox;
mod read;
mod state;
mod store;
mod timers;
mod views;
mod wait;

pub use store::MemoryStore;
