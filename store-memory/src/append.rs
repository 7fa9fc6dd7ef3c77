use annals_core::store::{Append, AppendError, Appended, StreamAppend};
use annals_core::{AppendId, LogId, RecordedEvent, Timestamp};

use crate::state::{State, position_at, version_at};

impl State {
    /// Appends one unit of work: every check first, then every change, so that there is nothing to undo.
    pub(crate) fn append(&mut self, append: Append, now: Timestamp) -> Result<Appended, AppendError> {
        if let Some(first_outcome) = self.outcome(append.id) {
            return Ok(first_outcome);
        }
        self.check_versions(&append.streams)?;
        if let Some(condition) = &append.condition {
            self.check_condition(condition)?;
        }
        self.check_effects(&append.effects)?;

        let before = self.log.len();
        for part in append.streams {
            self.record(append.id, part, now);
        }
        let range = before..self.log.len();
        self.appends.insert(append.id, range.clone());
        for effect in append.effects {
            self.apply(effect);
        }
        Ok(self.outcome_of(range))
    }

    fn check_versions(&self, streams: &[StreamAppend]) -> Result<(), AppendError> {
        for StreamAppend { stream, expected, .. } in streams {
            let actual = self.version(stream);
            if !expected.is_met_by(actual) {
                return Err(AppendError::WrongExpectedVersion { stream: stream.clone(), expected: *expected, actual });
            }
        }
        Ok(())
    }

    /// Adds the events of one stream to the log and to each index over it.
    fn record(&mut self, append_id: AppendId, part: StreamAppend, recorded_at: Timestamp) {
        if part.events.is_empty() {
            return;
        }
        let positions = self.streams.entry(part.stream.clone()).or_default();
        for mut event in part.events {
            event.tags.sort_unstable();
            event.tags.dedup();
            let position = position_at(self.log.len() + 1);
            positions.push(position);
            for tag in &event.tags {
                self.tags.entry(tag.clone()).or_default().push(position);
            }
            self.log.push(RecordedEvent {
                log: LogId::MAIN,
                position,
                stream: part.stream.clone(),
                version: version_at(positions.len()),
                id: event.id,
                append_id,
                name: event.name,
                schema_version: event.schema_version,
                payload: event.payload,
                metadata: event.metadata,
                tags: event.tags,
                recorded_at,
            });
        }
    }
}
