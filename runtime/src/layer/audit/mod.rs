//! Who sent what when, and what became of it.

mod entry;
mod layer;
mod service;
mod sink;

pub use entry::AuditEntry;
pub use layer::AuditLayer;
pub use service::Audit;
pub use sink::AuditSink;
