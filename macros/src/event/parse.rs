//! From syntax to model.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Ident, LitInt, LitStr, Member, Path, Token, Variant, bracketed};

use super::model::{EventEnum, Field, Kind, Tag, Version};
use crate::support::attr::value;
use crate::support::names::Name;
use crate::support::{Errors, Keys, Krate, names, serde};

const ENUM: Keys = Keys { attribute: "`#[event]` on an enum", accepted: &["name", "crate"], repeated: &[] };
const VARIANT: Keys =
    Keys { attribute: "`#[event]` on a variant", accepted: &["name", "version", "upcast", "alias"], repeated: &["alias"] };
const TAG: Keys = Keys { attribute: "`#[tag]`", accepted: &["key"], repeated: &[] };

pub(crate) fn parse<'a>(input: &'a DeriveInput, errors: &mut Errors) -> EventEnum<'a> {
    let mut event = EventEnum {
        original: input,
        krate: Krate::default(),
        name: None,
        serde: serde::of_container(&input.attrs, &["bound", "deny_unknown_fields", "rename_all_fields"]),
        variants: Vec::new(),
    };
    for attribute in marked(&input.attrs, "event") {
        ENUM.read_attribute(attribute, errors, |key, input| {
            match key.to_string().as_str() {
                "name" => event.name = Some(value(key, input)?),
                _ => event.krate = Krate(Some(value(key, input)?)),
            }
            Ok(())
        });
    }
    if let Data::Enum(data) = &input.data {
        let from_ident = Name::Literal(category(&input.ident));
        let first = event.name.as_ref().unwrap_or(&from_ident);
        event.variants = data.variants.iter().map(|variant| kind(variant, first, errors)).collect();
    }
    event
}

/// `OrderEvent` → `order`.
fn category(name: &Ident) -> LitStr {
    let text = names::snake(name);
    LitStr::new(text.strip_suffix("_event").unwrap_or(&text), name.span())
}

fn kind<'a>(variant: &'a Variant, first: &Name, errors: &mut Errors) -> Kind<'a> {
    let mut kind = Kind {
        original: variant,
        name: None,
        stored_name: String::new(),
        is_second: false,
        version: Version { number: 1, ..Version::default() },
        aliases: Vec::new(),
        serde: serde::of_container(&variant.attrs, &["bound", "rename_all"]),
        fields: variant.fields.members().zip(&variant.fields).map(|(member, field)| read_field(member, field, errors)).collect(),
    };
    for attribute in marked(&variant.attrs, "event") {
        VARIANT.read_attribute(attribute, errors, |key, input| {
            match key.to_string().as_str() {
                "name" => kind.name = Some(value(key, input)?),
                "alias" => kind.aliases.push(value(key, input)?),
                "version" => {
                    let literal: LitInt = value(key, input)?;
                    kind.version.number = literal.base10_parse()?;
                    kind.version.literal = Some(literal);
                }
                _ => {
                    let Paths(paths) = value(key, input)?;
                    kind.version.upcasters = paths;
                    kind.version.upcast = Some(key.clone());
                }
            }
            Ok(())
        });
    }
    let second = kind.name.as_ref().map_or_else(|| names::snake(&variant.ident), syn::LitStr::value);
    kind.stored_name = match first {
        _ if kind.name.is_some() && second.contains('.') => second,
        Name::Literal(first) => format!("{}.{second}", first.value()),
        Name::Constant(_) => {
            kind.is_second = true;
            second
        }
    };
    kind
}

fn read_field<'a>(member: Member, field: &'a syn::Field, errors: &mut Errors) -> Field<'a> {
    let mut tag = None;
    for attribute in marked(&field.attrs, "tag") {
        if tag.is_some() {
            errors.at(attribute, "`#[tag]` is given twice");
        }
        let mut literal: Option<syn::LitStr> = None;
        TAG.read_attribute(attribute, errors, |key, input| {
            literal = Some(value(key, input)?);
            Ok(())
        });
        let name = field.ident.as_ref().map(|ident| ident.unraw().to_string());
        match (&literal, name) {
            (None, None) => errors.at(attribute, "the field has no name: say the key of the tag, `#[tag(key = \"…\")]`"),
            (Some(text), _) => tag = Some(Tag { key: text.value(), literal }),
            (None, Some(key)) => tag = Some(Tag { key, literal }),
        }
    }
    Field { original: field, member, ty: &field.ty, serde: serde::metas(&field.attrs), tag }
}

fn marked<'a>(attributes: &'a [Attribute], name: &'static str) -> impl Iterator<Item = &'a Attribute> {
    attributes.iter().filter(move |attribute| attribute.path().is_ident(name))
}

/// `[path, …]`
struct Paths(Vec<Path>);

impl syn::parse::Parse for Paths {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let content;
        bracketed!(content in input);
        Ok(Self(Punctuated::<Path, Token![,]>::parse_terminated(&content)?.into_iter().collect()))
    }
}
