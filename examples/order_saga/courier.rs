//! The courier: another company, reached by a network that loses things. It stands for everything that cannot take part
//! in a transaction.
//!
//! What makes it safe to call is the idempotency key: the same at every attempt of a step, also after a crash. The
//! courier books once a key, and a key that was cancelled is never booked.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};

use annals::saga::{Classify, IdempotencyKey, StepError};
use thiserror::Error;

/// The address is off the courier's map: a "no" of the domain, which undoes the checkout.
#[derive(Debug, Error)]
#[error("the courier does not go to {0}")]
pub(crate) struct NotServed(String);

#[derive(Default)]
struct Booking {
    calls: u32,
    cancelled: bool,
}

#[derive(Default)]
pub(crate) struct Courier(Mutex<HashMap<IdempotencyKey, Booking>>);

impl Courier {
    /// Books a parcel and returns its tracking number.
    #[expect(clippy::unused_async, reason = "a real courier answers over the network")]
    pub(crate) async fn book(&self, address: &str, key: IdempotencyKey) -> Result<String, StepError<NotServed>> {
        let mut bookings = self.bookings();
        let booking = bookings.entry(key).or_default();
        booking.calls += 1;
        if booking.cancelled || address.contains("Dokdo") {
            // A domain error becomes `StepError::Rejected` by `?`.
            Err(NotServed(address.to_owned()))?;
        }
        if address.contains("Ulleungdo") && booking.calls <= 2 {
            // Any other error must say of what class it is. Transient: nothing happened, try again.
            Err("the line is busy").transient()?;
        }
        Ok(format!("KR{:010}", key.as_uuid().as_u128() % 10_000_000_000))
    }

    /// Cancels what was booked under a key. It may never have been: the call to book may have been lost, or is still on
    /// its way, so the key is remembered.
    #[expect(clippy::unused_async, reason = "a real courier answers over the network")]
    pub(crate) async fn cancel(&self, key: IdempotencyKey) -> Result<(), StepError<Infallible>> {
        self.bookings().entry(key).or_default().cancelled = true;
        Ok(())
    }

    fn bookings(&self) -> MutexGuard<'_, HashMap<IdempotencyKey, Booking>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
