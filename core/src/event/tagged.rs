//! Events of Annals itself: enums that serde tags, stored as their fields alone.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{EncodeError, EventKind, Json, Payload, PayloadError};

/// Writes the fields of a variant: serde's tag around them says what the name of the event says already.
pub(crate) fn encode_fields(event: &impl Serialize) -> Result<Payload, EncodeError> {
    let mut tagged = crate::codec::to_json(event)?;
    let fields = tagged.as_object_mut().and_then(|object| object.values_mut().next().map(Json::take));
    Payload::json(&fields.unwrap_or_default())
}

/// Reads the fields of the variant whose tag is the last word of the name of its kind.
pub(crate) fn decode_fields<T: DeserializeOwned>(kind: &EventKind, payload: &Payload) -> Result<T, PayloadError> {
    let fields: Json = payload.read()?;
    let tag = kind.name.rsplit('.').next().unwrap_or(kind.name);
    let tagged = Json::Object([(tag.to_owned(), fields)].into_iter().collect());
    Ok(serde_json::from_value(tagged)?)
}
