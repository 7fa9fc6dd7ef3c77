//! What the generated code demands of the user's types.
//!
//! Each demand is made once, by a constant that calls a function of `__private::demand`, spanned at what the user has
//! to change. What depends on it goes through the constant (`__private::stand_in`) or is conditional on the same demand, so that
//! nothing repeats the error.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, Type, parse_quote};

use super::generic;
use super::model::{Behaviour, Decide, Prepare};
use crate::support::serde::without_self;
use crate::support::types::returned;

/// The demand for the aggregate. Without one the type is made to stand in for it, so that only this demand fails.
/// `evolve` goes through the constant as well.
pub(super) fn aggregate(behaviour: &Behaviour<'_>, evolve: Option<TokenStream>) -> TokenStream {
    if behaviour.is_generic() {
        return generic::aggregate(behaviour, evolve);
    }
    let (self_ty, events) = (&behaviour.block.self_ty, taken_in(behaviour));
    let private = behaviour.krate.at(self_ty.span());
    let at = behaviour.krate.at(events.span());
    let takes_in = quote_spanned! {events.span()=>
        #at::demand::takes_in::<#at::demand::EventOf<#self_ty>, #events>()
    };
    // Of whether the type is an aggregate, an editor need not think.
    quote_spanned! {self_ty.span()=>
        const __IS_AGGREGATE: #private::bool = #private::stand_in::identified::<#self_ty>() && #takes_in;

        #[cfg(not(rust_analyzer))]
        #[automatically_derived]
        impl #private::stand_in::StandIn for #self_ty
        where
            for<'__a> #self_ty: #private::stand_in::Lacks<'__a, {
                #[allow(unused_imports, reason = "an aggregate has a constant of its own")]
                use #private::stand_in::Unidentified as _;
                <#self_ty>::__IS_IDENTIFIED
            }>,
        {
            type Id = #private::stand_in::Unknown<__IS_AGGREGATE>;
            type Event = #events;
        }

        #evolve
    }
}

/// The demands on a command and on the services of its preparation, as the value of a constant.
pub(super) fn of_command(behaviour: &Behaviour<'_>, command: &Type) -> TokenStream {
    if behaviour.is_generic() {
        return quote!(true);
    }
    let self_ty = &behaviour.block.self_ty;
    let private = behaviour.krate.at(command.span());
    let services = services(behaviour, command).map(|service| {
        let private = behaviour.krate.at(service.span());
        quote_spanned!(service.span()=> && #private::demand::service::<#service>())
    });
    quote_spanned!(command.span()=> #private::demand::command::<#self_ty, #command>() #(#services)*)
}

/// The demands on what the methods of a command return, each in a constant that the types of the handler go through.
pub(super) fn of_returned(behaviour: &Behaviour<'_>, decide: &Decide<'_>, preparation: Option<&Prepare<'_>>) -> TokenStream {
    if behaviour.is_generic() {
        return generic::of_command(behaviour, decide, preparation);
    }
    let (events, decision) = (events(behaviour), decision(behaviour, decide));
    let private = behaviour.krate.at(decision.span());
    let of_decision = quote_spanned! {decision.span()=>
        const __DECIDES: #private::bool = #private::demand::decision::<#decision, #events>();
    };
    let of_preparation = preparation.map(|prepare| {
        let (preparation, error) = (prepared(behaviour, prepare), error(behaviour, decide));
        let private = behaviour.krate.at(preparation.span());
        quote_spanned! {preparation.span()=>
            const __PREPARES: #private::bool = #private::demand::preparation::<#preparation, #error>();
        }
    });
    quote!(#of_decision #of_preparation)
}

/// The conditions of an `impl` that needs the aggregate to handle the commands.
pub(super) fn is_handled<'a>(behaviour: &Behaviour<'_>, decides: impl Iterator<Item = &'a Decide<'a>>) -> TokenStream {
    let uncertain = decides.filter_map(|decide| {
        let command = decide.command.as_ref()?;
        let is_certain = decide.declared.is_some() && services(behaviour, command).next().is_none() && !behaviour.is_generic();
        (!is_certain).then(|| {
            let traits = traits(behaviour, command);
            (
                quote_spanned!(command.span()=> + #traits::IsHandler<'__a, #command>),
                quote_spanned!(command.span()=> for<'__a> #command: #traits::IsCommand<'__a>,),
            )
        })
    });
    let (handlers, commands): (Vec<_>, TokenStream) = uncertain.unzip();
    conditions(behaviour, &handlers, &commands)
}

/// The conditions under which the aggregate can handle the command.
pub(super) fn can_be_handled(behaviour: &Behaviour<'_>, decide: &Decide<'_>, command: &Type) -> TokenStream {
    let traits = traits(behaviour, command);
    let is_certain = decide.declared.is_some() && !behaviour.is_generic();
    let is_command = (!is_certain).then(|| quote_spanned!(command.span()=> for<'__a> #command: #traits::IsCommand<'__a>,));
    let services = services(behaviour, command).map(|service| {
        let private = behaviour.krate.at(service.span());
        quote_spanned!(service.span()=> for<'__a> #service: #private::demand::IsService<'__a>,)
    });
    let of_returned = behaviour.is_generic().then(|| generic::of_returned(behaviour, decide, command));
    conditions(behaviour, &[], &quote!(#is_command #(#services)* #of_returned))
}

/// Where the traits of conditions are.
fn traits(behaviour: &Behaviour<'_>, command: &Type) -> TokenStream {
    let private = behaviour.krate.at(command.span());
    let module = if behaviour.is_generic() { quote!(generic) } else { quote!(demand) };
    quote_spanned!(command.span()=> #private::#module)
}

/// The conditions under which something stands in for what handles the command.
pub(super) fn can_stand_in(behaviour: &Behaviour<'_>, command: &Type) -> TokenStream {
    let private = behaviour.krate.private();
    let is_command = quote!(for<'__a> #command: #private::demand::IsCommand<'__a>);
    if !behaviour.is_generic() {
        return quote!(where #is_command);
    }
    let condition = is_any_aggregate(behaviour);
    quote!(#condition #is_command)
}

/// The condition of an `impl` after a mistake: with parameters it depends on them whether there is an aggregate.
pub(super) fn is_any_aggregate(behaviour: &Behaviour<'_>) -> TokenStream {
    if !behaviour.is_generic() {
        return TokenStream::new();
    }
    let (self_ty, private, of_user) = (&behaviour.block.self_ty, behaviour.krate.private(), generic::of_user(behaviour));
    quote!(where for<'__a> #self_ty: #private::demand::IsAggregate<'__a>, #of_user)
}

/// The condition of an `impl` that needs the aggregate alone.
pub(super) fn is_aggregate(behaviour: &Behaviour<'_>) -> TokenStream {
    conditions(behaviour, &[], &TokenStream::new())
}

/// The first condition is always that the type is an aggregate: that it is a bad one is told where it says so.
fn conditions(behaviour: &Behaviour<'_>, handlers: &[TokenStream], others: &TokenStream) -> TokenStream {
    let self_ty = &behaviour.block.self_ty;
    let private = behaviour.krate.at(self_ty.span());
    let (is_aggregate, of_block) = if behaviour.is_generic() {
        (generic::is_aggregate(behaviour), generic::of_block(behaviour))
    } else {
        (quote_spanned!(self_ty.span()=> #private::demand::IsAggregate<'__a>), TokenStream::new())
    };
    quote_spanned! {self_ty.span()=>
        where for<'__a> #self_ty: #is_aggregate #(#handlers)*, #others #of_block
    }
}

/// The error of a command method.
pub(super) fn error(behaviour: &Behaviour<'_>, decide: &Decide<'_>) -> TokenStream {
    let (events, decision) = (events(behaviour), decision(behaviour, decide));
    let private = behaviour.krate.at(decision.span());
    quote_spanned!(decision.span()=> #private::stand_in::RejectionOf<#decision, #events, __DECIDES>)
}

/// The facts of a preparation.
pub(super) fn facts(behaviour: &Behaviour<'_>, prepare: &Prepare<'_>) -> TokenStream {
    let preparation = prepared(behaviour, prepare);
    let private = behaviour.krate.at(preparation.span());
    quote_spanned!(preparation.span()=> #private::stand_in::FactsOf<#preparation, Self::Error, __PREPARES>)
}

/// The events of the aggregate.
pub(super) fn events(behaviour: &Behaviour<'_>) -> TokenStream {
    if behaviour.is_generic() {
        return taken_in(behaviour).into_token_stream();
    }
    let self_ty = &behaviour.block.self_ty;
    let private = behaviour.krate.at(self_ty.span());
    quote_spanned!(self_ty.span()=> #private::demand::EventOf<#self_ty>)
}

/// The events as the `#[event]` method takes them.
pub(super) fn taken_in(behaviour: &Behaviour<'_>) -> Type {
    let events = behaviour.evolves.iter().find_map(|evolve| evolve.event);
    events.map_or_else(|| parse_quote!(()), |events| named(behaviour, events))
}

/// What the command method returns. `impl Trait` among the arguments has no name; `Vec` stands for it.
pub(super) fn decision(behaviour: &Behaviour<'_>, decide: &Decide<'_>) -> Type {
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

pub(super) fn services(behaviour: &Behaviour<'_>, command: &Type) -> impl Iterator<Item = Type> {
    let preparation = behaviour.preparation(command);
    preparation.into_iter().flat_map(|prepare| &prepare.services).map(|service| named(behaviour, service))
}

pub(super) fn prepared(behaviour: &Behaviour<'_>, prepare: &Prepare<'_>) -> Type {
    returned(&prepare.method.signature).map_or_else(|| parse_quote!(()), |ty| named(behaviour, ty))
}

/// The type outside of the `impl`, where `Self` has no meaning.
pub(super) fn named(behaviour: &Behaviour<'_>, ty: &Type) -> Type {
    let tokens = without_self(ty.to_token_stream(), &behaviour.block.self_ty.to_token_stream());
    syn::parse2(tokens).unwrap_or_else(|_| ty.clone())
}
