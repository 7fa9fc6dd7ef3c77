//! What the macros write, against `docs/golden/derived_events.json`, in both directions.
//!
//! If a test here fails, the change breaks every event and command that is stored: undo the change, not the golden file.

use annals::{
    AppendId, Command, CorrelationId, DecodeError, Encoding, EventId, EventName, Json, LogId, Metadata, NewEvent, Payload,
    Position, RecordedEvent, StreamId, Timestamp, UpcastError, Version,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, annals::Event)]
enum OrderEvent {
    Placed {
        total: u64,
        currency: String,
        note: Option<String>,
    },
    LineAdded(Line),
    Paid,
    Shipped {},
    Closed(),
    #[event(name = "called_off", alias = "order.cancelled", alias = "order.canceled")]
    Cancelled {
        #[serde(rename = "why")]
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    #[event(name = "billing.invoice.issued", version = 3, upcast = [add_currency, call_it_amount])]
    Invoiced {
        amount: u64,
        currency: String,
        #[tag]
        customer: String,
        #[tag(key = "invoice")]
        number: u32,
        #[tag]
        agent: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    Line2Moved {
        from_shelf: String,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Line {
    sku: String,
    count: u32,
}

#[derive(Debug, PartialEq, annals::Event)]
enum HTTPCallEvent {
    GETSent,
}

#[derive(Debug, PartialEq, annals::Event)]
enum Event {
    Happened,
}

#[derive(Debug, PartialEq, annals::Event)]
#[event(name = "shop.stock")]
enum StockEvent {
    #[event(name = "in")]
    Received,
}

#[derive(Debug, PartialEq, Command)]
struct PlaceOrder {
    #[id]
    order: String,
    total: u64,
}

#[derive(Debug, PartialEq, Command)]
#[command(name = "orders.close")]
struct CloseOrder {
    #[id]
    order: String,
}

fn add_currency(mut body: Json) -> Result<Json, UpcastError> {
    body["currency"] = "KRW".into();
    Ok(body)
}

fn call_it_amount(mut body: Json) -> Result<Json, UpcastError> {
    body["amount"] = body["total"].take();
    Ok(body)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    #[serde(rename = "about")]
    _about: String,
    events: Vec<Written>,
    read: Vec<Read>,
    refused: Vec<Refused>,
    commands: Vec<WrittenCommand>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    from: String,
    name: String,
    aliases: Vec<String>,
    schema_version: u32,
    body: String,
    tags: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    why: String,
    name: String,
    schema_version: u32,
    body: String,
    is_name: String,
    is_body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    why: String,
    name: String,
    schema_version: u32,
    body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCommand {
    from: String,
    name: String,
    body: String,
}

fn golden() -> Golden {
    let read = serde_json::from_str(include_str!("../docs/golden/derived_events.json"));
    read.unwrap_or_else(|error| panic!("docs/golden/derived_events.json: {error}"))
}

fn text(value: &str) -> String {
    value.to_owned()
}

fn order_events() -> Vec<OrderEvent> {
    vec![
        OrderEvent::Placed { total: 5, currency: text("KRW"), note: None },
        OrderEvent::LineAdded(Line { sku: text("S-1"), count: 2 }),
        OrderEvent::Paid,
        OrderEvent::Shipped {},
        OrderEvent::Closed(),
        OrderEvent::Cancelled { reason: text("late"), by: None },
        OrderEvent::Invoiced { amount: 5, currency: text("EUR"), customer: text("CUST001"), number: 17, agent: None },
        OrderEvent::Line2Moved { from_shelf: text("A") },
    ]
}

fn stored(name: &str, schema_version: u32, body: &str) -> RecordedEvent {
    RecordedEvent {
        log: LogId::MAIN,
        position: Position::FIRST,
        stream: StreamId::new("order", "A-17").unwrap(),
        version: Version::FIRST,
        id: EventId::from_bytes([1; 16]),
        append_id: AppendId::from_bytes([2; 16]),
        name: EventName::new(name).unwrap(),
        schema_version,
        payload: Payload { encoding: Encoding::JSON, data: text(body).into() },
        metadata: Metadata::new(Timestamp::EPOCH, CorrelationId::from_bytes([3; 16])).encode(),
        tags: Vec::new(),
        recorded_at: Timestamp::EPOCH,
    }
}

/// Name, schema version, body and tags as an append keeps them.
fn kept(event: &impl annals::Event) -> (String, u32, String, Vec<String>) {
    let metadata = Metadata::new(Timestamp::EPOCH, CorrelationId::from_bytes([3; 16])).encode();
    let new = NewEvent::new(EventId::from_bytes([1; 16]), event, &metadata).unwrap();
    assert_eq!(new.payload.encoding, Encoding::JSON);
    let body = String::from_utf8(new.payload.data.to_vec()).unwrap();
    (new.name.to_string(), new.schema_version, body, new.tags.iter().map(ToString::to_string).collect())
}

fn compare<E: annals::Event + PartialEq + std::fmt::Debug>(event: &E, golden: &Written) {
    let Written { from, name, aliases, schema_version, body, tags } = golden;
    assert_eq!(kept(event), (name.clone(), *schema_version, body.clone(), tags.clone()), "{from}");
    assert_eq!(event.kind().aliases, aliases, "{from}");
    assert_eq!(stored(name, *schema_version, body).decode::<E>().unwrap(), *event, "{from}");
    for alias in aliases {
        assert_eq!(stored(alias, *schema_version, body).decode::<E>().unwrap(), *event, "{from}");
    }
}

#[test]
fn derived_events_are_written_and_read_as_in_the_golden_file() {
    let golden = golden().events;
    let orders = order_events();
    assert_eq!(golden.len(), orders.len() + 3);
    for (event, case) in orders.iter().zip(&golden) {
        compare(event, case);
    }
    compare(&HTTPCallEvent::GETSent, &golden[orders.len()]);
    compare(&Event::Happened, &golden[orders.len() + 1]);
    compare(&StockEvent::Received, &golden[orders.len() + 2]);
}

#[test]
fn events_of_older_programs_are_what_they_are_in_the_golden_file() {
    for case in golden().read {
        let event: OrderEvent = stored(&case.name, case.schema_version, &case.body).decode().unwrap();
        let (name, _, body, _) = kept(&event);
        assert_eq!((name, body), (case.is_name, case.is_body), "{}", case.why);
    }
}

#[test]
fn events_that_no_program_wrote_are_refused() {
    for case in golden().refused {
        let read: Result<OrderEvent, DecodeError> = stored(&case.name, case.schema_version, &case.body).decode();
        assert!(read.is_err(), "{}", case.why);
    }
}

#[test]
fn derived_commands_are_written_and_read_as_in_the_golden_file() {
    fn compare<C: Command + PartialEq + std::fmt::Debug>(command: &C, golden: &WrittenCommand) {
        assert_eq!(C::NAME, golden.name, "{}", golden.from);
        let payload = Payload { encoding: Encoding::JSON, data: text(&golden.body).into() };
        assert_eq!(command.encode().unwrap(), payload, "{}", golden.from);
        assert_eq!(C::decode(&payload).unwrap(), *command, "{}", golden.from);
    }
    let golden = golden().commands;
    assert_eq!(golden.len(), 2);
    compare(&PlaceOrder { order: text("A-17"), total: 5 }, &golden[0]);
    compare(&CloseOrder { order: text("A-17") }, &golden[1]);
}
