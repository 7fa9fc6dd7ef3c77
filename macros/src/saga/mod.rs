//! `#[saga]` on an inherent `impl`.

mod check;
mod expand;
mod fallback;
mod model;
mod on_event;
mod parse;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;

use crate::conditional;
use crate::support::Errors;
use crate::support::block::{self, Block};

const NOT_AN_IMPL: &str = "`#[saga]` goes on the `impl` block with the steps: write `#[saga] impl …`";

pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let block: Block = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let is_impl = item.clone().into_iter().any(|token| matches!(&token, TokenTree::Ident(word) if word == "impl"));
            let error = if is_impl { error } else { syn::Error::new(Span::call_site(), NOT_AN_IMPL) };
            let (error, item) = (error.into_compile_error(), block::unmarked(item));
            return quote!(#error #item);
        }
    };
    let expanded =
        if block.is_conditional() { conditional::carry_block("saga", &arguments, &block) } else { expand(arguments, &block) };
    quote!(#block #expanded)
}

/// What stands beside the block, of which no condition is left.
pub(crate) fn expand(arguments: TokenStream, block: &Block) -> TokenStream {
    let mut errors = Errors::default();
    let saga = parse::parse(arguments, block, &mut errors);
    check::check(&saga, &mut errors);
    let expanded = if errors.is_empty() { expand::expand(&saga) } else { fallback::expand(&saga) };
    let errors = errors.into_tokens();
    quote!(#errors #expanded)
}
