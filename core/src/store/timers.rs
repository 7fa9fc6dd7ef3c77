use async_trait::async_trait;

use super::ReadError;
use crate::{Category, StreamId, Timestamp};

/// Something that is due for a stream at a moment.
///
/// A timer does nothing by itself: whoever serves its owner asks what is due, acts, and cancels or moves the timer in
/// the append that records the act.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Timer {
    /// The stream it is for.
    pub owner: StreamId,
    /// Which of its timers: one of a name at a time. At most 255 bytes.
    pub name: String,
    /// When it is due.
    pub due: Timestamp,
}

impl Timer {
    /// The longest name there can be, in bytes.
    pub const MAX_NAME_LEN: usize = 255;
}

/// A store that keeps timers: see [`Effect::SetTimer`](super::Effect::SetTimer).
#[async_trait]
pub trait Timers: Send + Sync {
    /// Up to `limit` timers of streams of `category` that are due at `now`, the longest due first.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    async fn due(&self, category: &Category, now: Timestamp, limit: usize) -> Result<Vec<Timer>, ReadError>;

    /// When the next timer of `category` that is due after `now` is due.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    async fn next_due(&self, category: &Category, now: Timestamp) -> Result<Option<Timestamp>, ReadError>;

    /// The timers of one stream, in order of their names.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    async fn of(&self, owner: &StreamId) -> Result<Vec<Timer>, ReadError>;
}

#[cfg(test)]
fn _is_object_safe(_: &dyn Timers) {}
