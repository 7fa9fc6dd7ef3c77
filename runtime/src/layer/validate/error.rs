use std::error::Error;
use std::fmt;

use tower::BoxError;

use crate::layer::find;

/// A command that does not make sense by itself. It comes as a [refusal](crate::layer::Refused): nothing was stored.
#[derive(Debug)]
#[non_exhaustive]
pub struct Invalid {
    /// The name of the command.
    pub command: &'static str,
    /// What each check that failed says, in the order of the checks; at least one.
    pub failures: Vec<BoxError>,
}

impl Invalid {
    /// The failures that are an `E`, or have one in their chain of sources.
    pub fn all<E: Error + 'static>(&self) -> impl Iterator<Item = &E> {
        self.failures.iter().filter_map(|failure| find(&**failure))
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is invalid: ", self.command)?;
        for (at, failure) in self.failures.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{failure}")?;
        }
        Ok(())
    }
}

impl Error for Invalid {}
