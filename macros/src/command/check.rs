//! The rules of command structs.

use syn::{Data, Fields};

use super::model::CommandStruct;
use crate::support::{Errors, names, serde};

pub(crate) fn check(command: &CommandStruct<'_>, errors: &mut Errors) {
    let input = command.original;
    let name = &input.ident;
    let Data::Struct(data) = &input.data else {
        errors.at(name, "a command is a struct: one type for each intent, so that each has its own errors");
        return;
    };
    match &data.fields {
        Fields::Named(_) => check_ids(command, errors),
        Fields::Unnamed(fields) => {
            errors.at(fields, format_args!("the fields of a command are named: `struct {name} {{ #[id] … }}`"));
        }
        Fields::Unit => errors.at(
            name,
            format_args!("`{name}` does not say which aggregate it is for: give it a field, `struct {name} {{ #[id] … }}`"),
        ),
    }
    for lifetime in input.generics.lifetimes() {
        errors.at(
            lifetime,
            "a command has no lifetime: it is sent and may be put off, so it owns what it holds, as `String`, not `&str`",
        );
    }
    serde::check(&input.attrs, errors);
    command.fields.iter().for_each(|field| serde::check(&field.original.attrs, errors));
    check_name(command, errors);
}

fn check_ids(command: &CommandStruct<'_>, errors: &mut Errors) {
    let name = &command.original.ident;
    match command.ids.as_slice() {
        [] => errors.at(name, format_args!("`{name}` does not say which aggregate it is for: mark one field with `#[id]`")),
        [_] => {}
        [first, others @ ..] => {
            for other in others {
                let first = first.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                errors.at(&other.ident, format_args!("a command is for one aggregate: `{first}` is marked with `#[id]` already"));
            }
        }
    }
}

fn check_name(command: &CommandStruct<'_>, errors: &mut Errors) {
    let name = &command.stored_name;
    if names::is_dotted(name) && name.len() <= names::MAX_NAME {
        return;
    }
    let rule = "a name consists of words of lower-case letters, digits and `_`, separated by dots";
    match &command.name {
        Some(literal) => {
            errors.at(literal, format_args!("`{name}` cannot be used: {rule}, of at most {} bytes", names::MAX_NAME));
        }
        None => errors.at(
            &command.original.ident,
            format_args!("`{name}` cannot be used: {rule}; say another with `#[command(name = \"…\")]`"),
        ),
    }
}
