//! The domain.

use distributed::{Entity, EventRecordError, Snapshot, sourced};

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("the account is open already")]
    AlreadyOpen,
    #[error("the account is not open")]
    NotOpen,
    #[error("the event cannot be recorded: {0}")]
    Record(String),
}

impl From<EventRecordError> for AccountError {
    fn from(error: EventRecordError) -> Self {
        Self::Record(error.to_string())
    }
}

#[derive(Default, Snapshot)]
pub struct Account {
    pub entity: Entity,
    pub open: bool,
    pub balance: i64,
    pub deposits: u64,
}

#[sourced(entity, aggregate_type = "account")]
impl Account {
    pub fn open(&mut self, id: String, owner: String, note: String) -> Result<(), AccountError> {
        if self.open {
            return Err(AccountError::AlreadyOpen);
        }
        Ok(self.opened(id, owner, note)?)
    }

    pub fn deposit(&mut self, amount: i64, note: String) -> Result<(), AccountError> {
        if !self.open {
            return Err(AccountError::NotOpen);
        }
        let balance = self.balance + amount;
        Ok(self.deposited(amount, balance, note)?)
    }

    #[event("opened")]
    fn opened(&mut self, id: String, owner: String, note: String) {
        let _ = (owner, note);
        self.entity.set_id(&id);
        self.open = true;
    }

    #[event("deposited")]
    fn deposited(&mut self, amount: i64, balance: i64, note: String) {
        let _ = (balance, note);
        self.balance += amount;
        self.deposits += 1;
    }
}
