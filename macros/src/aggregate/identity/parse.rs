//! From syntax to model.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use super::model::Identity;
use crate::support::attr::{type_value, value};
use crate::support::{Errors, Keys, Krate};

const KEYS: Keys = Keys { attribute: "`#[aggregate]`", accepted: &["id", "event", "category", "crate"], repeated: &[] };

pub(crate) fn parse<'a>(arguments: TokenStream, input: &'a DeriveInput, errors: &mut Errors) -> Identity<'a> {
    let mut identity = Identity { original: input, krate: Krate::default(), id: None, event: None, category: None };
    KEYS.read(arguments, errors, |key, input| {
        match key.to_string().as_str() {
            "id" => identity.id = Some(type_value(key, input)?),
            "event" => identity.event = Some(type_value(key, input)?),
            "category" => identity.category = Some(value(key, input)?),
            _ => identity.krate = Krate(Some(value(key, input)?)),
        }
        Ok(())
    });
    identity
}
