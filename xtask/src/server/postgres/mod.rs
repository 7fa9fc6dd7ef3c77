//! PostgreSQL.

mod handshake;
mod programs;
mod url;
mod user;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::keeper::{self, LOG, Launched};
use super::{Answer, Server};
use crate::{Failure, process};
use programs::Programs;
use url::Url;
use user::User;

pub(super) const SERVER: Server = Server {
    what: "PostgreSQL",
    tests_of: "annals-store-postgres",
    variable: "DATABASE_URL",
    usual: "postgres://postgres@127.0.0.1:5432/postgres",
    usual_place: "on 127.0.0.1:5432 that lets the user `postgres` in without a password",
    package: "postgresql",
    oldest: programs::OLDEST,
    answer,
    is_installed: || Programs::find().is_some() && User::read().is_ok(),
    launch,
};

/// A client that comes with PostgreSQL.
pub(crate) fn client(name: &str) -> Result<PathBuf, Failure> {
    programs::client(name).ok_or_else(|| format!("`{name}` is needed: install the package `{}`", SERVER.package))
}

fn answer(url: &str) -> Result<Answer, String> {
    let url = Url::parse(url)?;
    handshake::answer(&url).map_err(|why| format!("{url} {why}"))
}

/// Starts one as users have it: what is committed survives a crash, because that is tested and measured, too.
fn launch(folder: &Path) -> Result<Launched, Failure> {
    let programs = Programs::find().ok_or("PostgreSQL is not installed")?;
    let user = User::read()?;
    let failed = |error| format!("PostgreSQL cannot be started in {}: {error}", folder.display());
    user.give(folder).map_err(failed)?;
    let log = File::create(folder.join(LOG)).map_err(failed)?;
    let data = folder.join("data");
    let command = |name| {
        let mut command = user.command(&programs.path(name));
        command.arg("-D").arg(&data).current_dir(folder).stdin(Stdio::null());
        command
    };
    let log_to = |command: &mut std::process::Command| -> std::io::Result<()> {
        command.stdout(log.try_clone()?).stderr(log.try_clone()?);
        Ok(())
    };

    let mut initdb = command("initdb");
    // Nothing is lost if this is: it is done anew.
    initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]);
    log_to(&mut initdb).map_err(failed)?;
    process::run_quietly(&mut initdb)?;

    let port = keeper::free_port().map_err(failed)?;
    let mut postgres = command("postgres");
    postgres.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
    postgres.args(["-c", "fsync=on", "-c", "synchronous_commit=on"]);
    log_to(&mut postgres).map_err(failed)?;
    let process = postgres.spawn().map_err(failed)?;

    let mut stop = command("pg_ctl");
    stop.args(["stop", "--mode=immediate", "--no-wait"]);
    Ok(Launched { url: format!("postgres://postgres@127.0.0.1:{port}/postgres"), process, stop })
}
