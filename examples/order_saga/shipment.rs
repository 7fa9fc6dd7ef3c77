//! The parcel of one order.

use annals::prelude::*;
use thiserror::Error;

/// How many pieces go into a parcel.
const PARCEL: u64 = 20;

#[derive(Event, Clone, Debug, PartialEq)]
pub(crate) enum ShipmentEvent {
    Shipped { tracking: String, pieces: u64 },
}

#[derive(Command)]
pub(crate) struct Ship {
    #[id]
    pub(crate) order: String,
    pub(crate) tracking: String,
    pub(crate) pieces: u64,
}

#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum ShipmentError {
    #[error("{pieces} pieces do not fit into a parcel of {PARCEL}")]
    TooMany { pieces: u64 },
    #[error("the order was shipped before")]
    AlreadyShipped,
}

#[aggregate(id = String, event = ShipmentEvent)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Shipment {
    #[default]
    Open,
    Shipped,
}

#[aggregate]
impl Shipment {
    #[command]
    fn ship(&self, command: Ship) -> Result<ShipmentEvent, ShipmentError> {
        let Self::Open = self else { return Err(ShipmentError::AlreadyShipped) };
        let Ship { tracking, pieces, .. } = command;
        if pieces > PARCEL {
            return Err(ShipmentError::TooMany { pieces });
        }
        Ok(ShipmentEvent::Shipped { tracking, pieces })
    }

    #[event]
    fn evolve(&mut self, event: &ShipmentEvent) {
        let ShipmentEvent::Shipped { .. } = event;
        *self = Self::Shipped;
    }
}
