//! The one door through which expansions name what they use.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Path;

/// Where the facade is: `::annals`, or what the user said with `crate = path`.
#[derive(Default)]
pub(crate) struct Krate(pub(crate) Option<Path>);

impl Krate {
    /// The module that holds everything an expansion may name.
    pub(crate) fn private(&self) -> TokenStream {
        self.at(Span::call_site())
    }

    /// The same, at a place of the user's source: the compiler answers there if what is named does not fit.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        match &self.0 {
            None => quote_spanned!(span=> ::annals::__private),
            Some(path) => quote_spanned!(span=> #path::__private),
        }
    }

    /// The path of serde, in the form that `#[serde(crate = "…")]` takes.
    pub(crate) fn serde(&self) -> String {
        format!("{}::serde", self.private()).replace(' ', "")
    }
}
