//! `#[aggregate]` on an inherent `impl`.

mod check;
mod declare;
mod demand;
mod expand;
mod fallback;
mod model;
mod parse;
mod whole;

use proc_macro2::TokenStream;
use quote::quote;

use crate::support::Errors;
use crate::support::block::Block;

/// # Errors
/// If the item is not an inherent `impl`.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let block: Block = syn::parse2(item)?;
    let mut errors = Errors::default();
    let behaviour = parse::parse(arguments, &block, &mut errors);
    check::check(&behaviour, &mut errors);
    let expanded = if errors.is_empty() { expand::expand(&behaviour) } else { fallback::expand(&behaviour) };
    let errors = errors.into_tokens();
    Ok(quote!(#errors #block #expanded))
}
