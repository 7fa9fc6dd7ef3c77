use std::fmt;

use annals_core::dispatch::NoDecision;
use annals_core::store::{AppendError, ReadError};
use annals_core::{CommandId, DecodeError, InvalidStreamId, MissingService, NewEventError};
use thiserror::Error;
use tower::BoxError;

use crate::bus::BusError;
use crate::engine::RequestError;
use crate::error::full;
use crate::layer::{Refused, find};

/// Why a command came to nothing. `E` is the domain's own error.
#[derive(Error)]
#[non_exhaustive]
pub enum SendError<E> {
    /// The domain said no.
    #[error("rejected: {0}")]
    Rejected(E),
    /// Other writers came first each time. Nothing was stored.
    #[error("other writers came first in each of {attempts} attempts")]
    Conflict {
        /// How many attempts there were.
        attempts: u32,
    },
    /// The application does not have the aggregate.
    #[error("the application does not have the aggregate `{aggregate}`: add it with `.aggregate::<…>()`")]
    UnknownAggregate {
        /// Its category.
        aggregate: &'static str,
    },
    /// The command id was used before, for another stream.
    #[error("the command id {id} was used before, for something else")]
    CommandIdReused {
        /// The id.
        id: CommandId,
    },
    /// The command names a stream that cannot be.
    #[error("the command cannot be addressed")]
    Address(#[from] InvalidStreamId),
    /// A service that the preparation needs is missing.
    #[error(transparent)]
    Service(#[from] MissingService),
    /// An event that was decided cannot be stored.
    #[error(transparent)]
    Event(#[from] NewEventError),
    /// The history of the aggregate cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The store did not take the events. Only [`AppendError::Unknown`] leaves open whether they were stored: send the
    /// command again under the same id.
    #[error("the events could not be stored")]
    Append(#[source] AppendError),
    /// The store could not be read. Nothing was stored.
    #[error("the store could not be read")]
    Read(#[from] ReadError),
    /// A layer of the bus said no. Nothing was stored, and the same command would be refused again. [`layer`](Self::layer)
    /// gives the layer's own error.
    #[error("refused before it was decided")]
    Refused(#[source] Refused),
    /// A layer of the bus failed, or gave up waiting. Whether the command was stored is open: send it again under the same
    /// id. [`layer`](Self::layer) gives the layer's own error.
    #[error("a layer gave the command up")]
    Layer(#[source] BoxError),
    /// The domain's code panicked, or that of a layer.
    #[error("the command `{command}` panicked: {message}")]
    Panicked {
        /// The command.
        command: &'static str,
        /// What it said.
        message: String,
    },
    /// The application is shutting down. Nothing was stored.
    #[error("the application is shutting down")]
    ShuttingDown,
    /// A defect of the engine.
    #[error("a defect of the engine: {0}")]
    Defect(String),
}

impl<E: fmt::Display> fmt::Debug for SendError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&full(self))
    }
}

impl<E> SendError<E> {
    /// The domain's "no", if that is what it is.
    pub fn rejection(self) -> Option<E> {
        match self {
            Self::Rejected(rejection) => Some(rejection),
            _ => None,
        }
    }

    /// The error of a layer, if it is a `T` or has a `T` in its chain of sources: what an application refuses with, or an
    /// error of tower's.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let store = annals::connect("memory:").await?;
    /// use annals::layer::{AuthorizeLayer, Forbidden};
    /// use tower::load_shed::error::Overloaded;
    ///
    /// let app = App::new(store).aggregate::<Account>().layer(AuthorizeLayer::new()).start().await?;
    /// let status = match app.send(deposit("ann", 1)).await {
    ///     Ok(_) => 200,
    ///     Err(SendError::Rejected(_)) => 422,
    ///     Err(error) if error.layer::<Forbidden>().is_some() => 403,
    ///     Err(error) if error.layer::<Overloaded>().is_some() => 503,
    ///     Err(_) => 500,
    /// };
    /// assert_eq!(status, 403);
    /// # Ok(())
    /// # }
    /// ```
    pub fn layer<T: std::error::Error + 'static>(&self) -> Option<&T> {
        match self {
            Self::Refused(refused) => refused.get(),
            Self::Layer(error) => find(&**error),
            _ => None,
        }
    }

    /// Whether the same command may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Conflict { .. } | Self::Read(_) | Self::Layer(_) | Self::ShuttingDown => true,
            Self::Append(error) => error.is_transient(),
            _ => false,
        }
    }
}

impl<E: Send + Sync + 'static> SendError<E>
where
    E: std::error::Error,
{
    pub(crate) fn from_bus(error: BusError, id: CommandId) -> Self {
        let error = match error {
            BusError::Refused(refused) => return Self::Refused(refused),
            BusError::Layer(error) => return Self::Layer(error),
            BusError::Request(error) => error,
        };
        match error {
            RequestError::NoDecision(NoDecision::Rejected(rejection)) => match rejection.downcast::<E>() {
                Ok(rejection) => Self::Rejected(*rejection),
                Err(other) => Self::Defect(format!("a rejection of another type: {other}")),
            },
            RequestError::NoDecision(NoDecision::Service(missing)) => Self::Service(missing),
            RequestError::NoDecision(NoDecision::Event(error)) => Self::Event(error),
            RequestError::Conflict { attempts } => Self::Conflict { attempts },
            RequestError::IdReused(_) => Self::CommandIdReused { id },
            RequestError::Stream(error) => Self::Address(error),
            RequestError::Append(error) => Self::Append(error),
            RequestError::Read(error) => Self::Read(error),
            RequestError::Decode(error) => Self::Decode(error),
            RequestError::Panicked { command, message } => Self::Panicked { command, message },
            other => Self::Defect(other.to_string()),
        }
    }
}
