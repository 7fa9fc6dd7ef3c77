//! Whatever lies in a store or comes in a header: decoders answer, and never panic.

use annals_core::saga::SagaEvent;
use annals_core::store::Checkpoint;
use annals_core::{
    Category, EncodedMetadata, Encoding, Event, EventName, LogPosition, Payload, StreamId, Tag, Tenant, Timestamp,
};
use proptest::prelude::*;

/// Bytes that look like what is meant, with something wrong in them.
fn nearly(valid: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let broken = (prop::sample::select(valid), any::<prop::sample::Index>(), any::<u8>(), any::<bool>()).prop_map(
        |(text, at, byte, cut)| {
            let mut bytes = text.as_bytes().to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if cut {
                bytes.truncate(at);
            }
            bytes
        },
    );
    prop_oneof![3 => broken, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

const METADATA: &[&str] = &[
    r#"{"$occurred_at":"2026-11-22T12:00:00.000000Z","$correlation":"00000000-0000-0000-0000-000000000001","a":"b"}"#,
    r#"{"$occurred_at":"2026-11-22T12:00:00Z","$correlation":"00000000-0000-0000-0000-000000000001","$actor":null}"#,
];

const CHECKPOINTS: &[&str] = &[
    r#"{"v":1,"log":0,"scanned_to":7,"epoch":"00000000-0000-0000-0000-000000000001"}"#,
    r#"{"v":1,"log":0,"scanned_to":7,"anchor":{"position":7,"event":"00000000-0000-0000-0000-000000000002"},"epoch":"00000000-0000-0000-0000-000000000001"}"#,
];

const SAGAS: &[&str] = &[
    r#"{"definition":1,"data":{"order":"A"},"deadline":"2026-11-22T12:00:00.000000Z"}"#,
    r#"{"step":"charge","commands":[{"id":"00000000-0000-0000-0000-000000000001","name":"x","body":{}}]}"#,
    r#"{"step":"charge","way":"do","attempt":1,"error":"e","retry_at":"2026-11-22T12:00:00.000000Z"}"#,
    r#"{"cause":{"rejected":{"step":"charge"}}}"#,
    "[]",
    "null",
];

const NAMES: &[&str] = &["order", "$saga.checkout", "order.placed", "customer:CUST001", "0:42", "2026-11-22T12:00:00Z"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn metadata_of_any_bytes_is_answered(bytes in nearly(METADATA)) {
        if let Ok(metadata) = EncodedMetadata::from_bytes(bytes).decode() {
            // What is understood survives being written again.
            prop_assert_eq!(metadata.encode().decode().unwrap(), metadata);
        }
    }

    #[test]
    fn a_checkpoint_of_any_bytes_is_answered(bytes in nearly(CHECKPOINTS)) {
        if let Ok(checkpoint) = serde_json::from_slice::<Checkpoint>(&bytes) {
            let written = serde_json::to_vec(&checkpoint).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Checkpoint>(&written).unwrap(), checkpoint);
        }
    }

    #[test]
    fn a_saga_event_of_any_bytes_is_answered(bytes in nearly(SAGAS), encoding in prop_oneof![9 => Just(1_u16), 1 => any::<u16>()]) {
        let payload = Payload { encoding: Encoding::from_number(encoding), data: bytes.into() };
        for kind in SagaEvent::KINDS {
            if let Ok(event) = SagaEvent::from_payload(kind, &payload) {
                prop_assert_eq!(event.kind().name, kind.name);
                prop_assert_eq!(SagaEvent::from_payload(kind, &event.encode().unwrap()).unwrap(), event);
            }
        }
    }

    #[test]
    fn a_name_of_any_bytes_is_answered(bytes in nearly(NAMES)) {
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(category) = Category::new(&text) {
            prop_assert_eq!(category.as_str(), &*text);
            prop_assert!(StreamId::of(Tenant::NONE, category, "a").is_ok());
        }
        if let Ok(name) = EventName::new(&text) {
            prop_assert_eq!(name.as_str(), &*text);
        }
        if let Ok(tag) = Tag::parse(&text) {
            prop_assert_eq!(Tag::new(tag.key(), tag.value()), Ok(tag));
        }
        if let Ok(token) = text.parse::<LogPosition>() {
            prop_assert_eq!(token.to_string().parse::<LogPosition>().unwrap(), token);
        }
        if let Ok(moment) = text.parse::<Timestamp>() {
            prop_assert_eq!(moment.to_string().parse(), Ok(moment));
        }
    }

    #[test]
    fn stream_ids_that_differ_in_a_part_have_other_keys(parts in ("[a-z]{0,3}", "[a-z]{1,3}", "[a-z/:]{1,4}"), others in ("[a-z]{0,3}", "[a-z]{1,3}", "[a-z/:]{1,4}")) {
        let id = |(tenant, category, id): &(String, String, String)| {
            StreamId::of(Tenant::new(tenant).unwrap(), Category::new(category).unwrap(), id).unwrap()
        };
        prop_assert_eq!(parts == others, id(&parts).key() == id(&others).key());
        prop_assert_eq!(parts == others, id(&parts) == id(&others));
        let json = serde_json::to_string(&id(&parts)).unwrap();
        prop_assert_eq!(serde_json::from_str::<StreamId>(&json).unwrap(), id(&parts));
    }
}
