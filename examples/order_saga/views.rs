//! What is read: two read models that Annals keeps, and a subscriber that acts on what happened.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use annals::prelude::*;
use annals::{EventContext, EventId};
use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::order::OrderEvent;
use crate::payment::PaymentEvent;
use crate::shipment::ShipmentEvent;

/// The shop in numbers: one document. Each event is counted exactly once, because the document and how far it has come
/// are stored together.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Analytics {
    pub(crate) placed: u64,
    pub(crate) completed: u64,
    /// Orders that were cancelled, by the step that failed.
    pub(crate) cancelled: BTreeMap<String, u64>,
    pub(crate) charged: Money,
    pub(crate) refunded: Money,
    pub(crate) pieces_shipped: u64,
}

impl Analytics {
    pub(crate) fn cancelled_at(&self, step: &str) -> u64 {
        self.cancelled.get(step).copied().unwrap_or_default()
    }

    pub(crate) fn ended(&self) -> u64 {
        self.completed + self.cancelled.values().sum::<u64>()
    }
}

#[projection]
impl Analytics {
    #[on]
    fn order(&mut self, event: &OrderEvent) {
        match event {
            OrderEvent::Placed { .. } => self.placed += 1,
            OrderEvent::CheckoutBegun => {}
            OrderEvent::Completed => self.completed += 1,
            OrderEvent::Cancelled { step, .. } => *self.cancelled.entry(step.clone()).or_default() += 1,
        }
    }

    #[on]
    fn payment(&mut self, event: &PaymentEvent) {
        match event {
            PaymentEvent::Charged { amount, .. } => self.charged += *amount,
            PaymentEvent::Refunded { amount } => self.refunded += *amount,
        }
    }

    #[on]
    fn shipment(&mut self, event: &ShipmentEvent) {
        let ShipmentEvent::Shipped { pieces, .. } = event;
        self.pieces_shipped += pieces;
    }
}

/// One document an order. The streams of an order, its payment and its shipment have the same id, so with `per_stream`
/// their events meet in one document.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct OrderSummary {
    pub(crate) customer: String,
    pub(crate) total: Money,
    pub(crate) paid: Money,
    pub(crate) tracking: Option<String>,
    pub(crate) status: String,
    pub(crate) note: String,
}

#[projection(per_stream)]
impl OrderSummary {
    #[on]
    fn order(&mut self, event: &OrderEvent) {
        let status = match event {
            OrderEvent::Placed { customer, total, .. } => {
                self.customer.clone_from(customer);
                self.total = *total;
                "placed"
            }
            OrderEvent::CheckoutBegun => "in checkout",
            OrderEvent::Completed => "completed",
            OrderEvent::Cancelled { reason, .. } => {
                self.note.clone_from(reason);
                "cancelled"
            }
        };
        status.clone_into(&mut self.status);
    }

    #[on]
    fn payment(&mut self, event: &PaymentEvent) {
        self.paid = match event {
            PaymentEvent::Charged { amount, .. } => *amount,
            PaymentEvent::Refunded { .. } => Money::ZERO,
        }
    }

    #[on]
    fn shipment(&mut self, event: &ShipmentEvent) {
        let ShipmentEvent::Shipped { tracking, .. } = event;
        self.tracking = Some(tracking.clone());
    }
}

/// The messages to customers. A subscriber gets every event at least once, so what it does must be safe to repeat: a
/// message is sent under the id of its event.
#[derive(Clone, Default)]
pub(crate) struct Notifications(Arc<Mutex<BTreeMap<EventId, String>>>);

impl Notifications {
    pub(crate) fn take_in(&self, recorded: &Recorded<OrderEvent>) {
        let order = EventContext::new(&recorded.record).stream_id();
        let message = match &recorded.event {
            OrderEvent::Placed { total, .. } => format!("{order}: thank you for your order of {total}"),
            OrderEvent::CheckoutBegun => return,
            OrderEvent::Completed => format!("{order}: your parcel is on its way"),
            OrderEvent::Cancelled { reason, .. } => format!("{order}: we are sorry, {reason}"),
        };
        self.sent().insert(recorded.record.id, message);
    }

    pub(crate) fn count(&self) -> usize {
        self.sent().len()
    }

    fn sent(&self) -> MutexGuard<'_, BTreeMap<EventId, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
