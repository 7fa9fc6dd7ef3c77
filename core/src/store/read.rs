use super::Filter;
use crate::{LogId, LogPosition, Position, RecordedEvent, StreamId, Version};

/// How much a page holds: the first of the two bounds that is met ends it. A page holds at least one event if there
/// is one, however large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize {
    events: usize,
    bytes: usize,
}

impl PageSize {
    /// The most events a page can hold.
    pub const MAX_EVENTS: usize = 10_000;

    /// At most `events` (1 to [`MAX_EVENTS`](Self::MAX_EVENTS), cut off) and about 8 MiB of bodies and metadata.
    pub fn events(events: usize) -> Self {
        Self { events: events.clamp(1, Self::MAX_EVENTS), ..Self::default() }
    }

    /// Also at most about `bytes` of bodies and metadata, besides the last event.
    #[must_use]
    pub const fn and_bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }

    /// The bound on events.
    pub const fn max_events(self) -> usize {
        self.events
    }

    /// The bound on bytes.
    pub const fn max_bytes(self) -> usize {
        self.bytes
    }

    /// Whether a page with so many events and bytes is full.
    pub const fn is_full(self, events: usize, bytes: usize) -> bool {
        events >= self.events || (events > 0 && bytes >= self.bytes)
    }
}

impl Default for PageSize {
    /// 1,000 events, 8 MiB.
    fn default() -> Self {
        Self { events: 1_000, bytes: 8 << 20 }
    }
}

/// Which way a stream is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From old to new.
    #[default]
    Forward,
    /// From new to old.
    Backward,
}

/// A request for a page of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadStream {
    /// The stream.
    pub stream: StreamId,
    /// The first version of the page; reading backward, the highest.
    pub from: Version,
    /// Which way.
    pub direction: Direction,
    /// How much.
    pub size: PageSize,
}

impl ReadStream {
    /// The first page of a stream.
    pub fn forward(stream: StreamId) -> Self {
        Self { stream, from: Version::FIRST, direction: Direction::Forward, size: PageSize::default() }
    }

    /// The last page of a stream, newest event first.
    pub fn backward(stream: StreamId) -> Self {
        Self { stream, from: Version::MAX, direction: Direction::Backward, size: PageSize::default() }
    }

    /// Starts at a version.
    #[must_use]
    pub fn from(self, from: Version) -> Self {
        Self { from, ..self }
    }

    /// Sets the size of the page.
    #[must_use]
    pub fn size(self, size: PageSize) -> Self {
        Self { size, ..self }
    }
}

/// A page of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamPage {
    /// The events, in the order of reading.
    pub events: Vec<RecordedEvent>,
    /// Where the next page starts; none at the end of the stream.
    pub next: Option<Version>,
}

/// A request for a page of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadLog {
    /// The log.
    pub log: LogId,
    /// Only events above this position.
    pub after: Position,
    /// Which events.
    pub filter: Filter,
    /// How much.
    pub size: PageSize,
}

impl ReadLog {
    /// The first page of the main log.
    pub fn new(filter: Filter) -> Self {
        Self { log: LogId::MAIN, after: Position::ZERO, filter, size: PageSize::default() }
    }

    /// Reads another log.
    #[must_use]
    pub fn log(self, log: LogId) -> Self {
        Self { log, ..self }
    }

    /// Starts above a position.
    #[must_use]
    pub fn after(self, after: Position) -> Self {
        Self { after, ..self }
    }

    /// Sets the size of the page.
    #[must_use]
    pub fn size(self, size: PageSize) -> Self {
        Self { size, ..self }
    }
}

/// A page of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPage {
    /// The log.
    pub log: LogId,
    /// The events that match, in ascending order of positions.
    pub events: Vec<RecordedEvent>,
    /// Everything that matches up to here is in this page or an earlier one, and nothing will appear there any more. At
    /// least the `after` of the request.
    pub scanned_to: Position,
    /// Whether the page went as far as the log did when it was read. If not, read on after `scanned_to`.
    pub at_end: bool,
}

impl LogPage {
    /// Where to read on, and a safe "after" for a condition once [`at_end`](Self::at_end).
    pub const fn log_position(&self) -> LogPosition {
        LogPosition::new(self.log, self.scanned_to)
    }
}
