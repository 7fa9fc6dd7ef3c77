//! From syntax to model.

use syn::{Data, DeriveInput, Fields, LitStr, Meta};

use super::model::{CommandStruct, Field};
use crate::support::attr::value;
use crate::support::{Errors, Keys, Krate, names, serde};

const KEYS: Keys = Keys { attribute: "`#[command]`", accepted: &["name", "crate"], repeated: &[] };

pub(crate) fn parse<'a>(input: &'a DeriveInput, errors: &mut Errors) -> CommandStruct<'a> {
    let mut command = CommandStruct {
        original: input,
        krate: Krate::default(),
        name: None,
        stored_name: String::new(),
        serde: serde::of_container(&input.attrs, &["bound", "default", "deny_unknown_fields", "rename_all"]),
        fields: Vec::new(),
        ids: Vec::new(),
    };
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("command")) {
        KEYS.read_attribute(attribute, errors, |key, input| {
            match key.to_string().as_str() {
                "name" => command.name = Some(value(key, input)?),
                _ => command.krate = Krate(Some(value(key, input)?)),
            }
            Ok(())
        });
    }
    command.stored_name = command.name.as_ref().map_or_else(|| names::snake(&input.ident), LitStr::value);
    if let Data::Struct(data) = &input.data
        && let Fields::Named(fields) = &data.fields
    {
        for field in &fields.named {
            read_field(field, &mut command, errors);
        }
    }
    command
}

fn read_field<'a>(field: &'a syn::Field, command: &mut CommandStruct<'a>, errors: &mut Errors) {
    let mut marks = field.attrs.iter().filter(|attribute| attribute.path().is_ident("id"));
    if let Some(mark) = marks.next() {
        command.ids.push(field);
        if !matches!(mark.meta, Meta::Path(_)) {
            errors.at(&mark.meta, "`#[id]` takes no arguments");
        }
    }
    if let Some(again) = marks.next() {
        errors.at(again, "`#[id]` is given twice");
    }
    command.fields.push(Field { original: field, ty: &field.ty, serde: serde::metas(&field.attrs) });
}
