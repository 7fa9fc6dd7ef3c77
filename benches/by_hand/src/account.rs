//! The domain.

use bench_harness::{AMOUNT, NOTE, OWNER};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Event {
    Opened { owner: String, note: String },
    Deposited { amount: i64, balance: i64, note: String },
}

impl Event {
    pub(crate) fn opened() -> Self {
        Self::Opened { owner: OWNER.to_owned(), note: NOTE.to_owned() }
    }

    /// What it adds to the balance.
    pub(crate) fn amount(&self) -> i64 {
        match self {
            Self::Opened { .. } => 0,
            Self::Deposited { amount, .. } => *amount,
        }
    }
}

#[derive(Default)]
pub(crate) struct Account {
    pub(crate) version: i64,
    pub(crate) deposits: u64,
    balance: i64,
}

impl Account {
    pub(crate) fn evolve(&mut self, event: &Event) {
        self.version += 1;
        if let Event::Deposited { amount, .. } = event {
            self.balance += amount;
            self.deposits += 1;
        }
    }

    pub(crate) fn deposit(&self) -> Event {
        Event::Deposited { amount: AMOUNT, balance: self.balance + AMOUNT, note: NOTE.to_owned() }
    }

    /// What an account of so many events consists of.
    pub(crate) fn history(events: u32) -> Vec<Event> {
        let (mut account, mut history) = (Self::default(), vec![Event::opened()]);
        for _ in 1..events {
            let event = account.deposit();
            account.evolve(&event);
            history.push(event);
        }
        history
    }
}
