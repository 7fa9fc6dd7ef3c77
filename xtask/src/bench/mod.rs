//! `cargo xtask bench`: Annals beside by hand and beside other frameworks, at the same work in the same run.

mod chart;
mod keep;
mod measured;
mod pgbench;
mod programs;
mod results;
mod run;
mod slow_disk;
mod statements;
mod subject;
mod table;
mod workload;

use std::fs;
use std::thread::available_parallelism;
use std::time::Duration;

use clap::{Args, ValueEnum as _};

use crate::server::Measuring;
use crate::{Failure, project};
use keep::Keep;
use programs::Programs;
pub(crate) use programs::{manifests, pin};
use run::{Plan, Run};
use subject::{ANNALS, BY_HAND, SUBJECTS, Subject};
use workload::Workload;

/// What is measured, of whom and for how long.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Annals and by hand only, each for a moment: to see that everything still works.
    #[arg(long)]
    quick: bool,
    /// The workloads, all if none is named.
    #[arg(long, value_delimiter = ',')]
    workload: Vec<Workload>,
    /// The subjects, all if none is named.
    #[arg(long, value_delimiter = ',')]
    subject: Vec<String>,
    /// How often each is measured; the medians count.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many commands are under way at a time, instead of what is usual in a workload.
    #[arg(long, value_delimiter = ',')]
    clients: Vec<usize>,
    /// How long each is measured, in seconds.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// How much longer the disk takes to be durable than it does: `2ms`.
    #[arg(long, value_parser = slow_disk::read_delay)]
    fsync_delay: Option<Duration>,
    /// The profile that the programs are built with.
    #[arg(long, default_value = "release")]
    profile: String,
    /// Builds the programs and measures nothing.
    #[arg(long)]
    build: bool,
}

impl Options {
    /// What CI runs: to see that everything still works, and how fast does not matter.
    pub(crate) fn of_ci() -> Self {
        Self {
            quick: true,
            workload: Vec::new(),
            subject: Vec::new(),
            rounds: 1,
            clients: Vec::new(),
            seconds: 0.1,
            fsync_delay: None,
            profile: "dev".to_owned(),
            build: false,
        }
    }
}

/// Measures, prints tables, and writes `target/bench/results.json` and, of everything, `docs/benchmarks.md` and its chart.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let mut plan = plan(options)?;
    let programs = Programs { profile: options.profile.clone() };
    for (subject, failure) in programs.build(&plan.subjects)? {
        println!("{subject} is left out: {failure}");
        plan.subjects.retain(|kept| kept.name != subject);
    }
    if options.build {
        return Ok(());
    }
    let folder = programs::results();
    programs::make(&folder)?;
    let library = tempfile::tempdir().map_err(|error| format!("there is no folder for temporary files: {error}"))?;
    let preload = options.fsync_delay.map(|delay| slow_disk::build(delay, library.path())).transpose()?;
    readable(library.path())?;
    let keep = Keep::new(Measuring::postgres(preload.as_deref())?, &folder)?;
    let server = keep.ask("", "show server_version")?;
    let outcome = Run::new(&plan, &programs, &keep).everything()?;
    let tables = table::text(&outcome.results);
    print!("\n{tables}");
    let name =
        options.fsync_delay.map_or_else(|| "results.json".to_owned(), |delay| format!("results-{}us.json", delay.as_micros()));
    write(&folder.join(name), &format!("{:#}\n", outcome.results.json()))?;
    if plan.is_everything && options.fsync_delay.is_none() {
        let cores = available_parallelism().map_or(1, usize::from);
        let (version, rounds) = (server.split_whitespace().next().unwrap_or_default(), plan.rounds);
        let subtitle = format!("{cores} cores, PostgreSQL {version} as it comes, medians of {rounds} rounds: cargo xtask bench");
        let docs = project::root().join("docs");
        write(&docs.join("benchmarks.svg"), &chart::svg(&outcome.results, &subtitle))?;
        write(&docs.join("benchmarks.md"), &page(&subtitle, &tables))?;
    }
    outcome.check()
}

/// The tables as a page, which says where they come from.
fn page(subtitle: &str, tables: &str) -> String {
    format!(
        "# Benchmarks\n\n\
         Written by `cargo xtask bench`, not by hand. {subtitle}. What each workload is and how it is measured is in\n\
         [`benches/README.md`](../benches/README.md). All of a row were measured in the same run: the ratios are the result, the rates\n\
         are those of the machine.\n\n\
         ![bars for each](benchmarks.svg)\n\n{tables}"
    )
}

/// What the options come to.
fn plan(options: &Options) -> Result<Plan, Failure> {
    let named = |name: &String| Subject::find(name);
    let subjects: Vec<_> = match (&*options.subject, options.quick) {
        ([], true) => [ANNALS, BY_HAND].into_iter().map(Subject::find).collect::<Result<_, _>>()?,
        ([], false) => SUBJECTS.iter().collect(),
        (names, _) => names.iter().map(named).collect::<Result<_, _>>()?,
    };
    let workloads = if options.workload.is_empty() { Workload::value_variants() } else { &options.workload };
    let whole = options.subject.is_empty() && options.workload.is_empty() && options.clients.is_empty();
    if options.rounds == 0 || options.clients.contains(&0) || options.seconds.is_nan() || options.seconds <= 0.0 {
        return Err("there must be at least one round, one client and some time".to_owned());
    }
    Ok(Plan {
        subjects,
        workloads: workloads.to_vec(),
        clients: options.clients.clone(),
        rounds: if options.quick { 1 } else { options.rounds },
        seconds: if options.quick { options.seconds.min(0.3) } else { options.seconds },
        is_quick: options.quick,
        is_everything: whole && !options.quick,
    })
}

fn write(file: &std::path::Path, text: &str) -> Result<(), Failure> {
    fs::write(file, text).map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    println!("written: {}", file.strip_prefix(project::root()).unwrap_or(file).display());
    Ok(())
}

/// Lets the user of the server read a folder.
fn readable(folder: &std::path::Path) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let failed = |error| format!("{} cannot be opened to others: {error}", folder.display());
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }

    fn planned(line: &str) -> Result<Plan, Failure> {
        let words = std::iter::once("bench").chain(line.split_whitespace());
        plan(&Cli::try_parse_from(words).map_err(|error| error.to_string())?.options)
    }

    #[test]
    fn everything_is_measured_unless_somebody_says_otherwise() {
        let plan = planned("").unwrap();
        assert_eq!((plan.subjects.len(), plan.workloads.len()), (SUBJECTS.len(), Workload::value_variants().len()));
        assert!(plan.is_everything && plan.rounds == 3);
    }

    #[test]
    fn what_is_named_is_measured() {
        let plan = planned("--workload open,memory_append --subject annals,esrs --rounds 5 --clients 1,8").unwrap();
        assert_eq!(plan.workloads, [Workload::Open, Workload::MemoryAppend]);
        assert_eq!(plan.subjects.iter().map(|subject| subject.name).collect::<Vec<_>>(), ["annals", "esrs"]);
        assert_eq!((plan.rounds, &plan.clients[..], plan.is_everything), (5, &[1, 8][..], false));
    }

    #[test]
    fn a_quick_look_is_of_annals_and_by_hand() {
        let plan = planned("--quick").unwrap();
        assert_eq!(plan.subjects.iter().map(|subject| subject.name).collect::<Vec<_>>(), [ANNALS, BY_HAND]);
        assert_eq!((plan.rounds, plan.workloads.len()), (1, Workload::value_variants().len()));
        assert!(plan.seconds < 1.0 && !plan.is_everything);
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        for line in ["--workload nothing", "--subject nobody", "--rounds 0", "--clients 0", "--seconds 0", "--fsync-delay 2"] {
            assert!(planned(line).is_err(), "{line}");
        }
    }
}
