//! Attributes under conditions: `#[cfg(…)]`, and what stands in `#[cfg_attr(…)]`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token, parse_quote};

/// A marked method that exists under conditions.
pub(crate) struct Uncertain {
    pub(crate) method: Ident,
    pub(crate) mark: Ident,
}

impl Parse for Uncertain {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self { method: input.call(Ident::parse_any)?, mark: input.parse()? })
    }
}

impl ToTokens for Uncertain {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { method, mark } = self;
        tokens.extend(quote!(#method #mark));
    }
}

/// Whether the compiler decides on it: on what it stands before, or on attributes.
pub(crate) fn is_condition(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

/// What an attribute may be: itself, or those that stand in a `#[cfg_attr(…)]`.
pub(crate) fn possible(attribute: &Attribute) -> Vec<Path> {
    fn collect(meta: &Meta, paths: &mut Vec<Path>) {
        match Attached::read(meta) {
            Some(attached) => attached.metas.iter().for_each(|meta| collect(meta, paths)),
            None => paths.push(meta.path().clone()),
        }
    }
    let mut paths = Vec::new();
    collect(&attribute.meta, &mut paths);
    paths
}

/// What is left of an attribute without those that are unwanted.
pub(crate) fn without(attribute: &Attribute, is_unwanted: impl Fn(&Path) -> bool + Copy) -> Option<Attribute> {
    fn wanted(meta: &Meta, is_unwanted: impl Fn(&Path) -> bool + Copy) -> Option<Meta> {
        let Some(Attached { condition, metas }) = Attached::read(meta) else {
            return (!is_unwanted(meta.path())).then(|| meta.clone());
        };
        let metas: Vec<_> = metas.iter().filter_map(|meta| wanted(meta, is_unwanted)).collect();
        (!metas.is_empty()).then(|| parse_quote!(cfg_attr(#condition, #(#metas),*)))
    }
    if !possible(attribute).iter().any(is_unwanted) {
        return Some(attribute.clone());
    }
    wanted(&attribute.meta, is_unwanted).map(|meta| Attribute { meta, ..attribute.clone() })
}

/// What stands in `cfg_attr(condition, …)`.
struct Attached {
    condition: TokenStream,
    metas: Vec<Meta>,
}

impl Attached {
    /// None if it is something else, or cannot be read: the compiler tells that.
    fn read(meta: &Meta) -> Option<Self> {
        let list = meta.require_list().ok().filter(|list| list.path.is_ident("cfg_attr"))?;
        let read = |input: ParseStream<'_>| {
            let mut condition = TokenStream::new();
            while !input.peek(Token![,]) {
                condition.extend([input.parse::<TokenTree>()?]);
            }
            input.parse::<Token![,]>()?;
            let metas = Punctuated::<Meta, Token![,]>::parse_terminated(input)?;
            Ok(Self { condition, metas: metas.into_iter().collect() })
        };
        read.parse2(list.tokens.clone()).ok()
    }
}
