//! The domain.

use bench_harness::{AMOUNT, NOTE, OWNER};
use serde::{Deserialize, Serialize};
use umadb_dcb::{DcbAppendCondition, DcbEvent, DcbQuery, DcbQueryItem};

#[derive(Serialize, Deserialize)]
pub enum Event {
    Opened { owner: String, note: String },
    Deposited { amount: i64, balance: i64, note: String },
}

#[derive(Default)]
pub struct Account {
    open: bool,
    balance: i64,
    pub deposits: u64,
}

impl Account {
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Opened { .. } => self.open = true,
            Event::Deposited { amount, .. } => {
                self.balance += amount;
                self.deposits += 1;
            }
        }
    }

    /// None if the account is not open.
    pub fn deposit(&self) -> Option<Event> {
        let deposited = || Event::Deposited { amount: AMOUNT, balance: self.balance + AMOUNT, note: NOTE.to_owned() };
        self.open.then(deposited)
    }
}

pub fn opened() -> Event {
    Event::Opened { owner: OWNER.to_owned(), note: NOTE.to_owned() }
}

/// What is found by the tag of an account.
pub fn boundary(id: &str) -> DcbQuery {
    DcbQuery::new().item(DcbQueryItem::new().tags([id]))
}

pub fn unchanged_since(id: &str, head: Option<u64>) -> DcbAppendCondition {
    DcbAppendCondition::new(boundary(id)).after(head)
}

pub fn stored(id: &str, event: &Event) -> Result<DcbEvent, serde_json::Error> {
    let name = match event {
        Event::Opened { .. } => "Opened",
        Event::Deposited { .. } => "Deposited",
    };
    Ok(DcbEvent::new().event_type(name).tags([id]).data(serde_json::to_vec(event)?))
}
