//! How long commands take.

mod layer;
mod service;

pub use layer::{Timed, TimingLayer};
pub use service::Timing;
