//! The domain.

use bench_harness::{AMOUNT, NOTE};
use es_entity::*;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

es_entity::entity_id! { AccountId }

#[derive(EsEvent, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[es_event(id = "AccountId")]
pub enum AccountEvent {
    Opened { id: AccountId, owner: String, note: String },
    Deposited { amount: i64, balance: i64, note: String },
}

#[derive(EsEntity)]
pub struct Account {
    pub id: AccountId,
    pub balance: i64,
    pub deposits: u64,
    events: EntityEvents<AccountEvent>,
}

impl Account {
    pub fn deposit(&mut self) {
        self.balance += AMOUNT;
        self.deposits += 1;
        self.events.push(AccountEvent::Deposited { amount: AMOUNT, balance: self.balance, note: NOTE.to_owned() });
    }
}

impl TryFromEvents<AccountEvent> for Account {
    fn try_from_events(events: EntityEvents<AccountEvent>) -> Result<Self, EntityHydrationError> {
        let (mut balance, mut deposits) = (0, 0);
        for event in events.iter_all() {
            if let AccountEvent::Deposited { amount, .. } = event {
                balance += amount;
                deposits += 1;
            }
        }
        Ok(Self { id: *events.id(), balance, deposits, events })
    }
}

/// An account that is opened, together with its first deposits.
pub struct NewAccount {
    pub id: AccountId,
    pub owner: String,
    pub note: String,
    pub events: u32,
}

impl IntoEvents<AccountEvent> for NewAccount {
    type IdSource = FromCaller;

    fn into_events(self, builder: EntityEventsBuilder<AccountEvent, FromCaller>) -> EntityEvents<AccountEvent> {
        let Self { id, owner, note, events } = self;
        let opened = AccountEvent::Opened { id, owner, note: note.clone() };
        let deposited = |number| AccountEvent::Deposited { amount: AMOUNT, balance: AMOUNT * number, note: note.clone() };
        let history: Vec<_> = std::iter::once(opened).chain((1..i64::from(events)).map(deposited)).collect();
        builder.initial_events(id, history)
    }
}

#[derive(EsRepo, Debug)]
#[es_repo(entity = "Account", id(source = caller))]
pub struct Accounts {
    pool: PgPool,
}

impl Accounts {
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }
}
