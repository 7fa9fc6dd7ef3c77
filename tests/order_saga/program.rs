//! The examples as programs: found beside the tests, run, killed.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::SystemTime;

use annals::store::ViewName;
use annals::{EventStore, Json};

use crate::audit::{Audit, Case, audit};

/// The program of an example.
///
/// Cargo and nextest build the examples together with the tests unless only some targets are asked for; then it is built
/// here, for the folder and the profile of the tests.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = env::current_exe().expect("the test knows where it is");
    let profile = test.parent().and_then(Path::parent).expect("tests are in `deps` of the folder of a profile");
    let program = profile.join("examples").join(name).with_extension(env::consts::EXE_EXTENSION);
    if built(&program) < newest(&root().join("examples")) {
        build(name, profile);
    }
    program
}

fn build(name: &str, profile: &Path) {
    let folder = profile.parent().expect("profiles are in the target folder");
    let profile =
        profile.file_name().and_then(|name| name.to_str()).map_or("dev", |name| if name == "debug" { "dev" } else { name });
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(["build", "--quiet", "--all-features", "--example", name, "--profile", profile]);
    // Built for a named target, the profile is one folder deeper.
    if folder.join("CACHEDIR.TAG").exists() {
        cargo.arg("--target-dir").arg(folder);
    } else {
        cargo.arg("--target-dir").arg(folder.parent().unwrap_or(folder));
        cargo.arg("--target").arg(folder.file_name().unwrap_or_default());
    }
    assert!(cargo.status().expect("cargo can be run").success(), "the example `{name}` cannot be built");
}

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

fn built(program: &Path) -> Option<SystemTime> {
    program.metadata().and_then(|data| data.modified()).ok()
}

/// When a file below a folder changed last.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = folder.read_dir().expect("the examples can be listed").map(|entry| entry.expect("an entry").path());
    entries.filter_map(|path| if path.is_dir() { newest(&path) } else { built(&path) }).max()
}

/// The order saga on a store, ready to run.
pub(crate) fn shop(store: &str) -> Command {
    let mut command = Command::new(example("order_saga"));
    command.args(["--store", store]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn url(folder: &tempfile::TempDir) -> String {
    format!("sqlite:{}", folder.path().join("shop.db").display())
}

/// Where a durable store can be, with nothing in it.
#[allow(dead_code, reason = "each test file uses a part of it")]
pub(crate) enum Place {
    Sqlite(tempfile::TempDir),
    Postgres(annals_testing::PostgresSchema),
}

#[allow(dead_code, reason = "each test file uses a part of it")]
impl Place {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn postgres() -> Self {
        Self::Postgres(annals_testing::PostgresSchema::new())
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => url(folder),
            Self::Postgres(schema) => schema.url(),
        }
    }
}

/// Runs a command that must succeed, and returns what it printed.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().expect("the example can be run");
    assert!(output.status.success(), "{command:?} ended with {}\n{}{}", output.status, stdout(&output), stderr(&output));
    stdout(&output)
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("the example prints UTF-8")
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Checks what a run left behind, in this process, by another connection: the log, and that the read model has counted
/// each event of it once.
pub(crate) fn audited(store: &str) -> Audit {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store: Arc<dyn EventStore> = annals::connect(store).await.expect("the store can be opened");
        let mut audit = audit(&*store).await.expect("the log can be read");
        let analytics = ViewName::new("analytics").expect("a name");
        let document = store.views().expect("views").get(&analytics, 1, "").await.expect("the view can be read");
        let document: Json = document.expect("there is a document").read().expect("it is JSON");
        let counted = document["cancelled"].as_object().into_iter().flat_map(|steps| steps.values()).filter_map(Json::as_u64);
        let counted = [
            ("orders placed", document["placed"].as_u64(), audit.cases.len() as u64),
            ("orders completed", document["completed"].as_u64(), sum(&audit, |case| u64::from(case.outcome == "completed"))),
            ("orders cancelled", Some(counted.sum()), sum(&audit, |case| u64::from(case.outcome.starts_with("cancelled")))),
            ("charged", document["charged"].as_u64(), sum(&audit, |case| case.charged)),
            ("refunded", document["refunded"].as_u64(), sum(&audit, |case| case.refunded)),
        ];
        for (what, counted, happened) in counted {
            if counted != Some(happened) {
                audit.problems.push(format!("{what}: {happened} happened, the read model has {counted:?}"));
            }
        }
        audit
    })
}

fn sum(audit: &Audit, of: impl Fn(&Case) -> u64) -> u64 {
    audit.cases.values().map(of).sum()
}

/// How each order ended.
pub(crate) fn outcomes(audit: &Audit) -> Vec<(String, String)> {
    audit.cases.iter().map(|(order, case)| (order.clone(), case.outcome.clone())).collect()
}
