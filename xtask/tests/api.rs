//! The public interface is the one that was reviewed: `docs/api.md` lists what the facade names, no more and no less.

#[path = "api/surface.rs"]
mod surface;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use surface::{Surface, repository, surface};

/// What `docs/api.md` lists, in tables below the names of the modules: `` | `View` (`runtime`) | why | ``.
fn listed() -> Surface {
    let text = fs::read_to_string(repository().join("docs/api.md")).expect("the list of what is public is there");
    let mut listed = Surface::new();
    let mut module = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("## `").and_then(|rest| rest.strip_suffix('`')) {
            module = name.to_owned();
            assert!(listed.insert(module.clone(), BTreeSet::new()).is_none(), "docs/api.md has two sections `{module}`");
        } else if let Some(row) = line.strip_prefix("| `") {
            let (item, reason) = row.split_once(" | ").expect("a row has two cells");
            let mut words = item.split('`').step_by(2).map(str::to_owned);
            let (name, feature) = (words.next().unwrap_or_default(), words.next());
            assert!(!reason.trim_matches(['|', ' ']).is_empty(), "docs/api.md does not say why `{name}` is public");
            let is_new = listed.entry(module.clone()).or_default().insert((name.clone(), feature));
            assert!(is_new, "docs/api.md lists `{module}::{name}` twice");
        }
    }
    listed
}

/// What is in `one` and not in `other`.
fn missing(one: &Surface, other: &Surface) -> BTreeMap<String, Vec<String>> {
    let mut missing = BTreeMap::new();
    for (module, items) in one {
        let others = other.get(module);
        let alone = items.iter().filter(|item| others.is_none_or(|others| !others.contains(item)));
        let alone: Vec<_> = alone.map(|(name, feature)| format!("{name} ({})", feature.as_deref().unwrap_or("always"))).collect();
        if !alone.is_empty() || others.is_none() {
            missing.insert(module.clone(), alone);
        }
    }
    missing
}

#[test]
fn what_is_public_was_reviewed() {
    let (public, listed) = (surface(), listed());
    let (unlisted, gone) = (missing(&public, &listed), missing(&listed, &public));
    assert!(unlisted.is_empty(), "public, and not in docs/api.md: add a line that says why, or hide it: {unlisted:#?}");
    assert!(gone.is_empty(), "in docs/api.md, and not public: {gone:#?}");
    assert!(public["annals"].len() > 100 && public.len() > 8, "the sources are read as a whole");
}
