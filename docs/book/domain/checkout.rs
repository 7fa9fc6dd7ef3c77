//! The saga of the chapter "Sagas". Other chapters use it as it is written there.

use annals::prelude::*;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

use crate::shop::*;

/// What one checkout knows.
#[derive(Serialize, Deserialize)]
pub struct Checkout {
    pub order: String,
    pub product: String,
    pub total: u64,
    pub payment: Option<u64>,
    pub reason: String,
}

#[saga(deadline = "30m")]
impl Checkout {
    #[start]
    fn begin(event: &OrderEvent, context: &EventContext<'_>) -> Option<Self> {
        let OrderEvent::Placed { product, total } = event else { return None };
        let order = context.stream_id().to_owned();
        Some(Self { order, product: product.clone(), total: *total, payment: None, reason: String::new() })
    }

    #[undo(begin)]
    fn cancel(&self) -> CancelOrder {
        CancelOrder { order: self.order.clone(), reason: self.reason.clone() }
    }

    #[step]
    fn reserve(&self) -> Reserve {
        Reserve { product: self.product.clone(), order: self.order.clone() }
    }

    #[undo(reserve)]
    fn release(&self) -> Release {
        Release { product: self.product.clone(), order: self.order.clone() }
    }

    #[step(timeout = "10s", retry(attempts = 5, initial = "100ms"))]
    async fn charge(&self, gateway: &Gateway, key: IdempotencyKey) -> Result<u64, StepError<Declined>> {
        gateway.charge(self.total, key).await
    }

    #[outcome(charge)]
    fn charged(&mut self, payment: u64) {
        self.payment = Some(payment);
    }

    #[undo(charge)]
    async fn refund(&self, gateway: &Gateway, call: &Call<Self>) -> Result<(), StepError<Infallible>> {
        gateway.refund(call.done_under()).await
    }

    #[step(pivot)]
    fn ship(&self) -> Ship {
        Ship { product: self.product.clone(), order: self.order.clone() }
    }

    #[step]
    fn complete(&self) -> CompleteOrder {
        CompleteOrder { order: self.order.clone() }
    }

    #[failure]
    fn failed(&mut self, failure: &Failure) {
        self.reason = format!("{}: {}", failure.step, failure.reason);
    }
}
