//! Both forms of projections.

use annals::sqlite::{Connection, SqliteProjection};
use annals::{Document, Event, Projection, RecordedEvent};

use super::support::record;

#[derive(Event)]
pub(super) enum OrderEvent {
    Placed,
}

#[derive(Event)]
pub(super) enum StockEvent {
    Taken,
}

#[derive(Event)]
pub(super) enum PaymentEvent {
    Paid,
}

fn placed() -> RecordedEvent {
    record(("order", "A"), &OrderEvent::Placed)
}

fn taken() -> RecordedEvent {
    record(("stock", "S"), &StockEvent::Taken)
}

fn paid() -> RecordedEvent {
    record(("payment", "P"), &PaymentEvent::Paid)
}

macro_rules! projections {
    ($module:ident, $there:meta) => {
        mod $module {
            use annals::sqlite::{Error, Transaction};
            use annals::{EventContext, projection};
            use serde::{Deserialize, Serialize};

            use super::*;

            #[cfg($there)]
            type IfThere = StockEvent;

            #[derive(Debug, Default, Serialize, Deserialize)]
            pub(super) struct Seen {
                pub(super) what: Vec<String>,
            }

            #[projection]
            impl Seen {
                #[cfg($there)]
                #[on]
                fn stock(&mut self, _: &IfThere) -> Document {
                    self.what.push("stock".to_owned());
                    Document::Delete
                }

                #[cfg($there)]
                #[key]
                fn of_stock(_: &IfThere) -> String {
                    "with".to_owned()
                }

                #[on]
                fn order(&mut self, _: &OrderEvent, #[cfg($there)] key: &str, #[cfg(not($there))] _: &EventContext<'_>) {
                    #[cfg(not($there))]
                    let key = "none";
                    self.what.push(key.to_owned());
                }

                // One of two.
                #[cfg($there)]
                #[key]
                fn of_order(_: &OrderEvent) -> Vec<String> {
                    vec!["a".to_owned(), "b".to_owned()]
                }

                #[key]
                #[cfg(not($there))]
                fn of_order(_: &OrderEvent, context: &EventContext<'_>) -> String {
                    context.stream_id().to_owned()
                }

                #[cfg_attr($there, on)]
                pub(super) fn payment(&mut self, _: &PaymentEvent) {
                    self.what.push("paid".to_owned());
                }

                // Of an event that nothing takes there is no document, and this is a function like others.
                #[key]
                pub(super) fn of_payment(_: &PaymentEvent) -> String {
                    "payments".to_owned()
                }
            }

            pub(super) struct Rows;

            #[projection(sqlite)]
            impl Rows {
                #[cfg($there)]
                #[setup]
                fn tables(tx: &Transaction<'_>) -> Result<(), Error> {
                    tx.execute_batch("create table row (what text)")
                }

                #[cfg(not($there))]
                #[setup]
                fn tables(&self, tx: &Transaction<'_>) -> Result<(), Error> {
                    tx.execute_batch("create table row (what text default 'less')")
                }

                #[cfg($there)]
                #[on]
                fn stock(&self, _: &IfThere, tx: &Transaction<'_>) -> Result<(), Error> {
                    tx.execute("insert into row values ('stock')", []).map(drop)
                }

                #[on]
                #[cfg($there)]
                fn order(&self, _: &OrderEvent, tx: &Transaction<'_>, context: &EventContext<'_>) -> Result<(), Error> {
                    tx.execute("insert into row values (?1)", [context.stream_id()]).map(drop)
                }

                #[cfg_attr(not($there), on)]
                #[cfg(not($there))]
                fn order(&self, _: &OrderEvent, tx: &Transaction<'_>) -> Result<(), Error> {
                    tx.execute("insert into row default values", []).map(drop)
                }
            }
        }
    };
}

projections!(with, all());
projections!(without, any());

#[test]
fn a_document_takes_in_the_events_whose_methods_exist() {
    let mut seen = with::Seen::default();
    assert_eq!(seen.apply(&taken(), "with").unwrap(), Document::Delete);
    assert_eq!(seen.apply(&placed(), "a").unwrap(), Document::Keep);
    assert_eq!(seen.apply(&paid(), "payments").unwrap(), Document::Keep);
    assert_eq!(seen.what, ["stock", "a", "paid"]);

    let mut seen = without::Seen::default();
    for event in [taken(), placed(), paid()] {
        assert_eq!(seen.apply(&event, "a").unwrap(), Document::Keep);
    }
    assert_eq!(seen.what, ["none"]);
    assert!(with::Seen::filter().matches(&taken()) && !without::Seen::filter().matches(&taken()));
    assert!(with::Seen::filter().matches(&paid()) && !without::Seen::filter().matches(&paid()));
}

#[test]
fn its_key_is_said_by_the_function_that_exists() {
    let with = [taken(), placed(), paid()].map(|event| with::Seen::keys(&event).unwrap());
    assert_eq!(with, [vec!["with"], vec!["a", "b"], vec!["payments"]]);
    let without = [taken(), placed(), paid()].map(|event| without::Seen::keys(&event).unwrap());
    assert_eq!(without, [vec![], vec!["A"], vec![]]);
}

#[test]
fn without_its_mark_a_method_is_one_like_others() {
    let mut seen = without::Seen::default();
    seen.payment(&PaymentEvent::Paid);
    assert_eq!((seen.what, without::Seen::of_payment(&PaymentEvent::Paid)), (vec!["paid".to_owned()], "payments".to_owned()));
}

fn rows(projection: &impl SqliteProjection) -> Vec<String> {
    let mut db = Connection::open_in_memory().unwrap();
    let tx = db.transaction().unwrap();
    projection.setup(&tx).unwrap();
    for event in [taken(), placed(), paid()] {
        projection.apply(&event, &tx).unwrap();
    }
    let mut rows = tx.prepare("select what from row order by rowid").unwrap();
    let rows: Result<Vec<String>, _> = rows.query_map([], |row| row.get(0)).unwrap().collect();
    rows.unwrap()
}

#[test]
fn rows_are_written_by_the_methods_that_exist() {
    assert_eq!(rows(&with::Rows), ["stock", "A"]);
    assert_eq!(rows(&without::Rows), ["less"]);
    assert!(with::Rows.filter().matches(&taken()) && !without::Rows.filter().matches(&taken()));
}
