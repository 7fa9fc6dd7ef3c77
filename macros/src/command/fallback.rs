//! Stands in after an error, so that the struct is a command for the rest of the program and no other error follows.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::expand::expand_said;
use super::model::CommandStruct;

pub(crate) fn expand(command: &CommandStruct<'_>, id: Option<&syn::Field>) -> TokenStream {
    let private = command.krate.private();
    let name = &command.original.ident;
    let id = id.map_or_else(|| quote!(#private::String), |id| id.ty.to_token_stream());
    let (generics, arguments, condition) = command.original.generics.split_for_impl();
    let predicates = condition.map(|condition| &condition.predicates).into_iter().flatten();
    let said = expand_said(command, &id);
    quote! {
        #said

        #[automatically_derived]
        impl #generics #private::Command for #name #arguments
        where
            Self: #private::Sized + #private::Send + #private::Sync + 'static,
            #(#predicates,)*
        {
            type Id = #id;

            const NAME: &'static str = "";

            fn id(&self) -> &Self::Id {
                #private::unreachable!()
            }

            fn duplicate(&self) -> Self {
                #private::unreachable!()
            }

            fn encode(&self) -> #private::Result<#private::Payload, #private::EncodeError> {
                #private::unreachable!()
            }

            fn decode(_: &#private::Payload) -> #private::Result<Self, #private::PayloadError> {
                #private::unreachable!()
            }
        }
    }
}
