//! What serde says about fields holds for events and commands, too.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use annals::{Command, Event, Payload, PayloadError};
use serde::{Deserializer, Serialize, Serializer, de::DeserializeOwned};

#[derive(Event, Debug, PartialEq)]
#[serde(rename_all_fields = "camelCase", deny_unknown_fields)]
#[event(name = "note")]
enum NoteEvent {
    Written {
        first_line: String,
        #[serde(with = "hex")]
        color: u32,
        #[serde(serialize_with = "shout", skip_serializing_if = "str::is_empty", default)]
        title: String,
        #[serde(skip)]
        cached: u64,
        #[serde(default = "one", rename = "n")]
        copies: u64,
    },
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    Moved {
        new_place: u64,
    },
    Answered {
        answers: Vec<u64>,
        kind: PhantomData<Self>,
    },
    Shown(),
    Hidden {},
    Flagged(#[serde(deserialize_with = "any_map")] BTreeMap<String, u8>),
}

#[derive(Event, Debug, PartialEq)]
enum Flat {
    Set {
        #[tag]
        name: String,
        #[serde(flatten)]
        more: BTreeMap<String, u8>,
    },
}

#[derive(Command, Debug, PartialEq)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct WriteNote {
    #[id]
    note_id: u64,
    #[serde(with = "hex")]
    color: u32,
    copies: u64,
}

impl Default for WriteNote {
    fn default() -> Self {
        Self { note_id: 0, color: 0, copies: 7 }
    }
}

mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(color: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{color:06x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

fn shout<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    text.to_uppercase().serialize(serializer)
}

fn any_map<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(deserializer)
}

fn one() -> u64 {
    1
}

fn survives(event: &NoteEvent, body: &str) {
    let payload = event.encode().unwrap();
    assert_eq!(payload.data, body);
    assert_eq!(&NoteEvent::from_payload(event.kind(), &payload).unwrap(), event);
}

fn read<E: Event>(kind: usize, body: &'static str) -> Result<E, PayloadError> {
    let payload = Payload { encoding: annals::Encoding::JSON, data: body.into() };
    E::from_payload(&E::KINDS[kind], &payload)
}

#[test]
fn attributes_of_fields_hold() {
    let note = |title: &str| NoteEvent::Written { first_line: "a".into(), color: 255, title: title.into(), cached: 0, copies: 2 };
    survives(&note(""), r#"{"firstLine":"a","color":"0000ff","n":2}"#);
    survives(&note("T"), r#"{"firstLine":"a","color":"0000ff","title":"T","n":2}"#);
    let short: NoteEvent = read(0, r#"{"firstLine":"a","color":"0000ff"}"#).unwrap();
    assert!(matches!(short, NoteEvent::Written { copies: 1, .. }));
}

#[test]
fn every_shape_of_variant_survives() {
    survives(&NoteEvent::Moved { new_place: 3 }, r#"{"NEW_PLACE":3}"#);
    survives(&NoteEvent::Answered { answers: vec![1], kind: PhantomData }, r#"{"answers":[1],"kind":null}"#);
    survives(&NoteEvent::Shown(), "{}");
    survives(&NoteEvent::Hidden {}, "{}");
    survives(&NoteEvent::Flagged(BTreeMap::from([("a".into(), 1)])), r#"{"a":1}"#);
}

#[test]
fn unknown_fields_are_passed_over_unless_denied() {
    assert!(read::<NoteEvent>(1, r#"{"NEW_PLACE":3,"more":1}"#).is_err());
    assert_eq!(read::<super::domain::OrderEvent>(1, r#"{"more":1}"#).unwrap(), super::domain::OrderEvent::Paid);
}

#[test]
fn fields_may_be_flattened() {
    let event = Flat::Set { name: "x".into(), more: BTreeMap::from([("a".into(), 1)]) };
    let payload = event.encode().unwrap();
    assert_eq!(payload.data, r#"{"name":"x","a":1}"#);
    assert_eq!(Flat::from_payload(event.kind(), &payload).unwrap(), event);
}

#[test]
fn attributes_of_a_command_hold() {
    let command = WriteNote { note_id: 1, color: 16, copies: 2 };
    let payload = command.encode().unwrap();
    assert_eq!(payload.data, r#"{"noteId":1,"color":"000010","copies":2}"#);
    assert_eq!(WriteNote::decode(&payload).unwrap(), command);

    let decode = |body: &'static str| WriteNote::decode(&Payload { encoding: annals::Encoding::JSON, data: body.into() });
    assert_eq!(decode(r#"{"noteId":1}"#).unwrap(), WriteNote { note_id: 1, color: 0, copies: 7 });
    assert!(decode(r#"{"note_id":1}"#).is_err());
}
