use std::collections::HashMap;
use std::ops::Range;

use annals_core::store::{Appended, StreamOutcome};
use annals_core::{AppendId, LogId, Position, RecordedEvent, StreamId, Tag, Version};

use crate::inbox::Marks;
use crate::keys::Reservations;
use crate::outbox::Queues;
use crate::timers::Schedule;
use crate::views::Documents;

/// Everything the store holds. Whoever has it locked sees, and leaves, a consistent whole.
#[derive(Default)]
pub(crate) struct State {
    /// Every event; the one at position p has index p - 1.
    pub(crate) log: Vec<RecordedEvent>,
    /// The positions of each stream; that of version v has index v - 1.
    pub(crate) streams: HashMap<StreamId, Vec<Position>>,
    /// The positions of the events that carry a tag, ascending.
    pub(crate) tags: HashMap<Tag, Vec<Position>>,
    /// The events of each append, by index.
    pub(crate) appends: HashMap<AppendId, Range<usize>>,
    pub(crate) timers: Schedule,
    pub(crate) outbox: Queues,
    pub(crate) inbox: Marks,
    pub(crate) keys: Reservations,
    pub(crate) views: Documents,
}

impl State {
    /// The position of the last event.
    pub(crate) fn end(&self) -> Position {
        position_at(self.log.len())
    }

    /// The event at a position that is known to be taken.
    pub(crate) fn event(&self, position: Position) -> &RecordedEvent {
        &self.log[index_of(position) - 1]
    }

    /// The last version of a stream; zero if it has no event.
    pub(crate) fn version(&self, stream: &StreamId) -> Version {
        version_at(self.streams.get(stream).map_or(0, Vec::len))
    }

    /// What the append with this id came to, if it is stored.
    pub(crate) fn outcome(&self, id: AppendId) -> Option<Appended> {
        self.appends.get(&id).map(|range| Appended { repeated: true, ..self.outcome_of(range.clone()) })
    }

    /// What the append of these events came to: they say it all.
    pub(crate) fn outcome_of(&self, range: Range<usize>) -> Appended {
        let events = &self.log[range];
        let streams = events.chunk_by(|left, right| left.stream == right.stream).map(|part| StreamOutcome {
            stream: part[0].stream.clone(),
            first: part[0].version,
            last: part[part.len() - 1].version,
        });
        Appended {
            log: LogId::MAIN,
            first: events[0].position,
            last: events[events.len() - 1].position,
            streams: streams.collect(),
            repeated: false,
        }
    }
}

/// The position of the `count`th event.
pub(crate) fn position_at(count: usize) -> Position {
    Position::new(count as u64).expect("memory holds fewer than 2^63 events")
}

/// The version of the `count`th event of a stream.
pub(crate) fn version_at(count: usize) -> Version {
    Version::new(count as u64).expect("memory holds fewer than 2^63 events")
}

/// A position as a count; one beyond memory is the largest count.
pub(crate) fn index_of(position: Position) -> usize {
    usize::try_from(position.get()).unwrap_or(usize::MAX)
}

/// The part of ascending positions that is above `after`.
pub(crate) fn above(positions: &[Position], after: Position) -> &[Position] {
    &positions[positions.partition_point(|position| *position <= after)..]
}
