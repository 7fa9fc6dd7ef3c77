//! What the checkout works with.

use std::convert::Infallible;

use annals::prelude::*;
use annals::saga::{IdempotencyKey, StepError};

#[derive(Event)]
pub enum OrderEvent {
    Placed { product: String },
}

#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
pub struct Order;

#[aggregate]
impl Order {
    #[command(pub PlaceOrder)]
    fn place(&self, product: String) -> Result<OrderEvent, Infallible> {
        Ok(OrderEvent::Placed { product })
    }

    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
}

#[derive(Event, Debug, PartialEq)]
pub enum StockEvent {
    Reserved { order: String },
    Released { order: String },
    Shipped { order: String },
}

#[aggregate(id = String, event = StockEvent)]
#[derive(Debug, Default, PartialEq)]
pub struct Stock {
    pub reserved: u32,
    pub shipped: u32,
}

#[aggregate]
impl Stock {
    #[command(pub Reserve)]
    fn reserve(&self, order: String) -> Result<StockEvent, Infallible> {
        Ok(StockEvent::Reserved { order })
    }

    #[command(pub Release)]
    fn release(&self, order: String) -> Result<StockEvent, Infallible> {
        Ok(StockEvent::Released { order })
    }

    #[command(pub Ship)]
    fn ship(&self, order: String) -> Result<StockEvent, Infallible> {
        Ok(StockEvent::Shipped { order })
    }

    #[event]
    fn evolve(&mut self, event: &StockEvent) {
        match event {
            StockEvent::Reserved { .. } => self.reserved += 1,
            StockEvent::Released { .. } => self.reserved -= 1,
            StockEvent::Shipped { .. } => self.shipped += 1,
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("declined")]
pub struct Declined;

/// Declines the orders of Mallory.
pub struct Gateway;

impl Gateway {
    pub async fn charge(&self, order: &str, _: IdempotencyKey) -> Result<(), StepError<Declined>> {
        if order.starts_with("mallory") { Err(Declined)? } else { Ok(()) }
    }

    pub async fn refund(&self, _: IdempotencyKey) -> Result<(), StepError<Declined>> {
        Ok(())
    }
}
