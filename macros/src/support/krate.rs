//! The one door through which expansions name what they use.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Path, Token, Type};

/// Where the facade is: `::annals`, or what the user said with `crate = path`.
#[derive(Default)]
pub(crate) struct Krate(pub(crate) Option<Path>);

impl Krate {
    /// What `crate = path` says among other arguments, which are not read yet.
    pub(crate) fn of_arguments(arguments: &TokenStream) -> Self {
        let read = |input: ParseStream<'_>| {
            let mut path = None;
            while !input.is_empty() {
                if input.peek(Token![crate]) && input.peek2(Token![=]) {
                    input.parse::<Token![crate]>()?;
                    input.parse::<Token![=]>()?;
                    path = input.parse().ok();
                }
                let _skipped: syn::Result<TokenTree> = input.parse();
            }
            Ok(Self(path))
        };
        read.parse2(arguments.clone()).unwrap_or_default()
    }

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

    /// The constant `__IS_STORED`, which demands that serde writes and reads a type.
    pub(crate) fn demand_of_stored(&self, ty: &Type) -> TokenStream {
        let private = self.at(ty.span());
        quote_spanned!(ty.span()=> const __IS_STORED: #private::bool = #private::demand::stored::<#ty>();)
    }

    /// The path of serde, in the form that `#[serde(crate = "…")]` takes.
    pub(crate) fn serde(&self) -> String {
        format!("{}::serde", self.private()).replace(' ', "")
    }
}
