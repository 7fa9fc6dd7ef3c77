//! From model to code.

use std::iter;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::model::{Argument, Behaviour, Decide, Prepare, Taken};
use super::{demand, generic, whole};

pub(crate) fn expand(behaviour: &Behaviour<'_>) -> TokenStream {
    let handles = behaviour.commands.iter().filter_map(|decide| {
        let command = decide.command.as_ref()?;
        let handle = expand_handle(behaviour, decide, command);
        let route = expand_route(behaviour, decide, command);
        Some(quote!(#handle #route))
    });
    let handles: TokenStream = handles.collect();
    if let Some(part) = &behaviour.part {
        let part = whole::expand_part(behaviour, part);
        return quote!(#handles #part);
    }
    let aggregate = demand::aggregate(behaviour, Some(expand_evolve(behaviour)));
    let whole = whole::expand(behaviour);
    quote!(#aggregate #handles #whole)
}

fn expand_evolve(behaviour: &Behaviour<'_>) -> TokenStream {
    let (self_ty, generics) = (&behaviour.block.self_ty, behaviour.generics());
    let private = behaviour.krate.at(self_ty.span());
    let methods = behaviour.evolves.iter().filter_map(|evolve| evolve.event.map(|event| (evolve, event)));
    methods
        .map(|(evolve, event)| {
            let method = &evolve.method.signature.ident;
            let aggregate = demand::is_aggregate(behaviour);
            quote_spanned! {self_ty.span()=>
                #[automatically_derived]
                impl #generics #private::Evolve for #self_ty #aggregate {
                    fn evolve(&mut self, __event: &Self::Event) {
                        Self::#method(self, #private::stand_in::taken_in::<Self, #event, __IS_AGGREGATE>(__event))
                    }
                }
            }
        })
        .collect()
}

/// How one command is decided.
fn expand_handle(behaviour: &Behaviour<'_>, decide: &Decide<'_>, command: &Type) -> TokenStream {
    let private = behaviour.krate.at(command.span());
    let (self_ty, generics) = (&behaviour.block.self_ty, behaviour.generics());
    let method = decide.name();
    let call = quote_spanned!(method.span()=> Self::#method);
    let error = demand::error(behaviour, decide);
    let arguments = decide.arguments.iter().map(|(argument, ty)| {
        // At the user's parameter, for the compiler's answer to a type that does not fit; resolved as its neighbours.
        let at = ty.span().resolved_at(command.span());
        match argument {
            Argument::Command(Taken::ByValue) => quote_spanned!(command.span()=> __command),
            Argument::Command(Taken::ByReference) => quote_spanned!(command.span()=> &__command),
            Argument::Id(Taken::ByValue) => quote_spanned!(at=> __command.id),
            Argument::Id(Taken::ByReference) => quote_spanned!(at=> &__command.id),
            Argument::Field(name) if decide.takes_twice(argument) => {
                quote_spanned!(at=> #private::Clone::clone(&__command.#name))
            }
            Argument::Field(name) => quote_spanned!(at=> __command.#name),
            Argument::Facts => quote_spanned!(at=> __facts),
            Argument::Context => quote_spanned!(at=> __context),
        }
    });
    let preparation = behaviour.preparation(command);
    let facts = preparation.map_or_else(|| quote!(()), |prepare| demand::facts(behaviour, prepare));
    let prepare = expand_prepare(behaviour, preparation, command);
    let (demands, of_returned) =
        (demand::can_be_handled(behaviour, decide, command), demand::of_returned(behaviour, decide, preparation));
    quote_spanned! {command.span()=>
        const _: () = {
        #of_returned

        #[automatically_derived]
        impl #generics #private::Handle<#command> for #self_ty #demands {
            type Error = #error;
            type Facts = #facts;

            #prepare

            fn decide(
                &self,
                __command: #command,
                __facts: &Self::Facts,
                __context: &#private::Context,
            ) -> #private::Result<#private::Vec<Self::Event>, Self::Error> {
                #private::stand_in::decided::<_, _, __DECIDES>(#call(self #(, #arguments)*))
            }
        }
        };
    }
}

/// The methods `services` and `prepare`, spanned at the preparation if there is one: what is wrong with it is said there.
fn expand_prepare(behaviour: &Behaviour<'_>, preparation: Option<&Prepare<'_>>, command: &Type) -> TokenStream {
    let at = preparation.and_then(|prepare| prepare.command).unwrap_or(command).span();
    let private = behaviour.krate.at(at);
    let returns = quote_spanned!(at=> #private::stand_in::Prepared<Self::Facts, Self::Error>);
    let Some(preparation) = preparation else {
        return quote_spanned! {at=>
            fn prepare(
                _: &#command,
                _: &#private::Services,
            ) -> impl #private::Future<Output = #returns> + #private::Send {
                #private::ready::<#returns>(#private::Ok(()))
            }
        };
    };
    let method = &preparation.method.signature.ident;
    let services = &preparation.services;
    let keys = services.iter().map(|service| {
        let private = behaviour.krate.at(service.span());
        quote_spanned!(service.span()=> #private::ServiceKey::of::<#service>())
    });
    let loans = services.iter().map(|service| {
        let private = behaviour.krate.at(service.span());
        quote_spanned!(service.span().resolved_at(at)=> #private::Services::get::<#service>(__services)?)
    });
    quote_spanned! {at=>
        fn services() -> #private::Vec<#private::ServiceKey> {
            #private::vec![#(#keys),*]
        }

        async fn prepare(__command: &#command, __services: &#private::Services) -> #returns {
            #private::stand_in::prepared::<_, _, __PREPARES>(Self::#method(__command #(, #loans)*).await)
        }
    }
}

/// Where the command goes. The type of another crate has no fixed way: two crates may handle it. Nor has one that leaves open
/// of which of many aggregates it is.
fn expand_route(behaviour: &Behaviour<'_>, decide: &Decide<'_>, command: &Type) -> TokenStream {
    if decide.foreign.is_some() || !generic::determines(behaviour, command) {
        return TokenStream::new();
    }
    let private = behaviour.krate.at(command.span());
    let (self_ty, generics) = (&behaviour.block.self_ty, behaviour.generics());
    let demands = demand::is_handled(behaviour, iter::once(decide));
    quote_spanned! {command.span()=>
        #[automatically_derived]
        impl #generics #private::Routed for #command #demands {
            type Aggregate = #self_ty;
        }
    }
}
