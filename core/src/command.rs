//! Commands: intents with exactly one handler.

use std::fmt;

use crate::{EncodeError, Payload, PayloadError};

/// An intent, addressed to one aggregate: a struct with `#[derive(Command)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command",
    label = "not a command",
    note = "add `#[derive(Command)]` to the struct `{Self}` and mark the field that names its target with `#[id]`"
)]
pub trait Command: Sized + Send + Sync + 'static {
    /// The type of the identity of the aggregate it is for.
    type Id: fmt::Display;

    /// The name under which it travels and is logged, such as `place_order`.
    const NAME: &'static str;

    /// Which aggregate it is for.
    fn id(&self) -> &Self::Id;

    /// A copy, for deciding again after a conflict. The derive macro clones the fields, so that the struct itself
    /// need not be `Clone`.
    fn duplicate(&self) -> Self;

    /// Writes its fields as an object.
    ///
    /// # Errors
    /// [`EncodeError`] if a field cannot be written.
    fn encode(&self) -> Result<Payload, EncodeError>;

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// [`PayloadError`] if the fields do not fit.
    fn decode(payload: &Payload) -> Result<Self, PayloadError>;
}
