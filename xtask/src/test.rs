//! `cargo xtask test`.

use crate::project::Project;
use crate::server::Servers;
use crate::summary::{Counts, Runner, Summary};
use crate::{Failure, needs, process};

/// What nextest ends with if it found no test. There may be tests in the documentation all the same.
const NEXTEST_NO_TESTS: i32 = 4;

/// Runs all tests with `args` and prints, as the last lines, the summaries of the runners and their sum.
pub(crate) fn run(args: &[String]) -> Result<Counts, Failure> {
    needs::meet()?;
    let choice = Choice::read(args);
    let servers = Servers::provide()?;
    let mut runs = Vec::new();
    if process::succeeds(&mut process::cargo(&["nextest", "--version"])) {
        runs.push(Run::of(Runner::Nextest, &["nextest", "run", "--no-fail-fast"], &choice, &servers)?);
    } else {
        println!("cargo-nextest is not installed: the tests run with `cargo test`");
        let targets: &[&str] = if choice.targets.is_none() { &["--tests"] } else { &[] };
        runs.push(Run::of(Runner::Cargo, &[&["test", "--no-fail-fast"], targets].concat(), &choice, &servers)?);
    }
    if let Some(target) = choice.targets {
        println!("the tests in the documentation are left out: `{target}` chooses others");
    } else if !choice.packages.is_empty() && !Project::read()?.has_library(&choice.packages) {
        println!("the tests in the documentation are left out: {} has no library", choice.packages.join(", "));
    } else {
        runs.push(Run::of(Runner::Cargo, &["test", "--no-fail-fast", "--doc"], &choice, &servers)?);
    }
    Ok(report(&runs))
}

/// What the arguments choose, as far as it matters here.
#[derive(Debug, Default, PartialEq, Eq)]
struct Choice<'a> {
    args: &'a [String],
    /// The packages they name.
    packages: Vec<&'a str>,
    /// Whether they say which packages, by name or otherwise.
    says_packages: bool,
    /// Whether they say which features.
    says_features: bool,
    /// The argument that chooses kinds of tests: with it, cargo cannot run those in the documentation.
    targets: Option<&'a str>,
}

impl<'a> Choice<'a> {
    fn read(args: &'a [String]) -> Self {
        let mut choice = Self { args, ..Self::default() };
        let mut own = args.iter().map(String::as_str).take_while(|arg| *arg != "--").peekable();
        while let Some(arg) = own.next() {
            let (name, value) = arg.split_once('=').map_or((arg, None), |(name, value)| (name, Some(value)));
            match name {
                "-p" | "--package" => {
                    choice.says_packages = true;
                    choice.packages.extend(value.or_else(|| own.peek().copied()));
                }
                "--workspace" | "--all" | "--manifest-path" => choice.says_packages = true,
                "-F" | "--features" | "--all-features" | "--no-default-features" => choice.says_features = true,
                "--lib" | "--bin" | "--bins" | "--example" | "--examples" | "--test" | "--tests" | "--bench" | "--benches"
                | "--all-targets" | "-E" | "--filterset" | "--filter-expr" => choice.targets = Some(name),
                _ => {}
            }
        }
        choice
    }
}

/// What one runner came to.
struct Run {
    /// Whether it ended well.
    succeeded: bool,
    summaries: Vec<Summary>,
}

impl Run {
    fn of(runner: Runner, arguments: &[&str], choice: &Choice<'_>, servers: &Servers) -> Result<Self, Failure> {
        let mut command = process::cargo(arguments);
        if !choice.says_packages {
            command.arg("--workspace");
        }
        if !choice.says_features {
            command.arg("--all-features");
        }
        let (status, summaries) = process::run_and_read(runner, servers.tell(command.args(choice.args)))?;
        let no_tests = runner == Runner::Nextest && status.code() == Some(NEXTEST_NO_TESTS);
        Ok(Self { succeeded: status.success() || no_tests, summaries })
    }

    /// The sum of its summaries. A runner that ended with an error and reports no failed test, because something does
    /// not compile, say, counts as one failure: the last line is never green by mistake.
    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for summary in &self.summaries {
            counts += summary.counts;
        }
        if !self.succeeded && counts.failed == 0 {
            counts.failed = 1;
        }
        counts
    }
}

fn report(runs: &[Run]) -> Counts {
    println!();
    let mut all = Counts::default();
    for run in runs {
        all += run.counts();
        run.summaries
            .iter()
            .filter(|summary| summary.counts != Counts::default())
            .for_each(|summary| println!("{}", summary.line));
        if !run.succeeded && run.summaries.iter().all(|summary| summary.counts.failed == 0) {
            println!("a runner ended with an error that is no failed test: it counts as one");
        }
    }
    if all.skipped > 0 {
        println!("{} skipped", all.skipped);
    }
    println!("{all}");
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_the_arguments_choose_is_seen() {
        let args = words("-p annals-core --package=annals -F sqlite name");
        let choice = Choice::read(&args);
        assert_eq!(choice.packages, ["annals-core", "annals"]);
        assert!(choice.says_packages && choice.says_features && choice.targets.is_none());

        let args = words("--test=format -- --lib -p x");
        let choice = Choice::read(&args);
        assert_eq!((choice.targets, choice.says_packages, choice.says_features), (Some("--test"), false, false));
    }

    #[test]
    fn a_runner_that_broke_is_a_failure() {
        let summary = |passed, failed| Summary { line: String::new(), counts: Counts { passed, failed, skipped: 0 } };
        let run = |succeeded, summaries| Run { succeeded, summaries }.counts();
        assert_eq!(run(true, vec![summary(5, 0), summary(2, 0)]), Counts { passed: 7, failed: 0, skipped: 0 });
        assert_eq!(run(false, vec![summary(5, 0)]), Counts { passed: 5, failed: 1, skipped: 0 });
        assert_eq!(run(false, vec![summary(5, 2)]), Counts { passed: 5, failed: 2, skipped: 0 });
        assert_eq!(run(false, vec![]), Counts { passed: 0, failed: 1, skipped: 0 });
    }
}
