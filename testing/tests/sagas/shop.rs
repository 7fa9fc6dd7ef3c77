//! A checkout in steps, and a renewal that reacts.

use std::sync::Arc;
use std::time::Duration;

use annals::EventContext;
use annals::prelude::*;
use annals::saga::{Definition, IdempotencyKey, InvalidSaga, Reaction, RetryPolicy, Saga, StepError};
use serde::{Deserialize, Serialize};

const DAY: Duration = Duration::from_secs(24 * 3_600);

#[derive(Event)]
pub(crate) enum OrderEvent {
    Placed { product: String },
    Cancelled,
    Shipped,
}

#[derive(Event)]
pub(crate) enum StockEvent {
    Changed,
}

#[derive(Event)]
pub(crate) enum BankEvent {
    Confirmed { receipt: String },
    Declined,
}

#[derive(Command)]
pub(crate) struct Ship {
    #[id]
    pub(crate) order: String,
}

#[derive(Command)]
pub(crate) struct Reserve {
    #[id]
    pub(crate) product: String,
    pub(crate) order: String,
}

#[derive(Command)]
pub(crate) struct Release {
    #[id]
    pub(crate) product: String,
    pub(crate) order: String,
}

#[derive(Command)]
pub(crate) struct Sold {
    #[id]
    pub(crate) product: String,
}

#[derive(Debug, thiserror::Error)]
#[error("no")]
pub(crate) struct Refused;

#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
pub(crate) struct Order;

#[aggregate]
impl Order {
    #[command]
    fn ship(&self, _command: Ship) -> Result<OrderEvent, Refused> {
        Ok(OrderEvent::Shipped)
    }

    #[event]
    fn evolve(&mut self, _event: &OrderEvent) {}
}

#[aggregate(id = String, event = StockEvent)]
#[derive(Default)]
pub(crate) struct Stock;

#[aggregate]
impl Stock {
    #[command]
    fn reserve(&self, _command: Reserve) -> Result<StockEvent, Refused> {
        Ok(StockEvent::Changed)
    }

    #[command]
    fn release(&self, _command: Release) -> Result<StockEvent, Refused> {
        Ok(StockEvent::Changed)
    }

    #[command]
    fn sold(&self, _command: Sold) -> Result<StockEvent, Refused> {
        Ok(StockEvent::Changed)
    }

    #[event]
    fn evolve(&mut self, _event: &StockEvent) {}
}

#[aggregate(id = String, event = BankEvent)]
#[derive(Default)]
pub(crate) struct Bank;

#[aggregate]
impl Bank {
    #[event]
    fn evolve(&mut self, _event: &BankEvent) {}
}

/// The outside world.
pub(crate) struct Gateway {
    pub(crate) accepts: bool,
}

impl Gateway {
    async fn charge(&self, _key: IdempotencyKey) -> Result<u64, StepError<Refused>> {
        if self.accepts { Ok(3) } else { Err(StepError::Rejected(Refused)) }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Checkout {
    order: String,
    product: String,
    pub(crate) payment: Option<u64>,
    pub(crate) receipt: Option<String>,
    pub(crate) failure: Option<String>,
}

impl Saga for Checkout {
    fn definition() -> Result<Definition<Self>, InvalidSaga> {
        Definition::<Self>::named("checkout")
            .starts_on(|event: &OrderEvent, context| {
                let OrderEvent::Placed { product } = event else { return None };
                let order = context.stream_id().to_owned();
                let product = product.clone();
                Some((order.clone(), Self { order, product, payment: None, receipt: None, failure: None }))
            })
            .on_failure(|it, failure| it.failure = Some(format!("{}: {}", failure.step, failure.reason)))
            .step("reserve")
            .command(|it| Reserve { product: it.product.clone(), order: it.order.clone() })
            .undo(|it| Release { product: it.product.clone(), order: it.order.clone() })
            .step("charge")
            .activity_with(|it, gateway: Arc<Gateway>| async move { gateway.charge(it.key()).await })
            .outcome(|it, payment| it.payment = Some(payment))
            .retry(RetryPolicy::attempts(3).backoff(Duration::from_secs(1), Duration::from_secs(1)))
            .timeout(Duration::from_secs(10))
            .undo_activity_with(|_, _gateway: Arc<Gateway>| async { Ok::<_, StepError<Refused>>(()) })
            .step("confirm")
            .wait(
                |_: &BankEvent, context| Some(context.stream_id().to_owned()),
                |event: &BankEvent, _| match event {
                    BankEvent::Confirmed { receipt } => Some(Ok(receipt.clone())),
                    BankEvent::Declined => Some(Err(Refused)),
                },
            )
            .outcome(|it, receipt: String| it.receipt = Some(receipt))
            .timeout(3 * DAY)
            .step("ship")
            .command(|it| (Ship { order: it.order.clone() }, Sold { product: it.product.clone() }))
            .pivot()
            .step("thank")
            .activity(|_| async { Ok::<_, StepError<Refused>>(()) })
            .timeout(Duration::from_secs(60))
            .build()
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Renewal {
    product: String,
    pub(crate) refused: Option<String>,
}

impl Saga for Renewal {
    fn definition() -> Result<Definition<Self>, InvalidSaga> {
        let key = |_: &OrderEvent, context: &EventContext<'_>| Some(context.stream_id().to_owned());
        Definition::<Self>::named("renewal")
            .starts_on(|event: &OrderEvent, context| {
                let OrderEvent::Placed { product } = event else { return None };
                Some((context.stream_id().to_owned(), Self { product: product.clone(), refused: None }))
            })
            .on(key, |it: &mut Self, event: &OrderEvent, context| {
                let order = context.stream_id().to_owned();
                match event {
                    OrderEvent::Placed { product } if product == "poison" => panic!("poison"),
                    OrderEvent::Placed { product } => Reaction::new()
                        .send(Reserve { product: product.clone(), order: order.clone() })
                        .send_after(30 * DAY, Ship { order }),
                    OrderEvent::Cancelled => {
                        Reaction::new().send(Release { product: it.product.clone(), order }).cancel::<Ship>().end()
                    }
                    OrderEvent::Shipped => Reaction::new(),
                }
            })
            .rejected(|it: &mut Self, command: &Reserve, error: &Refused| {
                it.refused = Some(format!("{}: {error}", command.product));
                Sold { product: command.product.clone() }
            })
            .build()
    }
}
