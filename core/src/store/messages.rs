use async_trait::async_trait;

use super::ReadError;
use crate::text::{is_dotted, name};
use crate::{EncodedMetadata, MessageId, Payload};

name! {
    /// The name of a queue or of a consumer, such as `order.commands`: words separated by dots, perhaps after a `$`.
    QueueName, InvalidQueueName,
    "a queue name consists of words of lower-case letters, digits and `_`, separated by dots",
    max = 128,
    |text| is_dotted(text.strip_prefix('$').unwrap_or(text))
}

/// A message that leaves the store only if the append that enqueued it is stored, and then surely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its identity, by which receivers tell repetitions.
    pub id: MessageId,
    /// The queue it is in.
    pub queue: QueueName,
    /// Messages with the same key are delivered in order. At most 255 bytes.
    pub key: String,
    /// Its content.
    pub payload: Payload,
    /// What else is known about it.
    pub metadata: EncodedMetadata,
}

impl Message {
    /// The longest key there can be, in bytes.
    pub const MAX_KEY_LEN: usize = 255;
}

/// A store that keeps outgoing messages: see [`Effect::Enqueue`](super::Effect::Enqueue).
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Up to `limit` messages of a queue that are not settled, in the order in which they were enqueued.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    async fn pending(&self, queue: &QueueName, limit: usize) -> Result<Vec<Message>, ReadError>;

    /// Removes messages that have arrived. Those that are not there are left out silently: settling is safe to
    /// repeat.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be written; then the messages stay pending, or some of them do.
    async fn settle(&self, queue: &QueueName, messages: &[MessageId]) -> Result<(), ReadError>;
}

/// A store that knows which messages were processed: see [`Effect::MarkInbox`](super::Effect::MarkInbox).
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Whether an append of `consumer` has marked the message.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    async fn is_marked(&self, consumer: &QueueName, message: MessageId) -> Result<bool, ReadError>;
}

#[cfg(test)]
fn _is_object_safe(_: &dyn Outbox, _: &dyn Inbox) {}
