//! The programs of PostgreSQL on this machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest version that will do.
pub(super) const OLDEST: u32 = 14;

/// Where Debian and its descendants keep them, a folder a version: most of them are not in the path.
const OF_DEBIAN: &str = "/usr/lib/postgresql";

/// The folder with the programs of one version.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Programs(PathBuf);

impl Programs {
    /// The newest that are installed, if they are new enough.
    pub(super) fn find() -> Option<Self> {
        let installed = folders().into_iter().filter(|folder| is_complete(folder));
        newest(installed.filter_map(|folder| Some((version(&folder)?, folder))))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// A client: it may be in the path while the server is not.
pub(super) fn client(name: &str) -> Option<PathBuf> {
    let mut clients = folders().into_iter().map(|folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)));
    clients.find(|client| client.is_file())
}

/// Where there may be programs.
fn folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let of_debian = fs::read_dir(OF_DEBIAN).into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    std::env::split_paths(&path).chain(of_debian).collect()
}

/// Those of the highest version; among equals the first.
fn newest(installed: impl Iterator<Item = (u32, PathBuf)>) -> Option<Programs> {
    let mut by_version = BTreeMap::new();
    for (version, folder) in installed.filter(|(version, _)| *version >= OLDEST) {
        by_version.entry(version).or_insert(folder);
    }
    by_version.into_values().next_back().map(Programs)
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres", "pg_ctl"].iter().all(|name| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)).is_file())
}

fn version(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    read_version(&String::from_utf8_lossy(&output.stdout))
}

/// `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`
fn read_version(text: &str) -> Option<u32> {
    let (_, version) = text.split_once("(PostgreSQL) ")?;
    let end = version.find(|character: char| !character.is_ascii_digit()).unwrap_or(version.len());
    version.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read() {
        assert_eq!(read_version("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"), Some(15));
        assert_eq!(read_version("postgres (PostgreSQL) 9.6.24"), Some(9));
        assert_eq!(read_version("postgres (PostgreSQL) 19devel"), Some(19));
        assert_eq!(read_version("Postgres, the other one"), None);
    }

    #[test]
    fn the_newest_programs_are_taken_if_they_are_new_enough() {
        let found = |versions: &[u32]| {
            newest(versions.iter().enumerate().map(|(at, version)| (*version, PathBuf::from(format!("{at}")))))
        };
        assert_eq!(found(&[15, 9, 18, 14, 18]), Some(Programs("2".into())));
        assert_eq!(found(&[14]), Some(Programs("0".into())));
        assert_eq!(found(&[13, 9]), None);
        assert_eq!(found(&[]), None);
    }
}
