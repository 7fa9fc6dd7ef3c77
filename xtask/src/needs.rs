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
    /// The variable that names another than the usual one.
    variable: &'static str,
    /// What it is for.
    purpose: &'static str,
    /// The package of Debian and its descendants that has it.
    package: &'static str,
    /// Whether it is there and works.
    is_met: fn() -> bool,
}

/// Everything the tests need but servers, which have a rule of their own: [`crate::server`].
const NEEDS: [Need; 1] = [Need {
    what: "a C compiler",
    variable: "CC",
    purpose: "building the SQLite of `annals-store-sqlite`",
    package: "gcc libc6-dev",
    is_met: compiles_c,
}];

/// Sees to it that everything is there.
pub(crate) fn meet() -> Result<(), Failure> {
    NEEDS.iter().try_for_each(|need| need.meet(std::env::var_os(need.variable).is_some(), may_install))
}

impl Need {
    fn meet(&self, is_named: bool, may_install: fn() -> bool) -> Result<(), Failure> {
        if (self.is_met)() {
            return Ok(());
        }
        let missing = format!("{} is needed for {}", self.what, self.purpose);
        if is_named {
            return Err(format!("{missing}: the one that `{}` names does not work", self.variable));
        }
        let failure = format!("{missing}: install the package `{}`", self.package);
        if !may_install() {
            return Err(failure);
        }
        println!("{missing} and not there");
        install(self.package).map_err(|error| format!("{failure} ({error})"))?;
        if (self.is_met)() { Ok(()) } else { Err(format!("{failure} (it is installed and does not work)")) }
    }
}

/// Has the package manager install packages, whose names have blanks between them.
pub(crate) fn install(packages: &str) -> Result<(), Failure> {
    let apt = |args: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(args).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        process::run(&mut command)
    };
    let install: Vec<&str> = ["install", "--yes", "--no-install-recommends"].into_iter().chain(packages.split(' ')).collect();
    // An old list may do, and a new one may be out of reach.
    let _ = apt(&["update"]);
    apt(&install)
}

/// Compiles a line of C that needs the headers of the C library.
fn compiles_c() -> bool {
    // It may come with arguments: `ccache gcc`.
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let mut words = compiler.split_whitespace();
    let started = Command::new(words.next().unwrap_or("cc"))
        .args(words)
        .args(["-x", "c", "-fsyntax-only", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = started else { return false };
    let written = child.stdin.take().is_some_and(|mut stdin| stdin.write_all(b"#include <stdio.h>\n").is_ok());
    child.wait().is_ok_and(|status| status.success()) && written
}

/// Whether there is a package manager that needs no password.
pub(crate) fn may_install() -> bool {
    Path::new("/usr/bin/apt-get").exists() && is_root()
}

/// Whether root runs this.
pub(crate) fn is_root() -> bool {
    id(&["-u"]) == Some(0)
}

/// The number that `id` says; none if there is no such user, or no `id`.
pub(crate) fn id(args: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(args).stderr(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(is_met: fn() -> bool) -> Need {
        Need { what: "a compiler", variable: "CC", purpose: "building", package: "gcc", is_met }
    }

    #[test]
    fn what_is_there_is_not_installed() {
        assert_eq!(need(|| true).meet(false, || unreachable!()), Ok(()));
        assert_eq!(need(|| true).meet(true, || unreachable!()), Ok(()));
    }

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        let failure = "a compiler is needed for building: install the package `gcc`";
        assert_eq!(need(|| false).meet(false, || false), Err(failure.to_owned()));
    }

    #[test]
    fn what_a_developer_chose_is_not_replaced() {
        let failure = "a compiler is needed for building: the one that `CC` names does not work";
        assert_eq!(need(|| false).meet(true, || unreachable!()), Err(failure.to_owned()));
    }
}
