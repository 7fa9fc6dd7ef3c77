//! Whether a command makes sense by itself.

mod error;
mod layer;
mod predicate;

pub use error::Invalid;
pub use layer::ValidateLayer;
pub use predicate::Validate;
