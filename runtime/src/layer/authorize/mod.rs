//! Who may send what.

mod error;
mod layer;
mod predicate;
mod who;

pub use error::{Forbidden, ForbiddenReason};
pub use layer::AuthorizeLayer;
pub use predicate::Authorize;
pub use who::Who;
