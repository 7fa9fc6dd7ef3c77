//! Money: whole won. A type of its own, so that a quantity or a count is never taken for an amount.

use std::fmt;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// An amount in won. In JSON it is the bare number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Money(u64);

impl Money {
    pub(crate) const ZERO: Self = Self(0);

    pub(crate) const fn won(amount: u64) -> Self {
        Self(amount)
    }

    /// The price of several pieces; none if that is more than can be written down.
    pub(crate) fn times(self, quantity: u64) -> Option<Self> {
        self.0.checked_mul(quantity).map(Self)
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// For read models, which must take in whatever has happened: they stop at the largest amount.
impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::from("₩");
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}
