use std::error::Error;

use thiserror::Error;

type Source = Box<dyn Error + Send + Sync>;

/// Why an activity did not succeed. The class decides what the saga does.
///
/// A domain error converts by `?` into [`Rejected`](Self::Rejected). Any other must be classified where it occurs:
///
/// ```
/// # use annals_core as annals;
/// use annals::saga::{Classify, StepError};
/// # #[derive(Debug, PartialEq)] struct Declined;
/// # fn connect() -> Result<(), std::io::Error> { Ok(()) }
/// # fn read_answer() -> Result<bool, std::io::Error> { Ok(false) }
/// fn charge() -> Result<u64, StepError<Declined>> {
///     connect().transient()?; // nothing was sent: try again
///     let accepted = read_answer().unknown()?; // something was sent: it may have happened
///     if !accepted {
///         return Err(Declined)?; // it said no: nothing happened
///     }
///     Ok(1)
/// }
/// # assert!(matches!(charge(), Err(StepError::Rejected(Declined))));
/// ```
#[derive(Debug, Error)]
pub enum StepError<E> {
    /// A declared "no": nothing happened. The saga undoes what came before.
    #[error("rejected")]
    Rejected(E),
    /// It failed without effect and may succeed later. It is retried by the policy of the step; when that gives up, the
    /// outcome counts as unknown.
    #[error("failed for now")]
    Transient(#[source] Source),
    /// It may or may not have happened. The saga undoes this step too.
    #[error("of unknown outcome")]
    Unknown(#[source] Source),
}

impl<E> From<E> for StepError<E> {
    fn from(error: E) -> Self {
        Self::Rejected(error)
    }
}

/// Says what class an error is of, see [`StepError`].
pub trait Classify<T> {
    /// Nothing happened, and it may succeed later.
    ///
    /// # Errors
    /// The error as [`StepError::Transient`].
    fn transient<E>(self) -> Result<T, StepError<E>>;

    /// It may or may not have happened.
    ///
    /// # Errors
    /// The error as [`StepError::Unknown`].
    fn unknown<E>(self) -> Result<T, StepError<E>>;
}

impl<T, X: Into<Source>> Classify<T> for Result<T, X> {
    fn transient<E>(self) -> Result<T, StepError<E>> {
        self.map_err(|error| StepError::Transient(error.into()))
    }

    fn unknown<E>(self) -> Result<T, StepError<E>> {
        self.map_err(|error| StepError::Unknown(error.into()))
    }
}
