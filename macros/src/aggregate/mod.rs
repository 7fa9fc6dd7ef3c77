//! `#[aggregate]`: one word in two places.

pub(crate) mod behaviour;
pub(crate) mod identity;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::support::block;

/// On a type it says what the aggregate is, on its `impl` what it does.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let is_impl = item.clone().into_iter().any(|token| matches!(&token, TokenTree::Ident(word) if word == "impl"));
    let expanded =
        if is_impl { behaviour::attribute(arguments, item.clone()) } else { identity::attribute(arguments, item.clone()) };
    expanded.unwrap_or_else(|error| {
        let (error, item) = (error.into_compile_error(), block::unmarked(item));
        quote!(#error #item)
    })
}
