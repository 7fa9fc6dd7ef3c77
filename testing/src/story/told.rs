use std::fmt::Write as _;

use annals_core::{
    AppendId, CorrelationId, Event, EventId, Json, LogId, Metadata, NewEvent, NewEventError, Position, RecordedEvent, StreamId,
    Timestamp, Version,
};

use super::{Line, chain, shown};

/// An event as it is stored, ready to be compared and shown: by its JSON, so that events need neither `PartialEq` nor
/// `Debug`.
#[derive(Clone)]
pub(crate) struct Told(pub(crate) NewEvent);

impl Told {
    /// Writes an event the way it is stored.
    ///
    /// # Panics
    /// If it cannot be written.
    #[track_caller]
    pub(crate) fn of(event: &impl Event, number: usize, now: Timestamp) -> Self {
        Self::written(event, number, now).unwrap_or_else(|error| panic!("{}", chain(&error)))
    }

    /// Writes an event the way it is stored.
    pub(crate) fn written(event: &impl Event, number: usize, now: Timestamp) -> Result<Self, NewEventError> {
        let metadata = Metadata::new(now, CorrelationId::from_bytes([0; 16])).encode();
        let id = EventId::from_bytes([0; 16]).derive(&number.to_string());
        NewEvent::new(id, event, &metadata).map(Self)
    }

    /// The event as a store gives it back.
    pub(crate) fn recorded(&self, stream: &StreamId, version: usize, position: usize, now: Timestamp) -> RecordedEvent {
        let event = self.0.clone();
        RecordedEvent {
            log: LogId::MAIN,
            position: Position::new(position as u64).unwrap_or(Position::MAX),
            stream: stream.clone(),
            version: Version::new(version as u64).unwrap_or(Version::MAX),
            id: event.id,
            append_id: AppendId::from_bytes([0; 16]),
            name: event.name,
            schema_version: event.schema_version,
            payload: event.payload,
            metadata: event.metadata,
            tags: event.tags,
            recorded_at: now,
        }
    }
}

impl Line for Told {
    fn name(&self) -> &str {
        self.0.name.as_str()
    }

    fn body(&self) -> Option<Json> {
        self.0.payload.read().ok()
    }

    fn line(&self) -> String {
        let mut line = format!("{} {}", self.0.name, shown(&self.0.payload));
        if self.0.schema_version > 1 {
            let _ = write!(line, " (schema version {})", self.0.schema_version);
        }
        for tag in &self.0.tags {
            let _ = write!(line, " #{tag}");
        }
        line
    }
}

impl PartialEq for Told {
    fn eq(&self, other: &Self) -> bool {
        let (left, right) = (&self.0, &other.0);
        let is_body_same = match (self.body(), other.body()) {
            (Some(left), Some(right)) => left == right,
            _ => left.payload == right.payload,
        };
        is_body_same && (&left.name, left.schema_version, &left.tags) == (&right.name, right.schema_version, &right.tags)
    }
}
