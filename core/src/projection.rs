//! Projections: what is read is computed from what happened.

use std::error::Error;

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::store::{Checkpoint, Filter, PageSize, ReadError, ViewError, ViewName};
use crate::{DecodeError, Event, EventContext, LogPage, Position, RecordedEvent};

/// A read model that is folded from events into documents. Written as `#[projection]` on an `impl`.
///
/// A value of the type is one document. The engine keeps the documents and the checkpoint in the store, and commits
/// both together: each event is taken in exactly once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a projection",
    label = "not a projection",
    note = "put `#[projection]` on an `impl {Self}` with `#[on]` methods, and derive `Default`, `Serialize` and `Deserialize` for `{Self}`"
)]
pub trait Projection: Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name under which its documents are kept.
    const NAME: &'static str;

    /// The version of its documents. A new version is built anew from the log, beside the old one.
    const VERSION: u32;

    /// Which events it takes in.
    fn filter() -> Filter;

    /// Which documents an event goes to, each once; none leaves the event out. A projection of one document uses the empty
    /// key.
    ///
    /// # Errors
    /// [`DecodeError`] if the event cannot be read.
    fn keys(event: &RecordedEvent) -> Result<Vec<String>, DecodeError>;

    /// Takes in one event, as the document `key`, and says whether the document stays. A document that is not there, or no
    /// longer, is the default.
    ///
    /// # Errors
    /// [`DecodeError`] if the event cannot be read.
    fn apply(&mut self, event: &RecordedEvent, key: &str) -> Result<Document, DecodeError>;
}

/// How a projection takes in the events of one aggregate. Written as an `#[on]` method.
pub trait On<E: Event> {
    /// Takes in one event, as the document `key`.
    fn on(&mut self, event: &E, key: &str, context: &EventContext<'_>) -> Document;
}

/// Whether a document stays after an event. An `#[on]` method that returns nothing keeps it.
///
/// A document that was deleted is gone with everything in it: the next event for its key starts from the default. So an
/// `#[on]` method that must not bring a document back deletes what it finds empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a document is deleted only if this is returned"]
pub enum Document {
    /// It is stored as it is now.
    Keep,
    /// It is deleted, if it was there.
    Delete,
}

/// What an `#[on]` method may return. The macro asks it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an `#[on]` method cannot return `{Self}`",
    label = "not a `Document`",
    note = "the event has happened, it cannot be refused: return nothing, or `annals::Document` to say whether the document stays"
)]
pub trait IntoDocument {
    fn into_document(self) -> Document;
}

impl IntoDocument for () {
    fn into_document(self) -> Document {
        Document::Keep
    }
}

impl IntoDocument for Document {
    fn into_document(self) -> Document {
        self
    }
}

/// Takes batches of events in, in its own terms, and moves its checkpoint in the same act.
///
/// The engine reads the log and hands over page after page; the sink makes each exactly-once by storing what it does
/// together with the new checkpoint, fenced by the old one. A SQL store offers a typed form that hands user code a
/// transaction (`SqliteProjection` of `annals::sqlite`, `PgProjection` of `annals::postgres`); folded projections use a sink over [`Views`](crate::store::Views).
#[async_trait]
pub trait ProjectionSink: Send + 'static {
    /// The name it is known by.
    fn name(&self) -> &ViewName;

    /// Which events it takes in.
    fn filter(&self) -> Filter;

    /// How much a page holds that it takes in. Where a page is a transaction, a large one costs less for each event.
    fn page_size(&self) -> PageSize {
        PageSize::default()
    }

    /// Makes ready what it writes to, such as its tables. The application calls it once, and has not started before it is done.
    ///
    /// # Errors
    /// [`SinkError`]; the application does not start then.
    async fn setup(&mut self) -> Result<(), SinkError> {
        Ok(())
    }

    /// Where it is; none before its first batch.
    ///
    /// # Errors
    /// [`SinkError`] if that cannot be read.
    async fn checkpoint(&mut self) -> Result<Option<Checkpoint>, SinkError>;

    /// Takes in the events of a page and moves from `expected` to `checkpoint`, atomically.
    ///
    /// # Errors
    /// [`SinkError`]; what has been taken in then is nothing of the page, all of it, or a part from its start, and the
    /// [`checkpoint`](Self::checkpoint) says which.
    async fn apply(&mut self, page: &LogPage, expected: Option<Checkpoint>, checkpoint: Checkpoint) -> Result<(), SinkError>;
}

/// Why a sink did not take a page in.
#[derive(Error)]
#[non_exhaustive]
pub enum SinkError {
    /// An event cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The user's code failed on an event.
    #[error("the event at position {position} could not be taken in")]
    Event {
        /// Where the event is.
        position: Position,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The event at a position cannot be taken in, now or later.
    #[error("the event at position {position} cannot be taken in, now or later")]
    Refused {
        /// Where the event is.
        position: Position,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// What the sink writes to could not be made ready.
    #[error("`{name}` could not be set up")]
    Setup {
        /// The projection.
        name: ViewName,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A newer version of the projection has taken over what the sink writes to.
    #[error(
        "`{name}` has version {found} in the store, and this program has version {version}: what a newer version has built is left alone"
    )]
    Superseded {
        /// The projection.
        name: ViewName,
        /// The version of this program.
        version: u32,
        /// The version in the store.
        found: u32,
    },
    /// The event that was taken in last is no longer one that the projection takes in.
    #[error(
        "the event at position {at}, which was taken in last, is a `{name}`, and the program no longer takes that in: one that was renamed needs `#[event(alias = \"{name}\")]`, and a projection that leaves events out a new version"
    )]
    Unmatched {
        /// Where it is.
        at: Position,
        /// What it is called.
        name: crate::EventName,
    },
    /// The log is not the one that was read.
    #[error("the log is not the one that was read: the event that was taken in last is no longer at position {at}")]
    Diverged {
        /// Where it was.
        at: Position,
    },
    /// Readers do not get as far as the event that was taken in last, for now: whoever read it was ahead of this program.
    #[error(
        "the log can be read up to position {end} so far, and what was taken in last is at {at}: something holds readers up, or the end of the log is lost"
    )]
    Behind {
        /// Where it is.
        at: Position,
        /// How far the log can be read.
        end: Position,
    },
    /// The documents could not be stored; `Fenced` if another process writes them.
    #[error(transparent)]
    View(#[from] ViewError),
    /// What is stored could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A stored document cannot be read as what the projection is now.
    #[error("the stored document `{key}` does not fit the projection: give it a new version")]
    Document {
        /// The key of the document.
        key: String,
        /// Why.
        source: crate::PayloadError,
    },
    /// A document cannot be written.
    #[error("the document `{key}` cannot be written")]
    Write {
        /// The key of the document.
        key: String,
        /// Why.
        source: crate::EncodeError,
    },
}

crate::__debug_as_told!(SinkError);
