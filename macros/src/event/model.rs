//! What the user said about an event enum.

use syn::{DeriveInput, Ident, LitInt, LitStr, Member, Meta, Path, Type, Variant};

use crate::support::Krate;
use crate::support::names::Name;

pub(crate) struct EventEnum<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) krate: Krate,
    /// `#[event(name = …)]` on the enum.
    pub(crate) name: Option<Name>,
    /// What `#[serde(…)]` on the enum says about the fields of every variant.
    pub(crate) serde: Vec<Meta>,
    pub(crate) variants: Vec<Kind<'a>>,
}

/// A variant: one kind of event.
pub(crate) struct Kind<'a> {
    pub(crate) original: &'a Variant,
    pub(crate) name: Option<LitStr>,
    /// The stored name, computed from all of the above.
    pub(crate) stored_name: String,
    /// Whether that is the second part only, because the first is a constant.
    pub(crate) is_second: bool,
    pub(crate) version: Version,
    pub(crate) aliases: Vec<LitStr>,
    /// What `#[serde(…)]` on the variant says about its fields.
    pub(crate) serde: Vec<Meta>,
    pub(crate) fields: Vec<Field<'a>>,
}

#[derive(Default)]
pub(crate) struct Version {
    pub(crate) literal: Option<LitInt>,
    pub(crate) number: u32,
    /// The word `upcast`, where it is written.
    pub(crate) upcast: Option<Ident>,
    pub(crate) upcasters: Vec<Path>,
}

pub(crate) struct Field<'a> {
    pub(crate) original: &'a syn::Field,
    pub(crate) member: Member,
    pub(crate) ty: &'a Type,
    pub(crate) serde: Vec<Meta>,
    pub(crate) tag: Option<Tag>,
}

pub(crate) struct Tag {
    /// `key = "…"`.
    pub(crate) literal: Option<LitStr>,
    pub(crate) key: String,
}
