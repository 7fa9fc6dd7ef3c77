//! The commands of an aggregate as a whole, from one block or several.
//!
//! A block that is a part leaves its commands in a constant of the aggregate; the block that lists the parts puts them
//! together. Where a constant is not there, one of a trait is found instead, and says so: a part that nobody lists and one that
//! is not there are errors, and nothing is registered before the program starts.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::demand;
use super::model::{Behaviour, Part};
use crate::support::types::text;

/// `impl Behaviour`, by the block with the `#[event]` method.
pub(crate) fn expand(behaviour: &Behaviour<'_>) -> TokenStream {
    let (self_ty, generics) = (&behaviour.block.self_ty, behaviour.generics());
    let private = behaviour.krate.at(self_ty.span());
    let (condition, own) = (expand_condition(behaviour), expand_commands(behaviour));
    let whole = |commands: TokenStream| {
        quote_spanned! {self_ty.span()=>
            #[automatically_derived]
            impl #generics #private::Behaviour for #self_ty #condition {
                const COMMANDS: &'static [#private::CommandInfo] = #commands;
            }
        }
    };
    if behaviour.parts.is_empty() {
        return whole(own);
    }
    let whole = whole(quote!(&#private::parts::joined::<{ #private::parts::count(__ALL) }>(__ALL)));
    let conditions: Vec<_> = behaviour.parts.iter().map(|Part { conditions, .. }| quote!(#(#conditions)*)).collect();
    let names = behaviour.parts.iter().map(|part| part.name.to_string());
    let constants = behaviour.parts.iter().map(|part| constant(&part.name));
    let parts = behaviour.parts.iter().map(|part| expand_found(behaviour, &part.name));
    // Not at the user's code, where an item that is `pub` would be called unreachable.
    let private = behaviour.krate.private();
    quote! {
        impl #self_ty {
            #[doc(hidden)]
            pub const __PARTS: &'static [&'static #private::str] = &[#(#conditions #names),*];
            const __COMMANDS: &'static [#private::CommandInfo] = #own;
        }

        const _: () = {
            trait __Missing {
                #(#conditions const #constants: #private::Option<&'static [#private::CommandInfo]> = #private::None;)*
            }

            impl<__T> __Missing for __T {}

            const __ALL: &[&[#private::CommandInfo]] = &[<#self_ty>::__COMMANDS, #(#conditions #parts),*];

            #whole
        };
    }
}

/// Of a block with parameters it depends on them whether a command is handled.
fn expand_condition(behaviour: &Behaviour<'_>) -> TokenStream {
    if behaviour.is_generic() {
        demand::is_handled(behaviour, behaviour.commands.iter())
    } else {
        demand::is_aggregate(behaviour)
    }
}

/// The commands of a block that is a part, and the demand that it is listed.
pub(crate) fn expand_part(behaviour: &Behaviour<'_>, part: &Ident) -> TokenStream {
    let self_ty = &behaviour.block.self_ty;
    let (aggregate, name) = (text(self_ty), part.to_string());
    let message = format!(
        "`{aggregate}` does not list the part `{name}`: write `#[aggregate(parts({name}))]` on the `impl {aggregate}` with the `#[event]` method"
    );
    let private = behaviour.krate.at(part.span());
    let check = quote_spanned!(part.span()=> #private::assert!(#private::parts::lists(<#self_ty>::__PARTS, #name), #message););
    let commands = leave(behaviour, part, &expand_commands(behaviour));
    let private = behaviour.krate.private();
    quote! {
        #commands

        const _: () = {
            #[allow(unused_imports, reason = "an aggregate with parts has a constant of its own")]
            use #private::parts::Undivided as _;
            #check
        };
    }
}

/// What is left of a block with a mistake, so that no other error follows.
pub(crate) fn fallback(behaviour: &Behaviour<'_>) -> TokenStream {
    let (self_ty, generics) = (&behaviour.block.self_ty, behaviour.generics());
    let (private, is_aggregate) = (behaviour.krate.private(), demand::is_any_aggregate(behaviour));
    let of_user = &behaviour.block.generics.where_clause;
    match &behaviour.part {
        Some(part) => leave(behaviour, part, &quote!(&[])),
        None => quote! {
            impl #generics #self_ty #of_user {
                #[doc(hidden)]
                pub const __PARTS: &'static [&'static #private::str] = &[#private::parts::ANY];
            }

            #[automatically_derived]
            impl #generics #private::Behaviour for #self_ty #is_aggregate {
                const COMMANDS: &'static [#private::CommandInfo] = &[];
            }
        },
    }
}

fn leave(behaviour: &Behaviour<'_>, part: &Ident, commands: &TokenStream) -> TokenStream {
    let (self_ty, constant) = (&behaviour.block.self_ty, constant(part));
    // Not at the user's code, where an item that is `pub` would be called unreachable.
    let private = behaviour.krate.private();
    quote! {
        impl #self_ty {
            #[doc(hidden)]
            pub const #constant: #private::Option<&'static [#private::CommandInfo]> = #private::Some(#commands);
        }
    }
}

/// The commands of a part, or what to do if it is not there.
fn expand_found(behaviour: &Behaviour<'_>, part: &Ident) -> TokenStream {
    let self_ty = &behaviour.block.self_ty;
    let private = behaviour.krate.at(part.span());
    let (aggregate, constant) = (text(self_ty), constant(part));
    let message = format!(
        "there is no part `{part}`: write `#[aggregate(part = {part})]` on another `impl {aggregate}`, with its `#[command]` methods"
    );
    quote_spanned! {part.span()=>
        match <#self_ty>::#constant {
            #private::Some(__commands) => __commands,
            #private::None => #private::panic!(#message),
        }
    }
}

fn expand_commands(behaviour: &Behaviour<'_>) -> TokenStream {
    let commands = behaviour.commands.iter().filter_map(|decide| {
        let command = decide.command.as_ref()?;
        let private = behaviour.krate.at(command.span());
        let constant = demand::of_command(behaviour, command);
        Some(quote_spanned! {command.span()=>
            <#private::stand_in::Constant<{ #constant }> as #private::parts::InfoOf<Self, #command>>::INFO,
        })
    });
    quote!(&[#(#commands)*])
}

/// The constant that holds the commands of a part.
fn constant(part: &Ident) -> Ident {
    format_ident!("__PART_{}", part.unraw().to_string().to_uppercase())
}
