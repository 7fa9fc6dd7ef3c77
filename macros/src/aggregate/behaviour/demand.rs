//! What the generated code demands of the user's types.
//!
//! Each demand is made once, by a constant that calls a function of `__private::demand`, spanned at what the user has
//! to change. The generated `impl`s are conditional on the same demands, so that none of them repeats the error.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, Type, parse_quote};

use super::model::{Behaviour, Decide, Prepare};
use crate::support::serde::without_self;
use crate::support::types::returned;

/// All demands. They are made in one constant, because the compiler does not repeat itself within one.
pub(super) fn all(behaviour: &Behaviour<'_>) -> TokenStream {
    let self_ty = &behaviour.block.self_ty;
    let events = events(behaviour);
    let private = behaviour.krate.at(self_ty.span());
    let of_commands =
        behaviour.commands.iter().filter_map(|decide| Some(of_command(behaviour, decide, decide.command.as_ref()?)));
    let (named, of_aggregate) = if behaviour.declares() {
        (Some(aggregate(behaviour)), None)
    } else {
        (None, Some(quote_spanned!(self_ty.span()=> #private::demand::aggregate::<#self_ty, #events>();)))
    };
    quote_spanned! {self_ty.span()=>
        #named
        const _: () = {
            #of_aggregate
            #(#of_commands)*
        };
    }
}

/// The demand for an aggregate, under a name: the ids of declared commands depend on it.
pub(super) fn aggregate(behaviour: &Behaviour<'_>) -> TokenStream {
    let (self_ty, events, name) = (&behaviour.block.self_ty, events(behaviour), behaviour.is_aggregate());
    let private = behaviour.krate.at(self_ty.span());
    quote_spanned! {self_ty.span()=>
        #[doc(hidden)]
        const #name: #private::bool = #private::demand::aggregate::<#self_ty, #events>();
    }
}

/// The command is one, for this aggregate; what the methods return are results.
fn of_command(behaviour: &Behaviour<'_>, decide: &Decide<'_>, command: &Type) -> TokenStream {
    let self_ty = &behaviour.block.self_ty;
    let conditions: Vec<_> = decide.method.conditions().collect();
    let (events, decision) = (events(behaviour), decision(behaviour, decide));
    // Not at the command: an answer about the aggregate has to be at one place for all commands.
    let private = behaviour.krate.at(self_ty.span());
    let of_command = decide
        .declared
        .is_none()
        .then(|| quote_spanned!(self_ty.span()=> #(#conditions)* #private::demand::command::<#self_ty, #command>();));
    let private = behaviour.krate.at(decision.span());
    let of_decision = quote_spanned!(decision.span()=> #(#conditions)* #private::demand::decision::<#decision, #events>(););
    let of_preparation = behaviour.preparation(command).map(|prepare| {
        let preparation = preparation(behaviour, prepare);
        let private = behaviour.krate.at(preparation.span());
        let error = error(behaviour, decide);
        quote_spanned! {preparation.span()=>
            #(#conditions)*
            #private::demand::preparation::<#preparation, #error>();
        }
    });
    let of_services = services(behaviour, command).map(|service| {
        let private = behaviour.krate.at(service.span());
        quote_spanned!(service.span()=> #(#conditions)* #private::demand::service::<#service>();)
    });
    quote!(#of_command #of_decision #of_preparation #(#of_services)*)
}

/// The conditions of an `impl` that needs the aggregate.
pub(super) fn is_aggregate(behaviour: &Behaviour<'_>) -> TokenStream {
    let (self_ty, events) = (&behaviour.block.self_ty, events(behaviour));
    let private = behaviour.krate.at(self_ty.span());
    quote_spanned!(self_ty.span()=> for<'__a> #self_ty: #private::demand::IsAggregate<'__a, #events>,)
}

/// The conditions of an `impl` that needs the aggregate to handle the commands.
pub(super) fn is_handled<'a>(behaviour: &Behaviour<'_>, commands: impl Iterator<Item = &'a Type> + Clone) -> TokenStream {
    let self_ty = &behaviour.block.self_ty;
    let handled = commands.clone().map(|command| {
        let private = behaviour.krate.at(command.span());
        quote_spanned!(command.span()=> #private::demand::IsHandler<'__a, #command> +)
    });
    let commands = commands.map(|command| {
        let private = behaviour.krate.at(command.span());
        quote_spanned!(command.span()=> for<'__a> #command: #private::demand::IsCommand<'__a>,)
    });
    let (private, events) = (behaviour.krate.at(self_ty.span()), events(behaviour));
    quote_spanned! {self_ty.span()=>
        #(#commands)*
        for<'__a> #self_ty: #(#handled)* #private::demand::IsAggregate<'__a, #events>,
    }
}

/// The conditions under which the aggregate can handle the command.
pub(super) fn can_be_handled(behaviour: &Behaviour<'_>, decide: &Decide<'_>, command: &Type) -> TokenStream {
    let aggregate = is_aggregate(behaviour);
    let private = behaviour.krate.at(command.span());
    let (events, decision) = (events(behaviour), decision(behaviour, decide));
    let preparation = behaviour.preparation(command).map(|prepare| {
        let (preparation, error) = (preparation(behaviour, prepare), error(behaviour, decide));
        quote_spanned!(command.span()=> for<'__a> #preparation: #private::demand::IsPreparation<'__a, #error>,)
    });
    let services = services(behaviour, command).map(|service| {
        let private = behaviour.krate.at(service.span());
        quote_spanned!(service.span()=> #service: #private::demand::IsService<'__a>,)
    });
    quote_spanned! {command.span()=>
        #aggregate
        for<'__a> #command: #private::demand::IsCommand<'__a>,
        for<'__a> #decision: #private::demand::IsDecision<'__a, #events>,
        #preparation
        #(for<'__a> #services)*
    }
}

/// The error of a command method.
pub(super) fn error(behaviour: &Behaviour<'_>, decide: &Decide<'_>) -> TokenStream {
    half(behaviour, &decision(behaviour, decide), "Error")
}

/// The facts of a preparation.
pub(super) fn facts(behaviour: &Behaviour<'_>, prepare: &Prepare<'_>) -> TokenStream {
    half(behaviour, &preparation(behaviour, prepare), "Ok")
}

/// A half of a `Result`, under whatever alias it is written.
fn half(behaviour: &Behaviour<'_>, result: &Type, half: &str) -> TokenStream {
    let private = behaviour.krate.at(result.span());
    let half = syn::Ident::new(half, result.span());
    quote_spanned!(result.span()=> <#result as #private::Fallible>::#half)
}

/// The type of the events, as the `#[event]` method takes it.
fn events(behaviour: &Behaviour<'_>) -> Type {
    let events = behaviour.evolves.iter().find_map(|evolve| evolve.event);
    events.map_or_else(|| parse_quote!(()), |events| named(behaviour, events))
}

/// What the command method returns. `impl Trait` among the arguments has no name; `Vec` stands for it.
fn decision(behaviour: &Behaviour<'_>, decide: &Decide<'_>) -> Type {
    let mut ty = returned(&decide.method.signature).map_or_else(|| parse_quote!(()), |ty| named(behaviour, ty));
    if let Type::Path(path) = &mut ty
        && let Some(last) = path.path.segments.last_mut()
        && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
    {
        let (private, events) = (behaviour.krate.private(), events(behaviour));
        for argument in &mut arguments.args {
            if let GenericArgument::Type(argument @ Type::ImplTrait(_)) = argument {
                *argument = parse_quote!(#private::Vec<#events>);
            }
        }
    }
    ty
}

fn services(behaviour: &Behaviour<'_>, command: &Type) -> impl Iterator<Item = Type> {
    let preparation = behaviour.preparation(command);
    preparation.into_iter().flat_map(|prepare| &prepare.services).map(|service| named(behaviour, service))
}

fn preparation(behaviour: &Behaviour<'_>, prepare: &Prepare<'_>) -> Type {
    returned(&prepare.method.signature).map_or_else(|| parse_quote!(()), |ty| named(behaviour, ty))
}

/// The type outside of the `impl`, where `Self` has no meaning.
fn named(behaviour: &Behaviour<'_>, ty: &Type) -> Type {
    let tokens = without_self(ty.to_token_stream(), &behaviour.block.self_ty.to_token_stream());
    syn::parse2(tokens).unwrap_or_else(|_| ty.clone())
}
