//! What can go wrong with the file, in words that name it.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use annals_core::OutOfRange;
use annals_core::store::{AppendError, FailureKind, ReadError, StoreFailure, ViewError};
use rusqlite::ErrorCode;
use rusqlite::types::FromSqlError;
use thiserror::Error;

annals_core::__debug_as_told!(OpenError, QueryError);

/// Why a file cannot be opened as an event store.
#[derive(Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no such file, and the options say not to create it.
    #[error("there is no store at `{}`", .path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// The path is that of a folder.
    #[error("`{}` is a folder, not a file", .path.display())]
    Directory {
        /// The folder.
        path: PathBuf,
    },
    /// The file or its folder cannot be written. SQLite keeps two more files beside the store while it is open.
    #[error("the store at `{}` cannot be written", .path.display())]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The file is not an event store of Annals. It was left as it is.
    #[error("`{}` is not an event store of annals", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of Annals wrote the file. It was left as it is.
    #[error("the store at `{}` has format {found}; this program knows formats up to {supported}", .path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: i32,
        /// The newest format that this program knows.
        supported: i32,
    },
    /// A thread for the store could not be started.
    #[error("no thread could be started for the store at `{}`", .path.display())]
    Thread {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// SQLite failed otherwise.
    #[error("the store at `{}` cannot be opened", .path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// A failure on a connection, before it is known what to tell the caller. Cheap to clone: it is told to everyone whose
/// work was in the batch.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// SQLite failed, and nothing was stored.
    Sqlite(Arc<rusqlite::Error>),
    /// SQLite failed while it committed, and what it had written could not be taken back for certain.
    Commit(Arc<rusqlite::Error>),
    /// The code of a projection took back the whole transaction; nothing was stored.
    Undone(FailureKind),
    /// The file holds what no Annals program wrote.
    Corrupt(Arc<str>),
    /// The store was closed.
    Closed,
}

pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}

/// Something stored is not of the type that it should be.
impl From<FromSqlError> for Fault {
    fn from(error: FromSqlError) -> Self {
        Self::corrupt(error.to_string())
    }
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

    /// Whether one append of a batch is at fault, so that the others may succeed without it.
    pub(crate) fn is_of_one(&self) -> bool {
        match self {
            Self::Sqlite(error) => {
                matches!(
                    error.sqlite_error_code(),
                    Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch)
                )
            }
            Self::Corrupt(_) | Self::Undone(_) => true,
            Self::Commit(_) | Self::Closed => false,
        }
    }

    /// What kind of failure it is.
    pub(crate) fn kind(&self) -> FailureKind {
        match self {
            Self::Sqlite(error) | Self::Commit(error) => kind_of(error),
            Self::Undone(kind) => *kind,
            Self::Corrupt(_) => FailureKind::Corrupt,
            Self::Closed => FailureKind::Closed,
        }
    }

    /// What to tell the caller, who wanted `doing`.
    pub(crate) fn failure(&self, doing: &str) -> StoreFailure {
        match self {
            Self::Sqlite(error) | Self::Commit(error) => StoreFailure::new(self.kind(), doing, Cause(Arc::clone(error))),
            Self::Corrupt(what) => StoreFailure::new(self.kind(), doing, what.to_string()),
            Self::Undone(_) | Self::Closed => StoreFailure::plain(self.kind(), doing),
        }
    }

    pub(crate) fn append_error(&self, doing: &str) -> AppendError {
        let failure = self.failure(doing);
        if matches!(self, Self::Commit(_)) { AppendError::Unknown(failure) } else { AppendError::NotStored(failure) }
    }

    pub(crate) fn read_error(&self, doing: &str) -> ReadError {
        ReadError::Store(self.failure(doing))
    }

    pub(crate) fn view_error(&self, doing: &str) -> ViewError {
        ViewError::Store(self.failure(doing))
    }
}

/// What kind of failure an error of SQLite is.
pub(crate) fn kind_of(error: &rusqlite::Error) -> FailureKind {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => FailureKind::Full,
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => FailureKind::NotWritable,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => FailureKind::Busy,
        Some(ErrorCode::SystemIoFailure) => FailureKind::Unavailable,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => FailureKind::Corrupt,
        _ => FailureKind::Other,
    }
}

/// Why a query of [`SqliteStore::read`](crate::SqliteStore::read) was not answered.
#[derive(Error)]
#[non_exhaustive]
pub enum QueryError {
    /// SQLite failed, or found nothing to answer.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The query is none that only reads.
    #[error("a query may not {what}")]
    Refused {
        /// What it wanted, and why that cannot be.
        what: String,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The store was closed.
    #[error("the store {file} was closed")]
    Closed {
        /// The file.
        file: String,
    },
}

/// An error of SQLite that several callers are told about.
#[derive(Debug, Error)]
#[error(transparent)]
struct Cause(Arc<rusqlite::Error>);
