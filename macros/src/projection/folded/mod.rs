//! A projection that is folded into documents.

pub(crate) mod check;
pub(crate) mod expand;
pub(crate) mod fallback;
