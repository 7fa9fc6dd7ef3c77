//! From model to code.
//!
//! The definition is a chain of calls of the builder, one statement for each method that may exist under conditions of its
//! own. What the compiler has to say about a type is said where the user wrote it: the calls have the place of that type.

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
    let levels = lints::levels(&saga.block.attributes);
    quote! {
        #(#levels)*
        #[automatically_derived]
        impl #private::Saga for #self_ty {
            fn definition() -> #private::Result<#private::Definition<Self>, #private::InvalidSaga> {
                #private::saga::Defined::<Self>::NEW.definition()
            }
        }

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

/// A statement that says more about `__saga`, under the conditions and lint levels of the methods it is about.
fn more<'a>(methods: impl IntoIterator<Item = &'a Method>, calls: &TokenStream) -> TokenStream {
    let attributes = methods.into_iter().flat_map(|method| {
        let levels = lints::levels(&method.attributes);
        method.conditions().cloned().chain(levels)
    });
    quote!(#(#attributes)* let __saga = __saga #calls;)
}

/// The condition under which none of the methods exists; nothing if one exists always.
fn unless<'a>(methods: impl Iterator<Item = &'a Method> + Clone) -> Option<TokenStream> {
    if methods.clone().any(|method| method.conditions().next().is_none()) {
        return None;
    }
    let exists: Vec<_> = methods
        .map(|method| {
            let conditions = method.conditions().filter_map(|condition| condition.meta.require_list().ok());
            let conditions = conditions.map(|list| &list.tokens);
            quote!(all(#(#conditions),*))
        })
        .collect();
    if exists.is_empty() {
        return Some(TokenStream::new());
    }
    Some(quote!(#[cfg(not(any(#(#exists),*)))]))
}

/// The place of what a method returns.
fn at_return(signature: &Signature) -> Span {
    returned(signature).map_or_else(|| signature.ident.span(), Spanned::span)
}

/// What a method returns, as it is written between `<` and `>`: what the compiler answers to is that.
fn returns(signature: &Signature) -> TokenStream {
    returned(signature).map_or_else(|| quote!(()), ToTokens::to_token_stream)
}
