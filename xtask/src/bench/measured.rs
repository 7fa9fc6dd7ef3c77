//! What one process measured, and the middle of what several did.

use crate::Failure;

/// What one process measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Measured {
    /// How much was done in a second.
    pub(crate) rate: f64,
    /// What half of the commands took at most, in microseconds.
    pub(crate) p50: Option<f64>,
    /// What 99 of 100 took at most.
    pub(crate) p99: Option<f64>,
    pub(crate) retries: u64,
    pub(crate) failures: u64,
    pub(crate) failure: Option<String>,
}

impl Measured {
    /// Reads what a subject prints: lines of a name and a value.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let value = |wanted: &str| text.lines().filter_map(|line| line.split_once(' ')).find(|(name, _)| *name == wanted);
        let number = |name: &str| match value(name) {
            Some((_, number)) => number.parse().map(Some).map_err(|_| format!("`{name}` is `{number}`, which is no number")),
            None => Ok(None::<f64>),
        };
        let needed = |name: &str| number(name)?.ok_or_else(|| format!("it did not say `{name}`"));
        let (done, micros) = (needed("done")?, needed("micros")?);
        Ok(Self {
            rate: if micros > 0.0 { done * 1e6 / micros } else { 0.0 },
            p50: number("p50")?,
            p99: number("p99")?,
            retries: needed("retries")? as u64,
            failures: needed("failures")? as u64,
            failure: value("failure").map(|(_, why)| why.to_owned()),
        })
    }

    /// The middle of several: of each figure by itself.
    pub(crate) fn median(all: &[Self]) -> Option<Self> {
        let of = |figure: fn(&Self) -> Option<f64>| median(all.iter().filter_map(figure).collect());
        Some(Self {
            rate: of(|one| Some(one.rate))?,
            p50: of(|one| one.p50),
            p99: of(|one| one.p99),
            retries: all.iter().map(|one| one.retries).sum(),
            failures: all.iter().map(|one| one.failures).sum(),
            failure: all.iter().find_map(|one| one.failure.clone()),
        })
    }
}

/// The value in the middle; of an even number of them the mean of the two.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(values[middle - 1], upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(vec![9.0]), Some(9.0));
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn what_a_subject_prints_is_read() {
        let text = "done 500\nmicros 250000\np50 91.5\np99 400.0\nretries 3\nfailures 1\nfailure out of luck\n";
        let measured = Measured::read(text).unwrap();
        assert_eq!((measured.rate, measured.p50, measured.p99), (2_000.0, Some(91.5), Some(400.0)));
        assert_eq!((measured.retries, measured.failures, measured.failure.as_deref()), (3, 1, Some("out of luck")));
    }

    #[test]
    fn what_a_subject_does_not_say_is_missed() {
        assert_eq!(Measured::read("done 5\nretries 0\nfailures 0"), Err("it did not say `micros`".to_owned()));
        assert_eq!(Measured::read("done many\nmicros 1"), Err("`done` is `many`, which is no number".to_owned()));
        let without_latencies = Measured::read("done 5\nmicros 0\nretries 0\nfailures 0").unwrap();
        assert_eq!((without_latencies.rate, without_latencies.p50), (0.0, None));
    }

    #[test]
    fn the_median_of_rounds_is_that_of_each_figure() {
        let round = |rate, p50, retries| Measured { rate, p50: Some(p50), retries, ..Measured::default() };
        let median = Measured::median(&[round(10.0, 3.0, 1), round(30.0, 1.0, 0), round(20.0, 2.0, 4)]).unwrap();
        assert_eq!((median.rate, median.p50, median.p99, median.retries), (20.0, Some(2.0), None, 5));
        assert_eq!(Measured::median(&[]), None);
    }
}
