//! From a row to a recorded event.

use std::fmt::Display;

use annals_core::{
    AppendId, Category, EncodedMetadata, Encoding, EventId, EventName, LogId, Payload, Position, RecordedEvent, StreamId, Tag,
    Tenant, Timestamp, Version,
};
use bytes::{Bytes, BytesMut};
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::types::Uuid;

use crate::error::{Fault, Result};

/// Bytes of a page that share an allocation. Who keeps one event of a page keeps at most so much more.
const CHUNK: usize = 16 << 10;

/// Where the columns of `tenant`, `category` and `stream` start in the statements that read the log; and, in those that read
/// streams, the name of another stream that was found under the key.
const STREAM: usize = 11;

/// Gives the bytes of a page a home, many in one allocation, and remembers the names and streams that it has met.
#[derive(Default)]
pub(crate) struct Arena {
    bytes: BytesMut,
    name: Option<EventName>,
    stream: Option<StreamId>,
}

impl Arena {
    pub(crate) fn keep(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.is_empty() {
            return Bytes::new();
        }
        if self.bytes.capacity() < bytes.len() {
            self.bytes = BytesMut::with_capacity(bytes.len().max(CHUNK));
        }
        self.bytes.extend_from_slice(bytes);
        self.bytes.split().freeze()
    }

    /// Events of a kind often follow one another.
    fn name(&mut self, text: &str) -> Result<EventName> {
        match &self.name {
            Some(name) if name.as_str() == text => Ok(name.clone()),
            _ => Ok(self.name.insert(EventName::new(text).map_err(corrupt)?).clone()),
        }
    }

    /// Events of a stream often follow one another.
    fn stream(&mut self, tenant: &str, category: &str, id: &str) -> Result<StreamId> {
        match &self.stream {
            Some(stream) if stream.id() == id && stream.category().as_str() == category && stream.tenant().as_str() == tenant => {
                Ok(stream.clone())
            }
            _ => Ok(self.stream.insert(stream_of(tenant, category, id)?).clone()),
        }
    }

    /// The event of a row of a statement that reads the log, and the bytes of its body and metadata.
    pub(crate) fn event(&mut self, row: &PgRow) -> Result<(RecordedEvent, usize)> {
        let tenant: Option<&str> = row.try_get_unchecked(STREAM)?;
        let (category, id) = (row.try_get_unchecked(STREAM + 1)?, row.try_get_unchecked(STREAM + 2)?);
        let stream = self.stream(tenant.unwrap_or_default(), category, id)?;
        self.event_of(row, stream)
    }

    /// The same of a statement that reads a stream.
    pub(crate) fn event_in(&mut self, row: &PgRow, stream: &StreamId) -> Result<(RecordedEvent, usize)> {
        match row.try_get_unchecked::<Option<&str>, _>(STREAM)? {
            None => self.event_of(row, stream.clone()),
            Some(other) => Err(Fault::corrupt(format!("the streams `{stream}` and `{other}` have the same key"))),
        }
    }

    /// The types of the columns are those of our tables: to compare them for each value takes as long as the values.
    fn event_of(&mut self, row: &PgRow, stream: StreamId) -> Result<(RecordedEvent, usize)> {
        let (metadata, payload): (&[u8], &[u8]) = (row.try_get_unchecked(9)?, row.try_get_unchecked(10)?);
        let bytes = metadata.len() + payload.len();
        // What is usual is left out by the statements.
        let (schema_version, number): (Option<i64>, Option<i32>) = (row.try_get_unchecked(3)?, row.try_get_unchecked(5)?);
        let event = RecordedEvent {
            log: LogId::MAIN,
            position: place(row.try_get_unchecked(0)?)?,
            stream,
            version: Version::try_from(row.try_get_unchecked::<i64, _>(1)?)?,
            name: self.name(row.try_get_unchecked(2)?)?,
            schema_version: schema_version.map_or(Ok(1), u32::try_from).map_err(corrupt)?,
            recorded_at: Timestamp::from_micros(row.try_get_unchecked(4)?),
            id: EventId::from_uuid(row.try_get_unchecked::<Uuid, _>(6)?),
            append_id: AppendId::from_uuid(row.try_get_unchecked::<Uuid, _>(7)?),
            tags: tags(row.try_get_unchecked(8)?)?,
            payload: Payload { encoding: number.map_or(Ok(Encoding::JSON), encoding)?, data: self.keep(payload) },
            metadata: EncodedMetadata::from_bytes(self.keep(metadata)),
        };
        Ok((event, bytes))
    }
}

fn tags(texts: Option<Vec<String>>) -> Result<Vec<Tag>> {
    texts.unwrap_or_default().iter().map(|text| Tag::parse(text).map_err(corrupt)).collect()
}

/// A stored position.
pub(crate) fn place(number: i64) -> Result<Position> {
    Ok(Position::try_from(number)?)
}

/// A stored encoding.
pub(crate) fn encoding(number: i32) -> Result<Encoding> {
    u16::try_from(number).map(Encoding::from_number).map_err(corrupt)
}

/// Puts a stream together from stored parts.
pub(crate) fn stream_of(tenant: &str, category: &str, id: &str) -> Result<StreamId> {
    let tenant = Tenant::new(tenant).map_err(corrupt)?;
    let category = Category::new(category).map_err(corrupt)?;
    StreamId::of(tenant, category, id).map_err(corrupt)
}

/// A count that a statement takes.
pub(crate) fn limit(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn corrupt(error: impl Display) -> Fault {
    Fault::corrupt(error.to_string())
}
