//! The domain.

use std::sync::Arc;

use bench_harness::{AMOUNT, NOTE, Progress};
use eventually::store::Persisted;
use eventually::{Aggregate, Projection};
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use serde::{Deserialize, Serialize};
use tokio_postgres::Client;

#[derive(Clone)]
pub struct Account;

#[derive(Default, Clone, Debug)]
pub struct State {
    open: bool,
    balance: i64,
    pub deposits: u64,
}

#[derive(Debug)]
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

#[derive(Debug, Clone, Serialize, Deserialize)]
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
    type Id = String;
    type State = State;
    type Event = Event;
    type Command = Command;
    type Error = AccountError;

    fn apply(mut state: State, event: Event) -> Result<State, AccountError> {
        match event {
            Event::Opened { .. } => state.open = true,
            Event::Deposited { amount, .. } => {
                state.balance += amount;
                state.deposits += 1;
            }
        }
        Ok(state)
    }

    fn handle<'a, 's: 'a>(
        &'a self,
        _id: &'s String,
        state: &'s State,
        command: Command,
    ) -> BoxFuture<'a, Result<Option<Vec<Event>>, AccountError>> {
        let decided = match command {
            Command::Open { .. } if state.open => Err(AccountError::AlreadyOpen),
            Command::Open { owner, note, events } => {
                let opened = Event::Opened { owner, note: note.clone() };
                let deposited = |number| Event::Deposited { amount: AMOUNT, balance: AMOUNT * number, note: note.clone() };
                Ok(Some(std::iter::once(opened).chain((1..i64::from(events)).map(deposited)).collect()))
            }
            Command::Deposit { .. } if !state.open => Err(AccountError::NotOpen),
            Command::Deposit { amount, note } => {
                Ok(Some(vec![Event::Deposited { amount, balance: state.balance + amount, note }]))
            }
        };
        ready(decided).boxed()
    }
}

/// The read model: a row for each account.
pub struct Counters(pub Arc<Client>, pub Arc<Progress>);

impl Projection for Counters {
    type SourceId = String;
    type Event = Event;
    type Error = tokio_postgres::Error;

    fn project<'a>(&'a mut self, event: Persisted<String, Event>) -> BoxFuture<'a, Result<(), tokio_postgres::Error>> {
        async move {
            let id = event.source_id().clone();
            let amount = match event.take() {
                Event::Opened { .. } => 0i64,
                Event::Deposited { amount, .. } => amount,
            };
            let sql = "insert into counters values ($1, 1, $2)
                       on conflict (id) do update set events = counters.events + 1, total = counters.total + excluded.total";
            self.0.execute(sql, &[&id, &amount]).await?;
            self.1.add(1);
            Ok(())
        }
        .boxed()
    }
}
