//! What is asked of a subject.

use std::path::PathBuf;

use crate::{Failure, Result};

/// How many connections a subject opens at most: PostgreSQL allows 100 unless somebody says otherwise.
pub const CONNECTIONS: u32 = 90;

/// What `cargo xtask bench` asks of a subject: `append url=postgres://… clients=16 seconds=1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The workload, or `seed`.
    pub name: String,
    /// Where the subject keeps its events: a database, or the file or folder of an embedded store.
    pub url: String,
    /// How many commands are under way at a time.
    pub clients: usize,
    /// When the clock stops.
    pub seconds: f64,
    /// After how many commands it stops before that.
    pub limit: u64,
    /// How many streams there are.
    pub streams: u64,
    /// How many events each has.
    pub events: u32,
    /// Whether the events have tags to be found by.
    pub tagged: bool,
    /// Whether there is nothing yet: in memory, each process fills its own.
    pub fill: bool,
    /// The file that the report goes to; none for the standard output.
    pub report: Option<PathBuf>,
    /// Commands a second, where they come at a steady rate.
    pub pace: u64,
}

impl Task {
    /// Reads the command line of this process.
    ///
    /// # Errors
    /// What cannot be understood.
    pub fn from_args() -> Result<Self> {
        Self::read(std::env::args().skip(1))
    }

    fn read(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let name = args.next().ok_or("the first argument names the task")?;
        let mut task = Self {
            name,
            url: String::new(),
            clients: 1,
            seconds: 1.0,
            limit: u64::MAX,
            streams: 1_000,
            events: 10,
            tagged: false,
            fill: false,
            report: None,
            pace: 1_000,
        };
        for arg in args {
            let (name, value) = arg.split_once('=').ok_or_else(|| format!("`{arg}` is not `name=value`"))?;
            let wrong = |_| format!("`{arg}` does not say a number");
            match name {
                "url" => value.clone_into(&mut task.url),
                "clients" => task.clients = value.parse().map_err(wrong)?,
                "seconds" => task.seconds = value.parse().map_err(|_| format!("`{arg}` does not say a time"))?,
                "limit" => task.limit = value.parse().map_err(wrong)?,
                "streams" => task.streams = value.parse().map_err(wrong)?,
                "events" => task.events = value.parse().map_err(wrong)?,
                "tagged" => task.tagged = value == "true",
                "fill" => task.fill = value == "true",
                "report" => task.report = Some(value.into()),
                "pace" => task.pace = value.parse().map_err(wrong)?,
                _ => return Err(Failure::from(format!("there is no argument `{name}`"))),
            }
        }
        Ok(task)
    }

    /// How many connections a subject should have: one for each command under way and two to spare, as far as the server
    /// lets it.
    #[must_use]
    pub fn connections(&self) -> u32 {
        u32::try_from(self.clients + 2).map_or(CONNECTIONS, |wanted| wanted.min(CONNECTIONS))
    }

    /// How many events there are in all.
    #[must_use]
    pub fn history(&self) -> u64 {
        self.streams * u64::from(self.events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Task> {
        Task::read(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_task_is_read() {
        let task = read("append url=postgres://ann@here/x?a=b clients=64 seconds=0.5 limit=12000 tagged=true").unwrap();
        assert_eq!((&*task.name, &*task.url), ("append", "postgres://ann@here/x?a=b"));
        assert_eq!((task.clients, task.seconds, task.limit, task.tagged), (64, 0.5, 12_000, true));
        assert_eq!((task.streams, task.events, task.history()), (1_000, 10, 10_000));
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        let refused = |text| read(text).unwrap_err().to_string();
        assert_eq!(refused(""), "the first argument names the task");
        assert_eq!(refused("open clients"), "`clients` is not `name=value`");
        assert_eq!(refused("open clients=many"), "`clients=many` does not say a number");
        assert_eq!(refused("open colour=red"), "there is no argument `colour`");
    }

    #[test]
    fn the_connections_are_no_more_than_a_server_allows() {
        assert_eq!(read("open clients=1").unwrap().connections(), 3);
        assert_eq!(read("open clients=256").unwrap().connections(), CONNECTIONS);
    }
}
