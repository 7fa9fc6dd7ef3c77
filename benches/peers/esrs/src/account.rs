//! The domain.

use std::sync::Arc;

use async_trait::async_trait;
use bench_harness::{AMOUNT, NOTE, Progress};
use esrs::Aggregate;
use esrs::handler::TransactionalEventHandler;
use esrs::store::StoreEvent;
use esrs::store::postgres::PgStoreError;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

pub struct Account;

#[derive(Default)]
pub struct State {
    open: bool,
    balance: i64,
    pub deposits: u64,
}

pub enum Command {
    /// Opens an account, together with its first deposits.
    Open {
        owner: String,
        note: String,
        events: u32,
    },
    Deposit {
        amount: i64,
        note: String,
    },
}

impl Command {
    pub fn deposit() -> Self {
        Self::Deposit { amount: AMOUNT, note: NOTE.to_owned() }
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub enum Event {
    Opened { owner: String, note: String },
    Deposited { amount: i64, balance: i64, note: String },
}

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("the account is open already")]
    AlreadyOpen,
    #[error("the account is not open")]
    NotOpen,
}

impl Aggregate for Account {
    const NAME: &'static str = "account";
    type State = State;
    type Command = Command;
    type Event = Event;
    type Error = AccountError;

    fn handle_command(state: &State, command: Command) -> Result<Vec<Event>, AccountError> {
        match command {
            Command::Open { .. } if state.open => Err(AccountError::AlreadyOpen),
            Command::Open { owner, note, events } => {
                let opened = Event::Opened { owner, note: note.clone() };
                let deposited = |number| Event::Deposited { amount: AMOUNT, balance: AMOUNT * number, note: note.clone() };
                Ok(std::iter::once(opened).chain((1..i64::from(events)).map(deposited)).collect())
            }
            Command::Deposit { .. } if !state.open => Err(AccountError::NotOpen),
            Command::Deposit { amount, note } => Ok(vec![Event::Deposited { amount, balance: state.balance + amount, note }]),
        }
    }

    fn apply_event(state: State, event: Event) -> State {
        match event {
            Event::Opened { .. } => State { open: true, ..state },
            Event::Deposited { amount, .. } => State { balance: state.balance + amount, deposits: state.deposits + 1, ..state },
        }
    }
}

/// The read model: a row for each account.
#[derive(Clone)]
pub struct Counters(pub Arc<Progress>);

#[async_trait]
impl TransactionalEventHandler<Account, PgStoreError, PgConnection> for Counters {
    async fn handle(&self, event: &StoreEvent<Event>, connection: &mut PgConnection) -> Result<(), PgStoreError> {
        let amount = match event.payload() {
            Event::Opened { .. } => 0,
            Event::Deposited { amount, .. } => *amount,
        };
        let sql = "insert into counters values ($1, 1, $2)
                   on conflict (id) do update set events = counters.events + 1, total = counters.total + excluded.total";
        sqlx::query(sql).bind(event.aggregate_id).bind(amount).execute(connection).await?;
        self.0.add(1);
        Ok(())
    }

    async fn delete(&self, id: Uuid, connection: &mut PgConnection) -> Result<(), PgStoreError> {
        sqlx::query("delete from counters where id = $1").bind(id).execute(connection).await?;
        Ok(())
    }
}
