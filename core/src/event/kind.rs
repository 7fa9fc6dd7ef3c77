use std::error::Error;

use serde_json::Value;

/// Why a body of an old schema version could not be brought up to date.
pub type UpcastError = Box<dyn Error + Send + Sync>;

/// Brings the body of an event from one schema version to the next.
///
/// It sees the stored JSON, because the type that wrote it is gone. It must be pure: it runs each time the event
/// is read.
///
/// ```
/// # use annals_core as annals;
/// use annals::{Json, UpcastError};
///
/// /// Version 1 of `order.placed` had no currency.
/// fn add_currency(mut body: Json) -> Result<Json, UpcastError> {
///     body["currency"] = "KRW".into();
///     Ok(body)
/// }
/// # let _: annals::Upcaster = add_currency;
/// ```
pub type Upcaster = fn(Value) -> Result<Value, UpcastError>;

/// One kind of event: what `#[derive(Event)]` knows about a variant.
#[derive(Debug)]
pub struct EventKind {
    /// The stored name.
    pub name: &'static str,
    /// The newest schema version, from 1.
    pub version: u32,
    /// Names under which older programs stored it.
    pub aliases: &'static [&'static str],
    /// From version 1 to 2, from 2 to 3, … : one fewer than `version`.
    pub upcasters: &'static [Upcaster],
}

impl EventKind {
    /// Whether events of this kind are or were stored under `name`.
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}
