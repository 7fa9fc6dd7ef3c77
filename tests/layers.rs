//! Layers around the bus: what they see, what they may do, and what becomes of it.

#[path = "layers/acting.rs"]
mod acting;
#[path = "layers/audit.rs"]
mod audit;
#[path = "layers/authorize.rs"]
mod authorize;
#[path = "layers/refusal.rs"]
mod refusal;
#[path = "layers/request.rs"]
mod request;
mod support;
#[path = "layers/timing.rs"]
mod timing;
#[path = "layers/tools.rs"]
mod tools;
#[path = "layers/tower.rs"]
mod towers;
#[path = "layers/validate.rs"]
mod validate;
