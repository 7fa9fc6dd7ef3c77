//! Events before and after they are recorded.

use crate::event::{self, DecodeError, DecodeErrorKind, Event, EventName, InvalidTag, Tag};
use crate::{
    AppendId, EncodeError, EncodedMetadata, EventId, LogId, LogPosition, Metadata, Payload, Position, StreamId, Timestamp,
    Version,
};

/// An event that is to be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Its identity, the same at every attempt.
    pub id: EventId,
    /// The stored name of its kind.
    pub name: EventName,
    /// The schema version of its body, from 1.
    pub schema_version: u32,
    /// Its body.
    pub payload: Payload,
    /// What else is known about it.
    pub metadata: EncodedMetadata,
    /// What it can be found by, without repetition.
    pub tags: Vec<Tag>,
}

/// An event that cannot be prepared for an append.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum NewEventError {
    /// Its body cannot be written.
    #[error("the event `{name}` cannot be written")]
    Encode {
        /// The kind of event.
        name: &'static str,
        /// Why.
        source: EncodeError,
    },
    /// One of its tags cannot be used.
    #[error("the event `{name}` has a tag that cannot be used")]
    Tag {
        /// The kind of event.
        name: &'static str,
        /// Why.
        source: InvalidTag,
    },
}

crate::__debug_as_told!(NewEventError);

impl NewEvent {
    /// Prepares `event` for an append.
    ///
    /// # Errors
    /// [`NewEventError`] if its body cannot be written or a tag cannot be used.
    pub fn new<E: Event>(id: EventId, event: &E, metadata: &EncodedMetadata) -> Result<Self, NewEventError> {
        let kind = event.kind();
        let payload = event.encode().map_err(|source| NewEventError::Encode { name: kind.name, source })?;
        let mut tags = event.tags().map_err(|source| NewEventError::Tag { name: kind.name, source })?;
        tags.sort_unstable();
        tags.dedup();
        Ok(Self {
            id,
            name: EventName::from_static(kind.name),
            schema_version: kind.version,
            payload,
            metadata: metadata.clone(),
            tags,
        })
    }
}

/// An event as a store gives it back. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    /// The log it is in.
    pub log: LogId,
    /// Its place in the log.
    pub position: Position,
    /// The stream it is in.
    pub stream: StreamId,
    /// Its place in the stream.
    pub version: Version,
    /// Its identity.
    pub id: EventId,
    /// The unit of work that recorded it.
    pub append_id: AppendId,
    /// The stored name of its kind.
    pub name: EventName,
    /// The schema version of its body.
    pub schema_version: u32,
    /// Its body.
    pub payload: Payload,
    /// What else is known about it.
    pub metadata: EncodedMetadata,
    /// What it can be found by, in ascending order.
    pub tags: Vec<Tag>,
    /// When the store recorded it, by the clock of the store.
    pub recorded_at: Timestamp,
}

impl RecordedEvent {
    /// Reads it as an event of `E`, upcasting as needed.
    ///
    /// # Errors
    /// [`DecodeError`], which names the event.
    pub fn decode<E: Event>(&self) -> Result<E, DecodeError> {
        event::decode(self)
    }

    /// Reads its metadata.
    ///
    /// # Errors
    /// [`DecodeError`], which names the event.
    pub fn metadata(&self) -> Result<Metadata, DecodeError> {
        self.metadata.decode().map_err(|source| DecodeError::of(self, DecodeErrorKind::Metadata(source)))
    }

    /// Log and position together.
    pub const fn log_position(&self) -> LogPosition {
        LogPosition::new(self.log, self.position)
    }
}

/// An event that has been read, with the record it came from.
#[derive(Clone, Debug)]
pub struct Recorded<E> {
    /// The event.
    pub event: E,
    /// Where, when and by what it was recorded.
    pub record: RecordedEvent,
}

impl<E> Recorded<E> {
    /// What is known about it besides its content.
    pub const fn context(&self) -> EventContext<'_> {
        EventContext::new(&self.record)
    }
}

impl<E: Event> Recorded<E> {
    /// Reads a record.
    ///
    /// # Errors
    /// [`DecodeError`], which names the event.
    pub fn read(record: RecordedEvent) -> Result<Self, DecodeError> {
        Ok(Self { event: record.decode()?, record })
    }
}

/// What is known about an event besides its content.
#[derive(Clone, Copy, Debug)]
pub struct EventContext<'a>(&'a RecordedEvent);

impl<'a> EventContext<'a> {
    /// The context of a recorded event.
    pub const fn new(record: &'a RecordedEvent) -> Self {
        Self(record)
    }

    /// The stream that the event is in.
    pub fn stream(&self) -> &'a StreamId {
        &self.0.stream
    }

    /// The id of that stream in its category: the id of the aggregate.
    pub fn stream_id(&self) -> &'a str {
        self.0.stream.id()
    }

    /// The place of the event in its stream.
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// The place of the event in its log.
    pub fn log_position(&self) -> LogPosition {
        self.0.log_position()
    }

    /// When the store recorded it.
    pub fn recorded_at(&self) -> Timestamp {
        self.0.recorded_at
    }

    /// Its metadata.
    ///
    /// # Errors
    /// [`DecodeError`], which names the event.
    pub fn metadata(&self) -> Result<Metadata, DecodeError> {
        self.0.metadata()
    }

    /// The record itself.
    pub fn record(&self) -> &'a RecordedEvent {
        self.0
    }
}
