//! The SQLite store keeps the contract of the event store.

use annals_store_sqlite::SqliteStore;
use annals_testing::compliance::Subject;

annals_testing::event_store_compliance!(|| async {
    let folder = tempfile::tempdir().expect("the system has room for a temporary folder");
    let store = SqliteStore::open(folder.path().join("events.db")).await.expect("a new file can be opened");
    Subject::new(store).keep(folder)
});

/// The same, where what races goes through two openings of one file, as from two processes.
mod through_two_openings {
    use std::sync::Arc;

    use super::{SqliteStore, Subject};

    annals_testing::event_store_compliance!(|| async {
        let folder = tempfile::tempdir().expect("the system has room for a temporary folder");
        let path = folder.path().join("events.db");
        let store = SqliteStore::open(&path).await.expect("a new file can be opened");
        let other = SqliteStore::open(&path).await.expect("a file can be opened twice");
        Subject::new(store).also_through(Arc::new(other)).keep(folder)
    });
}
