//! Runs other programs.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use crate::summary::{Runner, Summary};
use crate::{Failure, project};

/// How often it is asked whether another program has ended.
const POLL: Duration = Duration::from_millis(10);

/// Cargo, as it was called.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).stdin(Stdio::null()).current_dir(project::root());
    command
}

/// Whether a program is there and works.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Runs a command that shows what it does by itself.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    announce(command);
    run_quietly(command)
}

/// Runs a command whose output goes elsewhere.
pub(crate) fn run_quietly(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| format!("`{}` cannot be started: {error}", line(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", line(command))) }
}

/// Runs a command and gives back what it prints; what it says of errors is a part of the failure. What it was told is not:
/// there may be a password in it.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("`{}` cannot be started: {error}", name(command)))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("`{}` ended with {}: {}", name(command), output.status, String::from_utf8_lossy(&output.stderr).trim()))
}

/// Runs a command that may take so long, and is ended by force then. Whatever it prints goes to files in a folder, so that it
/// never waits for somebody who reads.
pub(crate) fn run_within(command: &mut Command, patience: Duration, folder: &Path) -> Result<Printed, Failure> {
    let failed = |error: std::io::Error, command: &Command| format!("`{}` was lost: {error}", name(command));
    let file = |name: &str| File::create(folder.join(name));
    let printed = Printed { out: folder.join("out"), err: folder.join("err") };
    command.stdin(Stdio::null());
    command.stdout(file("out").map_err(|error| failed(error, command))?);
    command.stderr(file("err").map_err(|error| failed(error, command))?);
    let mut child = command.spawn().map_err(|error| format!("`{}` cannot be started: {error}", name(command)))?;
    let mut waited = Duration::ZERO;
    loop {
        match child.try_wait().map_err(|error| failed(error, command))? {
            Some(status) if status.success() => return Ok(printed),
            Some(status) => {
                let err = std::fs::read_to_string(&printed.err).unwrap_or_default();
                return Err(format!("`{}` ended with {status}: {}", name(command), err.trim()));
            }
            None if waited >= patience => {
                child.kill().and_then(|()| child.wait()).map_err(|error| failed(error, command))?;
                return Err(format!("`{}` has not ended within {} seconds", name(command), patience.as_secs()));
            }
            None => thread::sleep(POLL),
        }
        waited += POLL;
    }
}

/// The files with what a command printed.
pub(crate) struct Printed {
    pub(crate) out: PathBuf,
    err: PathBuf,
}

/// Runs a command, shows its output as it comes, and gives back the summaries in it.
pub(crate) fn run_and_read(runner: Runner, command: &mut Command) -> Result<(ExitStatus, Vec<Summary>), Failure> {
    announce(command);
    let started = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.map_err(|error| format!("`{}` cannot be started: {error}", line(command)))?;
    let (found, summaries) = mpsc::channel();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        let also_found = found.clone();
        scope.spawn(move || copy(runner, out, std::io::stdout(), &also_found));
        scope.spawn(move || copy(runner, err, std::io::stderr(), &found));
    });
    let status = child.wait().map_err(|error| format!("`{}` was lost: {error}", line(command)))?;
    Ok((status, summaries.into_iter().collect()))
}

/// Copies line by line; bytes that are not UTF-8 are copied, too.
fn copy(runner: Runner, from: Option<impl Read>, mut to: impl Write, found: &Sender<Summary>) {
    let Some(from) = from else { return };
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while matches!(from.read_until(b'\n', &mut line), Ok(1..)) {
        // A closed output is no reason to stop the tests, and the receiver outlives this thread.
        let _ = to.write_all(&line).and_then(|()| to.flush());
        if let Some(summary) = runner.read(&String::from_utf8_lossy(&line)) {
            let _ = found.send(summary);
        }
        line.clear();
    }
}

/// Shows what is about to run.
pub(crate) fn announce(command: &Command) {
    println!("$ {}", line(command));
    // Nothing can be done if the output is closed.
    let _ = std::io::stdout().flush();
}

/// The program of a command, without its path.
fn name(command: &Command) -> Cow<'_, str> {
    let program = Path::new(command.get_program());
    program.file_name().unwrap_or(program.as_os_str()).to_string_lossy()
}

/// The command as one would type it.
fn line(command: &Command) -> String {
    let words = std::iter::once(name(command)).chain(command.get_args().map(|word| word.to_string_lossy()));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = Command::new("/usr/bin/cargo");
        assert_eq!(line(command.args(["test", "--doc"])), "cargo test --doc");
    }

    #[test]
    fn summaries_are_found_in_what_is_copied() {
        let text = b"one\ntest result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.0s\n\xff";
        let (found, summaries) = mpsc::channel();
        let mut copied = Vec::new();
        copy(Runner::Cargo, Some(&text[..]), &mut copied, &found);
        drop(found);
        assert_eq!(copied, text);
        assert_eq!(summaries.into_iter().map(|summary| summary.counts.passed).collect::<Vec<_>>(), [5]);
    }
}
