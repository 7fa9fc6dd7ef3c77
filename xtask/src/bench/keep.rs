//! Where subjects keep their events: databases and folders that are made once, filled, and copied for each measurement, so
//! that each begins with the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::workload::Place;
use crate::server::{self, Measuring};
use crate::{Failure, process};

/// The server and the folder of a run.
pub(crate) struct Keep {
    pub(crate) server: Measuring,
    folder: tempfile::TempDir,
}

impl Keep {
    /// Keeps folders inside `folder`, on the same disk as everything else.
    pub(crate) fn new(server: Measuring, folder: &Path) -> Result<Self, Failure> {
        let failed = |error| format!("there is no folder in {}: {error}", folder.display());
        let folder = tempfile::Builder::new().prefix("embedded-").tempdir_in(folder).map_err(failed)?;
        Ok(Self { server, folder })
    }

    /// The URL of something that is empty.
    pub(crate) fn empty(&self, place: Place, name: &str) -> Result<String, Failure> {
        match place {
            Place::Postgres => {
                self.sql("", &format!("drop database if exists {name} with (force)"))?;
                self.sql("", &format!("create database {name}"))?;
            }
            Place::Embedded => {
                self.forget(place, name)?;
                fs::create_dir(self.path(name)).map_err(|error| format!("there is no folder for {name}: {error}"))?;
            }
            Place::Memory => {}
        }
        Ok(self.url(place, name))
    }

    /// Makes something ready to be copied: nothing is left to be done in the background.
    pub(crate) fn finish(&self, place: Place, name: &str) -> Result<(), Failure> {
        match place {
            // One statement each: neither can be in a transaction with another.
            Place::Postgres => self.sql(name, "vacuum analyze").and_then(|()| self.sql(name, "checkpoint")),
            Place::Embedded | Place::Memory => Ok(()),
        }
    }

    /// The URL of a copy.
    pub(crate) fn copy(&self, place: Place, from: &str, to: &str) -> Result<String, Failure> {
        self.forget(place, to)?;
        match place {
            Place::Postgres => self.sql("", &format!("create database {to} template {from}"))?,
            Place::Embedded => copy_folder(&self.path(from), &self.path(to))?,
            Place::Memory => {}
        }
        Ok(self.url(place, to))
    }

    pub(crate) fn forget(&self, place: Place, name: &str) -> Result<(), Failure> {
        let folder = self.path(name);
        match place {
            Place::Postgres => self.sql("", &format!("drop database if exists {name} with (force)")),
            Place::Embedded if folder.exists() => {
                fs::remove_dir_all(&folder).map_err(|error| format!("{} cannot be removed: {error}", folder.display()))
            }
            Place::Embedded | Place::Memory => Ok(()),
        }
    }

    fn url(&self, place: Place, name: &str) -> String {
        match place {
            Place::Postgres => server::with_database(self.server.url(), name),
            Place::Embedded => format!("embedded:{}", self.path(name).display()),
            Place::Memory => "memory:".to_owned(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a statement in a database; in the one that the URL of the server names if none is given.
    pub(crate) fn sql(&self, database: &str, sql: &str) -> Result<(), Failure> {
        self.ask(database, sql).map(|_| ())
    }

    /// What a statement answers: the columns of its rows.
    pub(crate) fn ask(&self, database: &str, sql: &str) -> Result<String, Failure> {
        let url = match database {
            "" => self.server.url().to_owned(),
            name => server::with_database(self.server.url(), name),
        };
        let mut psql = Command::new(server::postgres_client("psql")?);
        psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", "--command", sql, &url]);
        process::output(&mut psql)
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    let failed = |error| format!("{} cannot be copied: {error}", from.display());
    fs::create_dir(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        fs::copy(entry.path(), to.join(entry.file_name())).map_err(failed)?;
    }
    Ok(())
}
