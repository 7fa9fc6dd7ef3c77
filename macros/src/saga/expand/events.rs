//! What begins an instance, what it waits for and what it reacts to.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::{at_return, more, returns};
use crate::saga::model::{Rejected, Saga};
use crate::saga::on_event::OnEvent;

pub(super) fn expand_start(saga: &Saga<'_>, start: &OnEvent<'_>) -> TokenStream {
    let Some(event) = start.event else { return TokenStream::new() };
    let (private, key) = (saga.krate.private(), expand_key(saga, event));
    let first_state = expand_function(saga, start, &quote!(saga::Started<Self>), "started");
    let starts_on = quote_spanned!(event.span()=> starts_on::<#event>);
    let call = quote!(.#starts_on(#private::saga::start::<#event, Self>(#key, #first_state)));
    more([start.method], &call)
}

/// What says which instance an event is for: a function, or the id of the stream of the event.
fn expand_key(saga: &Saga<'_>, event: &Type) -> TokenStream {
    let private = saga.krate.private();
    let otherwise = quote!(#private::saga::stream_id);
    let key = saga.keys.iter().find(|key| key.event == Some(event));
    key.map_or(otherwise, |key| expand_function(saga, key, &quote!(IntoKey), "into_key"))
}

/// What a step waits for.
pub(super) fn expand_wait(saga: &Saga<'_>, wait: &OnEvent<'_>) -> TokenStream {
    let Some(event) = wait.event else { return TokenStream::new() };
    let signature = &wait.method.signature;
    let (key, at, returns, method) = (expand_key(saga, event), at_return(signature), returns(signature), &signature.ident);
    let take = if wait.context { quote!(Self::#method) } else { quote_spanned!(at=> |__event, _| Self::#method(__event)) };
    quote_spanned!(at=> .wait::<#event, #returns>(#key, #take))
}

/// A function of the event as a closure. What it returns is taken by a method of a trait.
fn expand_function(saga: &Saga<'_>, on: &OnEvent<'_>, taker: &TokenStream, take: &str) -> TokenStream {
    let signature = &on.method.signature;
    let (at, returns, method) = (at_return(signature), returns(signature), &signature.ident);
    let (private, take) = (saga.krate.at(at), Ident::new(take, at));
    if on.context {
        quote_spanned!(at=> |__event, __context| <#returns as #private::#taker>::#take(Self::#method(__event, __context)))
    } else {
        quote_spanned!(at=> |__event, _| <#returns as #private::#taker>::#take(Self::#method(__event)))
    }
}

pub(super) fn expand_on(saga: &Saga<'_>, on: &OnEvent<'_>) -> TokenStream {
    let Some(event) = on.event else { return TokenStream::new() };
    let signature = &on.method.signature;
    let (key, returns, method) = (expand_key(saga, event), returns(signature), &signature.ident);
    let react = if on.context {
        quote!(Self::#method)
    } else {
        quote_spanned!(at_return(signature)=> |__state, __event, _| Self::#method(__state, __event))
    };
    let on_event = quote_spanned!(event.span()=> on::<#event, #returns>);
    more([on.method], &quote!(.#on_event(#key, #react)))
}

pub(super) fn expand_rejected(saga: &Saga<'_>, rejected: &Rejected<'_>) -> TokenStream {
    let (Some(command), Some(error)) = (rejected.command, rejected.error) else { return TokenStream::new() };
    let signature = &rejected.method.signature;
    let (returns, method, private) = (returns(signature), &signature.ident, saga.krate.at(error.span()));
    let react = quote_spanned! {error.span()=>
        |__state, __command, __error| Self::#method(
            __state,
            __command,
            <_ as #private::saga::RefusedWith<#error>>::refusal(__error),
        )
    };
    let on_rejected = quote_spanned!(command.span()=> rejected::<#command, #returns>);
    more([rejected.method], &quote!(.#on_rejected(#react)))
}
