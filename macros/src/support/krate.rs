//! The one door through which expansions name what they use.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

/// Where the facade is: `::annals`, or what the user said with `crate = path`.
#[derive(Default)]
pub(crate) struct Krate(pub(crate) Option<Path>);

impl Krate {
    /// The module that holds everything an expansion may name.
    pub(crate) fn private(&self) -> TokenStream {
        match &self.0 {
            None => quote!(::annals::__private),
            Some(path) => quote!(#path::__private),
        }
    }

    /// The path of serde, in the form that `#[serde(crate = "…")]` takes.
    pub(crate) fn serde(&self) -> String {
        format!("{}::serde", self.private()).replace(' ', "")
    }
}
