//! How a test that fails is told: what was given, what was done, and where the end differs.

mod difference;
mod fields;
mod paint;
mod told;

use std::error::Error;
use std::time::Duration;

use annals_core::{Json, Payload, Timestamp};

pub(crate) use difference::{LEGEND, Line, came_line, changed_lines, difference, expected_line};
pub(crate) use paint::for_reader;

pub(crate) use annals_core::__told as chain;
pub(crate) use told::Told;

use crate::ManualClock;

/// What came before a decision, for the reader of a failed test.
pub(crate) struct Story {
    pub(crate) given: Vec<Told>,
    pub(crate) at: Timestamp,
    pub(crate) when: String,
}

impl Story {
    /// The story with an end: what was expected and what came.
    pub(crate) fn ending(&self, headline: &str, end: &str) -> String {
        for_reader(&format!("{headline}\n\n{}then\n{end}", self.so_far()))
    }

    /// The story up to its end.
    pub(crate) fn so_far(&self) -> String {
        let given: Vec<_> = self.given.iter().map(Told::line).collect();
        let at = if self.at == ManualClock::START { String::new() } else { format!(" (at {})", self.at) };
        format!("given\n{}when{at}\n    {}\n", lines("    ", &given), self.when)
    }
}

/// A list of lines, or a word that there is none.
pub(crate) fn lines(indent: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return format!("{indent}nothing\n");
    }
    lines.iter().fold(String::new(), |text, line| text + indent + line + "\n")
}

/// Content for people: JSON as it is, anything else by its length.
pub(crate) fn shown(payload: &Payload) -> String {
    payload.read::<Json>().map_or_else(|_| format!("{payload:?}"), |json| json.to_string())
}

/// A stretch of time for people: its two largest units, such as `1d 2h`.
pub(crate) fn span(time: Duration) -> String {
    let millis = time.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let mut rest = millis;
    let parts = units.map(|(unit, length)| {
        let count = rest / length;
        rest %= length;
        (count, unit)
    });
    let parts = parts.iter().skip_while(|(count, _)| *count == 0).take(2).filter(|(count, _)| *count > 0);
    let parts: Vec<_> = parts.map(|(count, unit)| format!("{count}{unit}")).collect();
    if parts.is_empty() { format!("{time:?}") } else { parts.join(" ") }
}

/// The domain's "no" for people: by `Debug`, and what it says if that is something else.
pub(crate) fn rejection(error: &dyn Error) -> String {
    format!("rejected: {error:?} ({})", chain(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_its_largest_units() {
        let told = [0, 7, 1_500, 60_000, 93_600_000, 86_400_001].map(|millis| span(Duration::from_millis(millis)));
        assert_eq!(told, ["0ns", "7ms", "1s 500ms", "1m", "1d 2h", "1d"]);
        assert_eq!(span(Duration::from_micros(3)), "3µs");
    }
}
