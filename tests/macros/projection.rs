use annals::{Document, EventContext, Projection, RecordedEvent, projection};

use super::domain::{OrderEvent, OrderView, Parcel, Revenue, StockEvent, StreamView};
use super::support::record;

fn placed() -> RecordedEvent {
    let event = OrderEvent::Placed { customer: "C1".into(), code: None, total: 7, currency: "EUR".into() };
    record(("order", "A"), &event)
}

fn taken() -> RecordedEvent {
    record(("stock", "S"), &StockEvent::Taken { order: "A".to_owned() })
}

/// An order under its customer, under all customers, and under itself until it is paid.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Open {
    heard: Vec<String>,
}

#[projection]
impl Open {
    #[on]
    fn order(&mut self, event: &OrderEvent, key: &str, context: &EventContext<'_>) -> Document {
        self.heard.push(format!("{key} of {}", context.stream_id()));
        if let OrderEvent::Paid = event { Document::Delete } else { Document::Keep }
    }

    #[key]
    fn of_order(event: &OrderEvent, context: &EventContext<'_>) -> Vec<String> {
        match event {
            OrderEvent::Placed { customer, .. } => vec!["all".to_owned(), customer.clone(), context.stream_id().to_owned()],
            OrderEvent::Sent(_) => vec!["all".to_owned(), "all".to_owned()],
            OrderEvent::Paid => vec![context.stream_id().to_owned()],
            OrderEvent::Cancelled { .. } => Vec::new(),
        }
    }

    #[on]
    fn stock(&mut self, _event: &StockEvent, _context: &EventContext<'_>, key: &str) {
        self.heard.push(key.to_owned());
    }

    #[key]
    fn of_stock(_event: &StockEvent) -> String {
        "stock".to_owned()
    }
}

#[test]
fn a_projection_knows_its_name_version_and_events() {
    assert_eq!((Revenue::NAME, Revenue::VERSION), ("revenue", 1));
    assert_eq!((OrderView::NAME, OrderView::VERSION), ("orders", 3));
    assert!(Revenue::filter().matches(&placed()) && !Revenue::filter().matches(&taken()));
    assert!(OrderView::filter().matches(&placed()) && OrderView::filter().matches(&taken()));
}

#[test]
fn the_document_is_one_or_per_stream_or_what_the_event_says() {
    let counted = record(("stock", "S"), &StockEvent::Counted);
    assert_eq!(Revenue::keys(&placed()).unwrap(), [""]);
    assert_eq!(StreamView::keys(&placed()).unwrap(), ["A"]);
    assert_eq!(OrderView::keys(&placed()).unwrap(), ["A"]);
    assert_eq!(OrderView::keys(&taken()).unwrap(), ["A"]);
    assert_eq!(OrderView::keys(&counted).unwrap(), [""; 0]);
}

#[test]
fn an_event_may_go_to_several_documents_to_each_once() {
    let of_order = |event: &OrderEvent| Open::keys(&record(("order", "A"), event)).unwrap();
    assert_eq!(Open::keys(&placed()).unwrap(), ["A", "C1", "all"]);
    assert_eq!(of_order(&OrderEvent::Sent(Parcel { number: 1 })), ["all"]);
    assert_eq!(of_order(&OrderEvent::Cancelled { reason: String::new() }), [""; 0]);
    assert_eq!(Open::keys(&taken()).unwrap(), ["stock"]);
}

#[test]
fn an_event_goes_to_the_method_of_its_type() {
    let mut revenue = Revenue::default();
    assert_eq!(revenue.apply(&placed(), "").unwrap(), Document::Keep);
    assert_eq!(revenue.apply(&taken(), "").unwrap(), Document::Keep);
    assert_eq!(revenue.total, 7);

    let mut view = OrderView::default();
    assert_eq!(view.apply(&placed(), "A").unwrap(), Document::Keep);
    assert_eq!(view.apply(&taken(), "A").unwrap(), Document::Keep);
    assert_eq!(view.seen, ["A", "stock"]);
}

#[test]
fn a_method_may_ask_for_the_key_and_say_that_the_document_goes() {
    let mut open = Open::default();
    assert_eq!(open.apply(&placed(), "C1").unwrap(), Document::Keep);
    assert_eq!(open.apply(&taken(), "stock").unwrap(), Document::Keep);
    assert_eq!(open.apply(&record(("order", "A"), &OrderEvent::Paid), "A").unwrap(), Document::Delete);
    assert_eq!(open.heard, ["C1 of A", "stock", "A of A"]);
}
