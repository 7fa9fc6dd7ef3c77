//! Stands in after an error, so that the type is a saga for the rest of the program and no other error follows.

use proc_macro2::TokenStream;
use quote::quote;

use super::model::Saga;

pub(crate) fn expand(saga: &Saga<'_>) -> TokenStream {
    let private = saga.krate.private();
    let self_ty = &saga.block.self_ty;
    if !saga.block.generics.params.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[automatically_derived]
        impl #private::Saga for #self_ty {
            fn definition() -> #private::Result<#private::Definition<Self>, #private::InvalidSaga> {
                #private::unreachable!()
            }
        }
    }
}
