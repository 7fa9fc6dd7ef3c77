//! What is done, and undone.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Signature;
use syn::spanned::Spanned;

use super::events::expand_wait;
use super::{at_return, more, returns};
use crate::saga::model::{Act, Argument, Retry, Saga, Step};
use crate::support::duration::Time;
use crate::support::types::{parameters, shared_reference};

pub(super) fn expand_step(saga: &Saga<'_>, step: &Step<'_>) -> TokenStream {
    let name = &step.name;
    let begin = quote_spanned!(step.ident().span()=> .step(#name));
    let act = match &step.act {
        Act::Nothing => quote!(.nothing()),
        Act::Wait(wait) => expand_wait(saga, wait),
        act => expand_act(saga, &step.method.signature, act, ["command", "activity", "activity_in"]),
    };
    let time = |method: &str, time: &Option<Time>| {
        let method = Ident::new(method, Span::call_site());
        let time = time.as_ref().map(|time| time.expand(&saga.krate));
        time.map(|time| quote!(.#method(#time)))
    };
    let (or_after, timeout) = (time("or_after", &step.or_after), time("timeout", &step.timeout));
    let retry = step.retry.as_ref().map(|retry| expand_retry(saga, retry));
    let pivot = step.pivot.as_ref().map(|_| quote!(.pivot()));
    let nothing = step.nothing_to_undo.as_ref().map(|_| quote!(.nothing_to_undo()));
    let mut calls = quote!(#begin #act #or_after #timeout #retry #pivot #nothing);
    let mut methods = vec![step.method];
    let outcomes = saga.outcomes.iter().filter(|outcome| outcome.is_of(step));
    let outcomes = outcomes.map(|outcome| (outcome.method, expand_outcome(&outcome.method.signature)));
    let undos = saga.undos.iter().filter(|undo| undo.of.is_of(step)).map(|undo| {
        let names = ["undo", "undo_activity", "undo_activity_in"];
        (undo.of.method, expand_act(saga, &undo.of.method.signature, &undo.act, names))
    });
    let refusals = saga.refusals.iter().filter(|refusal| refusal.is_of(step)).map(|refusal| {
        let method = &refusal.method.signature.ident;
        (refusal.method, quote!(.rejected(Self::#method)))
    });
    // Last what may only be said once it is said how the step is undone.
    for (method, call) in outcomes.chain(undos).chain(refusals) {
        calls.extend(call);
        methods.push(method);
    }
    more(methods, &calls)
}

/// What a step does, or what undoes it: `names` are the builder's methods for commands, for calls, and for calls with
/// services.
fn expand_act(saga: &Saga<'_>, signature: &Signature, act: &Act<'_>, names: [&str; 3]) -> TokenStream {
    let (at, returns, method) = (at_return(signature), returns(signature), &signature.ident);
    let [commands, activity, activity_in] = names.map(|name| Ident::new(name, at));
    let Act::Activity(arguments) = act else { return quote!(.#commands::<#returns>(Self::#method)) };
    let private = saga.krate.at(at);
    let services: Vec<_> = arguments.iter().filter_map(Argument::service).collect();
    let values = arguments.iter().map(|argument| match argument {
        Argument::Key => quote_spanned!(at=> __call.key()),
        Argument::Call => quote_spanned!(at=> &__call),
        Argument::Service(service) => {
            let private = saga.krate.at(service.span());
            // At the service, for the compiler's answer to one that does not fit; resolved as its neighbours.
            quote_spanned!(service.span().resolved_at(at)=> #private::Services::get::<#service>(&__services)?)
        }
    });
    if services.is_empty() {
        return quote_spanned!(at=> .#activity::<#returns, _>(|__call| async move { Self::#method(&__call #(, #values)*).await }));
    }
    let keys = services.iter().map(|service| {
        let private = saga.krate.at(service.span());
        quote_spanned!(service.span()=> #private::ServiceKey::of::<#service>())
    });
    quote_spanned! {at=>
        .#activity_in::<#returns, _>(
            #private::vec![#(#keys),*],
            |__call, __services| async move { #private::Ok(Self::#method(&__call #(, #values)*).await) },
        )
    }
}

fn expand_outcome(signature: &Signature) -> TokenStream {
    let Some(ty) = parameters(signature).first().copied() else { return TokenStream::new() };
    let method = &signature.ident;
    match shared_reference(ty) {
        None => quote_spanned!(ty.span()=> .outcome_as::<#ty>(Self::#method)),
        Some(ty) => {
            quote_spanned!(ty.span()=> .outcome_as::<#ty>(|__state, __outcome| Self::#method(__state, &__outcome)))
        }
    }
}

/// What takes in failures: one method for all, or the one of the step that failed.
pub(super) fn expand_failures(saga: &Saga<'_>) -> Option<TokenStream> {
    match saga.failures.as_slice() {
        [] => return None,
        [one] if one.step.is_none() => {
            let method = &one.method.signature.ident;
            return Some(more(None, &quote!(.on_failure(Self::#method))));
        }
        _ => {}
    }
    let (of_step, general): (Vec<_>, Vec<_>) = saga.failures.iter().partition(|failure| failure.step.is_some());
    let of_step = of_step.into_iter().filter_map(|failure| {
        let name = &saga.steps.iter().find(|step| failure.is_of(step))?.name;
        let method = &failure.method.signature.ident;
        Some(quote!(#name => Self::#method(__state, __failure),))
    });
    let in_general = general.first().map_or_else(
        || quote!(_ => {}),
        |failure| {
            let method = &failure.method.signature.ident;
            quote!(_ => Self::#method(__state, __failure),)
        },
    );
    let private = saga.krate.private();
    let arms = quote!(#(#of_step)* #in_general);
    let which = quote!(#private::String::as_str(&__failure.step));
    Some(more(None, &quote!(.on_failure(|__state, __failure| match #which { #arms }))))
}

fn expand_retry(saga: &Saga<'_>, retry: &Retry) -> TokenStream {
    let private = saga.krate.private();
    let otherwise = quote!(<#private::RetryPolicy as #private::Default>::default());
    let attempts = retry.attempts.as_ref().and_then(|attempts| attempts.base10_parse().ok()).map(|attempts| {
        let attempts = Literal::u32_unsuffixed(attempts);
        quote!(#private::RetryPolicy::attempts(#attempts))
    });
    let policy = attempts.as_ref().unwrap_or(&otherwise);
    let time = |time: &Option<Time>| time.as_ref().map(|time| time.expand(&saga.krate));
    let backoff = match (time(&retry.initial), time(&retry.longest)) {
        (None, None) => None,
        (Some(initial), Some(longest)) => Some(quote!(.backoff(#initial, #longest))),
        (Some(initial), None) => Some(quote!(.backoff(#initial, #otherwise.longest))),
        (None, Some(longest)) => Some(quote!(.backoff(#otherwise.initial, #longest))),
    };
    let alert_after = time(&retry.alert_after).map(|time| quote!(.alert_after(#time)));
    quote!(.retry(#policy #backoff #alert_after))
}
