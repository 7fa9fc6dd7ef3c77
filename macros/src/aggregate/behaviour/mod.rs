//! `#[aggregate]` on an inherent `impl`.

mod check;
mod declare;
mod demand;
mod expand;
mod fallback;
mod generic;
mod model;
mod parse;
mod whole;

use proc_macro2::TokenStream;
use quote::quote;

use crate::conditional;
use crate::support::block::Block;
use crate::support::{Errors, lints};

/// # Errors
/// If the item is not an inherent `impl`.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let block: Block = syn::parse2(item)?;
    let expanded = if block.is_conditional() {
        conditional::carry_block("aggregate", &arguments, &block)
    } else {
        expand(arguments, &block)
    };
    Ok(quote!(#block #expanded))
}

/// What stands beside the block, of which no condition is left.
pub(crate) fn expand(arguments: TokenStream, block: &Block) -> TokenStream {
    let mut errors = Errors::default();
    let behaviour = parse::parse(arguments, block, &mut errors);
    check::check(&behaviour, &mut errors);
    let expanded = if errors.is_empty() { expand::expand(&behaviour) } else { fallback::expand(&behaviour) };
    let hidden = lints::judged_elsewhere(&block.attributes, &expanded);
    let (errors, declared) = (errors.into_tokens(), declare::expand_all(&behaviour));
    quote!(#errors #declared #hidden)
}
