//! The marks that `#[aggregate]` and `#[projection]` read. Alone they explain where they belong.
//!
//! There are none for `#[id]` and `#[tag]`: without the derive macro the compiler itself names it, and a macro of that name
//! would replace its answer by "expected non-macro attribute".

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Error;

pub(crate) const AGGREGATE: &str = "an `#[aggregate] impl` block: put `#[aggregate]` on the `impl` around it";
pub(crate) const PROJECTION: &str = "a `#[projection] impl` block: put `#[projection]` on the `impl` around it";

pub(crate) const SQL: &str = "a `#[projection(sqlite)] impl` block: put `#[projection(sqlite)]` on the `impl` around it";

pub(crate) fn explain(mark: &str, place: &str, item: TokenStream) -> TokenStream {
    let error = Error::new(Span::call_site(), format_args!("`#[{mark}]` works inside {place}")).into_compile_error();
    quote!(#error #item)
}
