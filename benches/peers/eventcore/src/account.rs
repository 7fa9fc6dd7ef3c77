//! The domain.

use bench_harness::{AMOUNT, NOTE, OWNER};
use eventcore::{Command, CommandError, CommandLogic, Event, NewEvents, StreamId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum AccountEvent {
    Opened { id: StreamId, owner: String, note: String },
    Deposited { id: StreamId, amount: i64, balance: i64, note: String },
}

impl Event for AccountEvent {
    fn stream_id(&self) -> &StreamId {
        match self {
            Self::Opened { id, .. } | Self::Deposited { id, .. } => id,
        }
    }

    fn event_type_name() -> &'static str {
        "AccountEvent"
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("the account is open already")]
    AlreadyOpen,
    #[error("the account is not open")]
    NotOpen,
}

fn reject(error: AccountError) -> CommandError {
    CommandError::BusinessRuleViolation(Box::new(error))
}

#[derive(Default)]
pub struct Account {
    open: bool,
    balance: i64,
    pub deposits: u64,
}

pub fn fold(mut account: Account, event: &AccountEvent) -> Account {
    match event {
        AccountEvent::Opened { .. } => account.open = true,
        AccountEvent::Deposited { amount, .. } => {
            account.balance += amount;
            account.deposits += 1;
        }
    }
    account
}

/// Opens an account, together with its first deposits.
#[derive(Command)]
pub struct Open {
    #[stream]
    pub id: StreamId,
    pub events: u32,
}

impl CommandLogic for Open {
    type Event = AccountEvent;
    type State = Account;

    fn apply(&self, account: Account, event: &AccountEvent) -> Account {
        fold(account, event)
    }

    fn handle(&self, account: Account) -> Result<NewEvents<AccountEvent>, CommandError> {
        if account.open {
            return Err(reject(AccountError::AlreadyOpen));
        }
        let opened = AccountEvent::Opened { id: self.id.clone(), owner: OWNER.to_owned(), note: NOTE.to_owned() };
        let deposited = |number| {
            let (id, balance) = (self.id.clone(), AMOUNT * number);
            AccountEvent::Deposited { id, amount: AMOUNT, balance, note: NOTE.to_owned() }
        };
        Ok(std::iter::once(opened).chain((1..i64::from(self.events)).map(deposited)).collect::<Vec<_>>().into())
    }
}

#[derive(Command)]
pub struct Deposit {
    #[stream]
    pub id: StreamId,
}

impl CommandLogic for Deposit {
    type Event = AccountEvent;
    type State = Account;

    fn apply(&self, account: Account, event: &AccountEvent) -> Account {
        fold(account, event)
    }

    fn handle(&self, account: Account) -> Result<NewEvents<AccountEvent>, CommandError> {
        if !account.open {
            return Err(reject(AccountError::NotOpen));
        }
        let (id, balance) = (self.id.clone(), account.balance + AMOUNT);
        Ok(vec![AccountEvent::Deposited { id, amount: AMOUNT, balance, note: NOTE.to_owned() }].into())
    }
}
