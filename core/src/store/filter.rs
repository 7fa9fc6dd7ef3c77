use serde::Serialize;

use crate::{Category, Event, EventName, RecordedEvent, StreamId, Tag};

/// Which events of a log: those that meet one of the criteria.
///
/// Without criteria, every event of the application: Annals' own categories, which start with `$`, match only
/// where a criterion names them, names an event of Annals itself, or asks for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Filter(Vec<Criterion>);

/// One alternative of a [`Filter`]: everything it names must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Criterion {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<Category>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<EventName>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    system: bool,
}

impl Filter {
    /// Every event of the application.
    pub const fn all() -> Self {
        Self(Vec::new())
    }

    /// Every event, Annals' own included.
    pub fn everything() -> Self {
        Self::from(Criterion::new().and_system())
    }

    /// The events of one category.
    pub fn category(category: Category) -> Self {
        Self::from(Criterion::new().category(category))
    }

    /// The events that `E` can read, under their names and aliases.
    pub fn events<E: Event>() -> Self {
        let names = E::KINDS.iter().flat_map(|kind| std::iter::once(kind.name).chain(kind.aliases.iter().copied()));
        // A type without kinds has no events: the name that nothing has keeps its filter from matching everything.
        let names = names.chain(E::KINDS.is_empty().then_some("$nothing"));
        Self::from(names.fold(Criterion::new(), |criterion, name| criterion.name(EventName::from_static(name))))
    }

    /// Adds an alternative.
    #[must_use]
    pub fn or(mut self, criterion: Criterion) -> Self {
        self.0.push(criterion);
        self
    }

    /// Matches what either of the two matches.
    #[must_use]
    pub fn union(mut self, other: Self) -> Self {
        let everything = self.0.is_empty() || other.0.is_empty();
        self.0.extend(other.0);
        if everything {
            // Annals' own categories are not among "everything": only where a criterion names them.
            self.0.retain(|criterion| criterion.categories.iter().any(Category::is_system));
            if !self.0.is_empty() {
                self.0.push(Criterion::new());
            }
        }
        self
    }

    /// The alternatives. None means every event of the application.
    pub fn criteria(&self) -> &[Criterion] {
        &self.0
    }

    /// Whether the filter matches an event.
    pub fn matches(&self, event: &RecordedEvent) -> bool {
        self.matches_parts(&event.stream, &event.name, &event.tags)
    }

    /// Whether the filter matches an event with these parts.
    pub fn matches_parts(&self, stream: &StreamId, name: &EventName, tags: &[Tag]) -> bool {
        if self.0.is_empty() {
            return !stream.category().is_system();
        }
        self.0.iter().any(|criterion| criterion.matches(stream.category(), name, tags))
    }
}

impl From<Criterion> for Filter {
    fn from(criterion: Criterion) -> Self {
        Self(vec![criterion])
    }
}

impl Criterion {
    /// An alternative that names nothing yet.
    pub const fn new() -> Self {
        Self { categories: Vec::new(), names: Vec::new(), tags: Vec::new(), system: false }
    }

    /// Allows a category, beside those that are allowed already. Without any, each that does not start with `$`.
    #[must_use]
    pub fn category(mut self, category: Category) -> Self {
        self.categories.push(category);
        self
    }

    /// Allows a kind of event, beside those that are allowed already. Without any, each.
    #[must_use]
    pub fn name(mut self, name: EventName) -> Self {
        self.names.push(name);
        self
    }

    /// Allows Annals' own categories too, where no category is named.
    #[must_use]
    pub fn and_system(mut self) -> Self {
        self.system = true;
        self
    }

    /// Demands a tag, beside those that are demanded already.
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tags.push(tag);
        self
    }

    /// The categories it allows; none means each that does not start with `$`.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// The kinds of event it allows; none means each.
    pub fn names(&self) -> &[EventName] {
        &self.names
    }

    /// The tags it demands.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// Whether it allows each category, Annals' own included: it says so, or names no category and an event of Annals
    /// itself.
    pub fn includes_system(&self) -> bool {
        self.categories.is_empty() && (self.system || self.names.iter().any(EventName::is_system))
    }

    fn matches(&self, category: &Category, name: &EventName, tags: &[Tag]) -> bool {
        let category_fits = if self.categories.is_empty() {
            !category.is_system() || self.includes_system()
        } else {
            self.categories.contains(category)
        };
        category_fits && (self.names.is_empty() || self.names.contains(name)) && self.tags.iter().all(|tag| tags.contains(tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(filter: &Filter, category: &str) -> bool {
        let stream = StreamId::new(category, "1").unwrap();
        filter.matches_parts(&stream, &EventName::from_static("order.placed"), &[])
    }

    #[test]
    fn a_union_matches_what_either_matches() {
        let only = |category| Filter::category(Category::new(category).unwrap());
        let with_saga = Filter::all().union(only("$saga.checkout"));
        assert!(matches(&with_saga, "order") && matches(&with_saga, "$saga.checkout") && !matches(&with_saga, "$saga.other"));
        assert_eq!(only("order").union(Filter::all()), Filter::all());
        let two = only("order").union(only("stock"));
        assert!(matches(&two, "order") && matches(&two, "stock") && !matches(&two, "payment"));
    }

    #[test]
    fn the_events_of_annals_match_only_who_asks_for_them() {
        let saga = StreamId::new("$saga.checkout", "a").unwrap();
        let order = StreamId::new("order", "a").unwrap();
        let (started, placed) = (EventName::new("$saga.started").unwrap(), EventName::new("order.placed").unwrap());
        let matches = |filter: &Filter| (filter.matches_parts(&order, &placed, &[]), filter.matches_parts(&saga, &started, &[]));
        assert_eq!(matches(&Filter::all()), (true, false));
        assert_eq!(matches(&Filter::everything()), (true, true));
        assert_eq!(matches(&Criterion::new().name(started.clone()).into()), (false, true));
        assert_eq!(matches(&Filter::category(saga.category().clone())), (false, true));
        assert_eq!(matches(&Filter::events::<crate::saga::SagaEvent>()), (false, true));
        assert_eq!(matches(&Criterion::new().name(placed.clone()).into()), (true, false));
    }
}
