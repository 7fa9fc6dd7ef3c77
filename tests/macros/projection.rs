use annals::{Projection, RecordedEvent};

use super::domain::{OrderEvent, OrderView, Revenue, StockEvent, StreamView};
use super::support::record;

fn placed() -> RecordedEvent {
    let event = OrderEvent::Placed { customer: "C1".into(), code: None, total: 7, currency: "EUR".into() };
    record(("order", "A"), &event)
}

fn taken() -> RecordedEvent {
    record(("stock", "S"), &StockEvent::Taken { order: "A".to_owned() })
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
    assert_eq!(Revenue::key(&placed()).unwrap().as_deref(), Some(""));
    assert_eq!(StreamView::key(&placed()).unwrap().as_deref(), Some("A"));
    assert_eq!(OrderView::key(&placed()).unwrap().as_deref(), Some("A"));
    assert_eq!(OrderView::key(&taken()).unwrap().as_deref(), Some("A"));
    assert_eq!(OrderView::key(&counted).unwrap(), None);
}

#[test]
fn an_event_goes_to_the_method_of_its_type() {
    let mut revenue = Revenue::default();
    revenue.apply(&placed()).unwrap();
    revenue.apply(&taken()).unwrap();
    assert_eq!(revenue.total, 7);

    let mut view = OrderView::default();
    view.apply(&placed()).unwrap();
    view.apply(&taken()).unwrap();
    assert_eq!(view.seen, ["A", "stock"]);
}
