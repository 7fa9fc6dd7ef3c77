use annals_core::{Category, InvalidStreamId, StreamId, Tenant};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::support::{from_hex, golden, hex};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Streams {
    #[serde(rename = "about")]
    _about: String,
    streams: Vec<Stream>,
    refused: Vec<Refused>,
    refused_json: Vec<RefusedJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stream {
    #[serde(rename = "note", default)]
    _note: String,
    tenant: String,
    category: String,
    id: String,
    json: String,
    hashed: String,
    sha256: String,
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    why: String,
    tenant: String,
    category: String,
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusedJson {
    why: String,
    json: String,
}

fn stream(tenant: &str, category: &str, id: &str) -> Result<StreamId, InvalidStreamId> {
    StreamId::of(Tenant::new(tenant)?, Category::new(category)?, id)
}

#[test]
fn a_stream_has_the_key_and_json_of_the_golden_file() {
    let golden: Streams = golden!("streams");
    for case in golden.streams {
        let stream = stream(&case.tenant, &case.category, &case.id).unwrap();
        assert_eq!(hex(stream.key().as_bytes()), case.key, "{}", case.json);
        assert_eq!(serde_json::to_string(&stream).unwrap(), case.json);
        assert_eq!(serde_json::from_str::<StreamId>(&case.json).unwrap(), stream, "{}", case.json);
    }
}

#[test]
fn the_key_is_the_start_of_the_hash_of_the_length_prefixed_parts() {
    let golden: Streams = golden!("streams");
    for case in golden.streams {
        let mut parts = from_hex(&case.hashed);
        assert_eq!(hex(Sha256::digest(&parts)), case.sha256, "{}", case.json);
        assert_eq!(case.sha256[..32], case.key, "{}", case.json);
        for part in [&case.tenant, &case.category, &case.id] {
            let rest = parts.split_off(4 + part.len());
            assert_eq!(parts[..4], u32::try_from(part.len()).unwrap().to_be_bytes(), "{}", case.json);
            assert_eq!(parts[4..], *part.as_bytes(), "{}", case.json);
            parts = rest;
        }
        assert!(parts.is_empty(), "{}", case.json);
    }
}

#[test]
fn what_cannot_be_a_stream_is_refused() {
    let golden: Streams = golden!("streams");
    for case in golden.refused {
        assert!(stream(&case.tenant, &case.category, &case.id).is_err(), "{}", case.why);
    }
    for case in golden.refused_json {
        assert!(serde_json::from_str::<StreamId>(&case.json).is_err(), "{}", case.why);
    }
}
