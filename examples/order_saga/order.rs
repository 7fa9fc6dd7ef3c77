//! The order: what the customer asked for, and what became of it.
//!
//! Every aggregate file of this example reads the same way: events, commands, errors, state, decisions, evolution.

use annals::prelude::*;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::money::Money;
use crate::shop::Catalogue;

/// What the shop takes on. A store has limits too (so many streams an append, so many bytes an event), but only the domain
/// can say no before an order is half way through its checkout.
const MOST_LINES: usize = 100;
const LONGEST_TEXT: usize = 1_000;

/// What can happen to an order. Each variant is stored as one JSON object, under a name such as `order.placed`.
#[derive(Event, Clone, Debug, PartialEq)]
pub(crate) enum OrderEvent {
    Placed { customer: String, address: String, lines: Vec<Line>, total: Money },
    CheckoutBegun,
    Completed,
    Cancelled { step: String, reason: String },
}

/// A line of an order, at the price it was sold for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) product: String,
    pub(crate) quantity: u64,
    pub(crate) price: Money,
}

/// What a customer sends. The input file holds one of these a line.
#[derive(Command, Clone, Debug)]
pub(crate) struct PlaceOrder {
    #[id]
    pub(crate) order: String,
    pub(crate) customer: String,
    pub(crate) address: String,
    pub(crate) lines: Vec<Item>,
    /// What the customer saw. It must be what the catalogue says.
    pub(crate) total: Money,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) product: String,
    pub(crate) quantity: u64,
}

// The three commands that the saga sends.
#[derive(Command)]
pub(crate) struct BeginCheckout {
    #[id]
    pub(crate) order: String,
}

#[derive(Command)]
pub(crate) struct CompleteOrder {
    #[id]
    pub(crate) order: String,
}

#[derive(Command)]
pub(crate) struct CancelOrder {
    #[id]
    pub(crate) order: String,
    pub(crate) step: String,
    pub(crate) reason: String,
}

/// Why the shop says no. An error of the domain reaches whoever sent the command with its own type.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum OrderError {
    #[error("an order has one to {MOST_LINES} lines, not {0}")]
    Lines(usize),
    #[error("the {0} has more than {LONGEST_TEXT} bytes")]
    TooLong(&'static str),
    #[error("there is no product {0}")]
    UnknownProduct(String),
    #[error("the quantity of {0} is zero")]
    NoQuantity(String),
    #[error("the total is more than can be written down")]
    Overflow,
    #[error("the total is {computed}, not {stated}")]
    WrongTotal { stated: Money, computed: Money },
    #[error("the order was placed before")]
    AlreadyPlaced,
    #[error("the order is not open")]
    NotOpen,
}

/// An order, as the fold of its events. Only what decisions need is kept; what screens need is in `views.rs`.
#[aggregate(id = String, event = OrderEvent)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    #[default]
    New,
    Placed,
    InCheckout,
    Completed,
    Cancelled,
}

/// The lines with their prices, and the sum.
pub(crate) struct Priced {
    lines: Vec<Line>,
    sum: Money,
}

#[aggregate]
impl Order {
    /// Runs once before `place` is decided: the catalogue may be a call to another service. Deciding itself is pure, so
    /// that Annals may decide again when another writer came first.
    #[prepare]
    async fn price(command: &PlaceOrder, catalogue: &Catalogue) -> Result<Priced, OrderError> {
        let mut priced = Priced { lines: Vec::new(), sum: Money::ZERO };
        for Item { product, quantity } in command.lines.clone() {
            let price = catalogue.price(&product).ok_or_else(|| OrderError::UnknownProduct(product.clone()))?;
            if quantity == 0 {
                return Err(OrderError::NoQuantity(product));
            }
            priced.sum = price.times(quantity).and_then(|amount| priced.sum.plus(amount)).ok_or(OrderError::Overflow)?;
            priced.lines.push(Line { product, quantity, price });
        }
        Ok(priced)
    }

    #[command]
    fn place(&self, command: PlaceOrder, priced: &Priced) -> Result<OrderEvent, OrderError> {
        let Self::New = self else { return Err(OrderError::AlreadyPlaced) };
        let PlaceOrder { customer, address, lines, total, .. } = command;
        if !(1..=MOST_LINES).contains(&lines.len()) {
            return Err(OrderError::Lines(lines.len()));
        }
        for (what, text) in [("customer", &customer), ("address", &address)] {
            if text.len() > LONGEST_TEXT {
                return Err(OrderError::TooLong(what));
            }
        }
        if total != priced.sum {
            return Err(OrderError::WrongTotal { stated: total, computed: priced.sum });
        }
        Ok(OrderEvent::Placed { customer, address, lines: priced.lines.clone(), total })
    }

    #[command]
    fn begin_checkout(&self, _command: BeginCheckout) -> Result<OrderEvent, OrderError> {
        if *self == Self::Placed { Ok(OrderEvent::CheckoutBegun) } else { Err(OrderError::NotOpen) }
    }

    #[command]
    fn complete(&self, _command: CompleteOrder) -> Result<OrderEvent, OrderError> {
        if *self == Self::InCheckout { Ok(OrderEvent::Completed) } else { Err(OrderError::NotOpen) }
    }

    /// Undoing never says no: an order that is not open has nothing to cancel. `None` stores nothing.
    #[command]
    fn cancel(&self, command: CancelOrder) -> Result<Option<OrderEvent>, OrderError> {
        let is_open = matches!(self, Self::Placed | Self::InCheckout);
        Ok(is_open.then_some(OrderEvent::Cancelled { step: command.step, reason: command.reason }))
    }

    /// The one place where the state changes. It cannot fail: the event has happened.
    #[event]
    fn evolve(&mut self, event: &OrderEvent) {
        *self = match event {
            OrderEvent::Placed { .. } => Self::Placed,
            OrderEvent::CheckoutBegun => Self::InCheckout,
            OrderEvent::Completed => Self::Completed,
            OrderEvent::Cancelled { .. } => Self::Cancelled,
        }
    }
}
