//! Errors as people read them.

use std::error::Error;
use std::fmt::Write as _;

/// What an error says, and all its causes, in one line.
#[doc(hidden)]
pub fn told(error: &dyn Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

/// The `Debug` form of errors is what they say, with their causes: it is what a test prints that unwraps, and what
/// `fn main() -> Result<…>` does.
#[doc(hidden)]
#[macro_export]
macro_rules! __debug_as_told {
    ($($error:ty),+ $(,)?) => {$(
        impl ::std::fmt::Debug for $error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&$crate::__told(self))
            }
        }
    )+};
}

#[cfg(test)]
mod tests {
    use crate::store::{AppendError, FailureKind, StoreFailure};

    #[test]
    fn an_error_is_shown_with_its_causes() {
        let failure = StoreFailure::new(FailureKind::Full, "append to orders.db", "SQLite says so");
        let error = AppendError::NotStored(failure);
        assert_eq!(format!("{error:?}"), "nothing was stored: cannot append to orders.db: there is no room left: SQLite says so");
    }
}
