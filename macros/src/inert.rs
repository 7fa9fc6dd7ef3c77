//! The marks that `#[aggregate]` and `#[projection]` read. Alone they explain where they belong.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Error;

pub(crate) fn explain(mark: &str, place: &str, item: TokenStream) -> TokenStream {
    let error = Error::new(Span::call_site(), format_args!("`#[{mark}]` works inside {place}")).into_compile_error();
    quote!(#error #item)
}
