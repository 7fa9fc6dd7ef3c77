//! A server that is started for a command and thrown away: nothing of it remains, however `cargo xtask` ends.
//!
//! These tests need the programs of PostgreSQL, whatever server the others use.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use tempfile::TempDir;

/// `cargo xtask server postgres …` with a folder for its temporary files.
fn xtask(folder: &TempDir, command: &str) -> Command {
    // Another user than root has to come through.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    xtask.args(["server", "postgres", "sh", "-c", command]).env("TMPDIR", folder.path());
    xtask
}

fn run(folder: &TempDir, command: &str) -> Output {
    xtask(folder, command).stdin(Stdio::null()).output().unwrap()
}

fn is_empty(folder: &TempDir) -> bool {
    fs::read_dir(folder.path()).unwrap().next().is_none()
}

/// Host and port of the server that a command was told.
fn address(url: &str) -> String {
    let address = url.trim().strip_prefix("postgres://postgres@").and_then(|url| url.strip_suffix("/postgres"));
    address.unwrap_or_else(|| panic!("{url}")).to_owned()
}

/// A run that goes on until its standard input is closed, and the address of its server.
struct Running {
    xtask: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Running {
    fn start(folder: &TempDir) -> Self {
        let mut command = xtask(folder, "echo \"$DATABASE_URL\"; exec cat");
        // As a shell does: what is typed goes to all of a group.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut xtask = command.spawn().unwrap();
        let mut stdout = BufReader::new(xtask.stdout.take().unwrap());
        let mut url = String::new();
        stdout.read_line(&mut url).unwrap();
        Self { xtask, stdout, address: address(&url) }
    }

    /// Ends `xtask` by a signal, and waits for all that belongs to it.
    fn end(mut self, signal: &str, whole_group: bool) {
        let id = format!("{}{}", if whole_group { "-" } else { "" }, self.xtask.id());
        assert!(Command::new("kill").args(["-s", signal, "--", &id]).status().unwrap().success());
        self.xtask.wait().unwrap();
        drop(self.xtask.stdin.take());
        // Each of them has the other ends of these pipes until it ends.
        self.stdout.read_to_end(&mut Vec::new()).unwrap();
        self.xtask.stderr.take().unwrap().read_to_end(&mut Vec::new()).unwrap();
    }
}

#[test]
fn a_server_of_its_own_is_durable_and_reached_over_loopback_only() {
    let folder = tempfile::tempdir().unwrap();

    let settings = "for name in fsync synchronous_commit listen_addresses unix_socket_directories; do \
                    psql -At \"$DATABASE_URL\" -c \"show $name\"; done";
    let output = run(&folder, settings);

    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "on\non\n127.0.0.1\n\n", "{error}");
    assert!(output.status.success() && is_empty(&folder), "{error}");
}

#[test]
fn nothing_remains_when_the_command_fails() {
    let folder = tempfile::tempdir().unwrap();

    let output = run(&folder, "echo \"$DATABASE_URL\"; exit 3");

    let address = address(&String::from_utf8(output.stdout).unwrap());
    assert!(TcpStream::connect(address).is_err(), "the server runs on");
    assert!(!output.status.success() && is_empty(&folder));
}

#[test]
fn nothing_remains_when_it_is_ended_by_force() {
    for (signal, whole_group) in [("KILL", false), ("TERM", false), ("INT", true), ("HUP", true)] {
        let folder = tempfile::tempdir().unwrap();
        let running = Running::start(&folder);
        let address = running.address.clone();
        assert!(TcpStream::connect(&address).is_ok() && !is_empty(&folder));

        running.end(signal, whole_group);

        assert!(TcpStream::connect(&address).is_err(), "{signal}: the server runs on");
        assert!(is_empty(&folder), "{signal}: the folder remains");
    }
}

#[test]
fn what_keeps_it_from_starting_is_told() {
    let version = "[ \"$1\" = --version ] && { echo 'postgres (PostgreSQL) 99.0'; exit; }";
    let cases = [
        ("echo 'no room for data'; exit 1", version.to_owned(), "`initdb -D ", "no room for data"),
        ("exit 0", format!("{version}\necho 'no memory'; exit 1"), "the PostgreSQL server ended at once", "no memory"),
    ];
    for (initdb, postgres, failure, said) in cases {
        let folder = tempfile::tempdir().unwrap();
        let programs = tempfile::tempdir().unwrap();
        fs::set_permissions(programs.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for (name, text) in [("initdb", initdb), ("postgres", &postgres), ("pg_ctl", "exit 0")] {
            let file = programs.path().join(name);
            fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap());

        let output = xtask(&folder, "echo it ran").env("PATH", path).stdin(Stdio::null()).output().unwrap();

        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(failure) && error.contains(said), "{error}");
        assert!(!output.status.success() && output.stdout.is_empty() && is_empty(&folder), "{error}");
    }
}
