//! The checkout: a saga over four aggregates and the courier that ends as a whole, or is undone.
//!
//! ```text
//! begin → reserve → charge → book courier → SHIP → hand over → complete
//! cancel ← release ← refund ← cancel booking
//! ```
//!
//! Up to `ship`, the pivot, any "no" undoes what came before, in reverse order. From there on the only way is forward.

use std::sync::Arc;
use std::time::Duration;

use annals::saga::{Definition, InvalidSaga, RetryPolicy};
use serde::{Deserialize, Serialize};

use crate::courier::Courier;
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

impl Checkout {
    fn pieces(&self) -> u64 {
        self.lines.iter().fold(0, |sum, line| sum.saturating_add(line.quantity))
    }
}

pub(crate) fn checkout() -> Result<Definition<Checkout>, InvalidSaga> {
    // The line is busy at times: up to five attempts, at first up to 10 ms apart.
    let patience = RetryPolicy::attempts(5).backoff(Duration::from_millis(10), Duration::from_millis(200));
    Definition::<Checkout>::named("checkout")
        // One saga an order, however often the event is delivered: the key is the order's id.
        .starts_on(|event: &OrderEvent, context| match event.clone() {
            OrderEvent::Placed { customer, address, lines, total } => {
                let order = context.stream_id().to_owned();
                Some((order.clone(), Checkout { order, customer, address, lines, total, tracking: None, failure: None }))
            }
            _ => None,
        })
        .on_failure(|it, failure| it.failure = Some((failure.step.clone(), failure.reason.clone())))
        .step("begin")
        .command(|it| BeginCheckout { order: it.order.clone() })
        .undo(|it| {
            let (step, reason) = it.failure.clone().unwrap_or_default();
            CancelOrder { order: it.order.clone(), step, reason }
        })
        // Several products are reserved in one transaction: all of them, or none.
        .step("reserve")
        .command(|it| {
            let reserve =
                |line: &Line| Reserve { product: line.product.clone(), order: it.order.clone(), quantity: line.quantity };
            it.lines.iter().map(reserve).collect::<Vec<_>>()
        })
        .undo(|it| {
            let release = |line: &Line| Release { product: line.product.clone(), order: it.order.clone() };
            it.lines.iter().map(release).collect::<Vec<_>>()
        })
        .step("charge")
        .command(|it| Charge { order: it.order.clone(), customer: it.customer.clone(), amount: it.total })
        .undo(|it| Refund { order: it.order.clone() })
        // An activity leaves the database: it is called at least once, under a key that is the same each time.
        .step("book_courier")
        .activity_with(|it, courier: Arc<Courier>| async move { courier.book(&it.address, it.key()).await })
        .outcome(|it, tracking: String| it.tracking = Some(tracking))
        .retry(patience)
        .timeout(Duration::from_secs(300))
        .undo_activity_with(|it, courier: Arc<Courier>| async move { courier.cancel(it.done_under()).await })
        // The parcel leaves the house. Before this line everything has an undo; after it, `undo` does not compile.
        .step("ship")
        .command(|it| Ship { order: it.order.clone(), tracking: it.tracking.clone().unwrap_or_default(), pieces: it.pieces() })
        .pivot()
        .step("hand_over")
        .command(|it| {
            let hand_over = |line: &Line| HandOver { product: line.product.clone(), order: it.order.clone() };
            it.lines.iter().map(hand_over).collect::<Vec<_>>()
        })
        .step("complete")
        .command(|it| CompleteOrder { order: it.order.clone() })
        .build()
}
