//! Keeps a server that is thrown away.
//!
//! It is kept by a process of its own, `cargo xtask keep`, for as long as the standard input of that is open. Only the
//! process that wants the server has the other end, so whatever ends that, the server ends: nobody has to catch signals.
//! What ends the keeper itself by force leaves the server behind.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, io, thread};

use clap::ValueEnum as _;

use super::{Answer, Kind, Server};
use crate::Failure;

/// How long a server may take to answer, and to end.
const PATIENCE_SECONDS: u32 = 60;
const POLLS_PER_SECOND: u32 = 20;

/// The file in the folder of a server with what it says.
pub(super) const LOG: &str = "log";

/// A server that has been started, and may not answer yet.
pub(super) struct Launched {
    /// How it is reached.
    pub(super) url: String,
    pub(super) process: Child,
    /// Tells it to end.
    pub(super) stop: Command,
}

/// A port of this machine that nobody uses at the moment.
pub(super) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A server that ends when this value or this process does.
pub(crate) struct Kept {
    url: String,
    keeper: Child,
}

impl Kept {
    /// Starts a server, with a library that it loads before the others if there is one, and waits until it answers.
    pub(crate) fn start(kind: Kind, preload: Option<&Path>) -> Result<Self, Failure> {
        let what = kind.server().what;
        let failed = |error: io::Error| format!("a {what} server cannot be started: {error}");
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        let value = kind.to_possible_value();
        command.args(["keep", value.as_ref().map_or("", |value| value.get_name())]);
        command.envs(preload.map(|library| ("LD_PRELOAD", library)));
        // What is typed to end us is not for the keeper: it still has to clean up.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let mut url = String::new();
        let read = keeper.stdout.take().map_or(Ok(0), |stdout| BufReader::new(stdout).read_line(&mut url));
        let kept = Self { url: url.trim_end().to_owned(), keeper };
        if read.map_err(failed)? == 0 {
            return Err(format!("a {what} server cannot be started: the reason is above"));
        }
        Ok(kept)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // If it was lost, there is nothing to wait for.
        let _ = self.keeper.wait();
    }
}

/// Starts a server, says its URL when it answers, and ends it when nobody `wants` it any more: nothing of it remains.
pub(crate) fn keep(kind: Kind, wants: impl Read, says: impl Write) -> Result<(), Failure> {
    keep_server(kind.server(), wants, says)
}

fn keep_server(server: &Server, mut wants: impl Read, mut says: impl Write) -> Result<(), Failure> {
    let folder = tempfile::Builder::new().prefix("annals-server-").tempdir();
    let folder = folder.map_err(|error| format!("there is no folder for temporary files: {error}"))?;
    let mut launched = (server.launch)(folder.path()).map_err(|failure| with_log(&failure, folder.path()))?;
    let answers = launched.wait_for_answer(server).map_err(|failure| with_log(&failure, folder.path()));
    if answers.is_ok() {
        // Who does not listen any more wants nothing any more either.
        let _ = writeln!(says, "{}", launched.url).and_then(|()| says.flush());
        let _ = io::copy(&mut wants, &mut io::sink());
    }
    launched.end();
    let removed = folder.close().map_err(|error| format!("the folder of the server cannot be removed: {error}"));
    answers.and(removed)
}

impl Launched {
    fn wait_for_answer(&mut self, server: &Server) -> Result<(), Failure> {
        let mut answer = Err("it was not asked".to_owned());
        for _ in 0..PATIENCE_SECONDS * POLLS_PER_SECOND {
            answer = (server.answer)(&self.url);
            if answer == Ok(Answer::Welcome) {
                return Ok(());
            }
            if let Ok(Some(status)) = self.process.try_wait() {
                return Err(format!("the {} server ended at once with {status}", server.what));
            }
            thread::sleep(Duration::from_secs(1) / POLLS_PER_SECOND);
        }
        let why = answer.map_or_else(|why| why, |_| "it does not let us in".to_owned());
        Err(format!("the {} server does not answer within {PATIENCE_SECONDS} seconds: {why}", server.what))
    }

    /// Ends it as it is told to, or else by force.
    fn end(mut self) {
        let told = self.stop.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if told.is_ok_and(|status| status.success()) {
            for _ in 0..PATIENCE_SECONDS * POLLS_PER_SECOND {
                if !matches!(self.process.try_wait(), Ok(None)) {
                    return;
                }
                thread::sleep(Duration::from_secs(1) / POLLS_PER_SECOND);
            }
        }
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A failure with the last lines of what the server said.
fn with_log(failure: &str, folder: &Path) -> Failure {
    let log = fs::read(folder.join(LOG)).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = log.lines().collect();
    let last = lines.get(lines.len().saturating_sub(20)..).unwrap_or_default();
    if last.is_empty() { failure.to_owned() } else { format!("{failure}; it said:\n{}", last.join("\n")) }
}
