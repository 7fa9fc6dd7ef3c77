//! The domain.

use std::convert::Infallible;

use annals::prelude::*;
use bench_harness::{AMOUNT, NOTE, OWNER};

#[derive(Event)]
pub(crate) enum AccountEvent {
    Opened { owner: String, note: String },
    Deposited { amount: i64, balance: i64, note: String },
}

impl AccountEvent {
    /// What it adds to the balance.
    pub(crate) fn amount(&self) -> i64 {
        match self {
            Self::Opened { .. } => 0,
            Self::Deposited { amount, .. } => *amount,
        }
    }
}

#[derive(Command)]
pub(crate) struct OpenAccount {
    #[id]
    pub(crate) account: String,
    pub(crate) owner: String,
    pub(crate) note: String,
}

#[derive(Command)]
pub(crate) struct Deposit {
    #[id]
    pub(crate) account: String,
    pub(crate) amount: i64,
    pub(crate) note: String,
}

/// So many events at once: opens the account if it is not open, and deposits.
#[derive(Command)]
pub(crate) struct Seed {
    #[id]
    pub(crate) account: String,
    pub(crate) events: u32,
}

impl OpenAccount {
    pub(crate) fn new(account: String) -> Self {
        Self { account, owner: OWNER.to_owned(), note: NOTE.to_owned() }
    }
}

impl Deposit {
    pub(crate) fn new(account: String) -> Self {
        Self { account, amount: AMOUNT, note: NOTE.to_owned() }
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the account is open already")]
    AlreadyOpen,
    #[error("the account is not open")]
    NotOpen,
}

#[aggregate(id = String, event = AccountEvent)]
#[derive(Default)]
pub(crate) struct Account {
    open: bool,
    pub(crate) balance: i64,
    pub(crate) deposits: u64,
}

#[aggregate]
impl Account {
    #[command]
    fn open(&self, command: OpenAccount) -> Result<AccountEvent, Refused> {
        ensure!(!self.open, Refused::AlreadyOpen);
        Ok(AccountEvent::Opened { owner: command.owner, note: command.note })
    }

    #[command]
    fn deposit(&self, command: Deposit) -> Result<AccountEvent, Refused> {
        ensure!(self.open, Refused::NotOpen);
        let balance = self.balance + command.amount;
        Ok(AccountEvent::Deposited { amount: command.amount, balance, note: command.note })
    }

    #[command]
    fn seed(&self, command: Seed) -> Result<Vec<AccountEvent>, Infallible> {
        let opened = || AccountEvent::Opened { owner: OWNER.to_owned(), note: NOTE.to_owned() };
        let opened = (!self.open).then(opened);
        let deposits = i64::from(command.events) - opened.iter().len() as i64;
        let deposited = |number| {
            let balance = self.balance + AMOUNT * number;
            AccountEvent::Deposited { amount: AMOUNT, balance, note: NOTE.to_owned() }
        };
        Ok(opened.into_iter().chain((1..=deposits).map(deposited)).collect())
    }

    #[event]
    fn evolve(&mut self, event: &AccountEvent) {
        match event {
            AccountEvent::Opened { .. } => self.open = true,
            AccountEvent::Deposited { amount, .. } => {
                self.balance += amount;
                self.deposits += 1;
            }
        }
    }
}
