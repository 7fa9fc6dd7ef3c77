//! What every macro needs.

pub(crate) mod attr;
pub(crate) mod block;
pub(crate) mod bounds;
pub(crate) mod conditions;
pub(crate) mod duration;
pub(crate) mod errors;
pub(crate) mod held;
pub(crate) mod krate;
pub(crate) mod lints;
pub(crate) mod marks;
pub(crate) mod names;
pub(crate) mod nearest;
pub(crate) mod serde;
pub(crate) mod types;

pub(crate) use attr::Keys;
pub(crate) use bounds::Bounds;
pub(crate) use errors::Errors;
pub(crate) use held::Held;
pub(crate) use krate::Krate;
