//! From syntax to model.

use proc_macro2::TokenStream;
use syn::{DeriveInput, LitStr};

use super::model::Identity;
use crate::support::attr::{type_value, value};
use crate::support::{Errors, Keys, Krate, names};

const KEYS: Keys = Keys { attribute: "`#[aggregate]`", accepted: &["id", "event", "category", "crate"], repeated: &[] };

pub(crate) fn parse<'a>(arguments: TokenStream, input: &'a DeriveInput, errors: &mut Errors) -> Identity<'a> {
    let mut identity =
        Identity { original: input, krate: Krate::default(), id: None, event: None, literal: None, category: String::new() };
    KEYS.read(arguments, errors, |key, input| {
        match key.to_string().as_str() {
            "id" => identity.id = Some(type_value(key, input)?),
            "event" => identity.event = Some(type_value(key, input)?),
            "category" => identity.literal = Some(value(key, input)?),
            _ => identity.krate = Krate(Some(value(key, input)?)),
        }
        Ok(())
    });
    identity.category = identity.literal.as_ref().map_or_else(|| names::snake(&input.ident), LitStr::value);
    identity
}
