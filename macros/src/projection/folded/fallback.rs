//! Stands in after an error, so that the type is a projection for the rest of the program and no other error follows.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::model::Projection;

pub(crate) fn expand(projection: &Projection<'_>) -> TokenStream {
    let private = projection.krate.private();
    let self_ty = &projection.block.self_ty;
    if !projection.block.generics.params.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[automatically_derived]
        impl #private::Projection for #self_ty {
            const NAME: &'static str = "";
            const VERSION: u32 = 1;

            fn filter() -> #private::Filter {
                #private::unreachable!()
            }

            fn keys(_: &#private::RecordedEvent) -> #private::Result<#private::Vec<#private::String>, #private::DecodeError> {
                #private::unreachable!()
            }

            fn apply(
                &mut self,
                _: &#private::RecordedEvent,
                _: &#private::str,
            ) -> #private::Result<#private::Document, #private::DecodeError> {
                #private::unreachable!()
            }
        }
    }
}
