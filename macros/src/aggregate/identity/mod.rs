//! `#[aggregate(id = …, event = …)]` on a type.

mod check;
mod expand;
mod model;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::support::Errors;

/// # Errors
/// If the item is not a type.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item.clone()).map_err(|error| {
        syn::Error::new(error.span(), "`#[aggregate]` belongs on a struct or enum, and on its inherent `impl`")
    })?;
    let mut errors = Errors::default();
    let identity = parse::parse(arguments, &input, &mut errors);
    check::check(&identity, &mut errors);
    // What is missing stands in for itself, so there is no separate fallback.
    let expanded = expand::expand(&identity, errors);
    Ok(quote!(#item #expanded))
}
