//! The payment of one order.

use std::convert::Infallible;

use annals::prelude::*;
use thiserror::Error;

use crate::money::Money;

/// What a card pays at once.
const CARD_LIMIT: Money = Money::won(5_000_000);

#[derive(Event, Clone, Debug, PartialEq)]
pub(crate) enum PaymentEvent {
    Charged { customer: String, amount: Money },
    Refunded { amount: Money },
}

#[derive(Command)]
pub(crate) struct Charge {
    #[id]
    pub(crate) order: String,
    pub(crate) customer: String,
    pub(crate) amount: Money,
}

#[derive(Command)]
pub(crate) struct Refund {
    #[id]
    pub(crate) order: String,
}

#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum PaymentError {
    #[error("the card pays up to {CARD_LIMIT} at once")]
    Declined,
    #[error("the order was paid before")]
    AlreadyPaid,
}

#[aggregate(id = String, event = PaymentEvent)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Payment {
    #[default]
    Open,
    Charged(Money),
    Refunded,
}

#[aggregate]
impl Payment {
    /// A rejection is a plain domain error. Nothing is stored, and the saga goes back.
    #[command]
    fn charge(&self, command: Charge) -> Result<PaymentEvent, PaymentError> {
        let Self::Open = self else { return Err(PaymentError::AlreadyPaid) };
        if command.amount > CARD_LIMIT {
            return Err(PaymentError::Declined);
        }
        Ok(PaymentEvent::Charged { customer: command.customer, amount: command.amount })
    }

    #[command]
    fn refund(&self, _command: Refund) -> Result<Option<PaymentEvent>, Infallible> {
        Ok(match self {
            Self::Charged(amount) => Some(PaymentEvent::Refunded { amount: *amount }),
            Self::Open | Self::Refunded => None,
        })
    }

    #[event]
    fn evolve(&mut self, event: &PaymentEvent) {
        *self = match event {
            PaymentEvent::Charged { amount, .. } => Self::Charged(*amount),
            PaymentEvent::Refunded { .. } => Self::Refunded,
        }
    }
}
