//! The rules of event enums.

use std::collections::BTreeMap;

use syn::{Data, Fields, Type};

use super::model::{EventEnum, Field, Kind};
use crate::support::names::Name;
use crate::support::{Errors, names, serde, types};

pub(crate) fn check(event: &EventEnum<'_>, errors: &mut Errors) {
    let input = event.original;
    if !matches!(input.data, Data::Enum(_)) {
        errors.at(&input.ident, "an event type is an enum: one variant for each thing that can happen");
        return;
    }
    if event.variants.is_empty() {
        errors.at(&input.ident, "an event enum needs a variant: one for each thing that can happen");
    }
    for lifetime in input.generics.lifetimes() {
        errors.at(
            lifetime,
            "an event has no lifetime: it is stored and read again, so it owns what it holds, as `String`, not `&str`",
        );
    }
    serde::check(&input.attrs, errors);
    if let Some(Name::Literal(name)) = &event.name
        && !names::is_dotted(&name.value())
    {
        errors.at(name, format_args!("`{}` cannot be used: {RULE}", name.value()));
        return;
    }
    for kind in &event.variants {
        check_name(kind, errors);
        check_version(kind, errors);
        check_fields(kind, errors);
        serde::check(&kind.original.attrs, errors);
        kind.original.fields.iter().for_each(|field| serde::check(&field.attrs, errors));
    }
    check_unique(event, errors);
}

const RULE: &str = "a name consists of words of lower-case letters, digits and `_`, separated by dots";

fn check_name(kind: &Kind<'_>, errors: &mut Errors) {
    let name = &kind.stored_name;
    let good = names::is_dotted(name);
    match &kind.name {
        Some(literal) if !good => errors.at(literal, format_args!("`{}` cannot be used: {RULE}", literal.value())),
        None if !good => errors
            .at(&kind.original.ident, format_args!("`{name}` cannot be used: {RULE}; say another with `#[event(name = \"…\")]`")),
        _ if name.len() > names::MAX_NAME => errors.at(
            &kind.original.ident,
            format_args!("the name `{name}` has {} bytes, the limit is {}", name.len(), names::MAX_NAME),
        ),
        _ => {}
    }
    for alias in &kind.aliases {
        let text = alias.value();
        if !names::is_dotted(&text) || text.len() > names::MAX_NAME {
            errors.at(alias, format_args!("`{text}` cannot be used: {RULE}, of at most {} bytes", names::MAX_NAME));
        }
    }
}

fn check_version(kind: &Kind<'_>, errors: &mut Errors) {
    let version = &kind.version;
    let (have, need) = (version.upcasters.len(), version.number.saturating_sub(1) as usize);
    match (&version.literal, &version.upcast) {
        (Some(literal), _) if version.number == 0 => errors.at(literal, "schema versions start at 1"),
        (None, Some(upcast)) => errors
            .at(upcast, format_args!("say which schema version the upcasters lead to: `version = {}, upcast = …`", have + 1)),
        (Some(literal), None) if need > 0 => errors.at(literal, missing(version.number, need)),
        (Some(_), Some(upcast)) if have != need => errors.at(upcast, missing(version.number, need)),
        _ => {}
    }
}

fn missing(version: u32, need: usize) -> String {
    let steps: Vec<_> = (1..version).take(3).map(|from| format!("from_{from}_to_{}", from + 1)).collect();
    let (list, more) = (steps.join(", "), if need > 3 { ", …" } else { "" });
    format!(
        "version {version} needs {need} upcaster{}, one for each step: write `upcast = [{list}{more}]`; each is a `fn(Json) -> Result<Json, UpcastError>`",
        if need == 1 { "" } else { "s" },
    )
}

fn check_fields(kind: &Kind<'_>, errors: &mut Errors) {
    if let Fields::Unnamed(fields) = &kind.original.fields {
        match kind.fields.as_slice() {
            [only] if is_no_object(only.ty) => errors.at(
                only.ty,
                format_args!(
                    "the body of an event is an object: name the field, `{} {{ … }}`, or hold a struct",
                    kind.original.ident
                ),
            ),
            [] | [_] => {}
            [_, _, ..] => errors.at(
                fields,
                format_args!("the body of an event is an object: name the fields, `{} {{ … }}`", kind.original.ident),
            ),
        }
    }
    for field in &kind.fields {
        check_tag(field, errors);
    }
}

/// Whether JSON certainly has no object for the type.
fn is_no_object(ty: &Type) -> bool {
    const PLAIN: &[&str] = &[
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize",
        "String", "Vec", "Option",
    ];
    matches!(ty, Type::Tuple(_) | Type::Array(_)) || PLAIN.iter().any(|name| types::is_named(ty, name))
}

fn check_tag(field: &Field<'_>, errors: &mut Errors) {
    let Some(tag) = &field.tag else { return };
    if names::is_word(&tag.key) {
        return;
    }
    let rule = "a key consists of lower-case letters, digits and `_`, and starts with a letter";
    match &tag.literal {
        Some(literal) => errors.at(literal, format_args!("`{}` cannot be used: {rule}", tag.key)),
        None => errors.at(
            &field.member,
            format_args!("`{}` cannot be used as the key of a tag: {rule}; say another with `#[tag(key = \"…\")]`", tag.key),
        ),
    }
}

fn check_unique(event: &EventEnum<'_>, errors: &mut Errors) {
    let mut owners: BTreeMap<String, &Kind<'_>> = BTreeMap::new();
    for kind in &event.variants {
        if let Some(other) = owners.insert(kind.stored_name.clone(), kind) {
            let message = format!("`{}` is already the name of `{}`", kind.stored_name, other.original.ident);
            match &kind.name {
                Some(literal) => errors.at(literal, message),
                None => errors.at(&kind.original.ident, message),
            }
        }
    }
    for kind in &event.variants {
        for alias in &kind.aliases {
            if let Some(other) = owners.insert(alias.value(), kind) {
                errors.at(alias, format_args!("`{}` is already a name of `{}`", alias.value(), other.original.ident));
            }
        }
    }
}
