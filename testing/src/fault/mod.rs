//! A store that fails as planned.

mod effects;
mod plan;
mod store;
mod views;

pub use plan::{Fault, FaultPlan, Operation};
pub use store::FaultStore;
