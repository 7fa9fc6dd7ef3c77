//! The user's `#[serde(…)]` attributes, handed on to the hidden structs that read and write the fields.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, MetaNameValue, Token, WherePredicate};

use super::{Errors, Krate};

/// What the attributes of a container or variant say under one of `keys`. The rest (`tag`, `rename` …) is about
/// a form that Annals does not store.
pub(crate) fn of_container(attributes: &[Attribute], keys: &[&str]) -> Vec<Meta> {
    metas(attributes).into_iter().filter(|meta| keys.iter().any(|key| meta.path().is_ident(key))).collect()
}

/// What all attributes of serde say. On a field, all of it is about the field alone.
pub(crate) fn metas(attributes: &[Attribute]) -> Vec<Meta> {
    let serde = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    serde.filter_map(|attribute| attribute.parse_args_with(list).ok()).flatten().collect()
}

fn list(input: ParseStream<'_>) -> syn::Result<Punctuated<Meta, Token![,]>> {
    Punctuated::parse_terminated(input)
}

/// Which halves of serde something is said for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Said {
    pub(crate) written: bool,
    pub(crate) read: bool,
}

impl Said {
    pub(crate) fn and(self, other: Self) -> Self {
        Self { written: self.written || other.written, read: self.read || other.read }
    }
}

/// The bounds under the key `bound`, each with the halves that it is for: `bound = "…"` and
/// `bound(serialize = "…", deserialize = "…")`.
pub(crate) fn bounds(metas: &[Meta]) -> Vec<(Said, LitStr)> {
    let mut bounds = Vec::new();
    for meta in metas.iter().filter(|meta| meta.path().is_ident("bound")) {
        let parts = match meta {
            Meta::List(of_halves) => of_halves.parse_args_with(list).into_iter().flatten().collect(),
            both => vec![both.clone()],
        };
        for part in parts {
            if let Meta::NameValue(MetaNameValue { path, value: Expr::Lit(ExprLit { lit: Lit::Str(text), .. }), .. }) = part {
                let said = Said { written: !path.is_ident("deserialize"), read: !path.is_ident("serialize") };
                bounds.push((said, text));
            }
        }
    }
    bounds
}

/// Reports what cannot be read.
pub(crate) fn check(attributes: &[Attribute], errors: &mut Errors) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        errors.take(attribute.parse_args_with(list));
    }
    for (_, text) in bounds(&metas(attributes)) {
        errors.take(text.parse_with(predicates));
    }
}

pub(crate) fn predicates(input: ParseStream<'_>) -> syn::Result<Punctuated<WherePredicate, Token![,]>> {
    Punctuated::parse_terminated(input)
}

/// What is said besides bounds: the hidden type has all of them in its `where` clause.
fn without_bounds(metas: &[Meta]) -> Vec<&Meta> {
    metas.iter().filter(|meta| !meta.path().is_ident("bound")).collect()
}

/// Replaces `Self`, which means another type inside a hidden struct, and none outside of an `impl`.
pub(crate) fn without_self(tokens: TokenStream, name: &TokenStream) -> TokenStream {
    replaced(tokens, "Self", name)
}

/// Replaces a word, wherever it stands.
pub(crate) fn replaced(tokens: TokenStream, word: &str, by: &TokenStream) -> TokenStream {
    let replace = |token| match token {
        TokenTree::Ident(ident) if ident == word => by.clone(),
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), replaced(group.stream(), word, by));
            inner.set_span(group.span());
            TokenTree::Group(inner).into()
        }
        other => TokenStream::from(other),
    };
    tokens.into_iter().flat_map(replace).collect()
}

/// `#[serde(crate = "…", …)]` for a hidden type that stands in for the user's.
pub(crate) fn container(krate: &Krate, remote: &Ident, bound: &str, more: &[Meta]) -> TokenStream {
    let (path, remote, more) = (krate.serde(), remote.to_string(), without_bounds(more));
    quote!(#[serde(crate = #path, remote = #remote, bound = #bound #(, #more)*)])
}

/// `#[serde(…)]` for a variant or field of a hidden type.
pub(crate) fn member(metas: &[Meta]) -> TokenStream {
    let metas = without_bounds(metas);
    if metas.is_empty() { TokenStream::new() } else { quote!(#[serde(#(#metas),*)]) }
}
