// The shop that the examples in the documentation of the marks of a saga use.
use std::convert::Infallible;

use annals::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Event)]
enum OrderEvent {
    Placed { product: String },
    Paid { order: String },
    Cancelled,
}

#[derive(Event)]
enum StockEvent {
    Reserved,
    Released,
    Shipped,
}

#[derive(Debug)]
struct SoldOut;

impl std::fmt::Display for SoldOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sold out")
    }
}

impl std::error::Error for SoldOut {}

#[aggregate(id = String, event = StockEvent)]
#[derive(Default)]
struct Stock;

#[aggregate]
impl Stock {
    #[command(Reserve)]
    fn reserve(&self, _order: String) -> Result<StockEvent, SoldOut> {
        Ok(StockEvent::Reserved)
    }

    #[command(Release)]
    fn release(&self, _order: String) -> Result<StockEvent, Infallible> {
        Ok(StockEvent::Released)
    }

    #[command(Ship)]
    fn ship(&self, _order: String) -> Result<StockEvent, Infallible> {
        Ok(StockEvent::Shipped)
    }

    #[event]
    fn evolve(&mut self, _: &StockEvent) {}
}

#[derive(Debug)]
struct Declined;

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("declined")
    }
}

impl std::error::Error for Declined {}

struct Gateway;

impl Gateway {
    async fn charge(&self, _order: &str, _key: IdempotencyKey) -> Result<String, StepError<Declined>> {
        Ok("P-1".into())
    }

    async fn refund(&self, _key: IdempotencyKey) -> Result<(), StepError<Infallible>> {
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
struct Checkout {
    order: String,
    product: String,
    payment: Option<String>,
    why: String,
}

impl Checkout {
    fn of(order: &str, product: &str) -> Self {
        Self { order: order.into(), product: product.into(), payment: None, why: String::new() }
    }
}
