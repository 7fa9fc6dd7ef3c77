//! Projections in SQL: each event exactly once, whatever the code of the user's does.

#[path = "../support/mod.rs"]
mod support;

mod driver;
mod failing;
mod feeding;
mod guard;
mod versions;
