//! How often a subject asks the server for each command.

use std::fs;
use std::path::PathBuf;

use super::keep::Keep;
use crate::Failure;

/// How many commands are counted.
pub(crate) const COMMANDS: u64 = 100;

/// The log of the server, if it is on this machine and we may read it.
pub(crate) struct Log(PathBuf);

impl Log {
    /// A server that we have started writes it beside its data.
    pub(crate) fn of(keep: &Keep) -> Option<Self> {
        let data = keep.ask("", "show data_directory").ok()?;
        let log = PathBuf::from(data.trim()).parent()?.join("log");
        log.is_file().then_some(Self(log))
    }

    /// Has the server note every statement in a database.
    pub(crate) fn note(keep: &Keep, database: &str) -> Result<(), Failure> {
        keep.sql("", &format!("alter database {database} set log_statement = 'all'"))
    }

    /// How many bytes it has.
    pub(crate) fn end(&self) -> Result<usize, Failure> {
        self.read().map(|text| text.len())
    }

    /// How many statements it has noted since.
    pub(crate) fn statements_since(&self, start: usize) -> Result<u64, Failure> {
        let text = self.read()?;
        Ok(count(text.get(start..).unwrap_or_default()))
    }

    fn read(&self) -> Result<String, Failure> {
        let text = fs::read(&self.0).map_err(|error| format!("the log of the server cannot be read: {error}"))?;
        // Of the same length whatever is in it.
        Ok(text.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' }).collect())
    }
}

/// The statements of a log, each noted once: `execute` if it was prepared, `statement` if not; `BEGIN` and `COMMIT` are
/// among them.
fn count(log: &str) -> u64 {
    let is_statement = |line: &&str| line.contains("LOG:  execute ") || line.contains("LOG:  statement: ");
    log.lines().filter(is_statement).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_counted_once() {
        let log = "2026-01-01 [7] LOG:  statement: BEGIN\n2026-01-01 [7] LOG:  execute s_1: insert into event\n\
                   2026-01-01 [7] DETAIL:  parameters: $1 = 'LOG'\n2026-01-01 [7] LOG:  statement: COMMIT\n\
                   2026-01-01 [9] LOG:  checkpoint starting: immediate\n";
        assert_eq!(count(log), 3);
    }
}
