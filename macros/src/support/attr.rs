//! Arguments of attributes: `key = value` or `key`, separated by commas.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Ident, LitStr, Meta, Token, Type, parenthesized, token};

use super::Errors;
use super::nearest::nearest;

/// The keys that an attribute takes.
pub(crate) struct Keys {
    /// The attribute as the user writes it, such as "`#[event]` on a variant".
    pub(crate) attribute: &'static str,
    pub(crate) accepted: &'static [&'static str],
    /// Those of them that may be given more than once.
    pub(crate) repeated: &'static [&'static str],
}

impl Keys {
    /// Reads the arguments of a helper attribute; without parentheses there are none.
    pub(crate) fn read_attribute(
        &self,
        attribute: &Attribute,
        errors: &mut Errors,
        on: impl FnMut(&Ident, ParseStream<'_>) -> syn::Result<()>,
    ) {
        match &attribute.meta {
            Meta::Path(_) => {}
            Meta::List(list) => self.read(list.tokens.clone(), errors, on),
            Meta::NameValue(meta) => errors.at(meta.eq_token, format_args!("expected `(`: {}", self.help())),
        }
    }

    /// Reads all arguments. `on` gets each accepted key once and reads its value; a mistake in one argument does not
    /// hide the next.
    pub(crate) fn read(
        &self,
        arguments: TokenStream,
        errors: &mut Errors,
        mut on: impl FnMut(&Ident, ParseStream<'_>) -> syn::Result<()>,
    ) {
        let read = |input: ParseStream<'_>| {
            self.read_all(input, errors, &mut on);
            Ok(())
        };
        let result = read.parse2(arguments);
        errors.take(result);
    }

    fn read_all(
        &self,
        input: ParseStream<'_>,
        errors: &mut Errors,
        on: &mut dyn FnMut(&Ident, ParseStream<'_>) -> syn::Result<()>,
    ) {
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            if let Err(error) = self.read_one(input, on, &mut seen) {
                errors.add(error);
                skip_argument(input);
            }
            if !input.is_empty()
                && let Err(error) = input.parse::<Token![,]>()
            {
                errors.add(error);
                skip_argument(input);
                let _comma: Option<Token![,]> = input.parse().ok();
            }
        }
    }

    fn read_one(
        &self,
        input: ParseStream<'_>,
        on: &mut dyn FnMut(&Ident, ParseStream<'_>) -> syn::Result<()>,
        seen: &mut Vec<Ident>,
    ) -> syn::Result<()> {
        let key = input.call(Ident::parse_any)?;
        if !self.accepted.iter().any(|accepted| key == accepted) {
            return Err(syn::Error::new(key.span(), self.unknown(&key.to_string())));
        }
        if seen.contains(&key) && !self.repeated.iter().any(|repeated| key == repeated) {
            return Err(syn::Error::new(key.span(), format_args!("`{key}` is given twice")));
        }
        let result = on(&key, input);
        seen.push(key);
        result
    }

    fn unknown(&self, key: &str) -> String {
        match nearest(key, self.accepted.iter().copied()) {
            Some(meant) => format!("unknown argument, did you mean `{meant}`? {}", self.help()),
            None => format!("unknown argument; {}", self.help()),
        }
    }

    pub(crate) fn help(&self) -> String {
        let list: Vec<_> = self.accepted.iter().map(|key| format!("`{key}`")).collect();
        match list.as_slice() {
            [] => format!("{} takes no arguments", self.attribute),
            list => format!("{} takes {}", self.attribute, list.join(", ")),
        }
    }
}

/// Reads `= value` after a key.
pub(crate) fn value<T: Parse>(key: &Ident, input: ParseStream<'_>) -> syn::Result<T> {
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(key.span(), format_args!("`{key}` needs a value: write `{key} = …`")));
    }
    input.parse::<Token![=]>()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new(key.span(), format_args!("`{key}` needs a value: write `{key} = …`")));
    }
    input.parse()
}

/// Reads `= Type` after a key.
pub(crate) fn type_value(key: &Ident, input: ParseStream<'_>) -> syn::Result<Type> {
    if let Ok(text) = value::<LitStr>(key, &input.fork()) {
        let _skipped: syn::Result<LitStr> = value(key, input);
        let message = format!("`{key}` is a type, not a text: write `{key} = {}`", text.value());
        return Err(syn::Error::new(text.span(), message));
    }
    value(key, input)
}

/// Reads `(value, …)` after a key.
pub(crate) fn list<T: Parse>(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<T>> {
    if !input.peek(token::Paren) {
        return Err(syn::Error::new(key.span(), format_args!("`{key}` needs a list: write `{key}(…)`")));
    }
    let content;
    parenthesized!(content in input);
    Ok(content.parse_terminated(T::parse, Token![,])?.into_iter().collect())
}

/// Whether this is the attribute `name`, perhaps with a path before it (`#[annals::command]`).
pub(crate) fn is(attribute: &Attribute, name: &str) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == name)
}

fn skip_argument(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        let _skipped: syn::Result<TokenTree> = input.parse();
    }
}
