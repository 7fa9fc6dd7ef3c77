//! From model to code.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Meta, parse_quote};

use super::model::{CommandStruct, Field};
use crate::support::bounds::parameters;
use crate::support::serde::{self, Said};
use crate::support::{Bounds, lints};

pub(crate) fn expand(command: &CommandStruct<'_>, id: &syn::Field) -> TokenStream {
    let private = command.krate.private();
    let (name, stored_name) = (&command.original.ident, &command.stored_name);
    let (id_name, id_ty) = (&id.ident, &id.ty);
    // At the name: that the type is private, the `impl` that handles the command says there, too.
    let associated = quote_spanned!(name.span()=> type Id = #id_ty;);
    let bounds = bounds(command, id, &private);
    let form = expand_form(command, &bounds, &private);
    let (generics, arguments, _) = command.original.generics.split_for_impl();
    let condition = bounds.of_impl(&TokenStream::new());
    let said = expand_said(command, &id_ty.to_token_stream());
    let this = quote!(self);
    let clones = command.fields.iter().map(|Field { original, ty, .. }| {
        let field = &original.ident;
        let private = command.krate.at(ty.span());
        quote_spanned!(ty.span()=> #field: <#ty as #private::Clone>::clone(&#this.#field),)
    });
    let generated = quote! {
        #form

        #[automatically_derived]
        impl #generics #private::Command for #name #arguments #condition {
            #associated

            const NAME: &'static str = #stored_name;

            fn id(&self) -> &Self::Id {
                &self.#id_name
            }

            fn duplicate(&self) -> Self {
                Self { #(#clones)* }
            }

            fn encode(&self) -> #private::Result<#private::Payload, #private::EncodeError> {
                #private::write(|__writer| __Fields::serialize(self, __writer))
            }

            fn decode(__payload: &#private::Payload) -> #private::Result<Self, #private::PayloadError> {
                #private::read(__payload, |__reader| __Fields::deserialize(__reader))
            }
        }

        #said
    };
    lints::judged_elsewhere(&command.original.attrs, &generated)
}

/// What is said whatever the parameters are, for aggregates that have them, too.
pub(crate) fn expand_said(command: &CommandStruct<'_>, id: &TokenStream) -> TokenStream {
    if parameters(&command.original.generics).is_empty() {
        return TokenStream::new();
    }
    let (private, name) = (command.krate.private(), &command.original.ident);
    let (generics, arguments, condition) = command.original.generics.split_for_impl();
    quote! {
        impl #generics #name #arguments #condition {
            #[doc(hidden)]
            #[allow(private_interfaces, private_bounds, reason = "the trait says the same")]
            pub const fn __id_of_command() -> #private::PhantomData<#id> {
                #private::PhantomData
            }
        }
    }
}

/// What the fields need: serde, and `Clone` for deciding again.
fn bounds<'a>(command: &'a CommandStruct<'_>, id: &syn::Field, private: &TokenStream) -> Bounds<'a> {
    let mut bounds = Bounds::new(command.original, &command.krate, &command.serde);
    for field in &command.fields {
        bounds.serde(field.original, &field.serde, Said::default());
        bounds.need(field.ty, quote!(#private::Clone));
    }
    bounds.need(&id.ty, quote!(#private::Display));
    if command.serde.iter().any(is_default) {
        bounds.need_default();
    }
    bounds
}

/// The hidden struct that writes and reads the fields. It is a serde "remote" struct: it looks at the user's fields
/// where they are, so that the functions that serde attributes name get the very type.
fn expand_form(command: &CommandStruct<'_>, bounds: &Bounds<'_>, private: &TokenStream) -> TokenStream {
    let metas: Vec<_> = command.serde.iter().map(|meta| container_meta(meta, bounds, private)).collect();
    let container = serde::container(&command.krate, &command.original.ident, &bounds.of_serde(), &metas);
    let (generics, condition) = (command.original.generics.split_for_impl().0, bounds.of_form());
    let demands = bounds.demands();
    let fields = command.fields.iter().map(|Field { original, ty, serde }| {
        let (field, ty) = (&original.ident, serde::without_self(ty.to_token_stream(), &bounds.this()));
        let (levels, serde) = (lints::levels(&original.attrs), serde::member(serde));
        quote!(#(#levels)* #serde #field: #ty,)
    });
    quote! {
        #demands

        #[derive(#private::serde::Serialize, #private::serde::Deserialize)]
        #container
        struct __Fields #generics #condition { #(#fields)* }
    }
}

/// `default` alone would ask the hidden struct for its default, so it is said whose is meant.
fn container_meta(meta: &Meta, bounds: &Bounds<'_>, private: &TokenStream) -> Meta {
    if is_default(meta) {
        let this = bounds.this();
        let function = quote!(<#this as #private::Default>::default).to_string();
        return parse_quote!(default = #function);
    }
    meta.clone()
}

fn is_default(meta: &Meta) -> bool {
    matches!(meta, Meta::Path(path) if path.is_ident("default"))
}
