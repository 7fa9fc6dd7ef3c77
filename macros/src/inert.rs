//! The marks that `#[aggregate]`, `#[projection]` and `#[saga]` read. Alone they explain where they belong.
//!
//! There are none for `#[id]` and `#[tag]`: without the derive macro the compiler itself names it, and a macro of that name
//! would replace its answer by "expected non-macro attribute".

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Error;

use crate::support::marks;

pub(crate) fn explain(mark: &str, item: TokenStream) -> TokenStream {
    let (blocks, attributes) = (marks::blocks(mark), marks::attributes(mark));
    let message = format_args!("`#[{mark}]` works inside {blocks} block: put {attributes} on the `impl` around it");
    let error = Error::new(Span::call_site(), message).into_compile_error();
    quote!(#error #item)
}
