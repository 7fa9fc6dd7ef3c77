use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use annals_core::{AppendId, CausationId, Clock, CommandId, CorrelationId, Env, EventId, Executor, MessageId, Random, Timestamp};
use futures_util::future::BoxFuture;
use serde::Deserialize;

use crate::support::{from_hex_array, golden, hex};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ids {
    #[serde(rename = "about")]
    _about: String,
    ids: Vec<Written>,
    refused: Vec<String>,
    generated: Vec<Generated>,
    derived: Vec<Derived>,
    same_bytes: SameBytes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    text: String,
    bytes: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Generated {
    #[serde(rename = "note")]
    _note: String,
    unix_ms: i64,
    random: String,
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Derived {
    #[serde(rename = "note", default)]
    _note: String,
    from: String,
    name: String,
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SameBytes {
    #[serde(rename = "about")]
    _about: String,
    id: String,
}

#[test]
fn an_id_is_16_bytes_and_in_text_a_uuid() {
    let golden: Ids = golden!("ids");
    for case in golden.ids {
        macro_rules! compare {
            ($($id:ty),*) => { $(
                let id: $id = case.text.parse().unwrap();
                assert_eq!(hex(id.as_bytes()), case.bytes);
                assert_eq!(<$id>::from_bytes(from_hex_array(&case.bytes)).to_string(), case.text);
                assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{}\"", case.text));
                assert_eq!(serde_json::from_str::<$id>(&format!("\"{}\"", case.text)).unwrap(), id);
            )* };
        }
        compare!(AppendId, CausationId, CommandId, CorrelationId, EventId, MessageId);
    }
    for text in golden.refused {
        assert!(text.parse::<EventId>().is_err(), "{text:?}");
    }
}

#[test]
fn a_new_id_carries_its_moment() {
    let golden: Ids = golden!("ids");
    for case in golden.generated {
        let id = EventId::generate(&fixed(case.unix_ms, from_hex_array(&case.random)));
        assert_eq!(id.to_string(), case.id);
        assert_eq!(i64::from_str_radix(&hex(&id.as_bytes()[..6]), 16), Ok(case.unix_ms));
    }
}

#[test]
fn a_derived_id_is_the_same_for_ever() {
    let golden: Ids = golden!("ids");
    for case in golden.derived {
        assert_eq!(case.from.parse::<CommandId>().unwrap().derive(&case.name).to_string(), case.id);
        assert_eq!(case.from.parse::<AppendId>().unwrap().derive(&case.name).to_string(), case.id);
    }
}

#[test]
fn what_is_named_after_a_message_has_its_bytes() {
    let golden: Ids = golden!("ids");
    let (command, event): (CommandId, EventId) = (golden.same_bytes.id.parse().unwrap(), golden.same_bytes.id.parse().unwrap());
    assert_eq!(AppendId::from(command).to_string(), golden.same_bytes.id);
    assert_eq!(CorrelationId::from(command).to_string(), golden.same_bytes.id);
    assert_eq!(CausationId::from(command).to_string(), golden.same_bytes.id);
    assert_eq!(CausationId::from(event).to_string(), golden.same_bytes.id);
}

/// A world that stands still at a moment and has ten random bytes to give.
struct Fixed {
    unix_ms: i64,
    random: [u8; 16],
    drawn: AtomicUsize,
}

fn fixed(unix_ms: i64, ten: [u8; 10]) -> Env {
    let mut random = [0; 16];
    random[..10].copy_from_slice(&ten);
    let world = Arc::new(Fixed { unix_ms, random, drawn: AtomicUsize::new(0) });
    Env::new(world.clone(), world.clone(), world)
}

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.unix_ms * 1000 + 999)
    }
}

impl Random for Fixed {
    fn next_u64(&self) -> u64 {
        let at = self.drawn.fetch_add(8, Ordering::Relaxed);
        u64::from_le_bytes(self.random[at..at + 8].try_into().unwrap())
    }
}

impl Executor for Fixed {
    fn spawn(&self, _: BoxFuture<'static, ()>) {}

    fn sleep_until(&self, _: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}
