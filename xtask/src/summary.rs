//! Reads the summaries that test runners print, and adds them up.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed, failed and did not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// A line with the result of a whole run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// As the runner wrote it.
    pub(crate) line: String,
    /// What it says.
    pub(crate) counts: Counts,
}

/// Who runs the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runner {
    /// `cargo nextest run`: one summary. What looks like others is the output of failed tests.
    Nextest,
    /// `cargo test`: a summary for each test program.
    Cargo,
}

impl Runner {
    /// Reads a line of output; none if it is no summary.
    pub(crate) fn read(self, line: &str) -> Option<Summary> {
        let line = plain(line);
        let line = line.trim();
        let counts = match self {
            Self::Nextest => nextest(line)?,
            Self::Cargo => cargo_test(line)?,
        };
        Some(Summary { line: line.to_owned(), counts })
    }
}

/// `Summary [   0.024s] 26 tests run: 24 passed (1 slow), 1 failed, 1 timed out, 3 skipped`
fn nextest(line: &str) -> Option<Counts> {
    let (_, rest) = line.strip_prefix("Summary [")?.split_once("] ")?;
    let (run, results) = rest.split_once(" run: ")?;
    let mut counts = Counts::default();
    for result in without_brackets(results).split(',') {
        let (count, what) = result.trim().split_once(' ')?;
        let count: u64 = count.parse().ok()?;
        match what.trim() {
            "passed" => counts.passed += count,
            "skipped" => counts.skipped += count,
            // `failed`, `timed out`, `exec failed`, and whatever a later version may invent: it is not a pass.
            _ => counts.failed += count,
        }
    }
    // "12/26 tests": the run was broken off.
    if let Some((ran, all)) = run.split_once(' ')?.0.split_once('/') {
        counts.skipped += all.parse::<u64>().ok()?.saturating_sub(ran.parse().ok()?);
    }
    Some(counts)
}

/// `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s`
fn cargo_test(line: &str) -> Option<Counts> {
    let (_, results) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = Counts::default();
    for result in results.split(';').filter(|result| !result.trim().starts_with("finished in")) {
        let (count, what) = result.trim().split_once(' ')?;
        let count: u64 = count.parse().ok()?;
        match what {
            "passed" => counts.passed += count,
            "failed" => counts.failed += count,
            "ignored" | "filtered out" => counts.skipped += count,
            _ => {}
        }
    }
    Some(counts)
}

/// The text without what stands in brackets: `24 passed (1 slow, 1 flaky)` says how they passed.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    text.chars()
        .filter(|&character| {
            match character {
                '(' => depth += 1,
                ')' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

/// The text without the escape sequences that colour it.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // `ESC [`, parameters, one letter.
            characters.by_ref().skip(1).find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(runner: Runner, line: &str) -> Option<(u64, u64, u64)> {
        runner.read(line).map(|Summary { counts, .. }| (counts.passed, counts.failed, counts.skipped))
    }

    #[test]
    fn the_summary_of_nextest_is_read() {
        assert_eq!(counts(Runner::Nextest, "     Summary [   0.024s] 26 tests run: 26 passed, 0 skipped"), Some((26, 0, 0)));
        assert_eq!(counts(Runner::Nextest, "     Summary [   0.024s] 1 test run: 1 passed, 3 skipped"), Some((1, 0, 3)));
        assert_eq!(
            counts(
                Runner::Nextest,
                "Summary [ 61.5s] 30 tests run: 24 passed (1 slow, 2 flaky), 3 failed, 1 timed out, 2 exec failed, 7 skipped"
            ),
            Some((24, 6, 7))
        );
        assert_eq!(counts(Runner::Nextest, "Summary [ 1.0s] 12/26 tests run: 11 passed, 1 failed, 0 skipped"), Some((11, 1, 14)));
        assert_eq!(counts(Runner::Nextest, "Summary [ 0.0s] 0 tests run: 0 passed, 0 skipped"), Some((0, 0, 0)));
    }

    #[test]
    fn the_summary_of_cargo_test_is_read() {
        let line = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s";
        assert_eq!(counts(Runner::Cargo, line), Some((5, 0, 3)));
        let line = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s";
        assert_eq!(counts(Runner::Cargo, line), Some((3, 2, 0)));
    }

    #[test]
    fn colour_does_not_hide_a_summary() {
        let line = "\u{1b}[1;32m     Summary\u{1b}[0m [   0.024s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m2\u{1b}[0m \u{1b}[32mpassed\u{1b}[0m, \u{1b}[1m0\u{1b}[0m skipped";
        assert_eq!(counts(Runner::Nextest, line), Some((2, 0, 0)));
        assert_eq!(
            Runner::Nextest.read(line).map(|summary| summary.line),
            Some("Summary [   0.024s] 2 tests run: 2 passed, 0 skipped".to_owned())
        );
        let line =
            "test result: \u{1b}[32mok\u{1b}[m. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(counts(Runner::Cargo, line), Some((5, 0, 0)));
    }

    #[test]
    fn other_lines_are_left_alone() {
        for line in ["", "test a ... ok", "running 3 tests", "Summary of changes", "test result: unclear", "Summary [x] run: "] {
            assert_eq!((Runner::Nextest.read(line), Runner::Cargo.read(line)), (None, None), "{line:?}");
        }
    }

    #[test]
    fn what_a_failed_test_printed_is_no_summary_of_nextest() {
        let line = "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 7 filtered out; finished in 0.12s";
        assert_eq!(counts(Runner::Nextest, line), None);
    }

    #[test]
    fn counts_add_up_to_one_plain_line() {
        let mut all = Counts { passed: 2, failed: 0, skipped: 1 };
        all += Counts { passed: 40, failed: 1, skipped: 0 };
        assert_eq!((all.to_string(), all.skipped), ("42 passed, 1 failed".to_owned(), 1));
    }
}
