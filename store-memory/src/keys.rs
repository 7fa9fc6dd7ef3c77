use std::collections::BTreeMap;

use annals_core::StreamId;
use annals_core::store::{Keys, ReadError, ReservedKeyName};
use async_trait::async_trait;

use crate::MemoryStore;

/// Which stream has which unique key.
#[derive(Default)]
pub(crate) struct Reservations(BTreeMap<ReservedKeyName, StreamId>);

impl Reservations {
    pub(crate) fn owner(&self, key: &ReservedKeyName) -> Option<&StreamId> {
        self.0.get(key)
    }

    pub(crate) fn reserve(&mut self, key: ReservedKeyName, owner: StreamId) {
        self.0.insert(key, owner);
    }

    pub(crate) fn release(&mut self, key: &ReservedKeyName, owner: &StreamId) {
        if self.owner(key) == Some(owner) {
            self.0.remove(key);
        }
    }
}

#[async_trait]
impl Keys for MemoryStore {
    async fn owner(&self, key: &ReservedKeyName) -> Result<Option<StreamId>, ReadError> {
        Ok(self.state().keys.owner(key).cloned())
    }
}
