//! The bank account of the chapter "The first aggregate". Other chapters use it as it is written there.

use annals::prelude::*;

#[derive(Event)]
pub enum AccountEvent {
    Opened { owner: String },
    Deposited { amount: u64 },
    Withdrawn { amount: u64 },
}

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("the account is not open")]
    NotOpen,
    #[error("the account is open already")]
    OpenAlready,
    #[error("only {balance} left")]
    Short { balance: u64 },
}

#[aggregate(id = String, event = AccountEvent)]
#[derive(Default)]
pub struct Account {
    pub open: bool,
    pub balance: u64,
}

#[aggregate]
impl Account {
    #[command(pub OpenAccount)]
    fn open(&self, owner: String) -> Result<AccountEvent, AccountError> {
        ensure!(!self.open, AccountError::OpenAlready);
        Ok(AccountEvent::Opened { owner })
    }

    #[command(pub Deposit)]
    fn deposit(&self, amount: u64) -> Result<AccountEvent, AccountError> {
        ensure!(self.open, AccountError::NotOpen);
        Ok(AccountEvent::Deposited { amount })
    }

    #[command(pub Withdraw)]
    fn withdraw(&self, amount: u64) -> Result<AccountEvent, AccountError> {
        ensure!(amount <= self.balance, AccountError::Short { balance: self.balance });
        Ok(AccountEvent::Withdrawn { amount })
    }

    #[event]
    fn evolve(&mut self, event: &AccountEvent) {
        match event {
            AccountEvent::Opened { .. } => self.open = true,
            AccountEvent::Deposited { amount } => self.balance += amount,
            AccountEvent::Withdrawn { amount } => self.balance -= amount,
        }
    }
}

/// All accounts together.
#[derive(Default, serde::Serialize, serde::Deserialize)]
pub struct Totals {
    pub accounts: u64,
    pub money: u64,
}

#[projection]
impl Totals {
    #[on]
    fn account(&mut self, event: &AccountEvent) {
        match event {
            AccountEvent::Opened { .. } => self.accounts += 1,
            AccountEvent::Deposited { amount } => self.money += amount,
            AccountEvent::Withdrawn { amount } => self.money -= amount,
        }
    }
}
