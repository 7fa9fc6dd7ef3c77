//! Runs the examples.

use std::thread;
use std::time::Duration;

use crate::project::Project;
use crate::server::Servers;
use crate::{Failure, process};

/// The examples that do not end by themselves: they are built only.
const SERVERS: [&str; 1] = ["template"];

/// How long an example may take, once it is built.
const PATIENCE_SECONDS: u32 = 120;

/// Builds all examples, as a user does, and runs each to its end.
pub(crate) fn run() -> Result<(), Failure> {
    let servers = Servers::provide()?;
    process::run(&mut process::cargo(&["build", "--examples"]))?;
    let project = Project::read()?;
    let examples = project.examples();
    if examples.is_empty() {
        println!("there are no examples yet");
    }
    for example in examples {
        if SERVERS.contains(&example) {
            println!("the example `{example}` serves for ever: it was built and is not run");
        } else {
            run_one(example, &servers)?;
        }
    }
    Ok(())
}

/// Runs an example as on a machine where it never ran: what it keeps in the folder for temporary files is its own.
fn run_one(example: &str, servers: &Servers) -> Result<(), Failure> {
    let folder = tempfile::tempdir().map_err(|error| format!("there is no folder for temporary files: {error}"))?;
    let mut command = process::cargo(&["run", "--quiet", "--example", example]);
    servers.tell(command.env("TMPDIR", folder.path()));
    process::announce(&command);
    let lost = |error| format!("the example `{example}` was lost: {error}");
    let mut child = command.spawn().map_err(lost)?;
    for _ in 0..PATIENCE_SECONDS * 10 {
        match child.try_wait().map_err(lost)? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("the example `{example}` ended with {status}")),
            None => thread::sleep(Duration::from_millis(100)),
        }
    }
    child.kill().map_err(lost)?;
    Err(format!("the example `{example}` has not ended within {PATIENCE_SECONDS} seconds"))
}
