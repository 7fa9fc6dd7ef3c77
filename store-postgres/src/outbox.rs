//! The outbox: messages that wait to leave the store.

use annals_core::store::{Message, Outbox, QueueName, ReadError};
use annals_core::{EncodedMetadata, MessageId, Payload};
use async_trait::async_trait;
use sqlx::Row;
use sqlx::types::Uuid;

use crate::PostgresStore;
use crate::row::{Arena, encoding, limit};

#[async_trait]
impl Outbox for PostgresStore {
    async fn pending(&self, queue: &QueueName, most: usize) -> Result<Vec<Message>, ReadError> {
        let query = || self.statements.pending.query().bind(queue.as_str()).bind(limit(most));
        let mut arena = Arena::default();
        self.all("read messages of", query, move |row| {
            Ok(Message {
                id: MessageId::from_uuid(row.try_get::<Uuid, _>(0)?),
                queue: queue.clone(),
                key: row.try_get(1)?,
                payload: Payload { encoding: encoding(row.try_get(2)?)?, data: arena.keep(row.try_get(4)?) },
                metadata: EncodedMetadata::from_bytes(arena.keep(row.try_get(3)?)),
            })
        })
        .await
    }

    async fn settle(&self, queue: &QueueName, messages: &[MessageId]) -> Result<(), ReadError> {
        if messages.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = messages.iter().map(MessageId::as_uuid).collect();
        self.change("settle messages in", self.statements.settle.query().bind(queue.as_str()).bind(ids)).await
    }
}
