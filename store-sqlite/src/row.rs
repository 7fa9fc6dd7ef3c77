//! From a row to a recorded event.

use annals_core::store::Direction;
use annals_core::{
    AppendId, EncodedMetadata, Encoding, EventId, EventName, LogId, Payload, Position, RecordedEvent, StreamId, Tag, Timestamp,
    Version,
};
use bytes::{Bytes, BytesMut};
use rusqlite::Row;

use crate::error::Result;

/// Bytes of a page that share an allocation. Who keeps one event of a page keeps at most so much more.
const CHUNK: usize = 16 << 10;

/// Gives the bytes of a page a home, many in one allocation.
#[derive(Default)]
pub(crate) struct Arena(BytesMut);

impl Arena {
    pub(crate) fn keep(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.is_empty() {
            return Bytes::new();
        }
        if self.0.capacity() < bytes.len() {
            self.0 = BytesMut::with_capacity(bytes.len().max(CHUNK));
        }
        self.0.extend_from_slice(bytes);
        self.0.split().freeze()
    }
}

/// A row of the statements that read events, in the order of their columns.
pub(crate) struct EventRow<'r, 's>(pub(crate) &'r Row<'s>);

impl EventRow<'_, '_> {
    pub(crate) fn position(&self) -> Result<Position> {
        place(self.0.get(0)?)
    }

    pub(crate) fn stream(&self) -> Result<i64> {
        Ok(self.0.get(1)?)
    }

    pub(crate) fn version(&self) -> Result<Version> {
        Ok(Version::try_from(self.0.get::<_, i64>(2)?)?)
    }

    pub(crate) fn kind(&self) -> Result<i64> {
        Ok(self.0.get(3)?)
    }

    pub(crate) fn tags(&self) -> Result<Vec<Tag>> {
        read_tags(self.0, 9)
    }

    fn blob(&self, column: usize) -> Result<&[u8]> {
        Ok(self.0.get_ref(column)?.as_blob()?)
    }

    /// The whole event, whose stream and name the caller has looked up, and the bytes of its body and metadata.
    pub(crate) fn event(
        &self,
        stream: StreamId,
        name: EventName,
        tags: Vec<Tag>,
        arena: &mut Arena,
    ) -> Result<(RecordedEvent, usize)> {
        let (metadata, payload) = (self.blob(10)?, self.blob(11)?);
        let bytes = metadata.len() + payload.len();
        let event = RecordedEvent {
            log: LogId::MAIN,
            position: self.position()?,
            stream,
            version: self.version()?,
            id: EventId::from_bytes(self.0.get(7)?),
            append_id: AppendId::from_bytes(self.0.get(8)?),
            name,
            schema_version: self.0.get(4)?,
            payload: Payload { encoding: Encoding::from_number(self.0.get(6)?), data: arena.keep(payload) },
            metadata: EncodedMetadata::from_bytes(arena.keep(metadata)),
            tags,
            recorded_at: Timestamp::from_micros(self.0.get(5)?),
        };
        Ok((event, bytes))
    }
}

/// A stored position.
pub(crate) fn place(number: i64) -> Result<Position> {
    Ok(Position::try_from(number)?)
}

/// The stored form of tags; none for no tags.
pub(crate) fn write_tags(tags: &[Tag]) -> Result<Option<String>> {
    if tags.is_empty() {
        return Ok(None);
    }
    Ok(Some(serde_json::to_string(tags)?))
}

/// Reads the stored form of tags.
pub(crate) fn read_tags(row: &Row<'_>, column: usize) -> Result<Vec<Tag>> {
    match row.get_ref(column)?.as_str_or_null()? {
        Some(text) => Ok(serde_json::from_str(text)?),
        None => Ok(Vec::new()),
    }
}

/// The statement that reads a stream.
pub(crate) const fn read_stream_sql(direction: Direction) -> &'static str {
    match direction {
        Direction::Forward => crate::sql::sql!("read_stream_forward"),
        Direction::Backward => crate::sql::sql!("read_stream_backward"),
    }
}
