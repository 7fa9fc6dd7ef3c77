//! Stands in after an error, so that the aggregate has its behaviour for the rest of the program and no other error
//! follows.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::model::Behaviour;
use super::{demand, generic, whole};
use crate::support::bounds::mentions_any;
use crate::support::types::{arguments, is_named, returned};

pub(crate) fn expand(behaviour: &Behaviour<'_>) -> TokenStream {
    let private = behaviour.krate.private();
    let (self_ty, generics) = (&behaviour.block.self_ty, behaviour.generics());
    let condition = demand::is_any_aggregate(behaviour);
    let says_events = behaviour.part.is_none() && behaviour.evolves.iter().any(|evolve| evolve.event.is_some());
    let aggregate = says_events.then(|| demand::aggregate(behaviour, None));
    let mut seen: Vec<&Type> = Vec::new();
    let mut handles = TokenStream::new();
    for decide in &behaviour.commands {
        let Some(command) = decide.command.as_ref().filter(|command| !seen.contains(command)) else { continue };
        seen.push(command);
        // Another block, where the same is told, has what a command needs.
        if behaviour.is_generic() && behaviour.part.is_some() {
            continue;
        }
        let error = error(behaviour, returned(&decide.method.signature), &private);
        let can_be_handled = demand::can_stand_in(behaviour, command);
        handles.extend(quote! {
            #[automatically_derived]
            impl #generics #private::Handle<#command> for #self_ty #can_be_handled {
                type Error = #error;
                type Facts = ();

                async fn prepare(
                    _: &#command,
                    _: &#private::Services,
                ) -> #private::stand_in::Prepared<(), Self::Error> {
                    #private::unreachable!()
                }

                fn decide(
                    &self,
                    _: #command,
                    _: &(),
                    _: &#private::Context,
                ) -> #private::Result<#private::Vec<Self::Event>, Self::Error> {
                    #private::unreachable!()
                }
            }
        });
        if decide.foreign.is_none() && generic::determines(behaviour, command) {
            handles.extend(quote! {
                #[automatically_derived]
                impl #generics #private::Routed for #command #can_be_handled {
                    type Aggregate = #self_ty;
                }
            });
        }
    }
    let whole = whole::fallback(behaviour);
    let evolve = behaviour.part.is_none().then(|| {
        quote! {
            #[automatically_derived]
            impl #generics #private::Evolve for #self_ty #condition {
                fn evolve(&mut self, _: &Self::Event) {
                    #private::unreachable!()
                }
            }
        }
    });
    quote!(#evolve #aggregate #handles #whole)
}

/// The error type where it is plain to see, so that code which matches on it stays right.
fn error(behaviour: &Behaviour<'_>, returned: Option<&Type>, private: &TokenStream) -> TokenStream {
    let written = returned.filter(|ty| is_named(ty, "Result")).and_then(|ty| arguments(ty).nth(1));
    let written = written.filter(|error| !mentions_any(&behaviour.block.generics, error));
    written.map_or_else(|| quote!(#private::Infallible), |error| quote!(#error))
}
