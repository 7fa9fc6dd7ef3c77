use annals::{DecodeErrorKind, Encoding, Event, Filter, Payload, RecordedEvent};

use super::domain::{OrderEvent, Parcel, StockEvent};
use super::support::record;

fn placed() -> OrderEvent {
    OrderEvent::Placed { customer: "C1".to_owned(), code: None, total: 7, currency: "EUR".to_owned() }
}

fn body(event: &OrderEvent) -> String {
    String::from_utf8(event.encode().unwrap().data.to_vec()).unwrap()
}

fn with_body(event: &OrderEvent, schema_version: u32, body: &'static str) -> RecordedEvent {
    let payload = Payload { encoding: Encoding::JSON, data: body.into() };
    RecordedEvent { schema_version, payload, ..record(("order", "A"), event) }
}

#[test]
fn names_come_from_enum_and_variant_unless_given() {
    let names: Vec<_> = OrderEvent::KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(names, ["order.placed", "order.paid", "order.called_off", "shipping.sent"]);
    assert_eq!(StockEvent::KINDS[0].name, "stock.taken");
    assert_eq!(OrderEvent::Paid.kind().name, "order.paid");
    assert_eq!((placed().kind().version, OrderEvent::Paid.kind().version), (2, 1));
}

#[test]
fn a_body_is_the_object_of_the_fields() {
    assert_eq!(body(&placed()), r#"{"customer":"C1","code":null,"total":7,"currency":"EUR"}"#);
    assert_eq!(body(&OrderEvent::Paid), "{}");
    assert_eq!(body(&OrderEvent::Cancelled { reason: String::new() }), "{}");
    assert_eq!(body(&OrderEvent::Cancelled { reason: "late".to_owned() }), r#"{"why":"late"}"#);
    assert_eq!(body(&OrderEvent::Sent(Parcel { number: 3 })), r#"{"number":3}"#);
}

#[test]
fn every_variant_survives_its_stored_form() {
    let cancelled = OrderEvent::Cancelled { reason: "late".to_owned() };
    for event in [placed(), OrderEvent::Paid, cancelled, OrderEvent::Sent(Parcel { number: 3 })] {
        assert_eq!(record(("order", "A"), &event).decode::<OrderEvent>().unwrap(), event);
    }
}

#[test]
fn an_old_body_is_brought_up_to_date() {
    let old = with_body(&placed(), 1, r#"{"customer":"C1","code":null,"total":7}"#);
    let event: OrderEvent = old.decode().unwrap();
    assert_eq!(event, OrderEvent::Placed { customer: "C1".into(), code: None, total: 7, currency: "KRW".into() });
}

#[test]
fn an_alias_is_read_and_never_written() {
    let mut old = record(("order", "A"), &OrderEvent::Paid);
    for alias in ["order.payed", "order.settled"] {
        old.name = alias.parse().unwrap();
        assert_eq!(old.decode::<OrderEvent>().unwrap(), OrderEvent::Paid);
    }
    let filter = Filter::events::<OrderEvent>();
    assert!(filter.matches(&old));
}

#[test]
fn what_cannot_be_read_is_named() {
    let newer = with_body(&placed(), 3, "{}").decode::<OrderEvent>().unwrap_err();
    assert!(matches!(newer.kind, DecodeErrorKind::FromTheFuture { known: 2 }));
    let corrupt = with_body(&placed(), 2, "{}").decode::<OrderEvent>().unwrap_err();
    assert!(matches!(corrupt.kind, DecodeErrorKind::Body(_)));
    let foreign = OrderEvent::from_payload(&StockEvent::KINDS[0], &OrderEvent::Paid.encode().unwrap()).unwrap_err();
    assert!(format!("{foreign:?}").contains("`stock.taken` is a kind of another event type"), "{foreign:?}");
}

#[test]
fn tags_are_the_marked_fields_that_have_a_value() {
    let tags = |event: &OrderEvent| event.tags().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(tags(&placed()), ["customer:C1"]);
    let with_code = OrderEvent::Placed { customer: "C1".into(), code: Some("X".into()), total: 0, currency: String::new() };
    assert_eq!(tags(&with_code), ["customer:C1", "voucher:X"]);
    assert!(tags(&OrderEvent::Paid).is_empty());
    let empty = OrderEvent::Placed { customer: String::new(), code: None, total: 0, currency: String::new() };
    assert!(empty.tags().is_err());
}
