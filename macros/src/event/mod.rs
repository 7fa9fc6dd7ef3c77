//! `#[derive(Event)]`.

mod check;
mod expand;
mod fallback;
mod model;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::support::Errors;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let event = parse::parse(&input, &mut errors);
    check::check(&event, &mut errors);
    if errors.is_empty() {
        return expand::expand(&event);
    }
    let errors = errors.into_tokens();
    let fallback = fallback::expand(&input, &event);
    quote!(#errors #fallback)
}
