//! Given/when/then for aggregates and projections.

mod aggregate;
mod outcome;
mod projection;
mod recording;
#[cfg(feature = "sqlite")]
mod rows;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use aggregate::Given;
pub use outcome::Then;
pub use projection::{GivenProjection, given_projection};
#[cfg(feature = "sqlite")]
pub use sqlite::{GivenSqliteProjection, given_sqlite_projection};
