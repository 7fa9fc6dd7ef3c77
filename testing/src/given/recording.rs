use std::collections::BTreeMap;

use annals_core::{Event, RecordedEvent, StreamId, Timestamp};

use crate::ManualClock;
use crate::story::{Line as _, Told};

/// What was given to a projection, as a log would have recorded it.
pub(super) struct Recording {
    /// What follows is recorded at this moment.
    pub(super) now: Timestamp,
    /// One event a line, with what became of it.
    pub(super) lines: Vec<String>,
    versions: BTreeMap<StreamId, usize>,
}

impl Recording {
    pub(super) fn new() -> Self {
        Self { now: ManualClock::START, lines: Vec::new(), versions: BTreeMap::new() }
    }

    /// Records an event.
    ///
    /// # Panics
    /// If it cannot be written.
    #[track_caller]
    pub(super) fn record<E: Event>(&mut self, stream: &StreamId, event: &E) -> RecordedEvent {
        let version = self.versions.entry(stream.clone()).or_default();
        *version += 1;
        let position = self.lines.len() + 1;
        let told = Told::of(event, position, self.now);
        self.lines.push(format!("{} of `{stream}`", told.line()));
        told.recorded(stream, *version, position, self.now)
    }

    /// Says what became of the last event.
    pub(super) fn became(&mut self, fate: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.push_str(fate);
        }
    }
}
