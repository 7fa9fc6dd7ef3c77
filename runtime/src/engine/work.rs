use std::any::Any;

use annals_core::dispatch::NoDecision;
use annals_core::store::{AppendError, ReadError};
use annals_core::{AppendId, DecodeError, InvalidStreamId, LogPosition, StreamId, Version};
use thiserror::Error;

annals_core::__debug_as_told!(RequestError);

/// What a [`Request`](super::Request) came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// Where the last event is; none if nothing had to change.
    pub position: Option<LogPosition>,
    /// The streams the commands were for, with their last versions, in the order of the commands.
    pub streams: Vec<(StreamId, Version)>,
    /// Whether an earlier attempt under the same id had stored it.
    pub repeated: bool,
}

/// Why a [`Request`](super::Request) came to nothing.
#[derive(Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The domain said no, or the command could not be decided.
    #[error(transparent)]
    NoDecision(#[from] NoDecision),
    /// Other writers came first each time.
    #[error("other writers came first in each of {attempts} attempts")]
    Conflict {
        /// How many attempts there were.
        attempts: u32,
    },
    /// The stream of the saga that the commands belong to has moved on.
    #[error("the saga has moved on")]
    Superseded,
    /// The id is that of another unit of work.
    #[error("the id {0} was used before, for something else")]
    IdReused(AppendId),
    /// The command names a stream that cannot be.
    #[error(transparent)]
    Stream(#[from] InvalidStreamId),
    /// The store did not take it.
    #[error(transparent)]
    Append(AppendError),
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The history of an aggregate cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The code of the domain panicked, or that of a layer.
    #[error("the command `{command}` panicked: {message}")]
    Panicked {
        /// The command.
        command: &'static str,
        /// What it said.
        message: String,
    },
}

impl RequestError {
    /// Whether it says no to the command as the state, the facts or the code are now, rather than that something failed
    /// underneath.
    pub(super) fn is_about_the_command(&self) -> bool {
        matches!(self, Self::NoDecision(_) | Self::Decode(_) | Self::Panicked { .. })
    }
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
