use serde::Serialize;

use super::Event;
use crate::{EventName, Filter, StreamId};

/// A read model. Made by [`projection`], or by an application from a sink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Projection {
    /// Its name.
    pub name: String,
    /// The version of its documents; none if it keeps itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Which events it takes in.
    pub reads: Filter,
}

/// Something that is called for each event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Subscriber {
    /// Its name.
    pub name: String,
    /// Which events it is called for.
    pub reads: Filter,
}

/// Describes a projection.
pub fn projection<P: crate::Projection>() -> Projection {
    Projection { name: P::NAME.to_owned(), version: Some(P::VERSION), reads: P::filter() }
}

impl Projection {
    /// A read model that keeps itself, such as one in SQL.
    pub fn sink(name: impl Into<String>, reads: Filter) -> Self {
        Self { name: name.into(), version: None, reads }
    }
}

impl Subscriber {
    /// Puts a description together.
    pub fn new(name: impl Into<String>, reads: Filter) -> Self {
        Self { name: name.into(), reads }
    }
}

/// Whether events of a kind in a category may pass a filter: the tags that it demands are taken as there.
pub(super) fn may_pass(filter: &Filter, category: &str, event: &Event) -> bool {
    let Ok(stream) = StreamId::new(category, "any") else { return false };
    let names = std::iter::once(&event.name).chain(&event.aliases).filter_map(|name| EventName::new(name).ok());
    let names: Vec<_> = names.collect();
    let passes = |filter: &Filter, tags| names.iter().any(|name| filter.matches_parts(&stream, name, tags));
    if filter.criteria().is_empty() {
        return passes(filter, &[]);
    }
    filter.criteria().iter().any(|criterion| passes(&Filter::from(criterion.clone()), criterion.tags()))
}
