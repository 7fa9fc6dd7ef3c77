//! How derived events and commands are written and read: by a hidden type that has the user's fields and serde.
//!
//! The hidden type is handed the one end of serde that it needs, so that an expansion holds neither wrapper types nor
//! the steps around them.

use serde::de::value::U32Deserializer;
use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

use super::foreign_kind;
use crate::codec::{JsonReader, JsonWriter};
use crate::{EncodeError, EventKind, Payload, PayloadError};

type Result<T> = std::result::Result<T, serde_json::Error>;

/// Writes fields as an object.
///
/// # Errors
/// [`EncodeError`] if a field cannot be written.
pub fn write(fields: impl FnOnce(JsonWriter<'_, '_>) -> Result<()>) -> std::result::Result<Payload, EncodeError> {
    Payload::written(fields)
}

/// Reads fields from an object.
///
/// # Errors
/// [`PayloadError`] if the fields do not fit.
pub fn read<T>(payload: &Payload, fields: impl FnOnce(JsonReader<'_, '_>) -> Result<T>) -> std::result::Result<T, PayloadError> {
    payload.read_with(fields)
}

/// Writes the fields of a variant as an object.
///
/// # Errors
/// [`EncodeError`] if a field cannot be written.
pub fn write_variant(variant: impl FnOnce(JsonWriter<'_, '_>) -> Result<()>) -> std::result::Result<Payload, EncodeError> {
    let mut payload = Payload::written(variant)?;
    // serde wrote `{"Variant":body}`. The name of the event says which variant it is, so the body alone is kept; the word
    // before the first colon is an identifier, which has none.
    let body = payload.data.iter().position(|&byte| byte == b':').map_or(0, |colon| colon + 1);
    payload.data = payload.data.slice(body..payload.data.len().saturating_sub(1));
    Ok(payload)
}

/// Reads the fields of the variant that `kind` is of.
///
/// # Errors
/// [`PayloadError`] if the fields do not fit.
pub fn read_variant<T>(
    kinds: &[EventKind],
    kind: &EventKind,
    payload: &Payload,
    variant: impl FnOnce(Variant<JsonReader<'_, '_>>) -> Result<T>,
) -> std::result::Result<T, PayloadError> {
    let at = kinds.iter().position(|known| known.name == kind.name).and_then(|at| u32::try_from(at).ok());
    let at = at.ok_or_else(|| foreign_kind(kind))?;
    payload.read_with(|body| variant(Variant { at, body }))
}

/// An enum for serde, of which the variant is known and the body is there.
#[derive(Debug)]
pub struct Variant<D> {
    at: u32,
    body: D,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Variant<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, D::Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, D: Deserializer<'de>> EnumAccess<'de> for Variant<D> {
    type Error = D::Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> std::result::Result<(V::Value, Self), D::Error> {
        let at: U32Deserializer<D::Error> = self.at.into_deserializer();
        Ok((seed.deserialize(at)?, self))
    }
}

impl<'de, D: Deserializer<'de>> VariantAccess<'de> for Variant<D> {
    type Error = D::Error;

    fn unit_variant(self) -> std::result::Result<(), D::Error> {
        serde::Deserialize::deserialize(self.body)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> std::result::Result<T::Value, D::Error> {
        seed.deserialize(self.body)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> std::result::Result<V::Value, D::Error> {
        self.body.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, D::Error> {
        self.body.deserialize_struct("", fields, visitor)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Named { text: String },
        Tuple(u8, u8),
        Held(Vec<u8>),
        Unit,
    }

    const fn kind(name: &'static str) -> EventKind {
        EventKind { name, version: 1, aliases: &[], upcasters: &[] }
    }

    const KINDS: [EventKind; 4] = [kind("named"), kind("tuple"), kind("held"), kind("unit")];

    #[test]
    fn the_body_of_a_variant_is_what_it_holds() {
        let shapes = [
            (Shape::Named { text: "a:\"}".into() }, r#"{"text":"a:\"}"}"#),
            (Shape::Tuple(1, 2), "[1,2]"),
            (Shape::Held(vec![]), "[]"),
        ];
        for (at, (shape, body)) in shapes.into_iter().enumerate() {
            let payload = write_variant(|writer| shape.serialize(writer)).unwrap();
            assert_eq!(payload.data, body);
            assert_eq!(read_variant(&KINDS, &KINDS[at], &payload, |variant| Shape::deserialize(variant)).unwrap(), shape);
        }
        let null = Payload::json(&()).unwrap();
        assert_eq!(read_variant(&KINDS, &KINDS[3], &null, |variant| Shape::deserialize(variant)).unwrap(), Shape::Unit);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let body = |text: &'static str| Payload { encoding: crate::Encoding::JSON, data: text.into() };
        let read =
            |kind: &EventKind, text| read_variant(&KINDS, kind, &body(text), |variant| Shape::deserialize(variant)).unwrap_err();
        let source = |error: PayloadError| std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        assert_eq!(source(read(&KINDS[0], "{}")), "missing field `text` at line 1 column 2");
        assert_eq!(source(read(&KINDS[0], r#"{"text":"a"} {}"#)), "trailing characters at line 1 column 14");
        assert_eq!(source(read(&kind("other"), "{}")), "`other` is a kind of another event type");
    }
}
