//! Builds the programs of the subjects and runs them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::measured::Measured;
use super::subject::{Role, SUBJECTS, Subject};
use crate::{Failure, process, project};

/// How long a process may take for what it was given a second for, and to seed.
const PATIENCE: Duration = Duration::from_secs(180);

/// How the programs are built.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    pub(crate) profile: String,
}

impl Programs {
    /// Builds the program of each subject, and answers those that have none, with the reason.
    pub(crate) fn build(&self, subjects: &[&'static Subject]) -> Result<Vec<(&'static str, Failure)>, Failure> {
        pin()?;
        // Ours at once: with others beside them, packages have other features, and would be built again.
        self.build_in("", &[], &target_of(Role::Own))?;
        let mut missing = Vec::new();
        for subject in subjects.iter().filter(|subject| subject.role == Role::Peer) {
            // Others' packages may need what is not there.
            if let Some((folder, _)) = subject.package()
                && let Err(failure) = self.build_in(&folder, &["--locked"], &target_of(subject.role))
            {
                missing.push((subject.name, failure));
            }
        }
        Ok(missing)
    }

    fn build_in(&self, folder: &str, more: &[&str], target: &Path) -> Result<(), Failure> {
        let manifest = project::root().join("benches").join(folder).join("Cargo.toml");
        let mut build = process::cargo(&["build", "--quiet", "--profile", &self.profile]);
        build.args(more).arg("--manifest-path").arg(manifest).arg("--target-dir").arg(target);
        // The statements that a peer checks when it is built are kept with it: no server is needed.
        process::run(build.env("SQLX_OFFLINE", "true"))
    }

    /// Gives a subject a task, and reads what it measured.
    pub(crate) fn run(&self, subject: &Subject, task: &[String]) -> Result<Measured, Failure> {
        let (_, program) = subject.package().ok_or_else(|| format!("{} is no program of ours", subject.name))?;
        let profile = if self.profile == "dev" { "debug" } else { &self.profile };
        let program = target_of(subject.role).join(profile).join(program);
        let failed = |error| format!("{} reported nothing: {error}", subject.name);
        let folder = tempfile::tempdir().map_err(failed)?;
        // Some libraries print by themselves, so the report has a file of its own.
        let report = folder.path().join("report");
        let mut command = Command::new(&program);
        command.args(task).arg(format!("report={}", report.display()));
        process::run_within(&mut command, PATIENCE, folder.path())?;
        let text = std::fs::read_to_string(report).map_err(failed)?;
        Measured::read(&text).map_err(|failure| format!("{} in `{}`: {failure}", subject.name, task[0]))
    }
}

/// Ours share a folder with the project, so that what is built for one serves the other; the peers have one together.
fn target_of(role: Role) -> PathBuf {
    let target = project::target();
    if role == Role::Peer { target.join("bench") } else { target }
}

/// Where the results go, whatever folder is built in.
pub(crate) fn results() -> PathBuf {
    project::root().join("target/bench")
}

/// Gives our own workspace the versions of the project: what is built for one serves the other, and there is no second list of
/// them to be kept. The peers have lists of their own.
pub(crate) fn pin() -> Result<(), Failure> {
    let root = project::root();
    let copied = std::fs::copy(root.join("Cargo.lock"), root.join("benches/Cargo.lock"));
    copied.map(|_| ()).map_err(|error| format!("the versions of the project cannot be copied to the benchmarks: {error}"))
}

/// The manifests of all workspaces: of ours, then of the peers.
pub(crate) fn manifests() -> Vec<PathBuf> {
    let benches = project::root().join("benches");
    let peers = SUBJECTS.iter().filter(|subject| subject.role == Role::Peer).filter_map(Subject::package);
    let folders = peers.map(|(folder, _)| benches.join(folder));
    std::iter::once(benches.clone()).chain(folders).map(|folder| folder.join("Cargo.toml")).collect()
}

/// Makes a folder, where there is none.
pub(crate) fn make(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| format!("there is no folder {}: {error}", folder.display()))
}
