//! A shop: carts, shelves and payments, and what lies between them.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use annals::prelude::*;
use annals::saga::{Call, Classify, Failure, IdempotencyKey, StepError};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Event)]
pub(crate) enum CartEvent {
    Bought { total: u64, shelves: Vec<String> },
    Opened,
    Dropped { why: String },
    Left,
}

#[derive(Clone, Debug, PartialEq, Command)]
pub(crate) struct Buy {
    #[id]
    pub(crate) cart: String,
    pub(crate) total: u64,
    pub(crate) shelves: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Command)]
pub(crate) struct Open {
    #[id]
    pub(crate) cart: String,
}

#[derive(Clone, Debug, PartialEq, Command)]
pub(crate) struct Abandon {
    #[id]
    pub(crate) cart: String,
    pub(crate) why: String,
}

#[derive(Clone, Debug, PartialEq, Command)]
pub(crate) struct Leave {
    #[id]
    pub(crate) cart: String,
}

#[aggregate(id = String, event = CartEvent)]
#[derive(Debug, Default)]
pub(crate) struct Cart {
    pub(crate) events: Vec<String>,
}

#[aggregate]
impl Cart {
    #[command]
    fn buy(&self, command: Buy) -> Result<CartEvent, Infallible> {
        Ok(CartEvent::Bought { total: command.total, shelves: command.shelves })
    }

    #[command]
    fn open(&self, _command: Open) -> Result<CartEvent, Infallible> {
        Ok(CartEvent::Opened)
    }

    #[command]
    fn abandon(&self, command: Abandon) -> Result<CartEvent, Infallible> {
        Ok(CartEvent::Dropped { why: command.why })
    }

    #[command]
    fn leave(&self, _command: Leave) -> Result<CartEvent, Infallible> {
        Ok(CartEvent::Left)
    }

    #[event]
    fn evolve(&mut self, event: &CartEvent) {
        self.events.push(match event {
            CartEvent::Bought { .. } => "bought".to_owned(),
            CartEvent::Opened => "opened".to_owned(),
            CartEvent::Dropped { why } => format!("dropped: {why}"),
            CartEvent::Left => "left".to_owned(),
        });
    }
}

#[derive(Clone, Debug, PartialEq, Event)]
pub(crate) enum ShelfEvent {
    Taken { cart: String },
    PutBack { cart: String },
}

#[derive(Clone, Debug, PartialEq, Command)]
pub(crate) struct Take {
    #[id]
    pub(crate) shelf: String,
    pub(crate) cart: String,
}

#[derive(Clone, Debug, PartialEq, Command)]
pub(crate) struct PutBack {
    #[id]
    pub(crate) shelf: String,
    pub(crate) cart: String,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the shelf is empty")]
pub(crate) struct Empty;

#[aggregate(id = String, event = ShelfEvent)]
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    pub(crate) taken: Vec<String>,
}

#[aggregate]
impl Shelf {
    #[command]
    fn take(&self, command: Take) -> Result<ShelfEvent, Empty> {
        if command.shelf == "empty" { Err(Empty) } else { Ok(ShelfEvent::Taken { cart: command.cart }) }
    }

    #[command]
    fn put_back(&self, command: PutBack) -> Result<Option<ShelfEvent>, Infallible> {
        Ok(self.taken.contains(&command.cart).then_some(ShelfEvent::PutBack { cart: command.cart }))
    }

    #[event]
    fn evolve(&mut self, event: &ShelfEvent) {
        match event {
            ShelfEvent::Taken { cart } => self.taken.push(cart.clone()),
            ShelfEvent::PutBack { cart } => self.taken.retain(|taken| taken != cart),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Event)]
pub(crate) enum PaymentEvent {
    Confirmed { cart: String, receipt: u64 },
    Refused { cart: String },
}

#[derive(Clone, Debug, PartialEq, Command)]
pub(crate) struct Settle {
    #[id]
    pub(crate) payment: u64,
    pub(crate) cart: String,
    pub(crate) receipt: Option<u64>,
}

#[aggregate(id = u64, event = PaymentEvent)]
#[derive(Debug, Default)]
pub(crate) struct Payment;

#[aggregate]
impl Payment {
    #[command]
    fn settle(&self, command: Settle) -> Result<PaymentEvent, Infallible> {
        let Settle { cart, receipt, .. } = command;
        Ok(receipt.map_or(PaymentEvent::Refused { cart: cart.clone() }, |receipt| PaymentEvent::Confirmed { cart, receipt }))
    }

    #[event]
    fn evolve(&mut self, _event: &PaymentEvent) {}
}

#[derive(Debug, thiserror::Error)]
#[error("declined")]
pub(crate) struct Declined;

/// Remembers under which keys it was called.
#[derive(Default)]
pub(crate) struct Till {
    pub(crate) charged: Mutex<Vec<IdempotencyKey>>,
    pub(crate) refunded: Mutex<Vec<IdempotencyKey>>,
}

/// A service that is a trait.
pub(crate) trait Bank: Send + Sync {
    fn may_pay(&self, total: u64) -> bool;
}

pub(crate) struct Generous;

impl Bank for Generous {
    fn may_pay(&self, total: u64) -> bool {
        total < 1_000
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Checkout {
    pub(crate) cart: String,
    pub(crate) total: u64,
    pub(crate) shelves: Vec<String>,
    pub(crate) payment: Option<u64>,
    pub(crate) receipt: Option<u64>,
    pub(crate) returned: String,
    pub(crate) declined: bool,
    pub(crate) why: String,
}

#[saga(version = 3, deadline = "30d")]
impl Checkout {
    #[start]
    pub(crate) fn begin(event: &CartEvent, context: &EventContext<'_>) -> Option<Self> {
        let CartEvent::Bought { total, shelves } = event else { return None };
        Some(Self { cart: context.stream_id().to_owned(), total: *total, shelves: shelves.clone(), ..Self::default() })
    }

    #[step]
    fn open(&self) -> (Open, Vec<Take>) {
        let take = |shelf: &String| Take { shelf: shelf.clone(), cart: self.cart.clone() };
        (Open { cart: self.cart.clone() }, self.shelves.iter().map(take).collect())
    }

    #[undo(open)]
    fn close(&self) -> (Vec<PutBack>, Option<Abandon>) {
        let put_back = |shelf: &String| PutBack { shelf: shelf.clone(), cart: self.cart.clone() };
        let abandon = Abandon { cart: self.cart.clone(), why: self.why.clone() };
        (self.shelves.iter().map(put_back).collect(), Some(abandon))
    }

    #[step(name = "pay", timeout = "1h30m", retry(attempts = 2, initial = "1ms", longest = "2ms", alert_after = "5m"))]
    async fn charge(
        &self,
        call: &Call<Self>,
        till: &Arc<Till>,
        key: IdempotencyKey,
        bank: &Arc<dyn Bank>,
    ) -> Result<u64, StepError<Declined>> {
        till.charged.lock().unwrap().push(key);
        if call.attempt() == 1 {
            Err("the line is busy").transient()?;
        }
        if bank.may_pay(self.total) { Ok(self.total + 1) } else { Err(Declined)? }
    }

    #[outcome(charge)]
    fn charged(&mut self, payment: u64) {
        self.payment = Some(payment);
    }

    #[undo(charge)]
    async fn refund(&self, till: &Arc<Till>, call: &Call<Self>) -> Result<(), StepError<Infallible>> {
        till.refunded.lock().unwrap().push(call.done_under());
        Ok(())
    }

    #[step(nothing_to_undo)]
    fn look_around(&self) -> Option<Leave> {
        None
    }

    #[wait(timeout = "3d")]
    fn confirmed(event: &PaymentEvent, context: &EventContext<'_>) -> Option<Result<u64, String>> {
        match event {
            PaymentEvent::Confirmed { receipt: 0, .. } => None,
            PaymentEvent::Confirmed { receipt, .. } => Some(Ok(*receipt)),
            PaymentEvent::Refused { .. } => Some(Err(format!("payment {} was refused", context.stream_id()))),
        }
    }

    #[key]
    fn cart_of_payment(event: &PaymentEvent) -> String {
        match event {
            PaymentEvent::Confirmed { cart, .. } | PaymentEvent::Refused { cart } => cart.clone(),
        }
    }

    #[outcome(confirmed)]
    fn noted(&mut self, receipt: &u64) {
        self.receipt = Some(*receipt);
    }

    #[step(pivot)]
    fn leave(&self) -> [Leave; 1] {
        [Leave { cart: self.cart.clone() }]
    }

    #[wait(or_after = "14d")]
    fn brought_back(event: &ShelfEvent, context: &EventContext<'_>) -> Option<Result<String, Infallible>> {
        matches!(event, ShelfEvent::PutBack { .. }).then(|| Ok(context.stream_id().to_owned()))
    }

    #[key]
    fn cart_of_shelf(event: &ShelfEvent, _context: &EventContext<'_>) -> Option<String> {
        match event {
            ShelfEvent::Taken { .. } => None,
            ShelfEvent::PutBack { cart } => Some(cart.clone()),
        }
    }

    #[outcome(brought_back)]
    fn returned(&mut self, shelf: Option<String>) {
        self.returned = shelf.unwrap_or_else(|| "nothing".to_owned());
    }

    #[failure(charge)]
    fn not_charged(&mut self, failure: &Failure) {
        self.declined = true;
        self.why = format!("{} says {}", failure.step, failure.reason);
    }

    #[failure]
    fn failed(&mut self, failure: &Failure) {
        self.why.clone_from(&failure.reason);
    }

    // Neither is there, and nothing is missing.
    #[cfg(any())]
    #[step]
    fn not_here(&self) -> Nothing {
        Nothing
    }

    #[cfg(any())]
    #[failure(look_around)]
    fn nothing_seen(&mut self, failure: &Nothing) {}
}
