//! What the user said about a command struct.

use syn::{DeriveInput, LitStr, Meta, Type};

use crate::support::Krate;

pub(crate) struct CommandStruct<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) krate: Krate,
    /// `#[command(name = "…")]`.
    pub(crate) name: Option<LitStr>,
    /// The name under which it travels.
    pub(crate) stored_name: String,
    /// What `#[serde(…)]` on the struct says about its fields.
    pub(crate) serde: Vec<Meta>,
    pub(crate) fields: Vec<Field<'a>>,
    /// The fields marked `#[id]`: exactly one, if the struct is good.
    pub(crate) ids: Vec<&'a syn::Field>,
}

pub(crate) struct Field<'a> {
    pub(crate) original: &'a syn::Field,
    pub(crate) ty: &'a Type,
    pub(crate) serde: Vec<Meta>,
}
