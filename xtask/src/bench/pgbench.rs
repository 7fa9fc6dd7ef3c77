//! `pgbench`, which comes with PostgreSQL: how fast the server takes single rows from a client that does nothing else.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::measured::Measured;
use crate::{Failure, process, server};

/// The table of the subject by hand.
const TABLE: &str = include_str!("../../../benches/by_hand/src/schema.sql");

/// A row as the others write it.
const SCRIPT: &str = "\\set id random(1, 9000000000000000)
insert into event (stream, version, kind, payload) values ('acc-' || :id, 1, 'e', '{\"Opened\":{\"owner\":\"somebody\",\"note\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}}'::jsonb);
";

/// What its database starts with: as many rows as those of the others.
pub(crate) fn seed() -> String {
    format!(
        "{TABLE}; insert into event (stream, version, kind, payload) select 'acc-' || md5(stream::text), version, 'e', \
         '{{\"Deposited\":{{\"amount\":7,\"balance\":7}}}}' from generate_series(1, 1000) stream, generate_series(1, 10) version"
    )
}

/// Lets so many clients write for some seconds, which are whole ones, over at most as many connections as the others have.
pub(crate) fn measure(url: &str, clients: usize, seconds: f64) -> Result<Measured, Failure> {
    let failed = |error| format!("pgbench cannot be measured: {error}");
    let folder = tempfile::tempdir().map_err(failed)?;
    let script = folder.path().join("script.sql");
    fs::write(&script, SCRIPT).map_err(failed)?;
    let mut command = Command::new(server::postgres_client("pgbench")?);
    command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--log", "--log-prefix=log"]);
    command.args(["--client", &clients.min(90).to_string(), "--time", &seconds.ceil().to_string()]);
    command.arg("--file").arg(&script).arg(url).current_dir(folder.path());
    let printed = process::run_within(&mut command, Duration::from_secs(120), folder.path())?;
    let said = fs::read_to_string(printed.out).map_err(failed)?;
    let took = logged(folder.path())?;
    read(&said, took)
}

/// How long each transaction took, in microseconds: the third column of its logs.
fn logged(folder: &Path) -> Result<Vec<f64>, Failure> {
    let failed = |error| format!("the log of pgbench cannot be read: {error}");
    let mut took = Vec::new();
    for file in fs::read_dir(folder).map_err(failed)? {
        let file = file.map_err(failed)?;
        if file.file_name().to_string_lossy().starts_with("log") {
            let text = fs::read_to_string(file.path()).map_err(failed)?;
            took.extend(text.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok()));
        }
    }
    took.sort_unstable_by(f64::total_cmp);
    Ok(took)
}

/// Reads `tps = 1234.5 (without initial connection time)`.
fn read(said: &str, took: Vec<f64>) -> Result<Measured, Failure> {
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    let rate = rate.ok_or_else(|| format!("pgbench said no rate:\n{said}"))?;
    let share = |share: f64| took.get(((took.len() as f64 * share).ceil() as usize).saturating_sub(1)).copied();
    Ok(Measured { rate, p50: share(0.50), p99: share(0.99), ..Measured::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pgbench_says_is_read() {
        let said = "number of clients: 4\nlatency average = 0.5 ms\ntps = 6758.25 (without initial connection time)\n";
        let measured = read(said, vec![10.0, 20.0, 30.0]).unwrap();
        assert_eq!((measured.rate, measured.p50, measured.p99), (6_758.25, Some(20.0), Some(30.0)));
        assert!(read("connection refused", vec![]).is_err());
    }

    #[test]
    fn its_logs_are_read() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("log.17"), "0 1 950 0 1700000000 1\n1 1 450 0 1700000000 2\n").unwrap();
        fs::write(folder.path().join("script.sql"), "1 2 3").unwrap();
        assert_eq!(logged(folder.path()).unwrap(), [450.0, 950.0]);
    }
}
