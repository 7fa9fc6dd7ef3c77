//! How code of the user's fails, and what is told of it.

use std::any::Any;
use std::error::Error;

use annals_core::store::FailureKind;
use annals_core::{DecodeError, EventName, RecordedEvent, SinkError, StreamId, Version};
use thiserror::Error;

use crate::error::ends_session;

annals_core::__debug_as_told!(PgProjectionError);

/// Why a projection did not take in its events, or could not set up its tables.
#[derive(Error)]
#[non_exhaustive]
pub enum PgProjectionError {
    /// An event cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The code of the projection failed, or PostgreSQL did.
    #[error(transparent)]
    Failed(Box<dyn Error + Send + Sync>),
    /// A statement failed and the code went on: the server does nothing more in this transaction.
    #[error(
        "a statement failed and the projection went on: return its error, or try it in a transaction within the transaction, `tx.begin()`"
    )]
    Aborted,
    /// The code committed, or rolled back.
    #[error("a projection may not end the transaction: it is the store's")]
    Ended,
}

impl PgProjectionError {
    /// The failure of a projection's own code.
    pub fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(error.into())
    }

    /// What became of a panic.
    pub(super) fn panicked(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Self::failed(format!("it panicked: {}", text.unwrap_or("without a message")))
    }

    /// The same, told of an event.
    pub(super) fn at(self, event: &RecordedEvent) -> SinkError {
        let source: Box<dyn Error + Send + Sync> = match self {
            Self::Decode(error) => return error.into(),
            Self::Failed(source) => source,
            other => Box::new(other),
        };
        let RecordedEvent { stream, version, name, .. } = event.clone();
        SinkError::Event { position: event.position, source: Box::new(OfEvent { stream, version, name, source }) }
    }

    /// What the server says of it, if it is behind it.
    fn server(&self) -> Option<&sqlx::Error> {
        let Self::Failed(source) = self else { return None };
        let mut cause: Option<&(dyn Error + 'static)> = Some(&**source);
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref() {
                return Some(error);
            }
            cause = error.source();
        }
        None
    }

    /// The code that the server gave, if it refused.
    pub(super) fn code(&self) -> Option<String> {
        self.server()?.as_database_error()?.code().map(Into::into)
    }

    /// What kind of failure it is, if no event is to blame: the connection was lost, another transaction was in the way, or
    /// the server has no room.
    pub(super) fn is_nobodys(&self) -> Option<FailureKind> {
        match self.server()? {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => Some(FailureKind::Unavailable),
            sqlx::Error::Database(error) => match error.code().as_deref() {
                code if ends_session(code) => Some(FailureKind::Unavailable),
                Some("53100") => Some(FailureKind::Full),
                // serialization_failure, deadlock_detected, lock_not_available
                Some("40001" | "40P01" | "55P03") => Some(FailureKind::Busy),
                Some(code) if code.starts_with("53") => Some(FailureKind::Busy),
                _ => None,
            },
            _ => None,
        }
    }
}

impl From<sqlx::Error> for PgProjectionError {
    fn from(error: sqlx::Error) -> Self {
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
