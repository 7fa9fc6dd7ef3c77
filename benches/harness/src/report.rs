//! What came of a task.

use std::fmt;
use std::time::Duration;

/// What came of a task; shown as lines of a name and a value, which `cargo xtask bench` reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// How much was done: commands, or events.
    pub done: u64,
    /// In which time.
    pub elapsed: Duration,
    /// How long each took, sorted. None if it is not known.
    pub took: Vec<Duration>,
    /// How often something was done again because another writer came first.
    pub retries: u64,
    /// How much could not be done.
    pub failures: u64,
    /// Why, the first time.
    pub failure: Option<String>,
}

impl Report {
    pub(crate) fn failed(why: impl ToString) -> Self {
        Self { failures: 1, failure: Some(why.to_string()), ..Self::default() }
    }

    /// The time that a share of the work did not exceed: the smallest value with at least this share at or below it.
    #[must_use]
    pub fn percentile(&self, share: f64) -> Option<Duration> {
        let rank = (share * self.took.len() as f64).ceil() as usize;
        self.took.get(rank.saturating_sub(1)).copied()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "done {}", self.done)?;
        writeln!(f, "micros {}", self.elapsed.as_micros())?;
        for (name, share) in [("p50", 0.50), ("p99", 0.99)] {
            if let Some(took) = self.percentile(share) {
                writeln!(f, "{name} {:.1}", took.as_secs_f64() * 1e6)?;
            }
        }
        writeln!(f, "retries {}", self.retries)?;
        writeln!(f, "failures {}", self.failures)?;
        match &self.failure {
            Some(why) => writeln!(f, "failure {}", why.replace('\n', " ")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(micros: impl IntoIterator<Item = u64>) -> Report {
        Report { took: micros.into_iter().map(Duration::from_micros).collect(), ..Report::default() }
    }

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let report = took(1..=100);
        assert_eq!(report.percentile(0.50), Some(Duration::from_micros(50)));
        assert_eq!(report.percentile(0.99), Some(Duration::from_micros(99)));
        assert_eq!(report.percentile(1.0), Some(Duration::from_micros(100)));
        assert_eq!(took([7]).percentile(0.01), Some(Duration::from_micros(7)));
        assert_eq!(took([1, 2, 30]).percentile(0.99), Some(Duration::from_micros(30)));
        assert_eq!(took([]).percentile(0.50), None);
    }

    #[test]
    fn a_report_is_lines_of_names_and_values() {
        let report = Report { done: 2, elapsed: Duration::from_millis(3), retries: 1, ..took([10, 20]) };
        assert_eq!(report.to_string(), "done 2\nmicros 3000\np50 10.0\np99 20.0\nretries 1\nfailures 0\n");
        let failed = Report::failed("two\nlines");
        assert_eq!(failed.to_string(), "done 0\nmicros 0\nretries 0\nfailures 1\nfailure two lines\n");
    }
}
