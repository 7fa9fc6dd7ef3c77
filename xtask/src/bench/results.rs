//! The rows of the results: what was measured, beside what it is compared with.

use serde_json::{Value, json};

use super::measured::Measured;
use super::subject::{BY_HAND, Role, Subject};
use super::workload::Workload;

/// What came of one subject, with so many clients.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) workload: Workload,
    pub(crate) clients: usize,
    pub(crate) subject: &'static Subject,
    /// The median of the rounds.
    pub(crate) measured: Measured,
    /// How often it asked the server for each command, if that was counted.
    pub(crate) statements: Option<f64>,
}

/// All rows, in the order of workload, clients and subject.
#[derive(Debug, Default)]
pub(crate) struct Results(pub(crate) Vec<Row>);

impl Results {
    /// The rows of one workload with so many clients.
    pub(crate) fn of(&self, workload: Workload, clients: usize) -> impl Iterator<Item = &Row> {
        self.0.iter().filter(move |row| row.workload == workload && row.clients == clients)
    }

    pub(crate) fn find(&self, workload: Workload, clients: usize, subject: &str) -> Option<&Row> {
        self.of(workload, clients).find(|row| row.subject.name == subject)
    }

    /// Each workload and number of clients that was measured.
    pub(crate) fn cases(&self) -> Vec<(Workload, usize)> {
        let mut cases: Vec<_> = self.0.iter().map(|row| (row.workload, row.clients)).collect();
        cases.sort_unstable();
        cases.dedup();
        cases
    }

    /// The fastest of the peers.
    pub(crate) fn best_peer(&self, workload: Workload, clients: usize) -> Option<&Row> {
        let peers = self.of(workload, clients).filter(|row| row.subject.role == Role::Peer);
        peers.max_by(|one, other| one.measured.rate.total_cmp(&other.measured.rate))
    }

    /// How many times as fast as the best peer.
    pub(crate) fn ratio_best_peer(&self, row: &Row) -> Option<f64> {
        ratio(row, self.best_peer(row.workload, row.clients)?)
    }

    /// How many times as fast as by hand.
    pub(crate) fn ratio_by_hand(&self, row: &Row) -> Option<f64> {
        ratio(row, self.find(row.workload, row.clients, BY_HAND)?)
    }

    /// A list of rows, each with the same names.
    pub(crate) fn json(&self) -> Value {
        let row = |row: &Row| {
            let Row { workload, clients, subject, measured, statements } = row;
            json!({
                "workload": workload.name(),
                "clients": clients,
                "subject": subject.name,
                "rate": rounded(measured.rate, 1.0),
                "p50_us": measured.p50.map(|micros| rounded(micros, 10.0)),
                "p99_us": measured.p99.map(|micros| rounded(micros, 10.0)),
                "ratio_best_peer": self.ratio_best_peer(row).map(|ratio| rounded(ratio, 1_000.0)),
                "ratio_by_hand": self.ratio_by_hand(row).map(|ratio| rounded(ratio, 1_000.0)),
                "statements": statements,
                "retries": measured.retries,
                "failures": measured.failures,
            })
        };
        self.0.iter().map(row).collect()
    }
}

/// None where the rate was given and not measured.
fn ratio(row: &Row, to: &Row) -> Option<f64> {
    let is_measured = row.workload != Workload::Live && to.measured.rate > 0.0;
    is_measured.then(|| row.measured.rate / to.measured.rate)
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn row(workload: Workload, clients: usize, subject: &str, rate: f64) -> Row {
        let measured = Measured { rate, p50: Some(100.04), p99: Some(200.0), ..Measured::default() };
        Row { workload, clients, subject: Subject::find(subject).unwrap(), measured, statements: None }
    }

    pub(crate) fn results() -> Results {
        Results(vec![
            row(Workload::Open, 16, "annals", 3_000.0),
            row(Workload::Open, 16, "by_hand", 2_000.0),
            row(Workload::Open, 16, "pgbench", 9_000.0),
            row(Workload::Open, 16, "esrs", 1_500.0),
            row(Workload::Open, 16, "cqrs-es", 100.0),
            row(Workload::Open, 64, "esrs", 9_999.0),
            row(Workload::Warm, 16, "annals", 4_000.0),
            row(Workload::Live, 1, "annals", 1_000.0),
            row(Workload::Live, 1, "by_hand", 1_000.0),
        ])
    }

    #[test]
    fn what_is_compared_is_of_the_same_workload_and_clients() {
        let results = results();
        assert_eq!(results.best_peer(Workload::Open, 16).unwrap().subject.name, "esrs");
        assert_eq!(results.ratio_best_peer(&results.0[0]), Some(2.0));
        assert_eq!(results.ratio_by_hand(&results.0[0]), Some(1.5));
        assert_eq!(results.ratio_by_hand(&results.0[5]), None);
        assert_eq!(results.ratio_best_peer(&results.0[6]), None);
        assert_eq!(results.ratio_by_hand(&results.0[7]), None, "the rate was given");
        assert_eq!(results.cases().len(), 4);
    }

    #[test]
    fn the_results_are_a_list_of_rows() {
        let json = results().json();
        let names = ["workload", "clients", "subject", "rate", "p50_us", "p99_us", "ratio_best_peer", "ratio_by_hand"];
        for row in json.as_array().unwrap() {
            assert!(names.iter().all(|name| row.get(name).is_some()), "{row}");
        }
        assert_eq!(json[0]["workload"], "open");
        assert_eq!((&json[0]["clients"], &json[0]["rate"]), (&json!(16), &json!(3_000.0)));
        assert_eq!((&json[0]["p50_us"], &json[0]["ratio_by_hand"]), (&json!(100.0), &json!(1.5)));
        assert_eq!(json[6]["ratio_best_peer"], Value::Null);
    }
}
