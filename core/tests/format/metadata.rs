use std::collections::BTreeMap;

use annals_core::{EncodedMetadata, Metadata, Timestamp};
use serde::Deserialize;

use crate::support::golden;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "about")]
    _about: String,
    metadata: Vec<Written>,
    also_read: Vec<AlsoRead>,
    refused: Vec<Refused>,
    reserved_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    occurred_at: i64,
    correlation: String,
    causation: Option<String>,
    actor: Option<String>,
    source: Option<String>,
    trace: Option<String>,
    extra: BTreeMap<String, String>,
    json: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AlsoRead {
    note: String,
    json: String,
    #[serde(rename = "as")]
    written: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    why: String,
    json: String,
}

impl Written {
    fn value(&self) -> Metadata {
        let mut metadata = Metadata::new(Timestamp::from_micros(self.occurred_at), self.correlation.parse().unwrap());
        metadata.causation_id = self.causation.as_ref().map(|id| id.parse().unwrap());
        metadata.actor.clone_from(&self.actor);
        metadata.source.clone_from(&self.source);
        metadata.trace.clone_from(&self.trace);
        for (key, value) in &self.extra {
            metadata.insert(key, value).unwrap();
        }
        metadata
    }
}

fn read(json: &str) -> Result<Metadata, serde_json::Error> {
    EncodedMetadata::from_bytes(json.to_owned()).decode()
}

#[test]
fn metadata_is_one_json_object() {
    let golden: File = golden!("metadata");
    for case in golden.metadata {
        let metadata = case.value();
        assert_eq!(str::from_utf8(metadata.encode().as_bytes()).unwrap(), case.json);
        assert_eq!(read(&case.json).unwrap(), metadata);
        let extra = metadata.extra().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        assert_eq!(case.extra, extra);
    }
    for case in golden.also_read {
        let metadata = read(&case.json).unwrap();
        assert_eq!(str::from_utf8(metadata.encode().as_bytes()).unwrap(), case.written, "{}", case.note);
    }
    for case in golden.refused {
        assert!(read(&case.json).is_err(), "{}", case.why);
    }
}

#[test]
fn an_application_cannot_use_a_reserved_key() {
    let golden: File = golden!("metadata");
    let mut metadata = golden.metadata[0].value();
    for key in golden.reserved_keys {
        assert!(metadata.insert(&key, "x").is_err(), "{key}");
    }
}
