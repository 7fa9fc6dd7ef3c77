//! The checkout: a saga over four aggregates and the courier that ends as a whole, or is undone.
//!
//! ```text
//! begin → reserve → charge → book courier → SHIP → hand over → complete
//! cancel ← release ← refund ← cancel booking
//! ```
//!
//! Up to `ship`, the pivot, any "no" undoes what came before, in reverse order. From there on the only way is forward.

use std::convert::Infallible;

use annals::prelude::*;
use serde::{Deserialize, Serialize};

use crate::courier::{Courier, NotServed};
use crate::money::Money;
use crate::order::{BeginCheckout, CancelOrder, CompleteOrder, Line, OrderEvent};
use crate::payment::{Charge, Refund};
use crate::shipment::Ship;
use crate::stock::{HandOver, Release, Reserve};

/// What the steps need to know. It is stored with the saga's first event and changes only by recorded outcomes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Checkout {
    pub(crate) order: String,
    pub(crate) customer: String,
    pub(crate) address: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) total: Money,
    /// The courier's answer.
    pub(crate) tracking: Option<String>,
    /// Which step failed, and why.
    pub(crate) failure: Option<(String, String)>,
}

#[saga]
impl Checkout {
    // One saga an order, however often the event is delivered: the key is the id of the event's stream.
    #[start]
    fn placed(event: &OrderEvent, context: &EventContext<'_>) -> Option<Self> {
        let OrderEvent::Placed { customer, address, lines, total } = event.clone() else { return None };
        let order = context.stream_id().to_owned();
        Some(Self { order, customer, address, lines, total, tracking: None, failure: None })
    }

    #[step]
    fn begin(&self) -> BeginCheckout {
        BeginCheckout { order: self.order.clone() }
    }

    #[undo(begin)]
    fn cancel(&self) -> CancelOrder {
        let (step, reason) = self.failure.clone().unwrap_or_default();
        CancelOrder { order: self.order.clone(), step, reason }
    }

    // Several products are reserved in one transaction: all of them, or none.
    #[step]
    fn reserve(&self) -> Vec<Reserve> {
        let order = &self.order;
        let reserve = |line: &Line| Reserve { product: line.product.clone(), order: order.clone(), quantity: line.quantity };
        self.lines.iter().map(reserve).collect()
    }

    #[undo(reserve)]
    fn release(&self) -> Vec<Release> {
        self.lines.iter().map(|line| Release { product: line.product.clone(), order: self.order.clone() }).collect()
    }

    #[step]
    fn charge(&self) -> Charge {
        Charge { order: self.order.clone(), customer: self.customer.clone(), amount: self.total }
    }

    #[undo(charge)]
    fn refund(&self) -> Refund {
        Refund { order: self.order.clone() }
    }

    // An `async fn` leaves the database: it is called at least once, under a key that is the same each time. The line is busy
    // at times: up to five attempts, at first up to 10 ms apart.
    #[step(timeout = "5m", retry(attempts = 5, initial = "10ms", longest = "200ms"))]
    async fn book_courier(&self, courier: &Courier, key: IdempotencyKey) -> Result<String, StepError<NotServed>> {
        courier.book(&self.address, key).await
    }

    #[outcome(book_courier)]
    fn booked(&mut self, tracking: String) {
        self.tracking = Some(tracking);
    }

    #[undo(book_courier)]
    async fn cancel_courier(&self, courier: &Courier, call: &Call<Self>) -> Result<(), StepError<Infallible>> {
        courier.cancel(call.done_under()).await
    }

    // The parcel leaves the house. Before this line everything has an undo; after it, `#[undo]` does not compile.
    #[step(pivot)]
    fn ship(&self) -> Ship {
        let pieces = self.lines.iter().fold(0, |sum: u64, line| sum.saturating_add(line.quantity));
        Ship { order: self.order.clone(), tracking: self.tracking.clone().unwrap_or_default(), pieces }
    }

    #[step]
    fn hand_over(&self) -> Vec<HandOver> {
        self.lines.iter().map(|line| HandOver { product: line.product.clone(), order: self.order.clone() }).collect()
    }

    #[step]
    fn complete(&self) -> CompleteOrder {
        CompleteOrder { order: self.order.clone() }
    }

    #[failure]
    fn failed(&mut self, failure: &Failure) {
        self.failure = Some((failure.step.clone(), failure.reason.clone()));
    }
}
