//! How code of the user's fails, and what is told of it.

use std::any::Any;
use std::error::Error;

use annals_core::store::FailureKind;
use annals_core::{DecodeError, EventName, RecordedEvent, SinkError, StreamId, Version};
use thiserror::Error;

use crate::error::kind_of;

annals_core::__debug_as_told!(SqliteProjectionError);

/// Why a projection did not take in an event, or could not set up its tables.
#[derive(Error)]
#[non_exhaustive]
pub enum SqliteProjectionError {
    /// The event cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The code of the projection failed, or SQLite did.
    #[error(transparent)]
    Failed(Box<dyn Error + Send + Sync>),
}

impl SqliteProjectionError {
    /// The failure of a projection's own code.
    pub fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(error.into())
    }

    /// What became of a panic.
    pub(super) fn panicked(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Self::failed(format!("it panicked: {}", text.unwrap_or("without a message")))
    }

    /// The same, with the reason why the store refused a statement.
    pub(super) fn refused(self, what: String) -> Self {
        match self {
            Self::Failed(source) => Self::failed(Refused { what, source }),
            Self::Decode(_) => self,
        }
    }

    /// The same, told of an event.
    pub(super) fn at(self, event: &RecordedEvent) -> SinkError {
        match self {
            Self::Decode(error) => error.into(),
            Self::Failed(source) => {
                let RecordedEvent { stream, version, name, .. } = event.clone();
                SinkError::Event { position: event.position, source: Box::new(OfEvent { stream, version, name, source }) }
            }
        }
    }

    /// What kind of failure it is, if SQLite is behind it.
    pub(super) fn kind(&self) -> FailureKind {
        let mut cause: Option<&(dyn Error + 'static)> = Some(self);
        if let Self::Failed(source) = self {
            cause = Some(&**source);
        }
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref() {
                return kind_of(error);
            }
            cause = error.source();
        }
        FailureKind::Other
    }
}

impl From<rusqlite::Error> for SqliteProjectionError {
    fn from(error: rusqlite::Error) -> Self {
        Self::failed(error)
    }
}

/// The event that the code of a projection failed on.
#[derive(Debug, Error)]
#[error("event {version} of `{stream}` (`{name}`)")]
struct OfEvent {
    stream: StreamId,
    version: Version,
    name: EventName,
    source: Box<dyn Error + Send + Sync>,
}

/// A statement that the store did not let pass.
#[derive(Debug, Error)]
#[error("a projection may not {what}")]
struct Refused {
    what: String,
    source: Box<dyn Error + Send + Sync>,
}
