//! The domain.

use bench_harness::{AMOUNT, NOTE};
use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::GenericQuery;
use cqrs_es::{Aggregate, DomainEvent, EventEnvelope, View};
use postgres_es::PostgresViewRepository;
use serde::{Deserialize, Serialize};

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

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    Opened { owner: String, note: String },
    Deposited { amount: i64, balance: i64, note: String },
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        match self {
            Self::Opened { .. } => "Opened".to_owned(),
            Self::Deposited { .. } => "Deposited".to_owned(),
        }
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("the account is open already")]
    AlreadyOpen,
    #[error("the account is not open")]
    NotOpen,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Account {
    open: bool,
    balance: i64,
    pub deposits: u64,
}

impl Aggregate for Account {
    const TYPE: &'static str = "account";
    type Command = Command;
    type Event = Event;
    type Error = AccountError;
    type Services = ();

    async fn handle(&mut self, command: Command, _: &(), sink: &EventSink<Self>) -> Result<(), AccountError> {
        match command {
            Command::Open { .. } if self.open => return Err(AccountError::AlreadyOpen),
            Command::Open { owner, note, events } => {
                sink.write(Event::Opened { owner, note: note.clone() }, self).await;
                for _ in 1..events {
                    let balance = self.balance + AMOUNT;
                    sink.write(Event::Deposited { amount: AMOUNT, balance, note: note.clone() }, self).await;
                }
            }
            Command::Deposit { .. } if !self.open => return Err(AccountError::NotOpen),
            Command::Deposit { amount, note } => {
                let balance = self.balance + amount;
                sink.write(Event::Deposited { amount, balance, note }, self).await;
            }
        }
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Opened { .. } => self.open = true,
            Event::Deposited { amount, .. } => {
                self.balance += amount;
                self.deposits += 1;
            }
        }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Counter {
    events: i64,
    total: i64,
}

impl View<Account> for Counter {
    fn update(&mut self, event: &EventEnvelope<Account>) {
        self.events += 1;
        if let Event::Deposited { amount, .. } = &event.payload {
            self.total += amount;
        }
    }
}

pub type Counters = GenericQuery<PostgresViewRepository<Counter, Account>, Counter, Account>;
