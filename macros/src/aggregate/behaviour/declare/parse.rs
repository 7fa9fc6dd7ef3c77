//! From syntax to model.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, FnArg, Generics, Ident, Lifetime, Meta, Pat, PatType, Token, Type, TypeReference, Visibility, parse_quote,
    parse_quote_spanned, token,
};

use super::{Declared, Field};
use crate::aggregate::behaviour::model::{Argument, Taken};
use crate::support::Errors;
use crate::support::block::{Method, is_for_field};
use crate::support::bounds::parameters;
use crate::support::types::{is_named, text};

/// What stands before the first comma of `#[command(pub Deposit, …)]`.
pub(crate) struct Head {
    pub(crate) visibility: Visibility,
    /// None if it was forgotten.
    pub(crate) name: Option<Ident>,
}

/// Splits the arguments of a mark: the command that is declared, if one is, and the rest.
pub(crate) fn read_head(mark: &Attribute, errors: &mut Errors) -> (Option<Head>, TokenStream) {
    let Meta::List(list) = &mark.meta else { return (None, TokenStream::new()) };
    let read = |input: ParseStream<'_>| {
        let is_visible = input.peek(Token![pub]);
        if !is_visible && !starts_with_a_name(input) {
            return Ok((None, input.parse()?));
        }
        let visibility = input.parse()?;
        let name = if input.peek(Ident::peek_any) { Some(input.call(Ident::parse_any)?) } else { None };
        if name.is_none() {
            errors.at(&visibility, "say the name of the command: `#[command(pub …)]`");
        }
        if input.peek(token::Brace) || input.peek(token::Paren) {
            let fields: TokenTree = input.parse()?;
            errors.at(fields, "the fields are the parameters of the method: write the name alone");
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        Ok((Some(Head { visibility, name }), input.parse()?))
    };
    let result = read.parse2(list.tokens.clone());
    errors.take(result).unwrap_or_default()
}

/// The command, which has the parameters of its aggregate. All of it is where the name is.
pub(crate) fn with_parameters(name: &Ident, generics: &Generics) -> Type {
    let parameters = parameters(generics).into_iter().cloned().map(|mut parameter| {
        parameter.set_span(name.span());
        parameter
    });
    let parameters = parameters.collect::<Vec<_>>();
    if parameters.is_empty() { parse_quote!(#name) } else { parse_quote_spanned!(name.span()=> #name<#(#parameters),*>) }
}

/// Whether it is the name of a type, not a key of an argument.
fn starts_with_a_name(input: ParseStream<'_>) -> bool {
    let name: Option<Ident> = input.fork().call(Ident::parse_any).ok();
    name.is_some_and(|name| name.unraw().to_string().starts_with(char::is_uppercase))
}

/// Reads the parameters of the method: fields of the command, and what else a decision takes.
pub(crate) fn read_parameters<'a>(
    method: &'a Method,
    declared: &mut Declared<'a>,
    prepared: bool,
    errors: &mut Errors,
) -> Vec<(Argument, &'a Type)> {
    let mut arguments = Vec::new();
    for input in &method.signature.inputs {
        let FnArg::Typed(parameter) = input else { continue };
        let argument = read_parameter(parameter, declared, prepared, errors);
        let Some(argument) = argument else { continue };
        let is_borrowed = matches!(argument, Argument::Facts | Argument::Context);
        if is_borrowed && arguments.iter().any(|(other, _)| *other == argument) {
            errors.at(&parameter.ty, "there is a parameter for this already");
        }
        arguments.push((argument, &*parameter.ty));
    }
    arguments
}

fn read_parameter<'a>(
    parameter: &'a PatType,
    declared: &mut Declared<'a>,
    prepared: bool,
    errors: &mut Errors,
) -> Option<Argument> {
    let ty = &*parameter.ty;
    let inner = referred(ty);
    let is_reference = inner.is_some();
    let inner = inner.unwrap_or(ty);
    let name = field_name(&parameter.pat);
    let is_id = name.as_ref().is_some_and(|name| name == "id");
    let argument = if is_named(inner, "Context") {
        if !is_reference {
            errors.at(ty, "the context is borrowed: take `&Context`");
        }
        Some(Argument::Context)
    } else if is_id {
        Some(Argument::Id(Taken::of(ty)))
    } else if matches!(inner, Type::Path(path) if path.path.is_ident(&declared.name)) {
        let name = &declared.name;
        errors.at(
            ty,
            format_args!("`{name}` is declared here, its fields are the parameters: write them out, or write the struct yourself and mark the method `#[command]`"),
        );
        None
    } else if is_reference && prepared {
        Some(Argument::Facts)
    } else {
        read_field(parameter, name, declared, errors)
    };
    if !matches!(argument, Some(Argument::Field(_)))
        && let Some(attribute) = parameter.attrs.iter().find(|attribute| is_for_field(attribute))
    {
        errors.at(attribute, "only a field of the command has attributes");
    }
    argument
}

fn read_field<'a>(
    parameter: &'a PatType,
    name: Option<Ident>,
    declared: &mut Declared<'a>,
    errors: &mut Errors,
) -> Option<Argument> {
    let Some(name) = name else {
        errors.at(&parameter.pat, "the parameter is a field of the command: give it a name");
        return None;
    };
    let ty = field_type(&parameter.ty, declared, errors)?;
    if let Some(first) = declared.fields.iter().find(|field| field.name == name) {
        if first.parameter.pat == parameter.pat {
            return Some(Argument::Field(name));
        }
        errors.at(&parameter.pat, format_args!("there is a field `{name}` already: a leading `_` does not count"));
        return None;
    }
    declared.fields.push(Field { name: name.clone(), ty, parameter });
    Some(Argument::Field(name))
}

/// The type of the field; none if the parameter is probably none.
fn field_type(ty: &Type, declared: &Declared<'_>, errors: &mut Errors) -> Option<syn::Result<Type>> {
    let command = &declared.name;
    match referred(ty) {
        None => Some(Unowned::in_type(ty).map_or_else(
            || Ok(ty.clone()),
            |span| {
                Err(syn::Error::new(
                    span,
                    "a field of a command owns what it holds: write one type, without lifetimes and `impl`",
                ))
            },
        )),
        Some(Type::Path(path)) if path.path.is_ident("str") => {
            errors.at(ty, format_args!("a field of `{command}` is owned: take `String`"));
            Some(Ok(parse_quote!(String)))
        }
        Some(inner) => {
            errors.at(
                ty,
                format_args!(
                    "a decision borrows `&Context`, the `id` and what `#[prepare]` fetches; a field of `{command}` is owned: take `{}`",
                    text(inner)
                ),
            );
            None
        }
    }
}

/// The name of the field: what the body does not use (`_amount`) is called as if it did, since the name is stored.
fn field_name(pattern: &Pat) -> Option<Ident> {
    let Pat::Ident(pattern) = pattern else { return None };
    if pattern.by_ref.is_some() || pattern.subpat.is_some() {
        return None;
    }
    let text = pattern.ident.to_string();
    match text.trim_start_matches('_') {
        used if used == text => Some(pattern.ident.clone()),
        used => syn::parse_str::<Ident>(used).ok().map(|mut name| {
            name.set_span(pattern.ident.span());
            name
        }),
    }
}

/// `T` of `&T` and `&mut T`.
fn referred(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Reference(reference) => Some(&reference.elem),
        _ => None,
    }
}

/// Finds what a field cannot be made of.
#[derive(Default)]
struct Unowned(Option<Span>);

impl Unowned {
    fn in_type(ty: &Type) -> Option<Span> {
        let mut found = Self::default();
        found.visit_type(ty);
        found.0
    }
}

impl<'a> Visit<'a> for Unowned {
    fn visit_type(&mut self, ty: &'a Type) {
        match ty {
            Type::ImplTrait(_) | Type::Infer(_) => self.0 = self.0.or(Some(ty.span())),
            _ => visit::visit_type(self, ty),
        }
    }

    fn visit_type_reference(&mut self, reference: &'a TypeReference) {
        if reference.lifetime.is_none() {
            self.0 = self.0.or(Some(reference.and_token.span()));
        }
        visit::visit_type_reference(self, reference);
    }

    fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
        if lifetime.ident != "static" {
            self.0 = self.0.or(Some(lifetime.span()));
        }
    }
}
