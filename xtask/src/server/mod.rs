//! The servers that tests need: each kind is found by the same rule.
//!
//! A server is the one that a variable names, else one that runs on this machine, else one that is started for the tests
//! and thrown away, from programs that are installed or that the package manager may install, and else it is an error
//! that names the package. It is never a reason to leave tests out. The tests get it by the variable.

mod keeper;
mod measuring;
mod postgres;

use std::path::Path;
use std::process::Command;

use clap::ValueEnum;

pub(crate) use keeper::{Kept, keep};
pub(crate) use measuring::{Measuring, with_database};
pub(crate) use postgres::client as postgres_client;

use crate::{Failure, needs};

/// The kinds of servers, by the names that `cargo xtask server` knows them by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    Postgres,
}

impl Kind {
    fn server(self) -> &'static Server {
        match self {
            Self::Postgres => &postgres::SERVER,
        }
    }
}

/// A kind of server: what it is called, and how it is reached and started.
struct Server {
    /// What it is, in words.
    what: &'static str,
    /// The package whose tests need it.
    tests_of: &'static str,
    /// The variable that names one to the tests.
    variable: &'static str,
    /// The URL of one that runs on this machine as it comes, and the same in words.
    usual: &'static str,
    usual_place: &'static str,
    /// The package of Debian and its descendants that has its programs.
    package: &'static str,
    /// The oldest version that will do.
    oldest: u32,
    /// What the server at a URL answers, or why it cannot be used. It never says the password.
    answer: fn(&str) -> Result<Answer, String>,
    /// Whether its programs are there and may be run.
    is_installed: fn() -> bool,
    /// Starts one in a folder of its own.
    launch: fn(&Path) -> Result<keeper::Launched, Failure>,
}

/// What a server answers to somebody who has no password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// It lets us in.
    Welcome,
    /// It speaks, and wants to know more first: a password, a certificate.
    Challenge,
}

/// What there is of a kind of server.
#[derive(Debug, Default)]
struct Found {
    /// What the one answers that the variable names.
    named: Option<Result<Answer, String>>,
    /// Whether one on this machine lets us in.
    runs: bool,
    is_installed: bool,
    may_install: bool,
}

/// Where the server for the tests comes from.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    Named,
    Running,
    /// From the programs that are installed.
    Programs,
    /// From those that the package manager installs.
    Package,
}

impl Server {
    /// Looks for one; what is not needed for the choice is not looked for.
    fn find(&self, named: Option<&str>) -> Found {
        if let Some(url) = named {
            Found { named: Some((self.answer)(url)), ..Found::default() }
        } else if (self.answer)(self.usual) == Ok(Answer::Welcome) {
            Found { runs: true, ..Found::default() }
        } else {
            self.find_programs()
        }
    }

    fn find_programs(&self) -> Found {
        let is_installed = (self.is_installed)();
        Found { is_installed, may_install: !is_installed && needs::may_install(), ..Found::default() }
    }

    /// The rule.
    fn choose(&self, found: &Found) -> Result<Source, Failure> {
        match found {
            Found { named: Some(Err(why)), .. } => {
                Err(format!("the {} server that `{}` names cannot be used: {why}", self.what, self.variable))
            }
            // Whatever it asks for, the tests bring it.
            Found { named: Some(Ok(_)), .. } => Ok(Source::Named),
            Found { runs: true, .. } => Ok(Source::Running),
            Found { is_installed: true, .. } => Ok(Source::Programs),
            Found { may_install: true, .. } => Ok(Source::Package),
            Found { .. } => Err(self.missing()),
        }
    }

    fn missing(&self) -> Failure {
        let Self { what, tests_of, package, oldest, variable, usual_place, .. } = self;
        format!(
            "a {what} server is needed for the tests of `{tests_of}`: install the package `{package}` (version {oldest} or \
             later), start a server {usual_place}, or name one by `{variable}`"
        )
    }

    fn install(&self) -> Result<(), Failure> {
        println!("{} is needed for the tests of `{}` and not there", self.what, self.tests_of);
        needs::install(self.package).map_err(|error| format!("{} ({error})", self.missing()))?;
        if (self.is_installed)() { Ok(()) } else { Err(format!("{} (it is installed and does not work)", self.missing())) }
    }
}

/// The servers for the tests, for as long as this value lives.
#[derive(Default)]
pub(crate) struct Servers {
    variables: Vec<(&'static str, String)>,
    /// Those that end with this value.
    kept: Vec<Kept>,
}

impl Servers {
    /// Sees to a server of each kind.
    pub(crate) fn provide() -> Result<Self, Failure> {
        let mut servers = Self::default();
        Kind::value_variants().iter().try_for_each(|kind| servers.add(*kind))?;
        Ok(servers)
    }

    fn add(&mut self, kind: Kind) -> Result<(), Failure> {
        let server = kind.server();
        let Server { what, variable, usual, .. } = server;
        let named = std::env::var_os(variable).map(|url| url.to_string_lossy().into_owned());
        let source = server.choose(&server.find(named.as_deref()))?;
        let url = match source {
            Source::Named => {
                println!("{what}: the server that `{variable}` names");
                return Ok(());
            }
            Source::Running => {
                println!("{what}: the server {}", server.usual_place);
                (*usual).to_owned()
            }
            Source::Programs | Source::Package => {
                let kept = throw_away(kind, &source, None)?;
                println!("{what}: a server that is thrown away afterwards");
                let url = kept.url().to_owned();
                self.kept.push(kept);
                url
            }
        };
        self.variables.push((variable, url));
        Ok(())
    }

    /// Tells a command where the servers are.
    pub(crate) fn tell<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.envs(self.variables.iter().map(|(variable, url)| (variable, url)))
    }
}

/// Runs a command with a server that is started for it, whatever else there is, and thrown away when it ends. Says whether
/// the command succeeded.
pub(crate) fn with(kind: Kind, command: &[String]) -> Result<bool, Failure> {
    let server = kind.server();
    let Some((program, arguments)) = command.split_first() else { return Err("there is no command to run".to_owned()) };
    let kept = throw_away(kind, &server.choose(&server.find_programs())?, None)?;
    let status = Command::new(program).args(arguments).env(server.variable, kept.url()).status();
    status.map(|status| status.success()).map_err(|error| format!("`{program}` cannot be started: {error}"))
}

fn throw_away(kind: Kind, source: &Source, preload: Option<&Path>) -> Result<Kept, Failure> {
    if *source == Source::Package {
        kind.server().install()?;
    }
    Kept::start(kind, preload)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOOR: Server = Server {
        what: "Door",
        tests_of: "annals-store-door",
        variable: "DOOR_URL",
        usual: "door://here",
        usual_place: "at the front",
        package: "doors",
        oldest: 3,
        answer: |url| match url {
            "door://open" | "door://here" => Ok(Answer::Welcome),
            "door://guarded" => Ok(Answer::Challenge),
            _ => Err("nobody answers".to_owned()),
        },
        is_installed: || unreachable!("a server runs here"),
        launch: |_| unreachable!("nothing is started to choose"),
    };
    const MISSING: &str = "a Door server is needed for the tests of `annals-store-door`: install the package `doors` (version 3 \
                           or later), start a server at the front, or name one by `DOOR_URL`";

    #[test]
    fn a_server_that_is_named_is_taken_before_all_others() {
        let all = Found { named: None, runs: true, is_installed: true, may_install: true };
        for answer in [Answer::Welcome, Answer::Challenge] {
            let found = Found { named: Some(Ok(answer)), ..all };
            assert_eq!(DOOR.choose(&found), Ok(Source::Named));
        }
    }

    #[test]
    fn a_server_that_is_named_and_does_not_answer_is_not_replaced() {
        let found = Found { named: Some(Err("nobody answers".to_owned())), runs: true, is_installed: true, may_install: true };
        let failure = "the Door server that `DOOR_URL` names cannot be used: nobody answers";
        assert_eq!(DOOR.choose(&found), Err(failure.to_owned()));
    }

    #[test]
    fn a_server_that_runs_is_taken_before_one_is_started() {
        let found = Found { named: None, runs: true, is_installed: true, may_install: true };
        assert_eq!(DOOR.choose(&found), Ok(Source::Running));
    }

    #[test]
    fn a_server_is_started_before_one_is_installed() {
        let found = Found { is_installed: true, may_install: true, ..Found::default() };
        assert_eq!(DOOR.choose(&found), Ok(Source::Programs));
        let found = Found { may_install: true, ..Found::default() };
        assert_eq!(DOOR.choose(&found), Ok(Source::Package));
    }

    #[test]
    fn where_nothing_can_be_done_the_package_is_named() {
        assert_eq!(DOOR.choose(&Found::default()), Err(MISSING.to_owned()));
    }

    #[test]
    fn what_is_found_is_what_answers() {
        assert_eq!(DOOR.find(Some("door://guarded")).named, Some(Ok(Answer::Challenge)));
        let found = DOOR.find(Some("door://nowhere"));
        assert!(found.named.is_some_and(|answer| answer.is_err()) && !found.runs, "the others were not asked");
        assert!(DOOR.find(None).runs);

        let closed = Server { usual: "door://nowhere", is_installed: || true, ..DOOR };
        let found = closed.find(None);
        assert!(found.named.is_none() && !found.runs && found.is_installed && !found.may_install);
        let guarded = Server { usual: "door://guarded", ..closed };
        assert!(!guarded.find(None).runs, "we have no password for it");
    }
}
