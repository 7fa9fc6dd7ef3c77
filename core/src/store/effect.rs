use super::{Message, QueueName, ReservedKeyName, Timer};
use crate::{MessageId, StreamId};

/// Something that is written together with the events of an append.
///
/// Every effect is also told by an event: the tables behind effects are indexes over the log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Puts a message into the outbox. One that is there already under the same queue and id stays as it is.
    Enqueue(Message),
    /// Sets a timer, or moves the one of the same owner and name.
    SetTimer(Timer),
    /// Removes a timer, if it is set.
    CancelTimer {
        /// The stream that owns it.
        owner: StreamId,
        /// Its name.
        name: String,
    },
    /// Marks a message as processed by a consumer. If it is marked already, the append fails with
    /// [`AppendError::DuplicateMessage`](super::AppendError::DuplicateMessage).
    MarkInbox {
        /// The consumer.
        consumer: QueueName,
        /// The message.
        message: MessageId,
    },
    /// Reserves a unique key. If another stream has it, the append fails with
    /// [`AppendError::KeyTaken`](super::AppendError::KeyTaken).
    ReserveKey {
        /// The key.
        key: ReservedKeyName,
        /// The stream that gets it.
        owner: StreamId,
    },
    /// Gives a key back, if `owner` has it.
    ReleaseKey {
        /// The key.
        key: ReservedKeyName,
        /// The stream that has it.
        owner: StreamId,
    },
}

impl Effect {
    /// The capability that a store needs for it.
    pub const fn capability(&self) -> super::Capability {
        match self {
            Self::Enqueue(_) => super::Capability::Outbox,
            Self::SetTimer(_) | Self::CancelTimer { .. } => super::Capability::Timers,
            Self::MarkInbox { .. } => super::Capability::Inbox,
            Self::ReserveKey { .. } | Self::ReleaseKey { .. } => super::Capability::Keys,
        }
    }
}
