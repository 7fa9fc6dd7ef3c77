//! What the sagas are about: orders and the stock.

use std::convert::Infallible;

use annals::prelude::*;

#[derive(Event, Debug, PartialEq)]
pub(super) enum OrderEvent {
    Placed,
    Sent,
}

#[derive(Event, Debug, PartialEq)]
pub(super) enum StockEvent {
    Taken { order: String },
}

#[derive(Command, Clone, Debug, PartialEq)]
pub(super) struct Place {
    #[id]
    pub(super) order: String,
}

#[derive(Command, Clone, Debug, PartialEq)]
pub(super) struct Send {
    #[id]
    pub(super) order: String,
}

#[derive(Command, Clone, Debug, PartialEq)]
pub(super) struct Take {
    #[id]
    pub(super) shelf: String,
    pub(super) order: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the shelf is empty")]
pub(super) struct Empty;

#[aggregate(id = String, event = OrderEvent)]
#[derive(Debug, Default)]
pub(super) struct Order;

#[aggregate]
impl Order {
    #[command]
    fn place(&self, _: Place) -> Result<OrderEvent, Infallible> {
        Ok(OrderEvent::Placed)
    }

    #[command]
    fn send(&self, _: Send) -> Result<OrderEvent, Infallible> {
        Ok(OrderEvent::Sent)
    }

    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
}

#[aggregate(id = String, event = StockEvent)]
#[derive(Debug, Default)]
pub(super) struct Stock;

#[aggregate]
impl Stock {
    #[command]
    fn take(&self, command: Take) -> Result<StockEvent, Empty> {
        if command.shelf == "empty" { Err(Empty) } else { Ok(StockEvent::Taken { order: command.order }) }
    }

    #[event]
    fn evolve(&mut self, _: &StockEvent) {}
}

pub(super) fn a() -> String {
    "A".to_owned()
}

pub(super) fn send() -> Send {
    Send { order: a() }
}

pub(super) fn take() -> Take {
    Take { shelf: "milk".into(), order: a() }
}
