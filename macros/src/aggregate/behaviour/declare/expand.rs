//! From model to code.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Visibility};

use super::{Declared, Field, with_parameters};
use crate::aggregate::behaviour::model::Behaviour;
use crate::support::block::{Method, is_for_field};
use crate::support::lints;
use crate::support::serde::without_self;
use crate::support::types::text;

/// The structs of all commands that methods declare, each once.
pub(crate) fn expand_all(behaviour: &Behaviour<'_>) -> TokenStream {
    let mut seen: Vec<&Ident> = Vec::new();
    let declared = behaviour.commands.iter().filter_map(|decide| {
        let declared = decide.declared.as_ref().filter(|declared| !seen.contains(&&declared.name))?;
        seen.push(&declared.name);
        Some(expand(behaviour, decide.method, declared))
    });
    declared.collect()
}

/// The struct of the command and its constructor, as the user would write them.
fn expand(behaviour: &Behaviour<'_>, method: &Method, declared: &Declared<'_>) -> TokenStream {
    let Declared { visibility, name, .. } = declared;
    let self_ty = &behaviour.block.self_ty;
    let private = behaviour.krate.at(self_ty.span());
    let id = if behaviour.is_generic() {
        quote_spanned!(self_ty.span()=> <#self_ty as #private::generic::Said>::Id)
    } else {
        quote_spanned!(self_ty.span()=> #private::demand::IdOf<#self_ty>)
    };
    let (generics, condition) = expand_generics(behaviour);
    let of_id = format!(" Which `{}` it is for.", text(self_ty));
    let types: Vec<_> = declared.fields.iter().map(|field| field_type(field, behaviour, declared)).collect();
    let fields = declared.fields.iter().zip(&types).map(|(field, ty)| expand_field(field, ty, visibility));
    let new = expand_new(behaviour, declared, &id, &types);
    let mistakes = declared.fields.iter().filter_map(|field| expand_mistake(field, declared));
    let (docs, attributes, levels) = (method.docs(), method.for_command(), lints::levels(&method.attributes));
    let (derives, stored_name, krate) = (&declared.derives, declared.stored_name.iter(), behaviour.krate.0.iter());
    let private = behaviour.krate.at(name.span());
    quote_spanned! {name.span()=>
        #(#mistakes)*

        #(#docs)*
        #[derive(#private::Command)]
        #[derive(#(#derives),*)]
        #(#[command(name = #stored_name)])*
        #(#[command(crate = #krate)])*
        #(#attributes)*
        #(#levels)*
        #[allow(deprecated, unused_qualifications, reason = "judged elsewhere")]
        #visibility struct #name #generics #condition {
            #[doc = #of_id]
            #[allow(private_interfaces, reason = "of a private aggregate the `impl` of the command says more")]
            #[id]
            #visibility id: #id,
            #(#fields)*
        }

        #new
    }
}

/// `PlaceOrder::new(id, total)`: what is sent often is written on one line.
fn expand_new(behaviour: &Behaviour<'_>, declared: &Declared<'_>, id: &TokenStream, types: &[TokenStream]) -> TokenStream {
    let Declared { visibility, name, .. } = declared;
    let parameters: Vec<_> = declared.fields.iter().map(|field| &field.name).collect();
    let doc = format!(" `{}` with all its fields: the id, then what the method takes, in that order.", name.unraw());
    let (generics, condition) = expand_generics(behaviour);
    let command = with_parameters(name, &behaviour.block.generics);
    quote_spanned! {name.span()=>
        impl #generics #command #condition {
            #[doc = #doc]
            #[must_use]
            #[allow(
                dead_code, deprecated, private_interfaces, unused_qualifications, clippy::fn_params_excessive_bools,
                clippy::too_many_arguments,
                reason = "the fields say it already, and it is there whether it is called or not"
            )]
            #visibility const fn new(id: #id, #(#parameters: #types),*) -> Self {
                Self { id, #(#parameters),* }
            }
        }
    }
}

fn field_type(field: &Field<'_>, behaviour: &Behaviour<'_>, declared: &Declared<'_>) -> TokenStream {
    match &field.ty {
        Ok(ty) => without_self(ty.to_token_stream(), &behaviour.block.self_ty.to_token_stream()),
        Err(_) => mistaken(declared, field).into_token_stream(),
    }
}

/// The parameters of the block are those of the command, so that it knows its aggregate.
fn expand_generics(behaviour: &Behaviour<'_>) -> (TokenStream, TokenStream) {
    let self_ty = behaviour.block.self_ty.to_token_stream();
    let generics = &behaviour.block.generics;
    (
        without_self(generics.split_for_impl().0.to_token_stream(), &self_ty),
        without_self(generics.where_clause.to_token_stream(), &self_ty),
    )
}

fn expand_field(field: &Field<'_>, ty: &TokenStream, visibility: &Visibility) -> TokenStream {
    let attributes: Vec<_> = field.parameter.attrs.iter().filter(|attribute| is_for_field(attribute)).collect();
    let is_documented = attributes.iter().any(|attribute| attribute.path().is_ident("doc"));
    let allow = (!is_documented).then(|| quote!(#[allow(missing_docs, reason = "the method says what its parameters are")]));
    let name = &field.name;
    quote!(#(#attributes)* #allow #visibility #name: #ty,)
}

/// Stands in for a type that was mistaken.
fn expand_mistake(field: &Field<'_>, declared: &Declared<'_>) -> Option<TokenStream> {
    let error = field.ty.as_ref().err()?.to_compile_error();
    let name = mistaken(declared, field);
    // With an array of unknown length the compiler is content, whatever is put there.
    Some(quote!(#[allow(non_camel_case_types, reason = "it is not there")] type #name = [(); { #error }];))
}

fn mistaken(declared: &Declared<'_>, field: &Field<'_>) -> Ident {
    format_ident!("__{}_{}", declared.name, field.name)
}
