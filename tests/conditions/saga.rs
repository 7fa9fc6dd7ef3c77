//! Sagas of steps.

use annals::Saga;
use annals::saga::Phase;
use annals::saga::engine::Kind;
use annals_testing::given_saga;

use super::world::{Order, OrderEvent, Stock, StockEvent, a, send, take};

macro_rules! checkout {
    ($module:ident, $there:meta) => {
        mod $module {
            use annals::prelude::*;
            use serde::{Deserialize, Serialize};

            use crate::world::*;

            #[cfg($there)]
            type IfThere = Send;

            #[derive(Debug, Serialize, Deserialize)]
            pub(super) struct Checkout {
                pub(super) seen: Vec<String>,
            }

            #[cfg_attr($there, saga(version = 2))]
            #[cfg_attr(not($there), saga)]
            impl Checkout {
                #[cfg_attr($there, cfg($there))]
                #[start]
                fn begin(_: &OrderEvent) -> Option<Self> {
                    Some(Self { seen: Vec::new() })
                }

                // What belongs to a step does without it, too.
                #[cfg($there)]
                #[step]
                fn first(&self) -> IfThere {
                    send()
                }

                #[undo(first)]
                pub(super) fn first_undone(&self) -> Take {
                    take()
                }

                #[cfg($there)]
                #[failure(first)]
                fn first_failed(&mut self, failure: &annals::saga::Failure) {
                    self.seen.push(format!("first: {}", failure.reason));
                }

                // One of two steps with one name.
                #[cfg($there)]
                #[step(nothing_to_undo)]
                async fn pay(&self) -> Result<u64, annals::saga::StepError<std::convert::Infallible>> {
                    Ok(7)
                }

                #[cfg(not($there))]
                #[step(nothing_to_undo)]
                fn pay(&self) -> Send {
                    send()
                }

                #[cfg_attr($there, outcome(pay))]
                pub(super) fn paid(&mut self, payment: u64) {
                    self.seen.push(format!("paid {payment}"));
                }

                // Undone in one way or the other.
                #[step]
                fn take(&self) -> Take {
                    take()
                }

                #[cfg($there)]
                #[undo(take)]
                fn put_back(&self) -> Vec<Take> {
                    vec![take()]
                }

                #[cfg_attr(not($there), undo(take))]
                #[cfg(not($there))]
                fn put_back(&self) -> Send {
                    send()
                }

                #[cfg_attr($there, wait(or_after = "1d"))]
                pub(super) fn taken(event: &StockEvent) -> Option<Result<String, String>> {
                    let StockEvent::Taken { order } = event;
                    Some(Ok(order.clone()))
                }

                #[cfg($there)]
                #[outcome(taken)]
                fn take_note(&mut self, order: Option<String>) {
                    self.seen.push(format!("taken for {order:?}"));
                }

                #[cfg($there)]
                #[key]
                fn order_of(_: &StockEvent) -> String {
                    a()
                }

                #[cfg_attr($there, step(pivot))]
                #[cfg_attr(not($there), step(nothing_to_undo))]
                fn ship(&self) -> Send {
                    send()
                }

                #[cfg($there)]
                #[failure]
                fn failed(&mut self, failure: &annals::saga::Failure) {
                    self.seen.push(failure.reason.clone());
                }
            }
        }
    };
}

checkout!(with, all());
checkout!(without, any());

#[test]
fn a_step_exists_as_its_method_does() {
    let steps = |plan: &annals::saga::engine::Plan| -> Vec<_> {
        plan.steps.iter().map(|step| (step.name, step.kind, step.undo, step.pivot)).collect()
    };
    let (with, without) = (with::Checkout::definition().unwrap(), without::Checkout::definition().unwrap());
    assert_eq!(
        steps(with.plan()),
        [
            ("first", Kind::Commands, true, false),
            ("pay", Kind::Activity, false, false),
            ("take", Kind::Commands, true, false),
            ("taken", Kind::Wait, false, false),
            ("ship", Kind::Commands, false, true),
        ]
    );
    assert_eq!(
        steps(without.plan()),
        [("pay", Kind::Commands, false, false), ("take", Kind::Commands, true, false), ("ship", Kind::Commands, false, false),]
    );
    assert_eq!((with.plan().version, without.plan().version), (2, 1));
}

#[test]
fn what_exists_is_done() {
    given_saga::<with::Checkout>()
        .begun_by::<Order>(&a(), OrderEvent::Placed)
        .does("first")
        .sends(send())
        .succeeds()
        .does("pay")
        .returns(7_u64)
        .does("take")
        .sends(take())
        .succeeds()
        .awaits("taken")
        .hears_of::<Stock>(&"milk".to_owned(), StockEvent::Taken { order: a() })
        .then_state(|checkout| assert_eq!(checkout.seen, ["paid 7", r#"taken for Some("A")"#]))
        .does("ship")
        .succeeds()
        .then_ended(Phase::Completed);
    given_saga::<without::Checkout>()
        .begun_by::<Order>(&a(), OrderEvent::Placed)
        .does("pay")
        .sends(send())
        .succeeds()
        .does("take")
        .succeeds()
        .does("ship")
        .succeeds()
        .then_ended(Phase::Completed);
}

#[test]
fn what_exists_is_undone_and_heard_of() {
    given_saga::<with::Checkout>()
        .begun_by::<Order>(&a(), OrderEvent::Placed)
        .does("first")
        .is_rejected("no")
        .then_state(|checkout| assert_eq!(checkout.seen, ["first: no"]));
    given_saga::<with::Checkout>()
        .begun_by::<Order>(&a(), OrderEvent::Placed)
        .does("first")
        .succeeds()
        .does("pay")
        .returns(7_u64)
        .does("take")
        .is_rejected("no")
        .then_state(|checkout| assert_eq!(checkout.seen, ["paid 7", "no"]))
        .undoes("first")
        .sends(take())
        .succeeds()
        .then_ended(Phase::Compensated);
    given_saga::<without::Checkout>()
        .begun_by::<Order>(&a(), OrderEvent::Placed)
        .does("pay")
        .succeeds()
        .does("take")
        .succeeds()
        .does("ship")
        .is_rejected("no")
        .then_state(|checkout| assert!(checkout.seen.is_empty()))
        .undoes("take")
        .sends(send())
        .succeeds()
        .then_ended(Phase::Compensated);
}

#[test]
fn without_its_mark_a_method_is_one_like_others() {
    let mut checkout = without::Checkout { seen: Vec::new() };
    checkout.paid(7);
    assert_eq!((checkout.first_undone(), checkout.seen), (take(), vec!["paid 7".to_owned()]));
    assert_eq!(without::Checkout::taken(&StockEvent::Taken { order: a() }), Some(Ok(a())));
}
