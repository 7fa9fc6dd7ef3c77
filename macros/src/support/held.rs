//! What fields hold, where it names no parameter: the mistake of a type without serde is told once, at the field.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Field, Type};

use super::types::{arguments, is_named};
use super::{Krate, lints};

/// What certainly has serde.
const PLAIN: &[&str] = &[
    "bool",
    "char",
    "f32",
    "f64",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "String",
    "PhantomData",
];

/// What has serde if its content has.
const CONTAINERS: &[&str] = &["Box", "Option", "Vec"];

/// The types of which it is not certain, each with the attributes of a field that holds it.
#[derive(Default)]
pub(crate) struct Held<'a>(Vec<(&'a Type, &'a [Attribute])>);

impl<'a> Held<'a> {
    pub(crate) fn add(&mut self, field: &'a Field) {
        let mut ty = &field.ty;
        while CONTAINERS.iter().any(|name| is_named(ty, name))
            && let Some(content) = arguments(ty).next()
        {
            ty = content;
        }
        if !PLAIN.iter().any(|name| is_named(ty, name)) && !self.0.iter().any(|(known, _)| *known == ty) {
            self.0.push((ty, &field.attrs));
        }
    }

    /// The condition of what serde generates, in the form of `#[serde(bound = "…")]`.
    pub(crate) fn condition(&self, krate: &Krate) -> String {
        let trait_path = krate.private();
        let conditions = (0..self.0.len()).map(|at| {
            let name = format_ident!("__Held{at}");
            quote!(for<'__held> #name: #trait_path::held::IsHeld<'__held>)
        });
        quote!(#(#conditions),*).to_string()
    }

    /// What stands beside the hidden type: names for the condition, and the demands.
    pub(crate) fn demands(&self, krate: &Krate) -> TokenStream {
        if self.0.is_empty() {
            return TokenStream::new();
        }
        let names = self.0.iter().enumerate().map(|(at, (ty, attributes))| {
            let (name, levels) = (format_ident!("__Held{at}"), lints::levels(attributes));
            quote!(#(#levels)* type #name = #ty;)
        });
        let demands = self.0.iter().enumerate().map(|(at, (ty, _))| {
            let (name, private) = (format_ident!("__Held{at}", span = ty.span()), krate.at(ty.span()));
            quote_spanned!(ty.span()=> #private::held::held::<#name>();)
        });
        let private = krate.private();
        quote! {
            #(#names)*
            const _: () = { #(#demands)* };
            use #private::held::Unheld as _;
        }
    }
}
