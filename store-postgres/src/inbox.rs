//! The inbox: which messages a consumer has processed.

use annals_core::MessageId;
use annals_core::store::{Inbox, QueueName, ReadError};
use async_trait::async_trait;
use sqlx::Row;

use crate::PostgresStore;

#[async_trait]
impl Inbox for PostgresStore {
    async fn is_marked(&self, consumer: &QueueName, message: MessageId) -> Result<bool, ReadError> {
        let query = || self.statements.is_marked.query().bind(consumer.as_str()).bind(message.as_uuid());
        Ok(self.first("read marks of", query, |row| Ok(row.try_get(0)?)).await? == Some(true))
    }
}
