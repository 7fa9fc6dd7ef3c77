use std::collections::{HashMap, HashSet};

use annals_core::MessageId;
use annals_core::store::{Inbox, QueueName, ReadError};
use async_trait::async_trait;

use crate::MemoryStore;

/// The messages that each consumer has processed.
#[derive(Default)]
pub(crate) struct Marks(HashMap<QueueName, HashSet<MessageId>>);

impl Marks {
    pub(crate) fn is_marked(&self, consumer: &QueueName, message: MessageId) -> bool {
        self.0.get(consumer).is_some_and(|marks| marks.contains(&message))
    }

    pub(crate) fn mark(&mut self, consumer: QueueName, message: MessageId) {
        self.0.entry(consumer).or_default().insert(message);
    }
}

#[async_trait]
impl Inbox for MemoryStore {
    async fn is_marked(&self, consumer: &QueueName, message: MessageId) -> Result<bool, ReadError> {
        Ok(self.state().inbox.is_marked(consumer, message))
    }
}
