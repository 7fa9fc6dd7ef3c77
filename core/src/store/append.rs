use std::collections::BTreeSet;

use thiserror::Error;

use super::{Condition, Effect, LimitExceeded, Limits};
use crate::{AppendId, EventId, ExpectedVersion, LogId, LogPosition, NewEvent, Position, StreamId, Version};

/// One atomic unit of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// Its identity, the same at every attempt.
    pub id: AppendId,
    /// Events by stream, each stream at most once. Positions follow this order.
    pub streams: Vec<StreamAppend>,
    /// What must not have happened meanwhile.
    pub condition: Option<Condition>,
    /// What is written together with the events.
    pub effects: Vec<Effect>,
}

/// The part of an append that concerns one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamAppend {
    /// The stream.
    pub stream: StreamId,
    /// What is expected of it.
    pub expected: ExpectedVersion,
    /// Its events, in order. None: the stream is only checked, which keeps a decision consistent with a stream that
    /// it read and did not write: all events of that stream with lower positions were there when it was checked.
    pub events: Vec<NewEvent>,
}

impl StreamAppend {
    /// Events for a stream.
    pub const fn new(stream: StreamId, expected: ExpectedVersion, events: Vec<NewEvent>) -> Self {
        Self { stream, expected, events }
    }
}

impl Append {
    /// A unit of work on no stream yet.
    pub const fn new(id: AppendId) -> Self {
        Self { id, streams: Vec::new(), condition: None, effects: Vec::new() }
    }

    /// Adds events for a stream.
    #[must_use]
    pub fn stream(mut self, stream: StreamId, expected: ExpectedVersion, events: Vec<NewEvent>) -> Self {
        self.streams.push(StreamAppend { stream, expected, events });
        self
    }

    /// Makes it depend on a condition.
    #[must_use]
    pub fn condition(mut self, condition: Condition) -> Self {
        self.condition = Some(condition);
        self
    }

    /// Adds an effect.
    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    /// All events, in order of their positions.
    pub fn events(&self) -> impl Iterator<Item = (&StreamId, &NewEvent)> {
        self.streams.iter().flat_map(|part| part.events.iter().map(|event| (&part.stream, event)))
    }

    /// Checks the shape and the limits: what every store does before anything else.
    ///
    /// # Errors
    /// [`InvalidAppend`] names what is wrong.
    pub fn check(&self, limits: &Limits) -> Result<(), InvalidAppend> {
        // Most appends have one stream and one event, in which nothing can repeat.
        if let [first, rest @ ..] = &self.streams[..]
            && !rest.is_empty()
        {
            let mut streams = BTreeSet::from([first.stream.key()]);
            if let Some(part) = rest.iter().find(|part| !streams.insert(part.stream.key())) {
                return Err(InvalidAppend::RepeatedStream { stream: part.stream.clone() });
            }
        }
        let count = self.events().count();
        if count == 0 {
            return Err(InvalidAppend::Empty);
        }
        let mut ids = BTreeSet::new();
        for (stream, event) in self.events() {
            if count > 1 && !ids.insert(event.id) {
                return Err(InvalidAppend::RepeatedEvent { id: event.id });
            }
            if event.schema_version == 0 {
                return Err(InvalidAppend::NoSchemaVersion { stream: stream.clone(), name: event.name.to_string() });
            }
        }
        if self.condition.as_ref().is_some_and(|condition| !condition.names_tags()) {
            return Err(InvalidAppend::ConditionWithoutTag);
        }
        Ok(limits.check(self)?)
    }
}

/// Why an append cannot be, in any store or in this one.
#[derive(Clone, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidAppend {
    /// There is no event in it.
    #[error("an append holds at least one event")]
    Empty,
    /// A stream occurs twice.
    #[error("the stream `{stream}` occurs twice in one append")]
    RepeatedStream {
        /// The stream.
        stream: StreamId,
    },
    /// An event id occurs twice.
    #[error("the event id {id} occurs twice in one append")]
    RepeatedEvent {
        /// The id.
        id: EventId,
    },
    /// An event has schema version 0.
    #[error("the event `{name}` for `{stream}` has schema version 0; they count from 1")]
    NoSchemaVersion {
        /// The stream.
        stream: StreamId,
        /// The kind of event.
        name: String,
    },
    /// A criterion of the condition names no tag.
    #[error("each criterion of a condition names at least one tag")]
    ConditionWithoutTag,
    /// A limit of the store is exceeded.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
}

crate::__debug_as_told!(InvalidAppend);

/// What an append came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The log that the events are in.
    pub log: LogId,
    /// The position of the first event.
    pub first: Position,
    /// The position of the last event.
    pub last: Position,
    /// The streams that got events, with their versions, in order of the append.
    pub streams: Vec<StreamOutcome>,
    /// Whether it was stored by an earlier attempt under the same id.
    pub repeated: bool,
}

/// What an append came to for one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamOutcome {
    /// The stream.
    pub stream: StreamId,
    /// The version of the first event of the append.
    pub first: Version,
    /// The version of the last event of the append.
    pub last: Version,
}

impl Appended {
    /// Log and last position: how far a reader must have come to have seen it all.
    pub const fn log_position(&self) -> LogPosition {
        LogPosition::new(self.log, self.last)
    }

    /// The outcome for a stream.
    pub fn stream(&self, stream: &StreamId) -> Option<&StreamOutcome> {
        self.streams.iter().find(|outcome| outcome.stream == *stream)
    }
}
