//! From model to code.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::model::Identity;
use crate::support::Errors;

/// Everything that is known. What is not, is a type that the compiler takes for whatever is needed, because of `errors`:
/// so they are told, and nothing else.
pub(crate) fn expand(identity: &Identity<'_>, errors: Errors) -> TokenStream {
    let private = identity.krate.private();
    let (name, category) = (&identity.original.ident, &identity.category);
    let (generics, arguments, condition) = identity.original.generics.split_for_impl();
    let errors = errors.into_tokens();
    let (outside, mistaken) = if identity.id.is_some() && identity.event.is_some() {
        (Some(errors), None)
    } else {
        (None, Some(quote!(#private::stand_in::Unknown<{ #errors true }>)))
    };
    let (id, event) = match (&identity.id, &identity.event) {
        (Some(id), Some(event)) => (id.to_token_stream(), event.to_token_stream()),
        (Some(id), None) => (id.to_token_stream(), mistaken.into_token_stream()),
        (None, Some(event)) => (mistaken.into_token_stream(), event.to_token_stream()),
        (None, None) => (mistaken.into_token_stream(), quote!(<Self as #private::Aggregate>::Id)),
    };
    quote! {
        #outside

        #[automatically_derived]
        impl #generics #private::Aggregate for #name #arguments #condition {
            type Id = #id;
            type Event = #event;

            const CATEGORY: &'static str = #category;
        }

        #[automatically_derived]
        impl #generics #private::stand_in::Identified for #name #arguments #condition {}

        impl #generics #name #arguments #condition {
            #[doc(hidden)]
            pub const __IS_IDENTIFIED: #private::bool = true;
        }
    }
}
