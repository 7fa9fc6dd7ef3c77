//! What can go wrong with the server, in words that name it.

use std::error::Error;
use std::sync::Arc;

use annals_core::OutOfRange;
use annals_core::store::{AppendError, FailureKind, ReadError, StoreFailure, ViewError};
use thiserror::Error;

/// Why a schema of a server cannot be opened as an event store.
///
/// Each says how to cure it, where somebody can.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL cannot be read. It is not repeated, because it may have a password.
    #[error("the URL is not one of a PostgreSQL server: write `postgres://user:password@host:port/database`")]
    Url {
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The name of the schema is not a word.
    #[error(
        "the schema `{name}` cannot be used: its name consists of lower-case letters, digits and `_`, starts with none of the digits nor with `pg_`, and has at most 63 bytes"
    )]
    SchemaName {
        /// The name.
        name: String,
    },
    /// The pool of the application is too small: appends would leave no connection to readers.
    #[error(
        "the pool has at most {found} connections, and the store needs {needed}: raise `max_connections`, or lower `PostgresOptions::batches_in_flight`"
    )]
    TooFewConnections {
        /// How many the pool has at most.
        found: u32,
        /// How many the store needs: one for each batch in flight, and two.
        needed: u32,
    },
    /// The server cannot be reached or refuses the connection.
    #[error("the server at {server} cannot be reached")]
    Connect {
        /// Where the server is.
        server: String,
        /// What went wrong.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The server is too old.
    #[error("the server at {server} has PostgreSQL {found}; the store needs 14 or above: upgrade it, or name another server")]
    ServerVersion {
        /// Where the server is.
        server: String,
        /// Its major version.
        found: i32,
    },
    /// The server is a standby.
    #[error("the server at {server} is a standby: open the store on the primary")]
    Standby {
        /// Where the server is.
        server: String,
    },
    /// The role may not do what the store takes.
    #[error(
        "the role `{role}` lacks privileges for the store in the schema `{schema}`: let an owner run `{}`, or grant it one of the roles that `Roles` makes",
        grants(.role, .lacking)
    )]
    Privileges {
        /// The schema.
        schema: String,
        /// The role.
        role: String,
        /// What it lacks, in the words of a `grant`.
        lacking: Vec<String>,
    },
    /// The prefix of roles is not a word.
    #[error(
        "`{prefix}` cannot begin the names of roles: it consists of lower-case letters, digits and `_`, starts with none of the digits nor with `pg_`, and has at most 54 bytes"
    )]
    RolePrefix {
        /// The prefix.
        prefix: String,
    },
    /// There is no store in the schema, and the options say not to create it.
    #[error("there is no store in the schema `{schema}`: let `PostgresOptions::create` make it, or choose another schema")]
    NotFound {
        /// The schema.
        schema: String,
    },
    /// The schema holds something, and no store. It was left as it is.
    #[error("the schema `{schema}` holds something else than an event store of annals: choose another schema")]
    Foreign {
        /// The schema.
        schema: String,
    },
    /// A newer version of Annals made the tables. They were left as they are.
    #[error(
        "the store in the schema `{schema}` has format {found}; this program knows formats up to {supported}: use the version of annals that made it, or a newer one"
    )]
    NewerFormat {
        /// The schema.
        schema: String,
        /// The format of the store.
        found: i32,
        /// The newest format that this program knows.
        supported: i32,
    },
    /// The sequence of positions is behind the events: positions would be given out twice.
    #[error(
        "in the schema `{schema}` the next position would be {next}, and there are events up to {last}: the sequence was not restored with the events; repair it with `PostgresOptions::repair`"
    )]
    SequenceBehind {
        /// The schema.
        schema: String,
        /// The position that would be given out next.
        next: i64,
        /// The position of the last event.
        last: i64,
    },
    /// Somebody changed how positions are given out.
    #[error(
        "in the schema `{schema}` somebody changed how positions are given out, so that readers could skip events: run `alter sequence {schema}.event_position increment 1 cache 1 no cycle`"
    )]
    SequenceChanged {
        /// The schema.
        schema: String,
    },
    /// The announcements of two stores in one database look alike, so that each would hold up the readers of the other.
    #[error(
        "the stores in the schemas `{schema}` and `{other}` would hold up each other's readers, because the object identifiers of their sequences are equal modulo 32768: restore one of them anew, or into another database"
    )]
    Collision {
        /// The schema.
        schema: String,
        /// The schema of the other store.
        other: String,
    },
    /// The server failed otherwise.
    #[error("the store in the schema `{schema}` of {server} cannot be opened")]
    Failed {
        /// The schema.
        schema: String,
        /// Where the server is.
        server: String,
        /// What it says.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// The statements that cure it.
fn grants(role: &str, lacking: &[String]) -> String {
    let role = role.replace('"', "\"\"");
    lacking.iter().map(|privilege| format!("grant {privilege} to \"{role}\"")).collect::<Vec<_>>().join("; ")
}

/// A failure before it is known what to tell the caller. Cheap to clone: it is told to everyone whose work was in the
/// batch.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The server refused, and nothing was stored.
    Refused(Arc<sqlx::Error>),
    /// The connection failed while the server worked: nobody knows how far it came.
    Lost(Arc<sqlx::Error>),
    /// There was no connection to work on.
    NoConnection(Arc<sqlx::Error>),
    /// The store holds what no Annals program wrote.
    Corrupt(Arc<str>),
    /// What the server answered after its commit cannot be read.
    Unread(Arc<str>),
    /// The store was closed, or its runtime ended.
    Closed,
}

pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Closed,
            sqlx::Error::PoolTimedOut => Self::NoConnection(Arc::new(error)),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound => {
                Self::corrupt(error.to_string())
            }
            // Nothing was sent.
            sqlx::Error::Encode(_) => Self::Refused(Arc::new(error)),
            // The server ends sessions with errors of class 57P; then it is the connection that is lost.
            sqlx::Error::Database(ref database) if !ends_session(database.code().as_deref()) => Self::Refused(Arc::new(error)),
            _ => Self::Lost(Arc::new(error)),
        }
    }
}

/// Whether an error of the server says that it ends the session: `admin_shutdown`, `crash_shutdown`,
/// `cannot_connect_now`, `database_dropped`, `idle_session_timeout`, and `idle_in_transaction_session_timeout`.
pub(crate) fn ends_session(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.starts_with("57P") || matches!(code, "25P03" | "25P04") || code.starts_with("08"))
}

/// A stored number, or one that would be stored, is out of range.
impl From<OutOfRange> for Fault {
    fn from(error: OutOfRange) -> Self {
        Self::corrupt(error.to_string())
    }
}

/// A stored text is not the JSON that it should be.
impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::corrupt(error.to_string())
    }
}

impl Fault {
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt(what.into().into())
    }

    /// The same, where it came of looking for a connection: nothing was sent.
    pub(crate) fn without_connection(self) -> Self {
        match self {
            Self::Lost(error) | Self::Refused(error) => Self::NoConnection(error),
            fault => fault,
        }
    }

    /// The code that the server gave, if it refused.
    fn code(&self) -> Option<String> {
        match self {
            Self::Refused(error) | Self::NoConnection(error) => error.as_database_error()?.code().map(Into::into),
            _ => None,
        }
    }

    /// Whether somebody else was quicker, or in the way: a second attempt sees what has happened.
    pub(crate) fn is_race(&self) -> bool {
        // unique_violation, serialization_failure, deadlock_detected, lock_not_available
        self.code().is_some_and(|code| matches!(code.as_str(), "23505" | "40001" | "40P01" | "55P03"))
    }

    /// Whether the server took back what it was doing because it took too long or somebody cancelled it.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.code().is_some_and(|code| code == "57014")
    }

    /// What kind of failure it is.
    pub(crate) fn kind(&self) -> FailureKind {
        match self {
            Self::Refused(_) => match self.code().as_deref() {
                Some("53100") => FailureKind::Full,
                Some("25006" | "42501") => FailureKind::NotWritable,
                Some(code) if code.starts_with("53") || self.is_race() || self.is_cancelled() => FailureKind::Busy,
                Some("XX001" | "XX002") => FailureKind::Corrupt,
                _ => FailureKind::Other,
            },
            Self::NoConnection(error) if matches!(**error, sqlx::Error::PoolTimedOut) => FailureKind::Busy,
            // There are too many connections.
            Self::NoConnection(_) if self.code().is_some_and(|code| code.starts_with("53")) => FailureKind::Busy,
            Self::Lost(_) | Self::NoConnection(_) => FailureKind::Unavailable,
            Self::Corrupt(_) | Self::Unread(_) => FailureKind::Corrupt,
            Self::Closed => FailureKind::Closed,
        }
    }

    /// What to tell the caller, who wanted `doing`.
    pub(crate) fn failure(&self, doing: &str) -> StoreFailure {
        match self {
            Self::Refused(error) | Self::Lost(error) | Self::NoConnection(error) => {
                StoreFailure::new(self.kind(), doing, Cause(Arc::clone(error)))
            }
            Self::Corrupt(what) | Self::Unread(what) => StoreFailure::new(self.kind(), doing, what.to_string()),
            Self::Closed => StoreFailure::plain(self.kind(), doing),
        }
    }

    pub(crate) fn append_error(&self, doing: &str) -> AppendError {
        let failure = self.failure(doing);
        if matches!(self, Self::Lost(_)) { AppendError::Unknown(failure) } else { AppendError::NotStored(failure) }
    }

    pub(crate) fn read_error(&self, doing: &str) -> ReadError {
        ReadError::Store(self.failure(doing))
    }

    pub(crate) fn view_error(&self, doing: &str) -> ViewError {
        ViewError::Store(self.failure(doing))
    }
}

/// An error that several callers are told about.
#[derive(Debug, Error)]
#[error(transparent)]
struct Cause(Arc<sqlx::Error>);
