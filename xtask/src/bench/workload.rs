//! What is measured.

use clap::ValueEnum;

/// What is measured, by the names that `--workload` and the results know it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Workload {
    /// A command that creates a stream with one event.
    Open,
    /// A command on one of 1,000 streams with about 10 events: it loads, decides and appends.
    Append,
    /// The same where the state may be kept in memory.
    Warm,
    /// All clients on one stream.
    Hot,
    /// Reading a stream of 10,000 events.
    Long,
    /// A read model that catches up with 100,000 events.
    Project,
    /// From commit to read model, at 1,000 events a second.
    Live,
    /// An append that a tag guards.
    Condition,
    /// `open` on an embedded store.
    EmbeddedOpen,
    /// `append` on an embedded store.
    EmbeddedAppend,
    /// `long` on an embedded store.
    EmbeddedLong,
    /// `condition` on an embedded store.
    EmbeddedCondition,
    /// `open` in memory.
    MemoryOpen,
    /// `append` in memory.
    MemoryAppend,
}

/// Where the events are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Postgres,
    /// A folder.
    Embedded,
    Memory,
}

/// What is there before the clock starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seed {
    pub(crate) name: &'static str,
    pub(crate) streams: u64,
    pub(crate) events: u64,
    pub(crate) tagged: bool,
}

/// What every table starts with.
const ACCOUNTS: Seed = Seed { name: "accounts", streams: 1_000, events: 10, tagged: false };
const TAGGED: Seed = Seed { name: "tagged", streams: 1_000, events: 10, tagged: true };
const LONG: Seed = Seed { name: "long", streams: 1, events: 10_000, tagged: false };
const HISTORY: Seed = Seed { name: "history", streams: 1_000, events: 100, tagged: false };
/// More streams, since there are more commands in the same time.
const MANY: Seed = Seed { name: "many", streams: 20_000, events: 10, tagged: false };

impl Workload {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Append => "append",
            Self::Warm => "warm",
            Self::Hot => "hot",
            Self::Long => "long",
            Self::Project => "project",
            Self::Live => "live",
            Self::Condition => "condition",
            Self::EmbeddedOpen => "embedded_open",
            Self::EmbeddedAppend => "embedded_append",
            Self::EmbeddedLong => "embedded_long",
            Self::EmbeddedCondition => "embedded_condition",
            Self::MemoryOpen => "memory_open",
            Self::MemoryAppend => "memory_append",
        }
    }

    /// What the harness calls it: the same wherever the events are.
    pub(crate) fn task(self) -> &'static str {
        let name = self.name();
        ["embedded_", "memory_"].iter().find_map(|place| name.strip_prefix(place)).unwrap_or(name)
    }

    pub(crate) fn place(self) -> Place {
        match self.name() {
            name if name.starts_with("embedded_") => Place::Embedded,
            name if name.starts_with("memory_") => Place::Memory,
            _ => Place::Postgres,
        }
    }

    /// How many commands are under way at a time.
    pub(crate) fn clients(self) -> &'static [usize] {
        match self {
            Self::Open => &[1, 16, 64, 256],
            Self::Append | Self::Warm | Self::EmbeddedOpen | Self::EmbeddedAppend => &[1, 16, 64],
            Self::Hot => &[16, 64],
            Self::Condition | Self::EmbeddedCondition | Self::MemoryOpen | Self::MemoryAppend => &[1, 16],
            Self::Long | Self::Project | Self::Live | Self::EmbeddedLong => &[1],
        }
    }

    pub(crate) fn seed(self) -> Seed {
        match self {
            Self::Long | Self::EmbeddedLong => LONG,
            Self::Project => HISTORY,
            Self::Condition | Self::EmbeddedCondition => TAGGED,
            Self::MemoryAppend => MANY,
            _ => ACCOUNTS,
        }
    }

    /// After how many commands it ends before its time, so that the streams stay as long as they are said to be: from 10
    /// to 22 events. None where they do not grow.
    pub(crate) fn limit(self) -> Option<u64> {
        match self.task() {
            "append" | "warm" | "condition" => Some(self.seed().streams * 12),
            "hot" => Some(1_000),
            _ => None,
        }
    }

    /// How much longer than the others it is measured: what is slow shows something only after a while.
    pub(crate) fn patience(self) -> f64 {
        match self {
            Self::Project => 3.0,
            _ => 1.0,
        }
    }

    /// What its rate counts.
    pub(crate) fn unit(self) -> &'static str {
        match self.task() {
            "long" | "project" => "events/s",
            _ => "commands/s",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workloads_are_called_in_the_results_as_on_the_command_line() {
        for workload in Workload::value_variants() {
            assert_eq!(workload.to_possible_value().unwrap().get_name(), workload.name());
            assert!(!workload.clients().is_empty());
        }
        assert_eq!((Workload::EmbeddedLong.task(), Workload::EmbeddedLong.place()), ("long", Place::Embedded));
        assert_eq!((Workload::MemoryOpen.task(), Workload::MemoryOpen.place()), ("open", Place::Memory));
    }
}
