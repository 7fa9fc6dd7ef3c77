use std::fmt::Write as _;

use annals_core::Json;

use super::fields::{distance, field_lines};
use super::paint::Colour;

/// What an event costs that is only on one side, in the search for the alignment that costs least.
const ALONE: usize = 100;

/// More pairs than this are not worth an alignment: whoever reads the difference is lost anyway.
const MOST_PAIRS: usize = 1_000_000;

/// What can be compared line by line: events and commands, as they are stored.
pub(crate) trait Line: PartialEq {
    /// What kind it is.
    fn name(&self) -> &str;

    /// Its content, if that is JSON.
    fn body(&self) -> Option<Json>;

    /// All of it in a line.
    fn line(&self) -> String;
}

/// How events that were expected and events that came belong together.
enum Pairing<'a, L> {
    Same(&'a L),
    /// The same kind of event with another content.
    Changed(&'a L, &'a L),
    OnlyExpected(&'a L),
    OnlyCame(&'a L),
}

/// Expected and actual events, one a line: `-` before what was expected, `+` before what came, and below an event that
/// came with other content the fields that differ.
pub(crate) fn difference<L: Line>(expected: &[L], actual: &[L]) -> String {
    let mut text = String::new();
    for pairing in aligned(expected, actual) {
        match pairing {
            Pairing::Same(event) => _ = writeln!(text, "    {}", event.line()),
            Pairing::OnlyExpected(event) => text += &expected_line(&event.line()),
            Pairing::OnlyCame(event) => text += &came_line(&event.line()),
            Pairing::Changed(left, right) => {
                text += &expected_line(&left.line());
                text += &came_line(&right.line());
                if let (Some(left), Some(right)) = (left.body(), right.body()) {
                    text += &differing_fields(&left, &right);
                }
            }
        }
    }
    text
}

/// What the signs mean.
pub(crate) const LEGEND: &str = "(- was expected, + came)\n";

/// A line that was expected.
pub(crate) fn expected_line(text: &str) -> String {
    Colour::Expected.paint(&format!("  - {text}")) + "\n"
}

/// A line that came.
pub(crate) fn came_line(text: &str) -> String {
    Colour::Came.paint(&format!("  + {text}")) + "\n"
}

/// Content that was expected, content that came, and below both the fields that differ. Empty if none does.
pub(crate) fn changed_lines(expected: &Json, actual: &Json) -> String {
    if expected == actual {
        return String::new();
    }
    expected_line(&expected.to_string()) + &came_line(&actual.to_string()) + &differing_fields(expected, actual)
}

fn differing_fields(expected: &Json, actual: &Json) -> String {
    // Two bodies without fields stand side by side already.
    if !expected.is_object() && !expected.is_array() {
        return String::new();
    }
    field_lines(expected, actual).iter().map(|line| Colour::Field.paint(&format!("        {line}")) + "\n").collect()
}

/// The way from one list to the other that costs least: the same events stay, then events of one kind are paired, those
/// with the fewest differing fields first.
fn aligned<'a, L: Line>(expected: &'a [L], actual: &'a [L]) -> Vec<Pairing<'a, L>> {
    let head = expected.iter().zip(actual).take_while(|(left, right)| left == right).count();
    let (left, right) = (&expected[head..], &actual[head..]);
    let mut pairings: Vec<_> = actual[..head].iter().map(Pairing::Same).collect();
    if left.len().saturating_mul(right.len()) > MOST_PAIRS {
        pairings.extend(left.iter().map(Pairing::OnlyExpected));
        pairings.extend(right.iter().map(Pairing::OnlyCame));
        return pairings;
    }
    let costs = Costs::of(left, right);
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        let best = costs.rest(i, j);
        if i < left.len() && j < right.len() && best == costs.pair(i, j) + costs.rest(i + 1, j + 1) {
            let is_same = costs.pair(i, j) == 0;
            pairings.push(if is_same { Pairing::Same(&right[j]) } else { Pairing::Changed(&left[i], &right[j]) });
            (i, j) = (i + 1, j + 1);
        } else if i < left.len() && best == ALONE + costs.rest(i + 1, j) {
            pairings.push(Pairing::OnlyExpected(&left[i]));
            i += 1;
        } else {
            pairings.push(Pairing::OnlyCame(&right[j]));
            j += 1;
        }
    }
    pairings
}

/// What it costs to get from each rest of one list to each rest of the other.
struct Costs {
    pairs: Vec<Vec<usize>>,
    rests: Vec<Vec<usize>>,
}

impl Costs {
    fn of<L: Line>(left: &[L], right: &[L]) -> Self {
        let pairs: Vec<Vec<_>> = left.iter().map(|one| right.iter().map(|other| pair_cost(one, other)).collect()).collect();
        let mut rests = vec![vec![0; right.len() + 1]; left.len() + 1];
        for i in (0..=left.len()).rev() {
            for j in (0..=right.len()).rev() {
                let alone = |rest: usize| ALONE + rest;
                rests[i][j] = match (i < left.len(), j < right.len()) {
                    (false, false) => 0,
                    (true, false) => alone(rests[i + 1][j]),
                    (false, true) => alone(rests[i][j + 1]),
                    (true, true) => {
                        let paired = pairs[i][j] + rests[i + 1][j + 1];
                        paired.min(alone(rests[i + 1][j])).min(alone(rests[i][j + 1]))
                    }
                };
            }
        }
        Self { pairs, rests }
    }

    fn pair(&self, i: usize, j: usize) -> usize {
        self.pairs[i][j]
    }

    fn rest(&self, i: usize, j: usize) -> usize {
        self.rests[i][j]
    }
}

/// Nothing for the same event, something for one of the same kind, more than both alone for any other.
fn pair_cost<L: Line>(left: &L, right: &L) -> usize {
    if left == right {
        return 0;
    }
    if left.name() != right.name() {
        return 2 * ALONE + 1;
    }
    match (left.body(), right.body()) {
        (Some(left), Some(right)) => ALONE / 2 + distance(&left, &right),
        _ => ALONE,
    }
}
