use super::Filter;
use crate::LogPosition;

/// "No event that matches `filter` after `after`": a consistency boundary that is not a stream.
///
/// Each criterion of the filter names at least one tag. `after` is the `scanned_to` of a page that was read with the
/// same filter to its end: a horizon, below which nothing can appear any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What must not have happened.
    pub filter: Filter,
    /// Since when.
    pub after: LogPosition,
}

impl Condition {
    /// A condition.
    pub const fn new(filter: Filter, after: LogPosition) -> Self {
        Self { filter, after }
    }

    pub(crate) fn names_tags(&self) -> bool {
        let criteria = self.filter.criteria();
        !criteria.is_empty() && criteria.iter().all(|criterion| !criterion.tags().is_empty())
    }
}
