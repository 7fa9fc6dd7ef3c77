//! What the tests need besides Rust.
//!
//! A need is met by what a variable names, else by what is there, else by the package manager where it may install, and
//! else it is an error that names the package. It is never a reason to leave tests out.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Failure, process};

/// Something that must be there before tests can run.
struct Need {
    /// What it is, in words.
    what: &'static str,
    /// What it is for.
    purpose: &'static str,
    /// The package of Debian and its descendants that has it.
    package: &'static str,
    /// Whether it is there and works.
    is_met: fn() -> bool,
}

/// Everything the tests of today need. A server comes here once a store needs one.
const NEEDS: [Need; 1] = [Need {
    what: "a C compiler (the program in `CC`, or `cc`)",
    purpose: "building the SQLite of `annals-store-sqlite`",
    package: "gcc libc6-dev",
    is_met: compiles_c,
}];

/// Sees to it that everything is there.
pub(crate) fn meet() -> Result<(), Failure> {
    NEEDS.iter().try_for_each(|need| need.meet(is_root() && Path::new("/usr/bin/apt-get").exists()))
}

impl Need {
    fn meet(&self, may_install: bool) -> Result<(), Failure> {
        if (self.is_met)() {
            return Ok(());
        }
        let failure = format!("{} is needed for {}: install the package `{}`", self.what, self.purpose, self.package);
        if !may_install {
            return Err(failure);
        }
        println!("{} is needed for {} and not there", self.what, self.purpose);
        let apt = |args: &[&str]| {
            let mut command = Command::new("apt-get");
            command.args(args).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
            process::run(&mut command)
        };
        let install: Vec<&str> =
            ["install", "--yes", "--no-install-recommends"].into_iter().chain(self.package.split(' ')).collect();
        // An old list may do, and a new one may be out of reach.
        let _ = apt(&["update"]);
        apt(&install).map_err(|error| format!("{failure} ({error})"))?;
        if (self.is_met)() { Ok(()) } else { Err(format!("{failure} (it is installed and does not work)")) }
    }
}

/// Compiles a line of C that needs the headers of the C library.
fn compiles_c() -> bool {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let started = Command::new(compiler)
        .args(["-x", "c", "-fsyntax-only", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = started else { return false };
    let written = child.stdin.take().is_some_and(|mut stdin| stdin.write_all(b"#include <stdio.h>\n").is_ok());
    child.wait().is_ok_and(|status| status.success()) && written
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_installed() {
        let need = Need { what: "a", purpose: "b", package: "c", is_met: || true };
        assert_eq!(need.meet(true), Ok(()));
    }

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        let need = Need { what: "a compiler", purpose: "building", package: "gcc", is_met: || false };
        assert_eq!(need.meet(false), Err("a compiler is needed for building: install the package `gcc`".to_owned()));
    }
}
