//! What the tests of the whole have in common: a small domain, and every store.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod faults;

use std::sync::Arc;

use annals::prelude::*;
use annals::{EventStore, MemoryStore};
use annals_testing::PostgresSchema;
use serde::{Deserialize, Serialize};

pub type TestResult = Result<(), Box<dyn std::error::Error>>;

/// A fresh store, with what keeps it alive.
pub struct Fresh {
    pub store: Arc<dyn EventStore>,
    _kept: Box<dyn std::any::Any + Send + Sync>,
}

impl Fresh {
    fn new(store: Arc<dyn EventStore>, kept: impl std::any::Any + Send + Sync) -> Self {
        Self { store, _kept: Box::new(kept) }
    }
}

/// One fresh store of each kind.
pub async fn stores() -> Vec<Fresh> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let sqlite = annals::connect(&url).await.expect("a store in a temporary folder");
    let schema = PostgresSchema::new();
    let postgres = annals::connect(&schema.url()).await.expect("a store on the server of the tests");
    vec![Fresh::new(Arc::new(MemoryStore::new()), ()), Fresh::new(sqlite, folder), Fresh::new(postgres, schema)]
}

#[derive(Debug, thiserror::Error, PartialEq)]
pub enum AccountError {
    #[error("the account is closed")]
    Closed,
    #[error("only {balance} left")]
    Short { balance: u64 },
}

#[derive(Event, Debug, PartialEq)]
pub enum AccountEvent {
    Deposited { amount: u64 },
    Withdrawn { amount: u64 },
    Closed,
}

#[derive(Command)]
pub struct Deposit {
    #[id]
    pub account: String,
    pub amount: u64,
}

#[derive(Command)]
pub struct Withdraw {
    #[id]
    pub account: String,
    pub amount: u64,
}

#[derive(Command)]
pub struct Close {
    #[id]
    pub account: String,
}

#[aggregate(id = String, event = AccountEvent)]
#[derive(Default, Debug)]
pub struct Account {
    pub balance: u64,
    pub closed: bool,
}

#[aggregate]
impl Account {
    #[command]
    fn deposit(&self, command: Deposit) -> Result<AccountEvent, AccountError> {
        if self.closed {
            return Err(AccountError::Closed);
        }
        assert_ne!(command.amount, 666, "the domain's code panics");
        Ok(AccountEvent::Deposited { amount: command.amount })
    }

    #[command]
    fn withdraw(&self, command: Withdraw) -> Result<AccountEvent, AccountError> {
        if self.balance < command.amount {
            return Err(AccountError::Short { balance: self.balance });
        }
        Ok(AccountEvent::Withdrawn { amount: command.amount })
    }

    #[command]
    fn close(&self, _command: Close) -> Result<Option<AccountEvent>, AccountError> {
        Ok((!self.closed).then_some(AccountEvent::Closed))
    }

    #[event]
    fn evolve(&mut self, event: &AccountEvent) {
        match event {
            AccountEvent::Deposited { amount } => self.balance += amount,
            AccountEvent::Withdrawn { amount } => self.balance -= amount,
            AccountEvent::Closed => self.closed = true,
        }
    }
}

/// All accounts together.
#[derive(Default, Debug, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    pub events: u64,
    pub deposited: u64,
    pub withdrawn: u64,
}

#[projection]
impl Totals {
    #[on]
    fn account(&mut self, event: &AccountEvent) {
        self.events += 1;
        match event {
            AccountEvent::Deposited { amount } => self.deposited += amount,
            AccountEvent::Withdrawn { amount } => self.withdrawn += amount,
            AccountEvent::Closed => {}
        }
    }
}

pub fn deposit(account: &str, amount: u64) -> Deposit {
    Deposit { account: account.into(), amount }
}

pub fn withdraw(account: &str, amount: u64) -> Withdraw {
    Withdraw { account: account.into(), amount }
}

pub async fn bank(store: Arc<dyn EventStore>) -> App {
    App::new(store).aggregate::<Account>().projection::<Totals>().start().await.expect("the bank starts")
}
