//! The stock of one product: pieces received are left on the shelf, reserved for an order, or handed over to the courier.

use std::collections::BTreeMap;
use std::convert::Infallible;

use annals::prelude::*;
use thiserror::Error;

#[derive(Event, Clone, Debug, PartialEq)]
pub(crate) enum StockEvent {
    Received { quantity: u64 },
    Reserved { order: String, quantity: u64 },
    Released { order: String, quantity: u64 },
    HandedOver { order: String, quantity: u64 },
}

#[derive(Command)]
pub(crate) struct Receive {
    #[id]
    pub(crate) product: String,
    pub(crate) quantity: u64,
}

#[derive(Command)]
pub(crate) struct Reserve {
    #[id]
    pub(crate) product: String,
    pub(crate) order: String,
    pub(crate) quantity: u64,
}

#[derive(Command)]
pub(crate) struct Release {
    #[id]
    pub(crate) product: String,
    pub(crate) order: String,
}

#[derive(Command)]
pub(crate) struct HandOver {
    #[id]
    pub(crate) product: String,
    pub(crate) order: String,
}

#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum StockError {
    #[error("{wanted} of {product} wanted, {left} left")]
    RunOut { product: String, wanted: u64, left: u64 },
    #[error("no room for so many pieces")]
    Overflow,
}

#[aggregate(id = String, event = StockEvent)]
#[derive(Clone, Debug, Default)]
pub(crate) struct Stock {
    left: u64,
    reserved: BTreeMap<String, u64>,
}

#[aggregate]
impl Stock {
    #[command]
    fn receive(&self, command: Receive) -> Result<StockEvent, StockError> {
        let held = self.reserved.values().try_fold(self.left, |sum, quantity| sum.checked_add(*quantity));
        held.and_then(|held| held.checked_add(command.quantity)).ok_or(StockError::Overflow)?;
        Ok(StockEvent::Received { quantity: command.quantity })
    }

    #[command]
    fn reserve(&self, command: Reserve) -> Result<StockEvent, StockError> {
        let Reserve { product, order, quantity } = command;
        if self.left < quantity {
            return Err(StockError::RunOut { product, wanted: quantity, left: self.left });
        }
        Ok(StockEvent::Reserved { order, quantity })
    }

    /// There is no fence against a reservation that arrives after its release, because it cannot: the events of a step
    /// are stored together with the step of the saga that sent it, or not at all.
    #[command]
    fn release(&self, command: Release) -> Result<Option<StockEvent>, Infallible> {
        let quantity = self.reserved.get(&command.order);
        Ok(quantity.map(|&quantity| StockEvent::Released { order: command.order, quantity }))
    }

    #[command]
    fn hand_over(&self, command: HandOver) -> Result<Option<StockEvent>, Infallible> {
        let quantity = self.reserved.get(&command.order);
        Ok(quantity.map(|&quantity| StockEvent::HandedOver { order: command.order, quantity }))
    }

    #[event]
    fn evolve(&mut self, event: &StockEvent) {
        match event {
            StockEvent::Received { quantity } => self.left += quantity,
            StockEvent::Reserved { order, quantity } => {
                self.left -= quantity;
                // An order may have two lines of one product.
                *self.reserved.entry(order.clone()).or_default() += quantity;
            }
            StockEvent::Released { order, quantity } => {
                self.reserved.remove(order);
                self.left += quantity;
            }
            StockEvent::HandedOver { order, .. } => {
                self.reserved.remove(order);
            }
        }
    }
}
