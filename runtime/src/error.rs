//! What can go wrong when an application sends, starts or reads.

mod send;

use annals_core::dispatch::NoDecision;
use annals_core::saga::{Fault, InvalidSaga};
use annals_core::store::{AppendError, Capability, InvalidViewName, ReadError};
use annals_core::{
    CommandId, DecodeError, EncodeError, InvalidStreamId, LogPosition, MissingService, NewEventError, PayloadError, Position,
    SinkError,
};
use thiserror::Error;
use tower::BoxError;

pub(crate) use annals_core::__told as full;
pub use send::SendError;

use crate::bus::BusError;
use crate::engine::RequestError;
use crate::layer::{Refused, find};

annals_core::__debug_as_told!(StartError, ViewReadError, WaitError, SagaError, ScheduleError, LoadError);

/// Why an application did not start. Nothing has been processed.
#[derive(Error)]
#[non_exhaustive]
pub enum StartError {
    /// The store lacks something that a part of the application needs.
    #[error("{needed_by} needs a store that keeps {capability}, which `{store}` does not")]
    MissingCapability {
        /// What kind of store it is.
        store: &'static str,
        /// What it lacks.
        capability: Capability,
        /// Who needs it.
        needed_by: String,
    },
    /// A service is missing.
    #[error("{needed_by} cannot start")]
    MissingService {
        /// Who needs it.
        needed_by: String,
        /// What is missing.
        source: MissingService,
    },
    /// A saga sends a command to an aggregate that the application does not have.
    #[error(
        "{needed_by} sends `{command}` to the aggregate `{aggregate}`, which the application does not have: add it with `.aggregate::<…>()`, or with `.sends_to::<…>()` if it is another program's"
    )]
    MissingAggregate {
        /// Which saga, and which step or reaction of it.
        needed_by: String,
        /// The category of the aggregate.
        aggregate: &'static str,
        /// The command.
        command: &'static str,
    },
    /// A projection could not make ready what it writes to, or it could not be stored where a part begins.
    #[error("{needed_by} cannot start")]
    Setup {
        /// Which part.
        needed_by: String,
        /// Why.
        source: SinkError,
    },
    /// Something else than a saga or subscriber was to begin from now.
    #[error(
        "{part} cannot begin from now: `.from_now()` comes right after the saga or subscriber that it is about; what else there is is made of the whole history"
    )]
    NotFromNow {
        /// What was added last.
        part: String,
    },
    /// Two aggregates have one category, so their events would go to the same streams.
    #[error(
        "`{}` and `{}` have the same category, `{category}`: give each its own, with `#[aggregate(category = …)]`", types[0], types[1]
    )]
    SharedCategory {
        /// The category.
        category: &'static str,
        /// The paths of both types.
        types: [&'static str; 2],
    },
    /// Two parts have one name.
    #[error("{what} is there twice: {remedy}")]
    Repeated {
        /// What is there twice.
        what: String,
        /// What to do about it.
        remedy: &'static str,
    },
    /// A name cannot be used.
    #[error(transparent)]
    Name(#[from] InvalidViewName),
    /// A saga cannot be.
    #[error(transparent)]
    Saga(#[from] InvalidSaga),
    /// The store has no main log, or could not be read.
    #[error("the store cannot be read")]
    Read(#[from] ReadError),
}

/// Why a read model could not be read.
#[derive(Error)]
#[non_exhaustive]
pub enum ViewReadError {
    /// The application does not have the projection.
    #[error("the application does not have the projection `{0}`: add it with `.projection::<…>()`")]
    UnknownProjection(&'static str),
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A document cannot be read as what the projection is now.
    #[error("the document `{key}` of `{projection}` does not fit the projection: give it a new version")]
    Document {
        /// The projection.
        projection: &'static str,
        /// The key of the document.
        key: String,
        /// Why.
        source: PayloadError,
    },
}

/// Why what was written cannot be waited for.
#[derive(Error)]
#[non_exhaustive]
pub enum WaitError {
    /// A part has stopped at a defect and will not come that far.
    #[error("`{name}` has stopped at position {at}: {reason}")]
    Failed {
        /// Which part.
        name: String,
        /// How far it came.
        at: Position,
        /// Why it stopped.
        reason: String,
    },
    /// The application has shut down.
    #[error("the application has shut down before {0} was reached")]
    ShutDown(LogPosition),
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why an instance of a saga could not be started, read or resumed.
#[derive(Error)]
#[non_exhaustive]
pub enum SagaError {
    /// The application does not have the saga.
    #[error("the application does not have a saga over `{0}`: add it with `.saga::<…>()`")]
    Unknown(&'static str),
    /// The definition does not fit the instance, or its data.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// There is no instance with this key.
    #[error("there is no instance `{0}`")]
    NoInstance(String),
    /// The instance is not suspended.
    #[error("the instance `{0}` is not suspended")]
    NotSuspended(String),
    /// An event of the instance cannot be written.
    #[error(transparent)]
    Event(#[from] NewEventError),
    /// Its history cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The store did not take the event.
    #[error("the event could not be stored")]
    Append(#[from] AppendError),
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The store keeps no timers.
    #[error("the store keeps no timers")]
    NoTimers,
}

/// Why a command could not be put off or called off.
#[derive(Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// The store keeps no timers.
    #[error("the store `{store}` keeps no timers, so that nothing can be put off")]
    NoTimers {
        /// What kind of store it is.
        store: &'static str,
    },
    /// The application could not send the command when it is due.
    #[error("the application does not have the command `{command}` of `{aggregate}`: add the aggregate with `.aggregate::<…>()`")]
    UnknownCommand {
        /// The category of the aggregate.
        aggregate: &'static str,
        /// The command.
        command: &'static str,
    },
    /// No command was put off under this id.
    #[error("no command was put off under the id {0}")]
    NotScheduled(CommandId),
    /// The command cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// What was written cannot be read as JSON.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// Its stream cannot be.
    #[error(transparent)]
    Address(#[from] InvalidStreamId),
    /// The event cannot be written.
    #[error(transparent)]
    Event(#[from] NewEventError),
    /// Its history cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The store did not take it.
    #[error("it could not be stored")]
    Append(#[from] AppendError),
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A layer of the bus said no. Nothing was stored.
    #[error("refused before it was put off")]
    Refused(#[source] Refused),
    /// A layer of the bus failed, or gave up waiting. Whether the command was put off is open: put it off again under the same
    /// id.
    #[error("a layer gave the command up")]
    Layer(#[source] BoxError),
    /// The application is shutting down. Nothing was stored.
    #[error("the application is shutting down")]
    ShuttingDown,
}

impl ScheduleError {
    /// The error of a layer, see [`SendError::layer`].
    pub fn layer<T: std::error::Error + 'static>(&self) -> Option<&T> {
        match self {
            Self::Refused(refused) => refused.get(),
            Self::Layer(error) => find(&**error),
            _ => None,
        }
    }
}

impl From<BusError> for ScheduleError {
    fn from(error: BusError) -> Self {
        match error {
            BusError::Refused(refused) => Self::Refused(refused),
            BusError::Layer(error) => Self::Layer(error),
            BusError::Request(RequestError::Append(error)) => Self::Append(error),
            BusError::Request(RequestError::Stream(error)) => Self::Address(error),
            BusError::Request(RequestError::NoDecision(NoDecision::Event(error))) => Self::Event(error),
            BusError::Request(error) => Self::Layer(error.into()),
        }
    }
}

/// Why an aggregate could not be read.
#[derive(Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Its id cannot be that of a stream.
    #[error(transparent)]
    Address(#[from] InvalidStreamId),
    /// Its history cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}
