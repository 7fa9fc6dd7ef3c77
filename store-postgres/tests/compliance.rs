//! The PostgreSQL store keeps the contract of the event store.

mod support;

use annals_testing::compliance::Subject;
use support::Schema;

annals_testing::event_store_compliance!(|| async {
    let schema = Schema::new();
    Subject::new(schema.open().await).keep(schema)
});

/// The same, where what races goes through two openings of one schema, as from two processes.
mod through_two_openings {
    use std::sync::Arc;

    use super::{Schema, Subject};

    annals_testing::event_store_compliance!(|| async {
        let schema = Schema::new();
        let (store, other) = (schema.open().await, schema.open().await);
        Subject::new(store).also_through(Arc::new(other)).keep(schema)
    });
}
