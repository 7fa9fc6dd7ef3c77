//! The memory store keeps the contract of the event store.

use annals_store_memory::MemoryStore;

annals_testing::event_store_compliance!(|| async { MemoryStore::new() });
