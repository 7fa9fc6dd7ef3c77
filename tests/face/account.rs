use std::convert::Infallible;

use annals::prelude::*;

#[derive(Event, Debug, PartialEq)]
pub enum AccountEvent {
    Opened,
    Deposited { amount: u64 },
    Withdrawn { amount: u64 },
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub enum AccountError {
    #[error("the account is not open")]
    NotOpen,
    #[error("only {0} left")]
    Short(u64),
}

#[aggregate(id = String, event = AccountEvent)]
#[derive(Debug, Default)]
pub struct Account {
    pub open: bool,
    pub balance: u64,
}

#[aggregate]
impl Account {
    /// Opening twice changes nothing.
    #[command(pub Open)]
    fn open(&self) -> Result<Option<AccountEvent>, Infallible> {
        Ok((!self.open).then_some(AccountEvent::Opened))
    }

    #[command(pub Deposit)]
    fn deposit(&self, amount: u64) -> Result<AccountEvent, AccountError> {
        ensure!(self.open, AccountError::NotOpen);
        Ok(AccountEvent::Deposited { amount })
    }

    #[command(pub Withdraw)]
    fn withdraw(&self, amount: u64) -> Result<AccountEvent, AccountError> {
        ensure!(amount <= self.balance, AccountError::Short(self.balance));
        Ok(AccountEvent::Withdrawn { amount })
    }

    #[event]
    fn evolve(&mut self, event: &AccountEvent) {
        match event {
            AccountEvent::Opened => self.open = true,
            AccountEvent::Deposited { amount } => self.balance += amount,
            AccountEvent::Withdrawn { amount } => self.balance -= amount,
        }
    }
}
