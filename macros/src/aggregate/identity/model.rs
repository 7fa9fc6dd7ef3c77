//! What the user said about an aggregate type.

use syn::{DeriveInput, Type};

use crate::support::Krate;
use crate::support::names::Name;

pub(crate) struct Identity<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) krate: Krate,
    pub(crate) id: Option<Type>,
    pub(crate) event: Option<Type>,
    /// `category = …`.
    pub(crate) category: Option<Name>,
}

impl Identity<'_> {
    /// Whether it has parameters: then each instantiation is an aggregate of its own.
    pub(crate) fn is_generic(&self) -> bool {
        let generics = &self.original.generics;
        generics.type_params().next().is_some() || generics.const_params().next().is_some()
    }

    /// Whether the type can be an aggregate at all.
    pub(crate) fn is_borrowed(&self) -> bool {
        self.original.generics.lifetimes().next().is_some()
    }
}
