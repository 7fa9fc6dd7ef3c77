//! From syntax to model.

use proc_macro2::TokenStream;
use syn::{Attribute, LitStr, Type};

use super::model::{Marked, Other, Projection, Setup};
use crate::support::attr::value;
use crate::support::block::{Block, Method};
use crate::support::types::{is_named, parameters, shared_reference, type_name};
use crate::support::{Errors, Keys, Krate, names};

const BLOCK: Keys =
    Keys { attribute: "`#[projection]`", accepted: &["name", "version", "per_stream", "sqlite", "crate"], repeated: &[] };
const ON: Keys = Keys { attribute: "`#[on]`", accepted: &[], repeated: &[] };
const KEY: Keys = Keys { attribute: "`#[key]`", accepted: &[], repeated: &[] };
const SETUP: Keys = Keys { attribute: "`#[setup]`", accepted: &[], repeated: &[] };

pub(crate) fn parse<'a>(arguments: TokenStream, block: &'a Block, errors: &mut Errors) -> Projection<'a> {
    let mut projection = Projection {
        block,
        krate: Krate::default(),
        literal: None,
        name: String::new(),
        version: None,
        per_stream: None,
        sqlite: None,
        ons: Vec::new(),
        keys: Vec::new(),
        setups: Vec::new(),
    };
    BLOCK.read(arguments, errors, |key, input| {
        match key.to_string().as_str() {
            "name" => projection.literal = Some(value(key, input)?),
            "version" => projection.version = Some(value(key, input)?),
            "per_stream" => projection.per_stream = Some(key.clone()),
            "sqlite" => projection.sqlite = Some(key.clone()),
            _ => projection.krate = Krate(Some(value(key, input)?)),
        }
        Ok(())
    });
    projection.name = projection.literal.as_ref().map_or_else(|| names::snake(&type_name(&block.self_ty)), LitStr::value);
    projection.ons = block.marked("on").map(|(method, mark)| marked(method, mark, &ON, errors)).collect();
    projection.keys = block.marked("key").map(|(method, mark)| marked(method, mark, &KEY, errors)).collect();
    projection.setups = block
        .marked("setup")
        .map(|(method, mark)| {
            SETUP.read_attribute(mark, errors, |_, _| Ok(()));
            Setup { method, mark }
        })
        .collect();
    projection
}

fn marked<'a>(method: &'a Method, mark: &'a Attribute, keys: &Keys, errors: &mut Errors) -> Marked<'a> {
    keys.read_attribute(mark, errors, |_, _| Ok(()));
    let parameters = parameters(&method.signature);
    let (event, rest) = match parameters.split_first() {
        Some((event, rest)) => (shared_reference(event), rest),
        None => (None, &parameters[..]),
    };
    match (event, parameters.first()) {
        (None, Some(first)) => errors.at(first, "the event is borrowed: take it by reference"),
        (None, None) => {
            errors.at(&method.signature.ident, "which event? Take it by reference: `event: &…`");
        }
        _ => {}
    }
    Marked { method, mark, event, others: rest.iter().map(|ty| (other(ty), *ty)).collect() }
}

pub(crate) fn other(ty: &Type) -> Other {
    match shared_reference(ty) {
        Some(inner) if is_named(inner, "EventContext") => Other::Context,
        Some(inner) if is_named(inner, "str") => Other::Key,
        Some(inner) if is_named(inner, "Transaction") => Other::Transaction,
        _ => Other::Unknown,
    }
}
