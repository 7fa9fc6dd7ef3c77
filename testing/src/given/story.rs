use std::error::Error;
use std::fmt::Write as _;

use annals_core::{
    AppendId, CorrelationId, Event, EventId, Json, LogId, Metadata, NewEvent, Payload, Position, RecordedEvent, StreamId,
    Timestamp, Version,
};

/// An event as it is stored, ready to be compared and shown: by its JSON, so that events need neither `PartialEq` nor
/// `Debug`.
#[derive(Clone)]
pub(super) struct Told(pub(super) NewEvent);

impl Told {
    /// Writes an event the way it is stored.
    #[track_caller]
    pub(super) fn of(event: &impl Event, number: usize, now: Timestamp) -> Self {
        let metadata = Metadata::new(now, CorrelationId::from_bytes([0; 16])).encode();
        let id = EventId::from_bytes([0; 16]).derive(&number.to_string());
        match NewEvent::new(id, event, &metadata) {
            Ok(event) => Self(event),
            Err(error) => panic!("{}", chain(&error)),
        }
    }

    /// The event as a store gives it back.
    pub(super) fn recorded(&self, stream: &StreamId, version: usize, position: usize, now: Timestamp) -> RecordedEvent {
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

/// What came before a decision, for the reader of a failed test.
pub(super) struct Story {
    pub(super) given: Vec<Told>,
    pub(super) when: String,
}

impl Story {
    /// The story with an end: what was expected and what came.
    pub(super) fn ending(&self, headline: &str, end: &str) -> String {
        let given: Vec<_> = self.given.iter().map(Told::line).collect();
        format!("{headline}\n\ngiven\n{}when\n    {}\nthen\n{end}", lines("    ", &given), self.when)
    }
}

/// Expected and actual events, one a line: `-` before what is missing, `+` before what is too much.
pub(super) fn difference(expected: &[Told], actual: &[Told]) -> String {
    let mut text = String::new();
    for (mark, event) in aligned(expected, actual) {
        let _ = writeln!(text, "  {mark} {}", event.line());
    }
    text + "(- is missing, + was not expected)"
}

/// The shortest way from one list to the other (the longest common subsequence stays).
fn aligned<'a>(expected: &'a [Told], actual: &'a [Told]) -> Vec<(char, &'a Told)> {
    match (expected, actual) {
        ([], rest) => rest.iter().map(|event| ('+', event)).collect(),
        (rest, []) => rest.iter().map(|event| ('-', event)).collect(),
        ([left, lefts @ ..], [right, rights @ ..]) if left == right => {
            std::iter::once((' ', right)).chain(aligned(lefts, rights)).collect()
        }
        ([left, lefts @ ..], [right, rights @ ..]) => {
            // A list in a test is short; one that is not is not worth an alignment.
            let is_long = expected.len() + actual.len() > 16;
            let without_left = || std::iter::once(('-', left)).chain(aligned(lefts, actual)).collect::<Vec<_>>();
            let without_right = || std::iter::once(('+', right)).chain(aligned(expected, rights)).collect::<Vec<_>>();
            if is_long {
                let both = [('-', left), ('+', right)].into_iter();
                return both.chain(aligned(lefts, rights)).collect();
            }
            let (one, other) = (without_left(), without_right());
            if other.len() < one.len() { other } else { one }
        }
    }
}

/// A list of lines, or a word that there is none.
pub(super) fn lines(indent: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return format!("{indent}nothing\n");
    }
    lines.iter().fold(String::new(), |text, line| text + indent + line + "\n")
}

/// Content for people: JSON as it is, anything else by its length.
pub(super) fn shown(payload: &Payload) -> String {
    payload.read::<Json>().map_or_else(|_| format!("{payload:?}"), |json| json.to_string())
}

/// An error with its causes.
pub(super) fn chain(error: &dyn Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
