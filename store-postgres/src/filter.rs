//! What of a filter the database can apply by itself. What is left is matched event by event.

use annals_core::store::{Criterion, Filter};

/// The words by which `read_log.sql` narrows a scan: the union over all criteria.
pub(crate) struct Words {
    /// The kinds of event; none: each.
    pub(crate) kinds: Option<Vec<String>>,
    /// Whether each category of the application is wanted.
    pub(crate) application: bool,
    /// Whether each category is wanted, those of Annals itself included.
    pub(crate) everything: bool,
    /// Categories besides those.
    pub(crate) categories: Vec<String>,
}

impl Words {
    pub(crate) fn of(filter: &Filter) -> Self {
        let criteria = filter.criteria();
        let names = |criterion: &Criterion| criterion.names().iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>();
        let categories = |criterion: &Criterion| {
            criterion.categories().iter().map(|category| category.as_str().to_owned()).collect::<Vec<_>>()
        };
        let each_kind = criteria.is_empty() || criteria.iter().any(|criterion| criterion.names().is_empty());
        Self {
            kinds: (!each_kind).then(|| criteria.iter().flat_map(names).collect()),
            application: criteria.is_empty() || criteria.iter().any(|criterion| criterion.categories().is_empty()),
            everything: criteria.iter().any(Criterion::includes_system),
            categories: criteria.iter().flat_map(categories).collect(),
        }
    }
}

/// Whether each criterion names a tag, so that tags lead to every event that matches.
pub(crate) fn is_led_by_tags(filter: &Filter) -> bool {
    !filter.criteria().is_empty() && filter.criteria().iter().all(|criterion| !criterion.tags().is_empty())
}
