//! Given/when/then for aggregates and projections.

mod aggregate;
mod outcome;
#[cfg(feature = "postgres")]
mod postgres;
mod projection;
mod recording;
#[cfg(feature = "sqlite")]
mod rows;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use aggregate::Given;
pub use outcome::Then;
#[cfg(feature = "postgres")]
pub use postgres::{GivenPostgresProjection, given_postgres_projection};
pub use projection::{GivenProjection, given_projection};
#[cfg(feature = "sqlite")]
pub use sqlite::{GivenSqliteProjection, given_sqlite_projection};
