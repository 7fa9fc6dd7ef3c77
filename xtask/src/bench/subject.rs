//! Who is measured.

use super::workload::Workload::{
    self, Append, Condition, EmbeddedAppend, EmbeddedCondition, EmbeddedLong, EmbeddedOpen, Hot, Live, Long, MemoryAppend,
    MemoryOpen, Open, Project, Warm,
};
use crate::Failure;

/// Who is measured.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    /// The workloads that it can do.
    pub(crate) offers: &'static [Workload],
}

/// What a subject is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Annals.
    Own,
    /// What could be reached.
    Yardstick,
    /// A framework or store of others.
    Peer,
}

/// What Annals is called in the results.
pub(crate) const ANNALS: &str = "annals";
/// What the work by hand is called.
pub(crate) const BY_HAND: &str = "by_hand";
/// A program that comes with PostgreSQL.
pub(crate) const PGBENCH: &str = "pgbench";

const EVERYTHING: &[Workload] = &[
    Open,
    Append,
    Warm,
    Hot,
    Long,
    Project,
    Live,
    Condition,
    EmbeddedOpen,
    EmbeddedAppend,
    EmbeddedLong,
    EmbeddedCondition,
    MemoryOpen,
    MemoryAppend,
];

/// Everybody, in the order in which the first round asks them.
pub(crate) const SUBJECTS: &[Subject] = &[
    Subject { name: ANNALS, role: Role::Own, offers: EVERYTHING },
    Subject {
        name: BY_HAND,
        role: Role::Yardstick,
        offers: &[Open, Append, Hot, Long, Project, Live, Condition, MemoryOpen, MemoryAppend],
    },
    Subject { name: PGBENCH, role: Role::Yardstick, offers: &[Open] },
    peer("cqrs-es", &[Open, Append, Hot, Long, Project, MemoryOpen, MemoryAppend]),
    peer("disintegrate", &[Open, Append, Hot, Long, Project, Condition]),
    peer("distributed", &[Open, Append, Hot, Long, Project, MemoryOpen, MemoryAppend]),
    peer("es-entity", &[Open, Append, Hot, Long]),
    peer("esrs", &[Open, Append, Hot, Long, Project]),
    peer("eventcore", &[Open, Append, Hot, Long, Project, MemoryOpen, MemoryAppend]),
    peer("evento", &[Open, Append, Hot, Long, Project]),
    peer("eventsourced", &[Open, Append, Warm, Hot, Long, Project]),
    peer("eventually", &[Open, Append, Hot, Long, Project, MemoryOpen, MemoryAppend]),
    peer("skilj", &[Open, Append, Hot, Project]),
    peer("umadb", &[EmbeddedOpen, EmbeddedAppend, EmbeddedLong, EmbeddedCondition]),
];

const fn peer(name: &'static str, offers: &'static [Workload]) -> Subject {
    Subject { name, role: Role::Peer, offers }
}

impl Subject {
    pub(crate) fn find(name: &str) -> Result<&'static Self, Failure> {
        let named = SUBJECTS.iter().find(|subject| subject.name == name);
        let known = || SUBJECTS.iter().map(|subject| subject.name).collect::<Vec<_>>().join(", ");
        named.ok_or_else(|| format!("there is no subject `{name}`; there are {}", known()))
    }

    /// The folder of its package in `benches`, and its program. None if it is not ours to build.
    pub(crate) fn package(&self) -> Option<(String, String)> {
        match self.role {
            Role::Peer => Some((format!("peers/{}", self.name), format!("peer-{}", self.name))),
            _ if self.name == PGBENCH => None,
            _ => Some((self.name.to_owned(), format!("bench-{}", self.name.replace('_', "-")))),
        }
    }
}

/// The order of a round: each begins with another, so that nobody always comes after the same.
pub(crate) fn in_order_of_round<T: Copy>(all: &[T], round: usize) -> Vec<T> {
    let mut order = all.to_vec();
    order.rotate_left(round % all.len().max(1));
    order
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn annals_is_measured_in_each_workload() {
        assert_eq!(SUBJECTS[0].name, ANNALS);
        assert_eq!(SUBJECTS[0].offers, Workload::value_variants());
    }

    #[test]
    fn each_subject_that_we_build_has_its_package() {
        for (folder, program) in SUBJECTS.iter().filter_map(Subject::package) {
            let manifest = crate::project::root().join("benches").join(&folder).join("Cargo.toml");
            let text = std::fs::read_to_string(&manifest).unwrap_or_else(|error| panic!("{}: {error}", manifest.display()));
            assert!(text.contains(&format!("name = {program:?}")), "{folder} is no package `{program}`");
        }
    }

    #[test]
    fn who_is_not_there_is_told_with_who_is() {
        assert_eq!(Subject::find("esrs").unwrap().role, Role::Peer);
        let failure = Subject::find("nobody").unwrap_err();
        assert!(failure.starts_with("there is no subject `nobody`; there are annals, by_hand, pgbench"), "{failure}");
    }

    #[test]
    fn the_order_rotates_from_round_to_round() {
        assert_eq!(in_order_of_round(&['a', 'b', 'c'], 0), ['a', 'b', 'c']);
        assert_eq!(in_order_of_round(&['a', 'b', 'c'], 1), ['b', 'c', 'a']);
        assert_eq!(in_order_of_round(&['a', 'b', 'c'], 3), ['a', 'b', 'c']);
        assert_eq!(in_order_of_round::<char>(&[], 1), []);
    }
}
