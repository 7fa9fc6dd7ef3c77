//! The checkout in virtual time: the test says what each step comes to, and lets time pass. The decisions are the real ones.

use annals::Services;
use annals::saga::Phase;
use annals_testing::{SagaScenario, given_saga};

use super::{id, placed};
use crate::checkout::Checkout;
use crate::courier::Courier;
use crate::money::Money;
use crate::order::{BeginCheckout, CancelOrder, Order};
use crate::payment::{Charge, Refund};
use crate::shipment::Ship;

/// A checkout that has come to the courier.
fn charged() -> SagaScenario<Checkout> {
    given_saga()
        .begun_by::<Order>(&id("ORD1"), placed())
        .does("begin")
        .sends(BeginCheckout { order: id("ORD1") })
        .succeeds()
        .does("reserve")
        .succeeds()
        .does("charge")
        .sends(Charge { order: id("ORD1"), customer: id("Ann"), amount: Money::won(100_000) })
        .succeeds()
}

/// `calls` runs the activity for real, on services of the test.
#[tokio::test]
async fn a_parcel_is_booked_and_shipped() {
    let mut services = Services::default();
    services.insert(Courier::default());
    let booked = charged().does("book_courier").calls(&services).await;
    let tracking = booked.state().tracking.clone().expect("the courier has answered");
    booked
        .does("ship")
        .sends(Ship { order: id("ORD1"), tracking, pieces: 2 })
        .succeeds()
        .does("hand_over")
        .succeeds()
        .does("complete")
        .succeeds()
        .then_ended(Phase::Completed);
}

/// Nobody knows whether a courier who never answers was booked: he is cancelled, too.
#[test]
fn a_courier_who_never_answers_undoes_it_all() {
    let (step, reason) = (id("book_courier"), id("its deadline passed"));
    charged()
        .does("book_courier")
        .hangs()
        .undoes("book_courier")
        .succeeds()
        .undoes("charge")
        .sends(Refund { order: id("ORD1") })
        .succeeds()
        .undoes("reserve")
        .succeeds()
        .undoes("begin")
        .sends(CancelOrder { order: id("ORD1"), step, reason })
        .succeeds()
        .then_ended(Phase::Compensated);
}
