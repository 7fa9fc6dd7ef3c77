//! The domain.

use std::sync::Arc;

use async_trait::async_trait;
use bench_harness::{AMOUNT, NOTE, OWNER, Progress};
use disintegrate::{Decision, Event, EventListener, PersistedEvent, StateMutate, StateQuery, StreamQuery};
use disintegrate_postgres::PgEventId;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

#[derive(Debug, Clone, PartialEq, Eq, Event, Serialize, Deserialize)]
#[stream(AccountEvent, [Opened, Deposited])]
pub enum DomainEvent {
    Opened {
        #[id]
        account_id: String,
        owner: String,
        note: String,
    },
    Deposited {
        #[id]
        account_id: String,
        amount: i64,
        balance: i64,
        note: String,
    },
}

#[derive(Default, StateQuery, Clone, Debug, Serialize, Deserialize)]
#[state_query(AccountEvent)]
pub struct Account {
    #[id]
    pub account_id: String,
    pub open: bool,
    pub balance: i64,
    pub deposits: u64,
}

impl Account {
    pub fn of(account_id: &str) -> Self {
        Self { account_id: account_id.to_owned(), ..Default::default() }
    }
}

impl StateMutate for Account {
    fn mutate(&mut self, event: Self::Event) {
        match event {
            AccountEvent::Opened { .. } => self.open = true,
            AccountEvent::Deposited { amount, .. } => {
                self.balance += amount;
                self.deposits += 1;
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("the account is open already")]
    AlreadyOpen,
    #[error("the account is not open")]
    NotOpen,
}

/// Opens an account, together with its first deposits.
pub struct Open {
    pub account_id: String,
    pub events: u32,
}

impl Decision for Open {
    type Event = DomainEvent;
    type StateQuery = Account;
    type Error = AccountError;

    fn state_query(&self) -> Account {
        Account::of(&self.account_id)
    }

    fn process(&self, state: &Account) -> Result<Vec<DomainEvent>, AccountError> {
        if state.open {
            return Err(AccountError::AlreadyOpen);
        }
        let id = || self.account_id.clone();
        let opened = DomainEvent::Opened { account_id: id(), owner: OWNER.to_owned(), note: NOTE.to_owned() };
        let deposited = |number| {
            let balance = AMOUNT * number;
            DomainEvent::Deposited { account_id: id(), amount: AMOUNT, balance, note: NOTE.to_owned() }
        };
        Ok(std::iter::once(opened).chain((1..i64::from(self.events)).map(deposited)).collect())
    }
}

pub struct Deposit {
    pub account_id: String,
}

impl Decision for Deposit {
    type Event = DomainEvent;
    type StateQuery = Account;
    type Error = AccountError;

    fn state_query(&self) -> Account {
        Account::of(&self.account_id)
    }

    fn process(&self, state: &Account) -> Result<Vec<DomainEvent>, AccountError> {
        if !state.open {
            return Err(AccountError::NotOpen);
        }
        let (account_id, balance) = (self.account_id.clone(), state.balance + AMOUNT);
        Ok(vec![DomainEvent::Deposited { account_id, amount: AMOUNT, balance, note: NOTE.to_owned() }])
    }
}

/// The read model: a row for each account.
pub struct Counters {
    pub query: StreamQuery<PgEventId, DomainEvent>,
    pub pool: PgPool,
    pub progress: Arc<Progress>,
}

#[async_trait]
impl EventListener<PgEventId, DomainEvent> for Counters {
    type Error = sqlx::Error;

    fn id(&self) -> &'static str {
        "counters"
    }

    fn query(&self) -> &StreamQuery<PgEventId, DomainEvent> {
        &self.query
    }

    async fn handle(&self, event: PersistedEvent<PgEventId, DomainEvent>) -> Result<(), sqlx::Error> {
        let (id, amount) = match event.into_inner() {
            DomainEvent::Opened { account_id, .. } => (account_id, 0),
            DomainEvent::Deposited { account_id, amount, .. } => (account_id, amount),
        };
        let sql = "insert into counters values ($1, 1, $2)
                   on conflict (id) do update set events = counters.events + 1, total = counters.total + excluded.total";
        sqlx::query(sql).bind(id).bind(amount).execute(&self.pool).await?;
        self.progress.add(1);
        Ok(())
    }
}
