//! `#[derive(Command)]`.

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
    let command = parse::parse(&input, &mut errors);
    check::check(&command, &mut errors);
    match command.ids.first() {
        Some(id) if errors.is_empty() => expand::expand(&command, id),
        id => {
            let fallback = fallback::expand(&command, id.copied());
            let errors = errors.into_tokens();
            quote!(#errors #fallback)
        }
    }
}
