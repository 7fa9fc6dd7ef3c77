//! What is known about a message besides its content.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{CausationId, CorrelationId, Timestamp};

/// What is known about a command or event besides its content.
///
/// Stores keep it as JSON; the keys of Annals start with `$` (`docs/format.md`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Metadata {
    /// When it happened, by the clock of the application.
    #[serde(rename = "$occurred_at")]
    pub occurred_at: Timestamp,
    /// What it belongs to: the same for everything that one request set in motion.
    #[serde(rename = "$correlation")]
    pub correlation_id: CorrelationId,
    /// The message that directly caused it; none at the start of a chain.
    #[serde(rename = "$causation", default, skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<CausationId>,
    /// On whose behalf it happened.
    #[serde(rename = "$actor", default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Which service or component sent it.
    #[serde(rename = "$source", default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The W3C `traceparent` of the span it belongs to.
    #[serde(rename = "$trace", default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// What the application adds.
    #[serde(flatten)]
    extra: BTreeMap<String, String>,
}

/// A metadata key that starts with `$`, which is kept for Annals.
#[derive(Clone, Error, PartialEq, Eq)]
#[error("the metadata key `{0}` cannot be used: keys that start with `$` are kept for Annals")]
pub struct ReservedMetadataKey(String);

crate::__debug_as_told!(ReservedMetadataKey);

impl Metadata {
    /// The metadata of a message that starts or continues the chain `correlation_id`.
    pub fn new(occurred_at: Timestamp, correlation_id: CorrelationId) -> Self {
        Self { occurred_at, correlation_id, causation_id: None, actor: None, source: None, trace: None, extra: BTreeMap::new() }
    }

    /// The metadata of a message that this one, known as `cause`, brings about at `occurred_at`: same
    /// correlation, actor, trace and application keys.
    #[must_use]
    pub fn caused_by(&self, cause: CausationId, occurred_at: Timestamp) -> Self {
        Self { occurred_at, causation_id: Some(cause), ..self.clone() }
    }

    /// Adds a key of the application.
    ///
    /// # Errors
    /// [`ReservedMetadataKey`] if it starts with `$`.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<String>) -> Result<(), ReservedMetadataKey> {
        let key = key.into();
        if key.starts_with('$') {
            return Err(ReservedMetadataKey(key));
        }
        self.extra.insert(key, value.into());
        Ok(())
    }

    /// The value of a key of the application.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.extra.get(key).map(String::as_str)
    }

    /// The keys and values of the application, in order of the keys.
    pub fn extra(&self) -> impl Iterator<Item = (&str, &str)> {
        self.extra.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The bytes that stores keep.
    pub fn encode(&self) -> EncodedMetadata {
        // Texts, identities and a moment: there is nothing in it that JSON cannot write.
        EncodedMetadata(serde_json::to_vec(self).unwrap_or_default().into())
    }
}

/// Metadata as it lies in a store: decoded only when somebody asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EncodedMetadata(Bytes);

impl EncodedMetadata {
    /// Takes the bytes that a store kept.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// Reads them.
    ///
    /// # Errors
    /// If the bytes are not what [`Metadata::encode`] writes.
    pub fn decode(&self) -> Result<Metadata, serde_json::Error> {
        serde_json::from_slice(&self.0)
    }
}

impl From<&Metadata> for EncodedMetadata {
    fn from(metadata: &Metadata) -> Self {
        metadata.encode()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CommandId;

    #[test]
    fn metadata_survives_its_stored_form() {
        let mut metadata = Metadata::new(Timestamp::from_micros(1), CorrelationId::from_bytes([1; 16]));
        metadata.actor = Some("ann".into());
        metadata.insert("shop", "seoul").unwrap();
        assert_eq!(metadata.encode().decode().unwrap(), metadata);
    }

    #[test]
    fn what_is_caused_belongs_to_the_same_chain() {
        let request = Metadata::new(Timestamp::EPOCH, CorrelationId::from_bytes([1; 16]));
        let cause = CausationId::from(CommandId::from_bytes([2; 16]));
        let effect = request.caused_by(cause, Timestamp::from_micros(5));
        assert_eq!((effect.correlation_id, effect.causation_id), (request.correlation_id, Some(cause)));
    }

    #[test]
    fn the_keys_of_annals_cannot_be_overwritten() {
        let mut metadata = Metadata::new(Timestamp::EPOCH, CorrelationId::from_bytes([1; 16]));
        assert_eq!(
            metadata.insert("$actor", "eve").unwrap_err().to_string(),
            "the metadata key `$actor` cannot be used: keys that start with `$` are kept for Annals"
        );
    }
}
