//! What the user said about an aggregate type.

use syn::{DeriveInput, LitStr, Type};

use crate::support::Krate;

pub(crate) struct Identity<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) krate: Krate,
    pub(crate) id: Option<Type>,
    pub(crate) event: Option<Type>,
    /// `category = "…"`.
    pub(crate) literal: Option<LitStr>,
    pub(crate) category: String,
}
