//! Stands in after an error, so that the enum is an event for the rest of the program and no other error follows.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use super::expand::expand_said;
use super::model::EventEnum;

pub(crate) fn expand(input: &DeriveInput, event: &EventEnum<'_>) -> TokenStream {
    let private = event.krate.private();
    let name = &input.ident;
    let (generics, arguments, condition) = input.generics.split_for_impl();
    let predicates = condition.map(|condition| &condition.predicates).into_iter().flatten();
    let said = expand_said(event);
    quote! {
        #said

        #[automatically_derived]
        impl #generics #private::Event for #name #arguments
        where
            Self: #private::Sized + #private::Send + #private::Sync + 'static,
            #(#predicates,)*
        {
            const KINDS: &'static [#private::EventKind] = &[];

            fn kind(&self) -> &'static #private::EventKind {
                #private::unreachable!()
            }

            fn encode(&self) -> #private::Result<#private::Payload, #private::EncodeError> {
                #private::unreachable!()
            }

            fn from_payload(
                _: &'static #private::EventKind,
                _: &#private::Payload,
            ) -> #private::Result<Self, #private::PayloadError> {
                #private::unreachable!()
            }
        }
    }
}
