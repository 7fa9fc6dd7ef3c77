//! The domain that is described.

use std::convert::Infallible;

use annals::prelude::*;
use annals::store::{Checkpoint, Filter, LogPage, ViewName};
use annals::{Json, ProjectionSink, SinkError, UpcastError};
use serde::{Deserialize, Serialize};

#[derive(Event)]
pub(crate) enum OrderEvent {
    #[event(version = 2, upcast = [as_it_was], alias = "order.bought")]
    Placed,
    Paid,
    Cancelled,
}

fn as_it_was(body: Json) -> Result<Json, UpcastError> {
    Ok(body)
}

#[derive(Event)]
pub(crate) enum StockEvent {
    Reserved,
    Released,
}

#[derive(Command)]
pub(crate) struct PlaceOrder {
    #[id]
    pub(crate) order: String,
}

#[derive(Command)]
#[command(name = "payment.take")]
pub(crate) struct TakePayment {
    #[id]
    pub(crate) order: String,
}

#[derive(Command)]
pub(crate) struct CancelOrder {
    #[id]
    pub(crate) order: String,
}

#[derive(Command)]
pub(crate) struct Reserve {
    #[id]
    pub(crate) product: String,
}

#[derive(Command)]
pub(crate) struct Release {
    #[id]
    pub(crate) product: String,
}

#[derive(Debug)]
pub(crate) struct Catalogue;

#[derive(Debug)]
pub(crate) struct Gateway;

#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
pub(crate) struct Order;

#[aggregate]
impl Order {
    #[prepare]
    async fn price(_command: &PlaceOrder, _catalogue: &Catalogue) -> Result<u64, Infallible> {
        Ok(1)
    }

    #[command]
    fn place(&self, _command: PlaceOrder, _price: &u64) -> Result<OrderEvent, Infallible> {
        Ok(OrderEvent::Placed)
    }

    #[command]
    fn pay(&self, _command: TakePayment) -> Result<OrderEvent, Infallible> {
        Ok(OrderEvent::Paid)
    }

    #[command]
    fn cancel(&self, _command: CancelOrder) -> Result<OrderEvent, Infallible> {
        Ok(OrderEvent::Cancelled)
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
    fn reserve(&self, _command: Reserve) -> Result<StockEvent, Infallible> {
        Ok(StockEvent::Reserved)
    }

    #[command]
    fn release(&self, _command: Release) -> Result<StockEvent, Infallible> {
        Ok(StockEvent::Released)
    }

    #[event]
    fn evolve(&mut self, _event: &StockEvent) {}
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Sales;

#[projection(version = 3)]
impl Sales {
    #[on]
    fn order(&mut self, _event: &OrderEvent) {}

    #[on]
    fn stock(&mut self, _event: &StockEvent) {}
}

/// Takes in what it is told to, and does nothing.
pub(crate) struct Sink(pub(crate) ViewName, pub(crate) Filter);

#[async_trait::async_trait]
impl ProjectionSink for Sink {
    fn name(&self) -> &ViewName {
        &self.0
    }

    fn filter(&self) -> Filter {
        self.1.clone()
    }

    async fn checkpoint(&mut self) -> Result<Option<Checkpoint>, SinkError> {
        Ok(None)
    }

    async fn apply(&mut self, _page: &LogPage, _expected: Option<Checkpoint>, _checkpoint: Checkpoint) -> Result<(), SinkError> {
        Ok(())
    }
}
