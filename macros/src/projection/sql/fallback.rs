//! Stands in after an error, so that the type is a projection for the rest of the program and no other error follows.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::model::Projection;

pub(crate) fn expand(projection: &Projection<'_>) -> TokenStream {
    let private = projection.krate.private();
    let sqlite = quote!(#private::sqlite);
    let self_ty = &projection.block.self_ty;
    if !projection.block.generics.params.is_empty() {
        return TokenStream::new();
    }
    let returns = quote!(#private::Result<(), #sqlite::SqliteProjectionError>);
    quote! {
        #[automatically_derived]
        impl #sqlite::SqliteProjection for #self_ty {
            fn name(&self) -> #private::ViewName {
                #private::unreachable!()
            }

            fn version(&self) -> u32 {
                #private::unreachable!()
            }

            fn filter(&self) -> #private::Filter {
                #private::unreachable!()
            }

            fn setup(&self, _: &#sqlite::Transaction<'_>) -> #returns {
                #private::unreachable!()
            }

            fn apply(&self, _: &#private::RecordedEvent, _: &#sqlite::Transaction<'_>) -> #returns {
                #private::unreachable!()
            }
        }
    }
}
