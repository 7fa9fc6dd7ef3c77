//! What the user said about a command that a method declares.

use syn::{Ident, LitStr, PatType, Path, Type, Visibility};

pub(crate) struct Declared<'a> {
    /// Of the struct and its fields.
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    /// `name = "…"`.
    pub(crate) stored_name: Option<LitStr>,
    /// What stands in `derive(…)`.
    pub(crate) derives: Vec<Path>,
    /// Without the id, which each command has.
    pub(crate) fields: Vec<Field<'a>>,
}

/// A parameter of the method.
pub(crate) struct Field<'a> {
    pub(crate) name: Ident,
    /// Or what is wrong with it. The compiler says no more of a type that is an error.
    pub(crate) ty: syn::Result<Type>,
    pub(crate) parameter: &'a PatType,
}
