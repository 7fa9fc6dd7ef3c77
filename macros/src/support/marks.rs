//! Where each mark belongs.

use super::block::Block;
use super::{Errors, attr};

/// A macro on an `impl`, and the words that mark methods inside it.
pub(crate) struct Place {
    /// The block as the user writes it, with its article.
    block: &'static str,
    /// The attribute that makes it one.
    attribute: &'static str,
    marks: &'static [&'static str],
    /// Marks that work here if the attribute says more: they are told with another place.
    more: &'static [&'static str],
}

pub(crate) const AGGREGATE: Place =
    Place { block: "an `#[aggregate] impl`", attribute: "`#[aggregate]`", marks: &["command", "event", "prepare"], more: &[] };
pub(crate) const PROJECTION: Place =
    Place { block: "a `#[projection] impl`", attribute: "`#[projection]`", marks: &["on", "key"], more: &["setup"] };
const SQL: Place =
    Place { block: "a `#[projection(sqlite)] impl`", attribute: "`#[projection(sqlite)]`", marks: &["setup"], more: &[] };
pub(crate) const SAGA: Place = Place {
    block: "a `#[saga] impl`",
    attribute: "`#[saga]`",
    marks: &["start", "step", "undo", "outcome", "wait", "failure", "on", "rejected", "key"],
    more: &[],
};

const PLACES: [Place; 4] = [AGGREGATE, PROJECTION, SQL, SAGA];

/// Whether a word marks methods.
pub(crate) fn is_mark(word: &str) -> bool {
    PLACES.iter().any(|place| place.marks.contains(&word))
}

/// Where a mark works: "an `#[aggregate] impl`".
pub(crate) fn blocks(mark: &str) -> String {
    of(mark, |place| place.block)
}

/// What makes a block one where a mark works: "`#[aggregate]`".
pub(crate) fn attributes(mark: &str) -> String {
    of(mark, |place| place.attribute)
}

fn of(mark: &str, part: impl Fn(&Place) -> &'static str) -> String {
    let places: Vec<_> = PLACES.iter().filter(|place| place.marks.contains(&mark)).map(part).collect();
    places.join(" or ")
}

/// Every mark works here, and no method has two.
pub(crate) fn check(block: &Block, here: &Place, errors: &mut Errors) {
    for method in block.methods() {
        let word = |mark| here.marks.iter().chain(here.more).find(|word| attr::is(mark, word));
        let (own, foreign): (Vec<_>, Vec<_>) = method.marks.iter().partition(|mark| word(mark).is_some());
        for mark in &foreign {
            let name = mark.path().segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            errors.at(mark, format_args!("this mark works inside {} block", blocks(&name)));
        }
        if let ([_, second, ..], []) = (own.as_slice(), foreign.as_slice()) {
            errors.at(second, "a method has one mark");
        }
    }
}
