use annals_core::{
    AppendId, CorrelationId, DecodeError, EncodeError, Encoding, Event, EventId, EventKind, EventName, InvalidTag, Json, LogId,
    Metadata, NewEvent, Payload, PayloadError, Position, RecordedEvent, StreamId, Tag, Timestamp, UpcastError, Version,
};
use serde::{Deserialize, Serialize};

use crate::support::golden;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Events {
    #[serde(rename = "about")]
    _about: String,
    kinds: Vec<Kind>,
    written: Vec<Written>,
    read: Vec<Read>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    name: String,
    version: u32,
    aliases: Vec<String>,
    upcasters: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    event: OrderEvent,
    name: String,
    schema_version: u32,
    encoding: u16,
    body: String,
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    name: String,
    schema_version: u32,
    encoding: u16,
    body: String,
    event: OrderEvent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    why: String,
    name: String,
    schema_version: u32,
    encoding: u16,
    body: String,
}

/// The type of the golden file, written without macros. Its own serde form is that of the golden file only.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OrderEvent {
    Placed(Placed),
    Paid,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Placed {
    currency: String,
    amount: u64,
}

#[derive(Serialize, Deserialize)]
struct Nothing {}

fn add_currency(mut body: Json) -> Result<Json, UpcastError> {
    body["currency"] = "KRW".into();
    Ok(body)
}

fn call_it_amount(mut body: Json) -> Result<Json, UpcastError> {
    body["amount"] = body["total"].take();
    Ok(body)
}

impl Event for OrderEvent {
    const KINDS: &'static [EventKind] = &[
        EventKind { name: "order.placed", version: 3, aliases: &["order.created"], upcasters: &[add_currency, call_it_amount] },
        EventKind { name: "order.paid", version: 1, aliases: &[], upcasters: &[] },
    ];

    fn kind(&self) -> &'static EventKind {
        match self {
            Self::Placed(_) => &Self::KINDS[0],
            Self::Paid => &Self::KINDS[1],
        }
    }

    fn tags(&self) -> Result<Vec<Tag>, InvalidTag> {
        match self {
            Self::Placed(placed) => Ok(vec![Tag::new("currency", &placed.currency)?]),
            Self::Paid => Ok(Vec::new()),
        }
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        match self {
            Self::Placed(placed) => Payload::json(placed),
            Self::Paid => Payload::json(&Nothing {}),
        }
    }

    fn from_payload(kind: &'static EventKind, payload: &Payload) -> Result<Self, PayloadError> {
        match kind.name {
            "order.placed" => payload.read().map(Self::Placed),
            _ => payload.read::<Nothing>().map(|_| Self::Paid),
        }
    }
}

/// An event with any tags.
pub(crate) struct Tagged(pub(crate) Vec<Tag>);

impl Event for Tagged {
    const KINDS: &'static [EventKind] = &[EventKind { name: "tagged", version: 1, aliases: &[], upcasters: &[] }];

    fn kind(&self) -> &'static EventKind {
        &Self::KINDS[0]
    }

    fn tags(&self) -> Result<Vec<Tag>, InvalidTag> {
        Ok(self.0.clone())
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        Payload::json(&Nothing {})
    }

    fn from_payload(_: &'static EventKind, _: &Payload) -> Result<Self, PayloadError> {
        Ok(Self(Vec::new()))
    }
}

/// What an append keeps of an event.
pub(crate) fn prepare(event: &impl Event) -> NewEvent {
    let metadata = Metadata::new(Timestamp::EPOCH, CorrelationId::from_bytes([1; 16])).encode();
    NewEvent::new(EventId::from_bytes([2; 16]), event, &metadata).unwrap()
}

fn stored(name: &str, schema_version: u32, encoding: u16, body: &str) -> Result<OrderEvent, DecodeError> {
    RecordedEvent {
        log: LogId::MAIN,
        position: Position::FIRST,
        stream: StreamId::new("order", "A-17").unwrap(),
        version: Version::FIRST,
        id: EventId::from_bytes([2; 16]),
        append_id: AppendId::from_bytes([3; 16]),
        name: EventName::new(name).unwrap(),
        schema_version,
        payload: Payload { encoding: Encoding::from_number(encoding), data: body.to_owned().into() },
        metadata: Metadata::new(Timestamp::EPOCH, CorrelationId::from_bytes([1; 16])).encode(),
        tags: Vec::new(),
        recorded_at: Timestamp::EPOCH,
    }
    .decode()
}

#[test]
fn an_event_is_written_under_its_name_and_newest_version() {
    let golden: Events = golden!("events");
    for case in golden.written {
        let new = prepare(&case.event);
        assert_eq!((new.name.as_str(), new.schema_version), (case.name.as_str(), case.schema_version));
        assert_eq!(new.payload.encoding.number(), case.encoding);
        assert_eq!(str::from_utf8(&new.payload.data).unwrap(), case.body);
        assert_eq!(new.tags, case.tags);
    }
}

#[test]
fn old_versions_and_names_are_read_as_the_newest() {
    let golden: Events = golden!("events");
    for case in golden.read {
        let event = stored(&case.name, case.schema_version, case.encoding, &case.body).unwrap();
        assert_eq!(event, case.event, "{} {}", case.name, case.schema_version);
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    let golden: Events = golden!("events");
    for case in golden.refused {
        assert!(stored(&case.name, case.schema_version, case.encoding, &case.body).is_err(), "{}", case.why);
    }
}

#[test]
fn the_kinds_are_those_of_the_golden_file() {
    let golden: Events = golden!("events");
    assert_eq!(golden.kinds.len(), OrderEvent::KINDS.len());
    for (golden, kind) in golden.kinds.iter().zip(OrderEvent::KINDS) {
        assert_eq!((golden.name.as_str(), golden.version), (kind.name, kind.version));
        assert_eq!(golden.aliases, kind.aliases);
        assert_eq!(golden.upcasters.len(), kind.upcasters.len());
    }
}
