//! From model to code.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::model::{Argument, Behaviour, Decide, Prepare};
use crate::support::types::{outcome, returned};

pub(crate) fn expand(behaviour: &Behaviour<'_>) -> TokenStream {
    let evolve = expand_evolve(behaviour);
    let handles = behaviour.commands.iter().filter_map(|decide| {
        decide.command.map(|command| {
            let handle = expand_handle(behaviour, decide, command);
            let route = expand_route(behaviour, decide, command);
            quote!(#handle #route)
        })
    });
    let whole = expand_whole(behaviour);
    quote!(#evolve #(#handles)* #whole)
}

fn expand_evolve(behaviour: &Behaviour<'_>) -> TokenStream {
    let private = behaviour.krate.private();
    let self_ty = &behaviour.block.self_ty;
    let methods = behaviour.evolves.iter().filter_map(|evolve| evolve.event.map(|event| (evolve, event)));
    methods
        .map(|(evolve, event)| {
            let method = &evolve.method.signature.ident;
            let conditions = evolve.method.conditions();
            quote_spanned! {self_ty.span()=>
                #(#conditions)*
                #[automatically_derived]
                impl #private::Evolve for #self_ty {
                    fn evolve(&mut self, __event: &#event) {
                        Self::#method(self, __event)
                    }
                }
            }
        })
        .collect()
}

/// How one command is decided. The whole is spanned at the type of the command, so that the compiler's answer to a
/// type that is no command is one error, there.
fn expand_handle(behaviour: &Behaviour<'_>, decide: &Decide<'_>, command: &Type) -> TokenStream {
    let private = behaviour.krate.private();
    let self_ty = &behaviour.block.self_ty;
    let method = decide.name();
    let conditions = decide.method.conditions();
    let error = returned(&decide.method.signature).map(|ty| outcome(ty, &private, "Error"));
    let argument = if decide.by_reference { quote!(&__command) } else { quote!(__command) };
    let arguments = decide.arguments.iter().map(|argument| match argument {
        Argument::Facts => quote!(, __facts),
        Argument::Context => quote!(, __context),
    });
    let preparation = behaviour.preparation(command);
    let facts = expand_facts(preparation, &private);
    let prepare = expand_prepare(preparation, command, &private);
    quote_spanned! {command.span()=>
        #(#conditions)*
        #[automatically_derived]
        impl #private::Handle<#command> for #self_ty {
            type Error = #error;
            type Facts = #facts;

            #prepare

            fn decide(
                &self,
                __command: #command,
                __facts: &Self::Facts,
                __context: &#private::Context,
            ) -> #private::Result<#private::Vec<<Self as #private::Aggregate>::Event>, Self::Error> {
                match #private::Fallible::into_result(Self::#method(self, #argument #(#arguments)*)) {
                    #private::Ok(__events) => #private::Ok(
                        <_ as #private::IntoEvents<<Self as #private::Aggregate>::Event>>::into_events(__events)
                    ),
                    #private::Err(__error) => #private::Err(__error),
                }
            }
        }
    }
}

fn expand_facts(preparation: Option<&Prepare<'_>>, private: &TokenStream) -> TokenStream {
    let returned = preparation.and_then(|prepare| returned(&prepare.method.signature));
    returned.map_or_else(|| quote!(()), |ty| outcome(ty, private, "Ok"))
}

/// The methods `services` and `prepare`.
fn expand_prepare(preparation: Option<&Prepare<'_>>, command: &Type, private: &TokenStream) -> TokenStream {
    let returns = quote_spanned!(command.span()=> #private::Result<Self::Facts, #private::PrepareError<Self::Error>>);
    let Some(preparation) = preparation else {
        return quote_spanned! {command.span()=>
            fn prepare(
                _: &#command,
                _: &#private::Services,
            ) -> impl #private::Future<Output = #returns> + #private::Send {
                #private::ready(#private::Ok(()))
            }
        };
    };
    let method = &preparation.method.signature.ident;
    let keys = preparation.services.iter().map(|service| quote_spanned!(service.span()=> #private::ServiceKey::of::<#service>()));
    let services = preparation
        .services
        .iter()
        .map(|service| quote_spanned!(service.span()=> , #private::Services::get::<#service>(__services)?));
    let list =
        if preparation.services.is_empty() { quote!(#private::Vec::new()) } else { quote!(#private::Vec::from([#(#keys),*])) };
    quote_spanned! {command.span()=>
        fn services() -> #private::Vec<#private::ServiceKey> {
            #list
        }

        async fn prepare(__command: &#command, __services: &#private::Services) -> #returns {
            match #private::Fallible::into_result(Self::#method(__command #(#services)*).await) {
                #private::Ok(__facts) => #private::Ok(__facts),
                #private::Err(__error) => #private::Err(#private::PrepareError::Rejected(__error)),
            }
        }
    }
}

/// Where the command goes. The type of another crate has no fixed way: two crates may handle it.
pub(super) fn expand_route(behaviour: &Behaviour<'_>, decide: &Decide<'_>, command: &Type) -> TokenStream {
    let private = behaviour.krate.private();
    let self_ty = &behaviour.block.self_ty;
    let conditions: Vec<_> = decide.method.conditions().collect();
    let route = decide.foreign.is_none().then(|| {
        quote_spanned! {command.span()=>
            #(#conditions)*
            #[automatically_derived]
            impl #private::Routed for #command {
                type Aggregate = #self_ty;
            }
        }
    });
    quote_spanned! {command.span()=>
        #route
        #(#conditions)*
        const _: () = #private::addressed_to::<#self_ty, #command>();
    }
}

fn expand_whole(behaviour: &Behaviour<'_>) -> TokenStream {
    let private = behaviour.krate.private();
    let self_ty = &behaviour.block.self_ty;
    let commands = behaviour.commands.iter().filter_map(|decide| {
        let conditions = decide.method.conditions();
        decide.command.map(|command| {
            quote_spanned! {command.span()=>
                #(#conditions)*
                #private::CommandInfo {
                    name: <#command as #private::Command>::NAME,
                    services: <Self as #private::Handle<#command>>::services,
                },
            }
        })
    });
    let commands: TokenStream = commands.collect();
    quote_spanned! {self_ty.span()=>
        #[automatically_derived]
        impl #private::Behaviour for #self_ty {
            const COMMANDS: &'static [#private::CommandInfo] = &[#commands];
        }
    }
    .into_token_stream()
}
