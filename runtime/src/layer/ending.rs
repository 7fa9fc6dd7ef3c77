use std::fmt;

use annals_core::dispatch::NoDecision;
use tower::BoxError;

use super::{Refused, find};
use crate::engine::{Outcome, RequestError};

/// What became of a request, as one of a few words: what a layer that counts or records tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// Its events are stored.
    Stored,
    /// Nothing had to change.
    Unchanged,
    /// An earlier attempt under the same id had stored it.
    Repeated,
    /// It is stored, to be decided when it is due.
    PutOff,
    /// The domain said no.
    Rejected,
    /// A layer said no.
    Refused,
    /// It failed: a conflict, the store, a defect, or a layer that gave up. It may have been stored.
    Failed,
    /// Whoever sent it no longer waits for the answer. It may have been stored.
    Abandoned,
}

impl Ending {
    /// What the answer of the bus, or of a layer, comes to.
    pub fn of(answer: &Result<Outcome, BoxError>) -> Self {
        let error = match answer {
            Ok(Outcome { repeated: true, .. }) => return Self::Repeated,
            Ok(Outcome { position: None, .. }) => return Self::Unchanged,
            Ok(_) => return Self::Stored,
            Err(error) => &**error,
        };
        match find::<RequestError>(error) {
            Some(RequestError::NoDecision(NoDecision::Rejected(_))) => Self::Rejected,
            Some(_) => Self::Failed,
            None if find::<Refused>(error).is_some() => Self::Refused,
            None => Self::Failed,
        }
    }

    /// The word, such as `stored`, for labels of metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Unchanged => "unchanged",
            Self::Repeated => "repeated",
            Self::PutOff => "put_off",
            Self::Rejected => "rejected",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
