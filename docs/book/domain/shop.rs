//! The shop of the chapter "Sagas".

use std::sync::Mutex;

use annals::prelude::*;

#[derive(Event)]
pub enum OrderEvent {
    Placed { product: String, total: u64 },
    Completed,
    Cancelled { reason: String },
}

#[derive(Command)]
pub struct PlaceOrder {
    #[id]
    pub order: String,
    pub product: String,
    pub total: u64,
}

#[derive(Command)]
pub struct CompleteOrder {
    #[id]
    pub order: String,
}

#[derive(Command)]
pub struct CancelOrder {
    #[id]
    pub order: String,
    pub reason: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the order is not open")]
pub struct NotOpen;

#[aggregate(id = String, event = OrderEvent)]
#[derive(Debug, Default, PartialEq)]
pub enum Order {
    #[default]
    New,
    Placed,
    Completed,
    Cancelled,
}

#[aggregate]
impl Order {
    #[command]
    fn place(&self, command: PlaceOrder) -> Result<OrderEvent, NotOpen> {
        ensure!(*self == Self::New, NotOpen);
        Ok(OrderEvent::Placed { product: command.product, total: command.total })
    }

    #[command]
    fn complete(&self, _command: CompleteOrder) -> Result<OrderEvent, NotOpen> {
        ensure!(*self == Self::Placed, NotOpen);
        Ok(OrderEvent::Completed)
    }

    #[command]
    fn cancel(&self, command: CancelOrder) -> Result<Option<OrderEvent>, NotOpen> {
        Ok((*self == Self::Placed).then_some(OrderEvent::Cancelled { reason: command.reason }))
    }

    #[event]
    fn evolve(&mut self, event: &OrderEvent) {
        *self = match event {
            OrderEvent::Placed { .. } => Self::Placed,
            OrderEvent::Completed => Self::Completed,
            OrderEvent::Cancelled { .. } => Self::Cancelled,
        }
    }
}

#[derive(Event)]
pub enum StockEvent {
    Received { pieces: u64 },
    Reserved { order: String },
    Released { order: String },
    Shipped { order: String },
}

#[derive(Command)]
pub struct Receive {
    #[id]
    pub product: String,
    pub pieces: u64,
}

#[derive(Command)]
pub struct Reserve {
    #[id]
    pub product: String,
    pub order: String,
}

#[derive(Command)]
pub struct Release {
    #[id]
    pub product: String,
    pub order: String,
}

#[derive(Command)]
pub struct Ship {
    #[id]
    pub product: String,
    pub order: String,
}

#[derive(Debug, thiserror::Error)]
pub enum StockError {
    #[error("out of stock")]
    OutOfStock,
    #[error("nothing is reserved for the order")]
    NotReserved,
}

#[aggregate(id = String, event = StockEvent)]
#[derive(Default)]
pub struct Stock {
    pub free: u64,
    pub reserved: Vec<String>,
}

#[aggregate]
impl Stock {
    #[command]
    fn receive(&self, command: Receive) -> Result<StockEvent, StockError> {
        Ok(StockEvent::Received { pieces: command.pieces })
    }

    #[command]
    fn reserve(&self, command: Reserve) -> Result<StockEvent, StockError> {
        if self.free == 0 { Err(StockError::OutOfStock) } else { Ok(StockEvent::Reserved { order: command.order }) }
    }

    #[command]
    fn release(&self, command: Release) -> Result<Option<StockEvent>, StockError> {
        Ok(self.reserved.contains(&command.order).then_some(StockEvent::Released { order: command.order }))
    }

    #[command]
    fn ship(&self, command: Ship) -> Result<StockEvent, StockError> {
        if self.reserved.contains(&command.order) {
            Ok(StockEvent::Shipped { order: command.order })
        } else {
            Err(StockError::NotReserved)
        }
    }

    #[event]
    fn evolve(&mut self, event: &StockEvent) {
        match event {
            StockEvent::Received { pieces } => self.free += pieces,
            StockEvent::Reserved { order } => {
                self.free -= 1;
                self.reserved.push(order.clone());
            }
            StockEvent::Released { order } => {
                self.free += 1;
                self.reserved.retain(|it| it != order);
            }
            StockEvent::Shipped { order } => self.reserved.retain(|it| it != order),
        }
    }
}

#[derive(Event)]
pub enum PaymentEvent {
    Confirmed { order: String, receipt: u64 },
    Refused { order: String },
}

#[derive(Debug, thiserror::Error)]
#[error("declined")]
pub struct Declined;

/// The payment service, which remembers what was charged under which key.
#[derive(Debug, Default)]
pub struct Gateway {
    charged: Mutex<Vec<IdempotencyKey>>,
}

impl Gateway {
    pub async fn charge(&self, total: u64, key: IdempotencyKey) -> Result<u64, StepError<Declined>> {
        if total > 1_000 {
            return Err(Declined.into());
        }
        if let Ok(mut charged) = self.charged.lock()
            && !charged.contains(&key)
        {
            charged.push(key);
        }
        Ok(7)
    }

    pub async fn refund(&self, key: IdempotencyKey) -> Result<(), StepError<std::convert::Infallible>> {
        if let Ok(mut charged) = self.charged.lock() {
            charged.retain(|it| *it != key);
        }
        Ok(())
    }
}
