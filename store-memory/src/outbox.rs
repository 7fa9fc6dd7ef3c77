use std::collections::{BTreeMap, HashMap};

use annals_core::MessageId;
use annals_core::store::{Message, Outbox, QueueName, ReadError};
use async_trait::async_trait;

use crate::MemoryStore;

/// The messages that have not arrived yet, by queue.
#[derive(Default)]
pub(crate) struct Queues(HashMap<QueueName, Queue>);

#[derive(Default)]
struct Queue {
    /// The messages by their place in the queue.
    messages: BTreeMap<u64, Message>,
    places: HashMap<MessageId, u64>,
    next: u64,
}

impl Queues {
    /// Puts a message at the end of its queue, unless it is in it already.
    pub(crate) fn enqueue(&mut self, message: Message) {
        let queue = self.0.entry(message.queue.clone()).or_default();
        if queue.places.contains_key(&message.id) {
            return;
        }
        queue.places.insert(message.id, queue.next);
        queue.messages.insert(queue.next, message);
        queue.next += 1;
    }

    fn pending(&self, queue: &QueueName, limit: usize) -> Vec<Message> {
        self.0.get(queue).map_or_else(Vec::new, |queue| queue.messages.values().take(limit).cloned().collect())
    }

    fn settle(&mut self, queue: &QueueName, messages: &[MessageId]) {
        let Some(queue) = self.0.get_mut(queue) else { return };
        for message in messages {
            if let Some(place) = queue.places.remove(message) {
                queue.messages.remove(&place);
            }
        }
    }
}

#[async_trait]
impl Outbox for MemoryStore {
    async fn pending(&self, queue: &QueueName, limit: usize) -> Result<Vec<Message>, ReadError> {
        Ok(self.state().outbox.pending(queue, limit))
    }

    async fn settle(&self, queue: &QueueName, messages: &[MessageId]) -> Result<(), ReadError> {
        self.state().outbox.settle(queue, messages);
        Ok(())
    }
}
