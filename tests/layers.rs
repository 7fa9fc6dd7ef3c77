//! Layers around the bus: what they see, what they may do, and what becomes of it.

#[path = "layers/acting.rs"]
mod acting;
#[path = "layers/authorize.rs"]
mod authorize;
#[path = "layers/refusal.rs"]
mod refusal;
#[path = "layers/request.rs"]
mod request;
mod support;
#[path = "layers/tools.rs"]
mod tools;
#[path = "layers/validate.rs"]
mod validate;
