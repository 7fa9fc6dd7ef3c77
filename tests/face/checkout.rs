use annals::prelude::*;
use annals::saga::{Call, IdempotencyKey, StepError};
use serde::{Deserialize, Serialize};

use super::shop::{Declined, Gateway, OrderEvent, Release, Reserve, Ship};

#[derive(Serialize, Deserialize)]
pub struct Checkout {
    order: String,
    product: String,
}

#[saga(deadline = "10m")]
impl Checkout {
    #[start]
    fn begin(event: &OrderEvent, context: &EventContext<'_>) -> Option<Self> {
        let OrderEvent::Placed { product } = event;
        Some(Self {
            order: context.stream_id().to_owned(),
            product: product.clone(),
        })
    }

    #[step]
    fn reserve(&self) -> Reserve {
        Reserve::new(self.product.clone(), self.order.clone())
    }

    #[undo(reserve)]
    fn release(&self) -> Release {
        Release::new(self.product.clone(), self.order.clone())
    }

    #[step(timeout = "30s", retry(attempts = 5))]
    async fn charge(&self, bank: &Gateway, key: IdempotencyKey) -> Result<(), StepError<Declined>> {
        bank.charge(&self.order, key).await
    }

    #[undo(charge)]
    async fn refund(&self, bank: &Gateway, call: &Call<Self>) -> Result<(), StepError<Declined>> {
        bank.refund(call.done_under()).await
    }

    #[step(pivot)]
    fn ship(&self) -> Ship {
        Ship::new(self.product.clone(), self.order.clone())
    }
}
