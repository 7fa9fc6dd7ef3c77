//! What of a filter the database can apply by itself. What is left is matched event by event.

use annals_core::store::{Criterion, Filter};

use crate::error::Result;

/// The words by which `read_log.sql` narrows a scan: the union over all criteria.
pub(crate) struct Words {
    /// The kinds of event, as a JSON array; none: each.
    pub(crate) kinds: Option<String>,
    /// Whether each category of the application is wanted.
    pub(crate) application: bool,
    /// Whether each category is wanted, those of Annals itself included.
    pub(crate) everything: bool,
    /// Categories besides those, as a JSON array.
    pub(crate) categories: String,
}

impl Words {
    pub(crate) fn of(filter: &Filter) -> Result<Self> {
        let criteria = filter.criteria();
        let names = |criterion: &Criterion| criterion.names().iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>();
        let categories = |criterion: &Criterion| {
            criterion.categories().iter().map(|category| category.as_str().to_owned()).collect::<Vec<_>>()
        };
        let each_kind = criteria.is_empty() || criteria.iter().any(|criterion| criterion.names().is_empty());
        Ok(Self {
            kinds: if each_kind { None } else { Some(json(criteria.iter().flat_map(names))?) },
            application: criteria.is_empty() || criteria.iter().any(|criterion| criterion.categories().is_empty()),
            everything: criteria.iter().any(Criterion::includes_system),
            categories: json(criteria.iter().flat_map(categories))?,
        })
    }
}

/// Whether each criterion names a tag, so that tags lead to every event that matches.
pub(crate) fn is_led_by_tags(filter: &Filter) -> bool {
    !filter.criteria().is_empty() && filter.criteria().iter().all(|criterion| !criterion.tags().is_empty())
}

fn json(words: impl Iterator<Item = String>) -> Result<String> {
    Ok(serde_json::to_string(&words.collect::<Vec<_>>())?)
}
