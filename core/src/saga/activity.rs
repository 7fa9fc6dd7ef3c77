use std::fmt;

use serde::Serialize;

use super::StepError;

/// What an activity returns: `Result<outcome, StepError<error>>`, under whatever alias.
#[diagnostic::on_unimplemented(
    message = "an activity cannot return `{Self}`",
    label = "not a `Result<outcome, StepError<error>>`",
    note = "return `Result<outcome, StepError<error>>`: with `?` the domain's \"no\" becomes `StepError::Rejected`, and any other error says what it is with `.transient()?` or `.unknown()?` of `saga::Classify`; a call that is never refused has the error `std::convert::Infallible`"
)]
pub trait ActivityResult {
    /// What it came to.
    type Outcome: Serialize;
    /// The domain's "no".
    type Error: fmt::Display;

    /// The result as what it is.
    ///
    /// # Errors
    /// Those of the activity.
    fn into_result(self) -> Result<Self::Outcome, StepError<Self::Error>>;
}

impl<T: Serialize, E: fmt::Display> ActivityResult for Result<T, StepError<E>> {
    type Outcome = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }
}
