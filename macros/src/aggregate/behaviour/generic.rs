//! A block with parameters: its demands are made in functions that have them, since a constant cannot.
//!
//! A function is checked for whatever the parameters are. What depends on a demand is conditional on the same, so that nothing
//! repeats the error; what goes through a constant elsewhere has one that is always true.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::demand::{decision, events, prepared, services, taken_in};
use super::model::{Behaviour, Decide, Prepare};
use crate::support::bounds::parameters;
use crate::support::serde::without_self;

/// The demand for the aggregate.
pub(super) fn aggregate(behaviour: &Behaviour<'_>, evolve: Option<TokenStream>) -> TokenStream {
    let (self_ty, events) = (&behaviour.block.self_ty, taken_in(behaviour));
    let identified = behaviour.krate.at(self_ty.span());
    let identified = quote_spanned!(self_ty.span()=> #identified::stand_in::identified::<#self_ty>());
    let takes_in = behaviour.krate.at(events.span());
    let takes_in = quote_spanned! {events.span()=>
        #takes_in::demand::both(<#self_ty>::__events::<#events, _>(), #takes_in::PhantomData::<#events>).are_taken_in()
    };
    let (private, of_user) = (behaviour.krate.private(), of_user(behaviour));
    let demands = expand_demands(behaviour, &of_user, &quote!(#identified && #takes_in));
    quote! {
        const __IS_AGGREGATE: #private::bool = true;
        #demands
        #evolve
    }
}

/// All demands that are about one command.
pub(super) fn of_command(behaviour: &Behaviour<'_>, decide: &Decide<'_>, preparation: Option<&Prepare<'_>>) -> TokenStream {
    let (self_ty, events, decision) = (&behaviour.block.self_ty, events(behaviour), decision(behaviour, decide));
    let command = decide.command.as_ref();
    let is_for = command.map(|command| {
        let private = behaviour.krate.at(command.span());
        quote_spanned! {command.span()=>
            && #private::demand::both(<#self_ty>::__id(), <#command>::__id_of_command()).is_id_of_command()
        }
    });
    let services = command.into_iter().flat_map(|command| services(behaviour, command)).map(|service| {
        let private = behaviour.krate.at(service.span());
        quote_spanned!(service.span()=> && #private::demand::service::<#service>())
    });
    let of_preparation = preparation.map(|prepare| {
        let (preparation, error) = (prepared(behaviour, prepare), error(behaviour, &decision));
        let private = behaviour.krate.at(preparation.span());
        quote_spanned!(preparation.span()=> && #private::demand::preparation::<#preparation, #error>())
    });
    let private = behaviour.krate.at(decision.span());
    let of_decision = quote_spanned! {decision.span()=>
        #private::demand::both(<#self_ty>::__events::<#events, _>(), #private::PhantomData::<#decision>).are_decided()
    };
    let (is_aggregate, of_block) = (is_aggregate(behaviour), of_block(behaviour));
    let condition = quote!(for<'__a> #self_ty: #is_aggregate, #of_block);
    let demands = expand_demands(behaviour, &condition, &quote!(#of_decision #of_preparation #is_for #(#services)*));
    let private = behaviour.krate.private();
    let prepares = preparation.map(|_| quote!(const __PREPARES: #private::bool = true;));
    quote! {
        const __DECIDES: #private::bool = true;
        #prepares
        #demands
    }
}

fn expand_demands(behaviour: &Behaviour<'_>, condition: &TokenStream, demands: &TokenStream) -> TokenStream {
    let private = behaviour.krate.private();
    let generics = without_self(behaviour.generics().to_token_stream(), &behaviour.block.self_ty.to_token_stream());
    quote! {
        fn __demands #generics() -> #private::bool where #condition {
            #[allow(unused_imports, reason = "what says what it is has functions of its own")]
            use #private::generic::{Underived as _, Unidentified as _};
            #demands
        }
    }
}

/// The bound that the type is an aggregate with the events that the `#[event]` method takes.
pub(super) fn is_aggregate(behaviour: &Behaviour<'_>) -> TokenStream {
    let (self_ty, events) = (&behaviour.block.self_ty, taken_in(behaviour));
    let private = behaviour.krate.at(self_ty.span());
    quote_spanned!(self_ty.span()=> #private::generic::IsAggregateOf<'__a, #events>)
}

/// The conditions that the methods of a command return what they may.
pub(super) fn of_returned(behaviour: &Behaviour<'_>, decide: &Decide<'_>, command: &Type) -> TokenStream {
    let (events, decision) = (events(behaviour), decision(behaviour, decide));
    let private = behaviour.krate.at(decision.span());
    let of_decision = quote_spanned!(decision.span()=> for<'__a> #decision: #private::generic::IsDecision<'__a, #events>,);
    let of_preparation = behaviour.preparation(command).map(|prepare| {
        let (preparation, error) = (prepared(behaviour, prepare), error(behaviour, &decision));
        let private = behaviour.krate.at(preparation.span());
        quote_spanned!(preparation.span()=> for<'__a> #preparation: #private::generic::IsPreparation<'__a, #error>,)
    });
    quote!(#of_decision #of_preparation)
}

/// The conditions that the user said for the block.
pub(super) fn of_user(behaviour: &Behaviour<'_>) -> TokenStream {
    let predicates = behaviour.block.generics.where_clause.iter().flat_map(|condition| &condition.predicates);
    without_self(quote!(#(#predicates,)*), &behaviour.block.self_ty.to_token_stream())
}

/// What holds in the block besides: that its events are, and what the user said.
pub(super) fn of_block(behaviour: &Behaviour<'_>) -> TokenStream {
    let (events, of_user) = (taken_in(behaviour), of_user(behaviour));
    let private = behaviour.krate.at(events.span());
    let is_event = quote_spanned!(events.span()=> for<'__a> #events: #private::generic::IsEvent<'__a>);
    quote!(#is_event, #of_user)
}

fn error(behaviour: &Behaviour<'_>, decision: &Type) -> TokenStream {
    let private = behaviour.krate.at(decision.span());
    quote_spanned!(decision.span()=> <#decision as #private::Fallible>::Error)
}

/// Whether a type says what all parameters of the block are, so that a command of this type knows its aggregate.
pub(super) fn determines(behaviour: &Behaviour<'_>, command: &Type) -> bool {
    let parameters = parameters(&behaviour.block.generics);
    let is_parameter = parameters.iter().any(|parameter| is_word(command, parameter));
    let mut found = Arguments::default();
    found.visit_type(command);
    !is_parameter && parameters.iter().all(|parameter| found.0.iter().any(|argument| is_word(argument, parameter)))
}

fn is_word(ty: &Type, word: &syn::Ident) -> bool {
    matches!(ty, Type::Path(path) if path.qself.is_none() && path.path.is_ident(word))
}

/// The types that a type is made of. What belongs to one of them, as `T::Item` does, says nothing of it.
#[derive(Default)]
struct Arguments<'a>(Vec<&'a Type>);

impl<'a> Visit<'a> for Arguments<'a> {
    fn visit_type(&mut self, ty: &'a Type) {
        self.0.push(ty);
        if !matches!(ty, Type::Path(path) if path.qself.is_some()) {
            visit::visit_type(self, ty);
        }
    }
}
