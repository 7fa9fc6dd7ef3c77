//! The user's `#[serde(…)]` attributes, handed on to the hidden structs that read and write the fields.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

/// The attributes of a field: all of them are about the field alone, so all are handed on.
pub(crate) fn of_field(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("serde")).cloned().collect()
}

/// What the attributes of a container or variant say under one of `keys`. The rest (`tag`, `rename` …) is about
/// a form that Annals does not store.
pub(crate) fn of_container(attributes: &[Attribute], keys: &[&str]) -> Vec<Meta> {
    let serde = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    let metas = serde.filter_map(|attribute| attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok());
    metas.flatten().filter(|meta| keys.iter().any(|key| meta.path().is_ident(key))).collect()
}

/// Replaces `Self`, which means another type inside a hidden struct, and none outside of an `impl`.
pub(crate) fn without_self(tokens: TokenStream, name: &TokenStream) -> TokenStream {
    let replace = |token| match token {
        TokenTree::Ident(ident) if ident == "Self" => name.clone(),
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), without_self(group.stream(), name));
            inner.set_span(group.span());
            TokenTree::Group(inner).into()
        }
        other => TokenStream::from(other),
    };
    tokens.into_iter().flat_map(replace).collect()
}

/// `#[serde(crate = "…", …)]` for a hidden struct.
pub(crate) fn container(path: &str, more: &[Meta]) -> TokenStream {
    quote!(#[serde(crate = #path #(, #more)*)])
}
