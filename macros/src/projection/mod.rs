//! `#[projection]` on an inherent `impl`.

mod check;
mod folded;
mod model;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::support::Errors;
use crate::support::block::{self, Block};

pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let block: Block = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let (error, item) = (error.into_compile_error(), block::unmarked(item));
            return quote!(#error #item);
        }
    };
    let mut errors = Errors::default();
    let projection = parse::parse(arguments, &block, &mut errors);
    check::check(&projection, &mut errors);
    folded::check::check(&projection, &mut errors);
    let expanded = if errors.is_empty() { folded::expand::expand(&projection) } else { folded::fallback::expand(&projection) };
    let errors = errors.into_tokens();
    quote!(#errors #block #expanded)
}
