//! `cargo xtask ci`.

use std::path::Path;

use clap::ValueEnum;

use crate::project::{self, Project};
use crate::{Failure, bench, examples, lines, process, test};

/// A check of CI, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Check {
    /// All tests.
    Test,
    /// The layout of the code.
    Fmt,
    /// The length of the files.
    Lines,
    /// The lints, with each feature of the facade.
    Clippy,
    /// The documentation, with broken links as errors.
    Doc,
    /// The examples, run to their ends.
    Examples,
    /// The benchmarks: their layout, lints and tests, and that each still measures.
    Bench,
    /// Licences and advisories of the dependencies, if cargo-deny is installed.
    Deny,
}

/// Runs the checks, each of them even if one before it failed.
pub(crate) fn run(checks: &[Check]) -> Result<(), Failure> {
    let checks = if checks.is_empty() { Check::value_variants() } else { checks };
    let mut failed = Vec::new();
    for check in checks {
        if let Err(failure) = check.run() {
            eprintln!("{check:?} failed: {failure}");
            failed.push(format!("{check:?}"));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}

impl Check {
    fn run(self) -> Result<(), Failure> {
        match self {
            Self::Test => match test::run(&[])? {
                counts if counts.failed == 0 && counts.passed > 0 => Ok(()),
                counts => Err(counts.to_string()),
            },
            Self::Fmt => cargo(&["fmt", "--all", "--check"]),
            Self::Lines => lines::check(),
            Self::Clippy => clippy(),
            Self::Doc => {
                let mut doc = process::cargo(&["doc", "--workspace", "--all-features", "--no-deps", "--keep-going"]);
                process::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
            }
            Self::Examples => examples::run(),
            Self::Bench => benches(),
            Self::Deny => deny(),
        }
    }
}

fn cargo(args: &[&str]) -> Result<(), Failure> {
    process::run(&mut process::cargo(args))
}

/// Everything with the features that are on by default and with all, then the facade alone with none and with each.
fn clippy() -> Result<(), Failure> {
    let clippy = |choice: &[&str]| cargo(&[&["clippy", "--keep-going"], choice, &["--", "-D", "warnings"]].concat());
    clippy(&["--workspace", "--all-targets"])?;
    clippy(&["--workspace", "--all-targets", "--all-features"])?;
    let facade = ["--package", "annals", "--lib", "--no-default-features"];
    clippy(&facade)?;
    Project::read()?.features().into_iter().try_for_each(|feature| clippy(&[&facade[..], &["--features", feature]].concat()))
}

/// The workspaces in `benches`. What is built for others serves here too, so the programs are not optimised: nothing depends
/// on how fast they are.
fn benches() -> Result<(), Failure> {
    let of = |manifest: &Path, args: &[&str]| {
        let mut command = process::cargo(args.get(..1).unwrap_or_default());
        process::run(command.arg("--manifest-path").arg(manifest).args(args.get(1..).unwrap_or_default()))
    };
    let manifests = bench::manifests();
    manifests.iter().try_for_each(|manifest| of(manifest, &["fmt", "--all", "--check"]))?;
    let target = project::target();
    let target = ["--target-dir", &target.to_string_lossy()];
    bench::pin()?;
    for manifest in manifests.iter().take(1) {
        of(manifest, &[&["clippy", "--all-targets"], &target[..], &["--", "-D", "warnings"]].concat())?;
        of(manifest, &[&["test"], &target[..]].concat())?;
    }
    bench::run(&bench::Options::of_ci())
}

fn deny() -> Result<(), Failure> {
    if process::succeeds(&mut process::cargo(&["deny", "--version"])) {
        return cargo(&["deny", "--all-features", "check"]);
    }
    println!("cargo-deny is not installed: licences and advisories are not checked here");
    Ok(())
}
