//! A projection that keeps tables of its own.

pub(crate) mod check;
pub(crate) mod expand;
pub(crate) mod fallback;
