//! Who runs PostgreSQL: it refuses to be run by root.

use std::io;
use std::path::Path;
use std::process::Command;

use crate::{Failure, needs};

/// The user of the system that runs it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum User {
    /// Who runs this.
    Current,
    /// The user `postgres`, by its numbers.
    Postgres { user: u32, group: u32 },
}

impl User {
    /// Root takes the user that comes with the package.
    pub(super) fn read() -> Result<Self, Failure> {
        if !needs::is_root() {
            return Ok(Self::Current);
        }
        let number = |of| needs::id(&[of, "postgres"]);
        match (number("-u"), number("-g")) {
            (Some(user), Some(group)) => Ok(Self::Postgres { user, group }),
            _ => Err("PostgreSQL does not run as root, and there is no user `postgres` to run it as".to_owned()),
        }
    }

    /// Makes a folder theirs.
    pub(super) fn give(&self, folder: &Path) -> io::Result<()> {
        match self {
            Self::Current => Ok(()),
            #[cfg(unix)]
            Self::Postgres { user, group } => std::os::unix::fs::chown(folder, Some(*user), Some(*group)),
            #[cfg(not(unix))]
            Self::Postgres { .. } => unreachable!("{} is given to another user only where there is root", folder.display()),
        }
    }

    /// A program that they run.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        #[cfg(unix)]
        if let Self::Postgres { user, group } = self {
            use std::os::unix::process::CommandExt as _;
            // It loses the other groups of root, too.
            command.uid(*user).gid(*group);
        }
        command
    }
}
