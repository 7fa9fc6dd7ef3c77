//! Given/when/then for aggregates and projections.

mod aggregate;
mod outcome;
mod projection;

pub use aggregate::Given;
pub use outcome::Then;
pub use projection::{GivenProjection, given_projection};
