//! The outbox: messages that wait to leave the store.

use annals_core::store::{Message, Outbox, QueueName, ReadError};
use annals_core::{EncodedMetadata, Encoding, MessageId, Payload};
use async_trait::async_trait;
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::error::Result;
use crate::job::Job;
use crate::row::Arena;
use crate::sql::{all, execute, sql};

/// Puts a message into its queue. One that is there already stays as it is.
pub(crate) fn enqueue(connection: &Connection, message: &Message) -> Result<()> {
    let row = params![
        message.queue.as_str(),
        message.id.as_bytes(),
        message.key,
        message.payload.encoding.number(),
        &message.metadata.as_bytes()[..],
        &message.payload.data[..],
    ];
    execute(connection, sql!("enqueue"), row).map(drop)
}

/// Removes messages, those that are there.
pub(crate) fn settle(connection: &Connection, queue: &QueueName, messages: &[MessageId]) -> Result<()> {
    for message in messages {
        execute(connection, sql!("settle"), params![queue.as_str(), message.as_bytes()])?;
    }
    Ok(())
}

#[async_trait]
impl Outbox for SqliteStore {
    async fn pending(&self, queue: &QueueName, limit: usize) -> Result<Vec<Message>, ReadError> {
        let (queue, limit) = (queue.clone(), i64::try_from(limit).unwrap_or(i64::MAX));
        self.ask("read messages of", move |reader| {
            let mut arena = Arena::default();
            all(&reader.connection, sql!("pending"), params![queue.as_str(), limit], |row| {
                Ok(Message {
                    id: MessageId::from_bytes(row.get(0)?),
                    queue: queue.clone(),
                    key: row.get(1)?,
                    metadata: EncodedMetadata::from_bytes(arena.keep(row.get_ref(3)?.as_blob()?)),
                    payload: Payload {
                        encoding: Encoding::from_number(row.get(2)?),
                        data: arena.keep(row.get_ref(4)?.as_blob()?),
                    },
                })
            })
        })
        .await
    }

    async fn settle(&self, queue: &QueueName, messages: &[MessageId]) -> Result<(), ReadError> {
        if messages.is_empty() {
            return Ok(());
        }
        let (queue, messages) = (queue.clone(), messages.to_vec());
        self.write(
            |reply| Job::Settle(queue, messages, reply),
            |fault, file| fault.read_error(&format!("settle messages in {file}")),
        )
        .await
    }
}
