//! A run: everything is filled once, then measured round after round.

use std::collections::{BTreeMap, BTreeSet};

use super::keep::Keep;
use super::measured::Measured;
use super::pgbench;
use super::programs::Programs;
use super::results::{Results, Row};
use super::statements::{COMMANDS, Log};
use super::subject::{ANNALS, BY_HAND, PGBENCH, Role, Subject, in_order_of_round};
use super::table::grouped;
use super::workload::{Place, Seed, Workload};
use crate::Failure;

/// What is measured, of whom and for how long.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) subjects: Vec<&'static Subject>,
    pub(crate) workloads: Vec<Workload>,
    /// Instead of those of each workload, unless empty.
    pub(crate) clients: Vec<usize>,
    pub(crate) rounds: usize,
    pub(crate) seconds: f64,
    pub(crate) is_quick: bool,
    /// Whether nothing is left out.
    pub(crate) is_everything: bool,
}

/// One thing that is measured in each round.
type Case = (Workload, usize, &'static str);

impl Plan {
    fn clients(&self, workload: Workload) -> &[usize] {
        if self.clients.is_empty() { workload.clients() } else { &self.clients }
    }

    fn subjects(&self, workload: Workload) -> Vec<&'static Subject> {
        self.subjects.iter().copied().filter(|subject| subject.offers.contains(&workload)).collect()
    }

    /// Everything that is to be in the results.
    fn cases(&self) -> impl Iterator<Item = Case> {
        self.workloads.iter().flat_map(move |workload| {
            let names = self.subjects(*workload).into_iter().map(|subject| subject.name);
            names.flat_map(move |name| self.clients(*workload).iter().map(move |clients| (*workload, *clients, name)))
        })
    }

    /// How long a measurement takes at most. A read model may take its time where only matters that it gets there.
    fn seconds(&self, workload: Workload) -> f64 {
        match workload {
            Workload::Project if self.is_quick => 120.0,
            _ => self.seconds * workload.patience(),
        }
    }

    /// What is there before the clock starts; less for a quick look.
    fn seed(&self, workload: Workload) -> Seed {
        let seed = workload.seed();
        match self.is_quick {
            true if workload == Workload::Project => Seed { events: 10, ..seed },
            _ => seed,
        }
    }
}

/// What came of a run.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) results: Results,
    /// What is not in them, and why.
    failures: Vec<(Case, Failure)>,
}

impl Outcome {
    /// Whether everything is there that is ours; what others could not do is said and no failure.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let mut ours = Vec::new();
        for ((workload, clients, name), why) in &self.failures {
            let line = format!("{} with {clients} clients, {name}: {why}", workload.name());
            match Subject::find(name)?.role {
                Role::Peer => println!("no result: {line}"),
                Role::Own | Role::Yardstick => ours.push(line),
            }
        }
        if ours.is_empty() { Ok(()) } else { Err(format!("no result: {}", ours.join("\nno result: "))) }
    }
}

/// A run on its way.
pub(crate) struct Run<'a> {
    plan: &'a Plan,
    programs: &'a Programs,
    keep: &'a Keep,
    measured: BTreeMap<Case, Vec<Measured>>,
    failures: BTreeMap<Case, Failure>,
    /// What is filled, by its name, or why it is not.
    filled: BTreeMap<String, Result<(), Failure>>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(plan: &'a Plan, programs: &'a Programs, keep: &'a Keep) -> Self {
        let (measured, failures, filled) = Default::default();
        Self { plan, programs, keep, measured, failures, filled }
    }

    pub(crate) fn everything(mut self) -> Result<Outcome, Failure> {
        for round in 0..self.plan.rounds {
            for workload in self.plan.workloads.clone() {
                let subjects = in_order_of_round(&self.plan.subjects(workload), round);
                for clients in self.plan.clients(workload).to_vec() {
                    for subject in &subjects {
                        self.measure(workload, clients, subject, round);
                    }
                }
            }
        }
        let statements = self.count_statements()?;
        Ok(self.outcome(&statements))
    }

    fn measure(&mut self, workload: Workload, clients: usize, subject: &'static Subject, round: usize) {
        let case = (workload, clients, subject.name);
        if self.failures.contains_key(&case) {
            return;
        }
        let of = format!("{}/{} {} {clients} {}", round + 1, self.plan.rounds, workload.name(), subject.name);
        match self.measure_once(workload, clients, subject) {
            Ok(measured) => {
                let (rate, unit, p99) = (grouped(measured.rate), workload.unit(), measured.p99.unwrap_or_default() / 1_000.0);
                println!("{of}: {rate} {unit}, p99 {p99:.2} ms");
                self.measured.entry(case).or_default().push(measured);
            }
            Err(why) => {
                println!("{of}: {why}");
                self.failures.insert(case, why);
            }
        }
    }

    fn measure_once(&mut self, workload: Workload, clients: usize, subject: &'static Subject) -> Result<Measured, Failure> {
        let (place, seed) = (workload.place(), self.plan.seed(workload));
        let filled = self.fill(subject, place, seed)?;
        let copy = format!("{filled}_copy");
        let url = self.keep.copy(place, &filled, &copy)?;
        let seconds = self.plan.seconds(workload);
        let measured = if subject.name == PGBENCH {
            pgbench::measure(&url, clients, seconds)
        } else {
            let mut task = task(workload.task(), &url, clients, seed);
            task.push(format!("seconds={seconds}"));
            task.extend(workload.limit().map(|limit| format!("limit={limit}")));
            // Nothing can be kept in memory from one process to the next.
            task.extend((place == Place::Memory).then(|| "fill=true".to_owned()));
            self.programs.run(subject, &task)
        };
        self.keep.forget(place, &copy)?;
        let measured = measured?;
        match &measured.failure {
            // A conflict that was not resolved in the end is the subject's answer: it counts as not done.
            Some(why) if subject.role != Role::Peer || measured.rate == 0.0 => Err(why.clone()),
            _ if measured.rate == 0.0 => Err("nothing was done".to_owned()),
            _ => Ok(measured),
        }
    }

    /// Fills a database or folder by the subject's own means, the first time it is needed, and answers its name.
    fn fill(&mut self, subject: &'static Subject, place: Place, seed: Seed) -> Result<String, Failure> {
        let kind = if place == Place::Postgres { "" } else { "embedded_" };
        let name = format!("bench_{}_{kind}{}", subject.name.replace('-', "_"), seed.name);
        if place == Place::Memory {
            return Ok(name);
        }
        if !self.filled.contains_key(&name) {
            let filled = self.fill_now(subject, place, seed, &name);
            self.filled.insert(name.clone(), filled);
        }
        self.filled[&name].clone().map(|()| name)
    }

    fn fill_now(&self, subject: &'static Subject, place: Place, seed: Seed, name: &str) -> Result<(), Failure> {
        let url = self.keep.empty(place, name)?;
        if subject.name == PGBENCH {
            self.keep.sql(name, &pgbench::seed())?;
        } else {
            let seeded = self.programs.run(subject, &task("seed", &url, 8, seed))?;
            if let Some(why) = seeded.failure {
                return Err(format!("it cannot be filled: {why}"));
            }
        }
        self.keep.finish(place, name)
    }

    /// Counts the statements that Annals and the work by hand send for each command of one client.
    fn count_statements(&mut self) -> Result<BTreeMap<Case, f64>, Failure> {
        let mut counted = BTreeMap::new();
        let counts = |subject: &&&Subject| [ANNALS, BY_HAND].contains(&subject.name);
        let subjects: Vec<_> = self.plan.subjects.iter().filter(counts).copied().collect();
        let asked = [Workload::Open, Workload::Append, Workload::Condition];
        let Some(log) = Log::of(self.keep) else { return Ok(counted) };
        for workload in asked.into_iter().filter(|workload| self.plan.workloads.contains(workload)) {
            for subject in subjects.iter().filter(|subject| subject.offers.contains(&workload)) {
                let some = self.statements(&log, workload, subject, COMMANDS)?;
                let none = self.statements(&log, workload, subject, 0)?;
                let each = (some.saturating_sub(none)) as f64 / COMMANDS as f64;
                counted.insert((workload, 1, subject.name), (each * 10.0).round() / 10.0);
            }
        }
        Ok(counted)
    }

    fn statements(&mut self, log: &Log, workload: Workload, subject: &'static Subject, limit: u64) -> Result<u64, Failure> {
        let seed = self.plan.seed(workload);
        let filled = self.fill(subject, Place::Postgres, seed)?;
        let copy = format!("{filled}_copy");
        let url = self.keep.copy(Place::Postgres, &filled, &copy)?;
        Log::note(self.keep, &copy)?;
        let start = log.end()?;
        let mut task = task(workload.task(), &url, 1, seed);
        task.extend(["seconds=30".to_owned(), format!("limit={limit}")]);
        self.programs.run(subject, &task)?;
        let statements = log.statements_since(start);
        self.keep.forget(Place::Postgres, &copy)?;
        statements
    }

    fn outcome(self, statements: &BTreeMap<Case, f64>) -> Outcome {
        let mut outcome = Outcome::default();
        let mut seen = BTreeSet::new();
        for case in self.plan.cases().filter(|case| seen.insert(*case)) {
            let (workload, clients, name) = case;
            let measured = self.measured.get(&case).and_then(|rounds| Measured::median(rounds));
            let failure = self.failures.get(&case).cloned();
            match (measured, failure, Subject::find(name)) {
                (Some(measured), None, Ok(subject)) => {
                    let statements = statements.get(&case).copied();
                    outcome.results.0.push(Row { workload, clients, subject, measured, statements });
                }
                (_, why, _) => outcome.failures.push((case, why.unwrap_or_else(|| "it was not measured".to_owned()))),
            }
        }
        outcome
    }
}

/// What every task says.
fn task(name: &str, url: &str, clients: usize, seed: Seed) -> Vec<String> {
    let Seed { streams, events, tagged, .. } = seed;
    let task = format!("{name} url={url} clients={clients} streams={streams} events={events} tagged={tagged}");
    task.split(' ').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            subjects: vec![Subject::find("annals").unwrap(), Subject::find("esrs").unwrap()],
            workloads: vec![Workload::EmbeddedOpen, Workload::Long],
            clients: Vec::new(),
            rounds: 1,
            seconds: 1.0,
            is_quick: false,
            is_everything: false,
        }
    }

    #[test]
    fn each_subject_is_measured_in_what_it_offers() {
        let cases: Vec<_> = plan().cases().collect();
        let appends = [1, 16, 64].map(|clients| (Workload::EmbeddedOpen, clients, "annals"));
        let reads = ["annals", "esrs"].map(|name| (Workload::Long, 1, name));
        assert_eq!(cases, [&appends[..], &reads[..]].concat());
        let of_eight = Plan { clients: vec![8], ..plan() };
        assert_eq!(of_eight.cases().next(), Some((Workload::EmbeddedOpen, 8, "annals")));
    }

    fn outcome(failed: Option<Case>) -> Outcome {
        let (plan, programs) = (plan(), Programs { profile: "release".to_owned() });
        let measured: BTreeMap<_, _> =
            plan.cases().map(|case| (case, vec![Measured { rate: 5.0, ..Measured::default() }])).collect();
        // No server is asked for anything.
        let keep = Keep::new(crate::server::Measuring::nowhere(), &std::env::temp_dir()).unwrap();
        let failures = failed.into_iter().map(|case| (case, "it burnt down".to_owned())).collect();
        let run = Run { plan: &plan, programs: &programs, keep: &keep, measured, failures, filled: BTreeMap::new() };
        run.outcome(&BTreeMap::from([((Workload::EmbeddedOpen, 1, "annals"), 2.0)]))
    }

    #[test]
    fn a_run_in_which_everything_went_well_has_a_row_of_each_case() {
        let outcome = outcome(None);
        assert_eq!(outcome.check(), Ok(()));
        assert_eq!(outcome.results.0.len(), 5);
        assert_eq!(outcome.results.0[0].statements, Some(2.0));
    }

    #[test]
    fn what_is_missing_of_ours_is_a_failure_and_of_others_is_told() {
        let ours = outcome(Some((Workload::EmbeddedOpen, 16, "annals")));
        assert_eq!(ours.check(), Err("no result: embedded_open with 16 clients, annals: it burnt down".to_owned()));
        assert_eq!(ours.results.0.len(), 4);
        let of_others = outcome(Some((Workload::Long, 1, "esrs")));
        assert_eq!((of_others.check(), of_others.results.0.len()), (Ok(()), 4));
    }
}
