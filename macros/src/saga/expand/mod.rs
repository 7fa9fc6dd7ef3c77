//! From model to code.
//!
//! The definition is a chain of calls of the builder, one statement for each method. What the compiler has to say about a type is said where the user wrote it: the calls have the place of that type.

mod events;
mod steps;

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Signature;
use syn::spanned::Spanned;

use super::model::Saga;
use crate::support::block::Method;
use crate::support::lints;
use crate::support::types::returned;

pub(crate) fn expand(saga: &Saga<'_>) -> TokenStream {
    let private = saga.krate.private();
    let self_ty = &saga.block.self_ty;
    let name = &saga.name;
    let version = saga.version.as_ref().and_then(|version| version.base10_parse().ok()).map(|version| {
        let version = Literal::u32_unsuffixed(version);
        quote!(.version(#version))
    });
    let deadline = saga.deadline.as_ref().map(|deadline| {
        let deadline = deadline.expand(&saga.krate);
        quote!(.deadline(#deadline))
    });
    let starts = saga.starts.iter().map(|start| events::expand_start(saga, start));
    let failures = steps::expand_failures(saga);
    let steps = saga.steps.iter().map(|step| steps::expand_step(saga, step));
    let ons = saga.ons.iter().map(|on| events::expand_on(saga, on));
    let rejections = saga.rejections.iter().map(|rejected| events::expand_rejected(saga, rejected));
    let (levels, is_stored) = (lints::levels(&saga.block.attributes), saga.krate.demand_of_stored(self_ty));
    quote! {
        #(#levels)*
        const _: () = {
            #is_stored

            #[automatically_derived]
            impl #private::Saga for #self_ty where for<'__a> #self_ty: #private::StoredIf<'__a, __IS_STORED> {
                fn definition() -> #private::Result<#private::Definition<Self>, #private::InvalidSaga> {
                    #private::saga::Defined::<Self>::NEW.definition()
                }
            }
        };

        #(#levels)*
        #[automatically_derived]
        impl #private::saga::Define for #self_ty
        where
            for<'__a> #self_ty: #private::saga::IsState<'__a>,
        {
            fn define() -> #private::Result<#private::Definition<Self>, #private::InvalidSaga> {
                let __saga = #private::Definition::<Self>::named(#name)#version #deadline;
                #(#starts)*
                #failures
                #(#steps)*
                #(#ons)*
                #(#rejections)*
                __saga.build()
            }
        }
    }
}

/// A statement that says more about `__saga`, under the lint levels of the methods it is about.
fn more<'a>(methods: impl IntoIterator<Item = &'a Method>, calls: &TokenStream) -> TokenStream {
    let levels = methods.into_iter().flat_map(|method| lints::levels(&method.attributes));
    quote!(#(#levels)* let __saga = __saga #calls;)
}

/// The place of what a method returns.
fn at_return(signature: &Signature) -> Span {
    returned(signature).map_or_else(|| signature.ident.span(), Spanned::span)
}

/// What a method returns, as it is written between `<` and `>`: what the compiler answers to is that.
fn returns(signature: &Signature) -> TokenStream {
    returned(signature).map_or_else(|| quote!(()), ToTokens::to_token_stream)
}
