//! `#[projection]` on an inherent `impl`.

mod check;
mod folded;
mod model;
mod parse;
mod sql;

use proc_macro2::TokenStream;
use quote::quote;

use crate::conditional;
use crate::support::block::{self, Block};
use crate::support::{Errors, lints};

pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let block: Block = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let (error, item) = (error.into_compile_error(), block::unmarked(item));
            return quote!(#error #item);
        }
    };
    let expanded = if block.is_conditional() {
        conditional::carry_block("projection", &arguments, &block)
    } else {
        expand(arguments, &block)
    };
    quote!(#block #expanded)
}

/// What stands beside the block, of which no condition is left.
pub(crate) fn expand(arguments: TokenStream, block: &Block) -> TokenStream {
    let mut errors = Errors::default();
    let projection = parse::parse(arguments, block, &mut errors);
    check::check(&projection, &mut errors);
    let is_sql = projection.sqlite.is_some();
    match projection.first_sign_of_sql() {
        Some(sign) if !is_sql => errors.at(sign, "this belongs to a projection in SQL: write `#[projection(sqlite)]`"),
        _ if is_sql => sql::check::check(&projection, &mut errors),
        _ => folded::check::check(&projection, &mut errors),
    }
    let expanded = match (errors.is_empty(), is_sql) {
        (true, true) => sql::expand::expand(&projection),
        (true, false) => folded::expand::expand(&projection),
        (false, _) if is_sql || projection.first_sign_of_sql().is_some() => sql::fallback::expand(&projection),
        (false, _) => folded::fallback::expand(&projection),
    };
    let (errors, hidden) = (errors.into_tokens(), lints::judged_elsewhere(&block.attributes, &expanded));
    quote!(#errors #hidden)
}
