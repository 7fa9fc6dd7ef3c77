//! The domain.

use bench_harness::{AMOUNT, NOTE};
use eventsourced::{Command, CommandEffect, EventSourced};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Account {
    open: bool,
    balance: i64,
    deposits: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Event {
    Opened { owner: String, note: String },
    Deposited { amount: i64, balance: i64, note: String },
}

impl EventSourced for Account {
    type Id = Uuid;
    type Event = Event;
    const TYPE_NAME: &'static str = "account";

    fn handle_event(mut self, event: Event) -> Self {
        match event {
            Event::Opened { .. } => self.open = true,
            Event::Deposited { amount, .. } => {
                self.balance += amount;
                self.deposits += 1;
            }
        }
        self
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("the account is open already")]
    AlreadyOpen,
    #[error("the account is not open")]
    NotOpen,
}

#[derive(Debug)]
pub struct Open {
    pub owner: String,
    pub note: String,
}

impl Command<Account> for Open {
    type Reply = ();
    type Error = AccountError;

    fn handle_command(self, _: &Uuid, state: &Account) -> CommandEffect<Account, (), AccountError> {
        if state.open {
            return CommandEffect::reject(AccountError::AlreadyOpen);
        }
        CommandEffect::emit(Event::Opened { owner: self.owner, note: self.note })
    }
}

#[derive(Debug)]
pub struct Deposit {
    amount: i64,
    note: String,
}

impl Deposit {
    pub fn new() -> Self {
        Self { amount: AMOUNT, note: NOTE.to_owned() }
    }
}

impl Command<Account> for Deposit {
    type Reply = ();
    type Error = AccountError;

    fn handle_command(self, _: &Uuid, state: &Account) -> CommandEffect<Account, (), AccountError> {
        if !state.open {
            return CommandEffect::reject(AccountError::NotOpen);
        }
        let balance = state.balance + self.amount;
        CommandEffect::emit(Event::Deposited { amount: self.amount, balance, note: self.note })
    }
}

#[derive(Debug)]
pub struct CountDeposits;

impl Command<Account> for CountDeposits {
    type Reply = u64;
    type Error = AccountError;

    fn handle_command(self, _: &Uuid, state: &Account) -> CommandEffect<Account, u64, AccountError> {
        CommandEffect::reply(state.deposits)
    }
}
