use annals::sqlite::{Connection, Error, SqliteProjection, SqliteProjectionError, Transaction};
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

/// Each sale that is heard of, from some total on.
struct Sales {
    from: u64,
}

#[projection(sqlite, name = "big_sales", version = 4)]
impl Sales {
    #[setup]
    fn tables(&self, tx: &Transaction<'_>) -> Result<(), Error> {
        tx.execute("create table sale (what text)", []).map(drop)
    }

    #[on]
    fn order(&self, event: &OrderEvent, context: &EventContext<'_>, tx: &Transaction<'_>) -> Result<(), Error> {
        match event {
            OrderEvent::Placed { total, .. } if *total >= self.from => {
                tx.execute("insert into sale values (?1)", [context.stream_id()]).map(drop)
            }
            OrderEvent::Cancelled { .. } => tx.execute("insert into nowhere values (1)", []).map(drop),
            _ => Ok(()),
        }
    }

    #[on]
    fn stock(&self, event: &StockEvent, tx: &Transaction<'_>) -> Result<(), std::io::Error> {
        match event {
            StockEvent::Taken { order } => {
                tx.execute("insert into sale values (?1)", [order]).map(drop).map_err(std::io::Error::other)
            }
            StockEvent::Counted => Err(std::io::Error::other("nobody counts")),
        }
    }
}

#[test]
fn a_projection_in_sql_knows_its_name_version_and_events() {
    let sales = Sales { from: 1 };
    assert_eq!((sales.name().as_str(), SqliteProjection::version(&sales)), ("big_sales", 4));
    assert!(sales.filter().matches(&placed()) && sales.filter().matches(&taken()));
}

#[test]
fn an_event_goes_to_the_method_of_its_type_with_the_transaction() {
    let mut db = Connection::open_in_memory().unwrap();
    let tx = db.transaction().unwrap();
    let sales = Sales { from: 7 };
    sales.setup(&tx).unwrap();
    for event in [placed(), taken(), record(("order", "B"), &OrderEvent::Paid)] {
        sales.apply(&event, &tx).unwrap();
    }
    Sales { from: 8 }.apply(&placed(), &tx).unwrap();

    let mut sold = tx.prepare("select what from sale order by rowid").unwrap();
    let sold: Result<Vec<String>, _> = sold.query_map([], |row| row.get(0)).unwrap().collect();
    assert_eq!(sold.unwrap(), ["A", "A"]);
    let says = |event: &RecordedEvent| sales.apply(event, &tx).unwrap_err().to_string();
    assert!(
        says(&record(("order", "A"), &OrderEvent::Cancelled { reason: String::new() })).starts_with("no such table: nowhere")
    );
    assert_eq!(says(&record(("stock", "S"), &StockEvent::Counted)), "nobody counts");
    let mut unreadable = placed();
    unreadable.payload.data = b"{}".to_vec().into();
    assert!(matches!(sales.apply(&unreadable, &tx), Err(SqliteProjectionError::Decode(_))));
}
