use annals_core::store::{AppendError, Condition, Criterion};
use annals_core::{LogId, LogPosition, Position};

use crate::state::{State, above};

impl State {
    /// Checks that no event above `condition.after` matches its filter. Exact, because nobody else appends meanwhile.
    pub(crate) fn check_condition(&self, condition: &Condition) -> Result<(), AppendError> {
        let Condition { filter, after } = condition;
        if after.log != LogId::MAIN {
            return Err(AppendError::UnknownLog(after.log));
        }
        let candidates = filter.criteria().iter().flat_map(|criterion| self.candidates(criterion, after.position));
        let newest = candidates.filter(|position| filter.matches(self.event(**position))).max();
        match newest {
            Some(position) => Err(AppendError::ConditionFailed { at: LogPosition::new(LogId::MAIN, *position) }),
            None => Ok(()),
        }
    }

    /// The positions above `after` where a criterion that names tags can match: those of its rarest tag.
    pub(crate) fn candidates(&self, criterion: &Criterion, after: Position) -> &[Position] {
        let tagged = criterion.tags().iter().map(|tag| self.tags.get(tag).map_or(&[][..], |positions| above(positions, after)));
        tagged.min_by_key(|positions| positions.len()).unwrap_or(&[])
    }
}
