//! `#[aggregate(id = …, event = …)]` on a type.

mod check;
mod expand;
mod model;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::conditional;
use crate::support::{Errors, conditions};

/// # Errors
/// If the item is not a type.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item.clone()).map_err(|error| {
        syn::Error::new(error.span(), "`#[aggregate]` belongs on a struct or enum, and on its inherent `impl`")
    })?;
    let is_conditional = input.attrs.iter().flat_map(conditions::possible).any(|path| path.is_ident("cfg"));
    let expanded = if is_conditional { conditional::carry_type(&arguments, &input) } else { expand(arguments, &input) };
    Ok(quote!(#item #expanded))
}

/// What stands beside the type, which exists.
pub(crate) fn expand(arguments: TokenStream, input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let identity = parse::parse(arguments, input, &mut errors);
    check::check(&identity, &mut errors);
    // What is missing stands in for itself, so there is no separate fallback.
    expand::expand(&identity, errors)
}
