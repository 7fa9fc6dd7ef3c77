//! Layers around the command bus.

mod authorize;
mod refused;
mod validate;

pub use authorize::{Authorize, AuthorizeLayer, Forbidden, ForbiddenReason, Who};
pub use refused::Refused;
pub(crate) use refused::find;
pub use validate::{Invalid, Validate, ValidateLayer};
