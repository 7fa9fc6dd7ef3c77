use std::collections::BTreeMap;

use annals_core::{Encoding, Payload};
use serde::Deserialize;
use serde_json::Value;

use crate::support::golden;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payloads {
    #[serde(rename = "about")]
    _about: String,
    encodings: BTreeMap<String, u16>,
    payloads: Vec<Written>,
    floats: Floats,
    also_read: Vec<Written>,
    refused: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "note", default)]
    _note: String,
    content: Value,
    json: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Floats {
    #[serde(rename = "about")]
    _about: String,
    values: Vec<Float>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Float {
    bits: String,
    json: String,
}

fn payload(json: &str) -> Payload {
    Payload { encoding: Encoding::from_number(1), data: json.to_owned().into() }
}

#[test]
fn encodings_have_their_numbers() {
    let golden: Payloads = golden!("payloads");
    assert_eq!(golden.encodings, [("JSON".to_owned(), Encoding::JSON.number())].into());
}

#[test]
fn content_is_compact_json() {
    let golden: Payloads = golden!("payloads");
    for case in golden.payloads {
        assert_eq!(Payload::json(&case.content).unwrap(), payload(&case.json), "{}", case.json);
        assert_eq!(payload(&case.json).read::<Value>().unwrap(), case.content, "{}", case.json);
    }
    for case in golden.also_read {
        assert_eq!(payload(&case.json).read::<Value>().unwrap(), case.content, "{}", case.json);
    }
    for json in golden.refused {
        assert!(payload(&json).read::<Value>().is_err(), "{json}");
    }
}

#[test]
fn a_floating_point_number_is_read_as_it_was() {
    let golden: Payloads = golden!("payloads");
    for case in golden.floats.values {
        let bits = u64::from_str_radix(&case.bits, 16).unwrap();
        let read = |payload: &Payload| payload.read::<f64>().unwrap().to_bits();
        assert_eq!(read(&payload(&case.json)), bits, "{}", case.json);
        assert_eq!(read(&Payload::json(&f64::from_bits(bits)).unwrap()), bits, "{}", case.json);
    }
}
