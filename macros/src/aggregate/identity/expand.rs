//! From model to code.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::model::Identity;

pub(crate) fn expand(identity: &Identity<'_>) -> TokenStream {
    let private = identity.krate.private();
    let (name, category) = (&identity.original.ident, &identity.category);
    let (generics, arguments, condition) = identity.original.generics.split_for_impl();
    let id = identity.id.as_ref().map_or_else(|| quote!(#private::String), ToTokens::to_token_stream);
    let event = identity.event.as_ref().map_or_else(|| quote!(#private::NoEvent), ToTokens::to_token_stream);
    quote! {
        #[automatically_derived]
        impl #generics #private::Aggregate for #name #arguments #condition {
            type Id = #id;
            type Event = #event;

            const CATEGORY: &'static str = #category;
        }
    }
}
