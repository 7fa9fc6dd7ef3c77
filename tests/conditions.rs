//! `#[cfg]` and `#[cfg_attr]` on what the macros read: every module has one source, compiled under a condition that holds
//! and under one that does not.

#[path = "conditions/aggregate.rs"]
mod aggregate;
#[path = "conditions/parts.rs"]
mod parts;
#[path = "conditions/placement.rs"]
mod placement;
#[path = "conditions/projection.rs"]
mod projection;
#[path = "conditions/reactions.rs"]
mod reactions;
#[path = "conditions/saga.rs"]
mod saga;
#[path = "macros/support.rs"]
mod support;
#[path = "conditions/world.rs"]
mod world;
