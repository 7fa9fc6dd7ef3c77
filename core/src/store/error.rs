use std::error::Error;
use std::fmt;

use thiserror::Error;

use super::{Capability, InvalidAppend, QueueName, ReservedKeyName};
use crate::{ExpectedVersion, LogId, LogPosition, MessageId, StreamId, Version};

/// Why an append was not stored, or may not have been.
#[derive(Error)]
#[non_exhaustive]
pub enum AppendError {
    /// A stream is not as expected. Decide again on what it is now.
    #[error("the stream `{stream}` is at version {actual}, expected was {expected}")]
    WrongExpectedVersion {
        /// The first stream that is not as expected.
        stream: StreamId,
        /// What was expected.
        expected: ExpectedVersion,
        /// Its last version; zero if it has no event.
        actual: Version,
    },
    /// Something that the condition excludes has happened. Decide again once you have read past it.
    #[error("an event that the condition excludes is at {at}")]
    ConditionFailed {
        /// Where, or a position at or above it.
        at: LogPosition,
    },
    /// The consumer has processed the message before.
    #[error("`{consumer}` has processed the message {message} before")]
    DuplicateMessage {
        /// The consumer.
        consumer: QueueName,
        /// The message.
        message: MessageId,
    },
    /// Another stream has the key.
    #[error("the {key} is taken by `{owner}`")]
    KeyTaken {
        /// The key.
        key: ReservedKeyName,
        /// Who has it.
        owner: StreamId,
    },
    /// The append is malformed or too large for this store.
    #[error(transparent)]
    Invalid(#[from] InvalidAppend),
    /// The store cannot do what the append asks for.
    #[error("the store `{store}` does not keep {capability}")]
    Unsupported {
        /// What kind of store it is.
        store: &'static str,
        /// What it lacks.
        capability: Capability,
    },
    /// The store does not check conditions.
    #[error("the store `{store}` does not check conditions")]
    ConditionsUnsupported {
        /// What kind of store it is.
        store: &'static str,
    },
    /// The condition is about a log that the store does not have.
    #[error("the store has no log {0}")]
    UnknownLog(LogId),
    /// The store failed, and nothing was stored.
    #[error("nothing was stored")]
    NotStored(#[source] StoreFailure),
    /// The store failed, and it is not known whether the append was stored. Send it again under the same id.
    #[error("it is not known whether the append was stored")]
    Unknown(#[source] StoreFailure),
}

impl AppendError {
    /// Whether another writer came first, so that deciding again on what is there now may succeed.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::WrongExpectedVersion { .. } | Self::ConditionFailed { .. })
    }

    /// Whether the same append may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::NotStored(failure) | Self::Unknown(failure) => failure.kind.is_transient(),
            _ => false,
        }
    }
}

/// Why a read failed.
#[derive(Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The store has no such log.
    #[error("the store has no log {0}")]
    UnknownLog(LogId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFailure),
}

/// A failure of the store itself.
pub struct StoreFailure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// What the store was doing, and to what: "append to orders.db".
    pub doing: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

crate::__debug_as_told!(AppendError, ReadError, StoreFailure);

impl StoreFailure {
    /// A failure with its cause.
    pub fn new(kind: FailureKind, doing: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, doing: doing.into(), source: Some(source.into()) }
    }

    /// A failure that says it all.
    pub fn plain(kind: FailureKind, doing: impl Into<String>) -> Self {
        Self { kind, doing: doing.into(), source: None }
    }
}

impl fmt::Display for StoreFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}: {}", self.doing, self.kind)
    }
}

impl Error for StoreFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// What kind of failure of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// There is no room left.
    Full,
    /// It cannot be written.
    NotWritable,
    /// Somebody else holds it, or it is overloaded.
    Busy,
    /// It cannot be reached.
    Unavailable,
    /// It holds something that no Annals program wrote.
    Corrupt,
    /// It was closed.
    Closed,
    /// Anything else.
    Other,
}

impl FailureKind {
    /// Whether it may pass without anyone's help.
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Full | Self::Busy | Self::Unavailable | Self::Other)
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "there is no room left",
            Self::NotWritable => "it is not writable",
            Self::Busy => "it is busy",
            Self::Unavailable => "it is not available",
            Self::Corrupt => "it is corrupt",
            Self::Closed => "it is closed",
            Self::Other => "it failed",
        })
    }
}
