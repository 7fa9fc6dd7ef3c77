//! The event store: an append-only log of streams, and what is written atomically with it.
//!
//! An application needs nothing of this: it hands a store to `App::new` and sends commands. It is for those who append and read by
//! hand, as migrations, tools and tests do, and for those who write a store.
//!
//! - **To append**: an [`Append`] of [`StreamAppend`]s, each with an expected version, perhaps with a [`Condition`] and
//!   [`Effect`]s. It comes to [`Appended`] or to an [`AppendError`].
//! - **To read**: [`ReadStream`] gives [`StreamPage`]s, [`ReadLog`] with a [`Filter`] gives [`LogPage`]s, each as large as a
//!   [`PageSize`].
//! - **To keep more than events**, which a store may do: [`Timers`], [`Outbox`], [`Inbox`], [`Keys`], and [`Views`] with their
//!   [`Checkpoint`]s. [`StoreInfo`] says what it does.
//! - **To write a store**: the contract is on [`EventStore`], method by method, and `annals-testing` has a test for each line of it.

mod append;
mod checkpoint;
mod condition;
mod effect;
mod error;
mod filter;
mod info;
mod keys;
mod messages;
mod read;
mod timers;
mod views;

pub use append::{Append, Appended, InvalidAppend, StreamAppend, StreamOutcome};
pub use checkpoint::{Anchor, Checkpoint, Epoch};
pub use condition::Condition;
pub use effect::Effect;
pub use error::{AppendError, FailureKind, ReadError, StoreFailure};
pub use filter::{Criterion, Filter};
pub use info::{Capability, ConditionModel, LimitExceeded, Limits, LogInfo, StoreInfo};
pub use keys::{InvalidKey, Keys, ReservedKeyName};
pub use messages::{Inbox, InvalidQueueName, Message, Outbox, QueueName};
pub use read::{Direction, LogPage, PageSize, ReadLog, ReadStream, StreamPage};
pub use timers::{Timer, Timers};
pub use views::{InvalidViewName, ViewChange, ViewCommit, ViewEntry, ViewError, ViewName, Views};

use async_trait::async_trait;

pub use crate::stream::StreamKey;
use crate::{AppendId, LogId, Position};

/// An append-only store of event streams with one or more totally ordered logs.
///
/// Used as `Arc<dyn EventStore>`, so that a store is one expression or one URL and no type of the application
/// carries a store parameter.
///
/// # The contract
/// The compliance suite in `annals-testing` checks each line, on every store.
///
/// 1. **An append is one atomic unit of work**: events for one or more streams, each with an expected version,
///    perhaps a condition, and the effects that belong to it. All of it or nothing.
/// 2. **Versions** of a stream are 1, 2, 3 … without holes. **Positions** of a log are strictly increasing and never
///    reused; holes are allowed. Within a stream, position order is version order.
/// 3. **No skip, ever**: once a reader has seen position p (or a page that was `scanned_to` p), no event of that log at
///    or below p appears later, whatever commits slowly, rolls back, crashes or writes from another process.
/// 4. **Retry is safe**: an append under an id that the store knows changes nothing and answers with the first
///    outcome, however many events came since, and whatever the second attempt contains.
/// 5. **Reading** is by pages in bounded memory. A page of a log says how far it scanned, so that a filtered
///    reader moves on even when nothing matched.
/// 6. **Waiting** wakes within milliseconds of a local append.
/// 7. **Conditions are sound under concurrency**: of appends that exclude one another exactly one succeeds. False
///    conflicts are allowed where [`StoreInfo::conditions`] says so, false success never.
/// 8. **Limits are errors, not corruption.**
/// 9. **Cancellation**: dropping the future of an append leaves it done or not done, never half, and disturbs
///    nothing that was queued with it.
/// 10. **Integrity**: what is read is what was appended, byte for byte. There is no way to update or delete an event.
#[async_trait]
pub trait EventStore: Send + Sync + 'static {
    /// What the store is and can do.
    fn info(&self) -> &StoreInfo;

    /// Appends one unit of work.
    ///
    /// The order of checks is: limits and shape; then, under an id that is known, the first outcome; then expected
    /// versions in the order of the streams; then the condition; then effects in their order. The first that fails
    /// is the answer.
    ///
    /// # Errors
    /// [`AppendError`]. All but [`AppendError::Unknown`] say that nothing was stored; after `Unknown`, send the same
    /// append again under the same id.
    ///
    /// # Cancellation
    /// If the future is dropped, the append happens as a whole or not at all; ask with [`appended`](Self::appended)
    /// or send it again under the same id.
    async fn append(&self, append: Append) -> Result<Appended, AppendError>;

    /// The outcome of the append with this id, if it is stored.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    async fn appended(&self, id: AppendId) -> Result<Option<Appended>, ReadError>;

    /// Reads a page of a stream. A stream that does not exist is empty.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    async fn read_stream(&self, read: ReadStream) -> Result<StreamPage, ReadError>;

    /// Reads a page of a log, in ascending order of positions.
    ///
    /// The page ends where its size is reached, where the store chose to stop scanning, or at the horizon: the
    /// position up to which nothing can appear any more. `scanned_to` is never above the horizon, so it is a safe
    /// "after" for a [`Condition`].
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read or has no such log.
    async fn read_log(&self, read: ReadLog) -> Result<LogPage, ReadError>;

    /// Completes when the log has, or may have, an event above `after`: at once if it already does.
    ///
    /// It may complete without one; it never misses one.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read or has no such log.
    async fn wait(&self, log: LogId, after: Position) -> Result<(), ReadError>;

    /// Timers that appends set and cancel.
    fn timers(&self) -> Option<&dyn Timers> {
        None
    }

    /// Messages that appends enqueue.
    fn outbox(&self) -> Option<&dyn Outbox> {
        None
    }

    /// Marks of messages that appends have processed.
    fn inbox(&self) -> Option<&dyn Inbox> {
        None
    }

    /// Unique keys that appends reserve.
    fn keys(&self) -> Option<&dyn Keys> {
        None
    }

    /// Documents of read models, kept together with the checkpoint of their projection.
    fn views(&self) -> Option<&dyn Views> {
        None
    }
}

#[cfg(test)]
fn _is_object_safe(_: std::sync::Arc<dyn EventStore>) {}
