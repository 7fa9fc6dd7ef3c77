//! The rules of the shop, tested as they are spoken: given what has happened, when a command comes, then this happens. No
//! store, no clock and no waiting is needed for that.
//!
//! `cargo test --test order_saga_rules` runs them.
#![allow(dead_code, reason = "the tests use the rules alone, not the program around them")]

mod checkout;
mod checkout_tests;
mod courier;
mod money;
mod order;
mod payment;
mod shipment;
mod shop;
mod stock;
mod views;

use annals::Services;
use annals_testing::property::commands;
use annals_testing::{Given, given_projection};
use money::Money;
use order::{BeginCheckout, CancelOrder, CompleteOrder, Item, Line, Order, OrderError, OrderEvent, PlaceOrder};
use payment::{Charge, Payment, PaymentError, PaymentEvent, Refund};
use shipment::{Ship, Shipment, ShipmentError, ShipmentEvent};
use shop::Catalogue;
use stock::{HandOver, Receive, Release, Reserve, Stock, StockError, StockEvent};
use views::{Analytics, OrderSummary};

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn id(text: &str) -> String {
    text.to_owned()
}

/// Two mice, at the price that the customer saw.
fn place(total: u64) -> PlaceOrder {
    let lines = vec![Item { product: id("P002"), quantity: 2 }];
    PlaceOrder { order: id("ORD1"), customer: id("Ann"), address: id("Seoul"), lines, total: Money::won(total) }
}

fn placed() -> OrderEvent {
    let lines = vec![Line { product: id("P002"), quantity: 2, price: Money::won(50_000) }];
    OrderEvent::Placed { customer: id("Ann"), address: id("Seoul"), lines, total: Money::won(100_000) }
}

fn cancelled() -> OrderEvent {
    OrderEvent::Cancelled { step: id("charge"), reason: id("declined") }
}

/// `place` is prepared: it asks the catalogue, which the test provides.
#[tokio::test]
async fn an_order_is_placed_at_the_prices_of_the_catalogue() {
    let mut services = Services::default();
    services.insert(Catalogue::bundled());
    Given::<Order>::nothing().when_prepared(place(100_000), &services).await.then([placed()]);
    let wrong = OrderError::WrongTotal { stated: Money::won(99_999), computed: Money::won(100_000) };
    Given::<Order>::nothing().when_prepared(place(99_999), &services).await.then_rejected(wrong);
    Given::<Order>::events([placed()]).when_prepared(place(100_000), &services).await.then_rejected(OrderError::AlreadyPlaced);
}

/// One story, command after command.
#[test]
fn an_order_is_completed_or_cancelled_and_then_closed() {
    let cancel = || CancelOrder { order: id("ORD1"), step: id("charge"), reason: id("declined") };
    let complete = || CompleteOrder { order: id("ORD1") };
    Given::<Order>::events([placed()])
        .when(complete())
        .then_rejected(OrderError::NotOpen)
        .when(BeginCheckout { order: id("ORD1") })
        .then([OrderEvent::CheckoutBegun])
        .when(complete())
        .then([OrderEvent::Completed])
        .when(cancel())
        .then_nothing();
    Given::<Order>::events([placed()]).when(cancel()).then([cancelled()]).when(cancel()).then_nothing();
}

#[test]
fn what_is_left_can_be_reserved_and_no_more() {
    let reserve = |quantity| Reserve { product: id("P002"), order: id("ORD1"), quantity };
    let received = || Given::<Stock>::events([StockEvent::Received { quantity: 3 }]);
    let run_out = StockError::RunOut { product: id("P002"), wanted: 4, left: 3 };
    received().when(reserve(3)).then([StockEvent::Reserved { order: id("ORD1"), quantity: 3 }]);
    received().when(reserve(4)).then_rejected(run_out);
}

/// A rule for whatever may come, in any order: commands are drawn, hundreds of histories of them, and if the rule is broken,
/// the shortest one is shown.
#[test]
fn no_piece_is_lost_or_promised_twice() {
    let order = |order: u8| format!("ORD{order}");
    commands::<Stock>()
        .of(1..100_u64, |quantity| Receive { product: id("P002"), quantity })
        .of((0..4_u8, 1..50_u64), move |(n, quantity)| Reserve { product: id("P002"), order: order(n), quantity })
        .weight(2)
        .of(0..4_u8, move |n| Release { product: id("P002"), order: order(n) })
        .of(0..4_u8, move |n| HandOver { product: id("P002"), order: order(n) })
        .check(|history| {
            let (mut left, mut promised) = (0, 0);
            for event in history.events() {
                let (on_the_shelf, for_orders, quantity) = match event {
                    StockEvent::Received { quantity } => (1, 0, quantity),
                    StockEvent::Reserved { quantity, .. } => (-1, 1, quantity),
                    StockEvent::Released { quantity, .. } => (1, -1, quantity),
                    StockEvent::HandedOver { quantity, .. } => (0, -1, quantity),
                };
                left += on_the_shelf * i128::from(*quantity);
                promised += for_orders * i128::from(*quantity);
                assert!(left >= 0 && promised >= 0, "{left} left and {promised} promised");
            }
        });
}

#[test]
fn a_card_pays_up_to_its_limit_once_and_is_refunded() {
    let charge = |won| Charge { order: id("ORD1"), customer: id("Ann"), amount: Money::won(won) };
    let charged = || PaymentEvent::Charged { customer: id("Ann"), amount: Money::won(5_000_000) };
    let refund = || Refund { order: id("ORD1") };
    Given::<Payment>::nothing().when(charge(5_000_001)).then_rejected(PaymentError::Declined).when(refund()).then_nothing();
    Given::<Payment>::nothing().when(charge(5_000_000)).then([charged()]);
    Given::<Payment>::events([charged()])
        .when(charge(1))
        .then_rejected(PaymentError::AlreadyPaid)
        .when(refund())
        .then([PaymentEvent::Refunded { amount: Money::won(5_000_000) }]);
}

#[test]
fn a_parcel_holds_twenty_pieces() {
    let ship = |pieces| Ship { order: id("ORD1"), tracking: id("T1"), pieces };
    Given::<Shipment>::nothing().when(ship(20)).then([ShipmentEvent::Shipped { tracking: id("T1"), pieces: 20 }]);
    Given::<Shipment>::nothing().when(ship(21)).then_rejected(ShipmentError::TooMany { pieces: 21 });
}

/// A projection is given events, of any aggregates, and its documents are looked at.
#[test]
fn the_screens_show_what_became_of_an_order() {
    let charged = PaymentEvent::Charged { customer: id("Ann"), amount: Money::won(100_000) };
    let refunded = PaymentEvent::Refunded { amount: Money::won(100_000) };
    given_projection::<OrderSummary>()
        .events_of::<Order>(&id("ORD1"), [placed()])
        .events_of::<Payment>(&id("ORD1"), [charged.clone()])
        .then_document("ORD1", |it| assert_eq!((it.status.as_str(), it.paid), ("placed", Money::won(100_000))))
        .events_of::<Payment>(&id("ORD1"), [refunded.clone()])
        .events_of::<Order>(&id("ORD1"), [cancelled()])
        .then_document("ORD1", |it| assert_eq!((it.status.as_str(), it.note.as_str()), ("cancelled", "declined")));
    given_projection::<Analytics>()
        .events_of::<Order>(&id("ORD1"), [placed(), cancelled()])
        .events_of::<Payment>(&id("ORD1"), [charged, refunded])
        .then_single(|it| assert_eq!((it.placed, it.cancelled_at("charge"), it.refunded), (1, 1, Money::won(100_000))));
}
