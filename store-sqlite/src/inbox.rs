//! The inbox: which messages a consumer has processed.

use annals_core::MessageId;
use annals_core::store::{AppendError, Inbox, QueueName, ReadError};
use async_trait::async_trait;
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::error::Result;
use crate::sql::{execute, first, sql};

/// Marks a message as processed. Refuses if it is.
pub(crate) fn mark(connection: &Connection, consumer: &QueueName, message: MessageId) -> Result<Result<(), AppendError>> {
    let marked = execute(connection, sql!("mark_inbox"), params![consumer.as_str(), message.as_bytes()])?;
    Ok(if marked == 0 { Err(AppendError::DuplicateMessage { consumer: consumer.clone(), message }) } else { Ok(()) })
}

#[async_trait]
impl Inbox for SqliteStore {
    async fn is_marked(&self, consumer: &QueueName, message: MessageId) -> Result<bool, ReadError> {
        let consumer = consumer.clone();
        self.ask("read marks of", move |reader| {
            let found = first(&reader.connection, sql!("is_marked"), params![consumer.as_str(), message.as_bytes()], |_| Ok(()))?;
            Ok(found.is_some())
        })
        .await
    }
}
