//! cqrs-es with its store on PostgreSQL, and its store in memory.

mod account;

use std::sync::Arc;

use account::{Account, Command, Counters};
use bench_harness::{NOTE, OWNER, Progress, Result, Subject, Task, failure, run, stream_id};
use cqrs_es::mem_store::MemStore;
use cqrs_es::persist::{PersistedEventStore, QueryReplay};
use cqrs_es::{AggregateContext, AggregateError, CqrsFramework, EventEnvelope, EventStore, Query};
use postgres_es::{PostgresCqrs, PostgresEventRepository, PostgresViewRepository, postgres_cqrs};
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::runtime::Handle;

const ATTEMPTS: u32 = 1_000;

async fn open<S: EventStore<Account>>(accounts: &CqrsFramework<Account, S>, key: u64, events: u32) -> Result<()> {
    let open = Command::Open { owner: OWNER.to_owned(), note: NOTE.to_owned(), events };
    accounts.execute(&stream_id(key), open).await.map_err(failure)
}

async fn deposit<S: EventStore<Account>>(accounts: &CqrsFramework<Account, S>, key: u64) -> Result<u32> {
    for retries in 0..ATTEMPTS {
        match accounts.execute(&stream_id(key), Command::deposit()).await {
            Ok(()) => return Ok(retries),
            Err(AggregateError::AggregateConflict) => {}
            Err(error) => return Err(failure(error)),
        }
    }
    Err("too many conflicts".into())
}

struct Accounts {
    pool: PgPool,
    accounts: PostgresCqrs<Account>,
}

impl Subject for Accounts {
    async fn open(&self, key: u64) -> Result<u32> {
        open(&self.accounts, key, 1).await.map(|()| 0)
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        deposit(&self.accounts, key).await
    }

    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        open(&self.accounts, key, events).await
    }

    async fn load(&self, key: u64) -> Result<u64> {
        let store = PersistedEventStore::<_, Account>::new_event_store(PostgresEventRepository::new(self.pool.clone()));
        Ok(store.load_aggregate(&stream_id(key)).await.map_err(failure)?.aggregate().deposits)
    }

    async fn project(&self, progress: Arc<Progress>) -> Result<()> {
        let mut counters = Counters::new(Arc::new(PostgresViewRepository::new("counters", self.pool.clone())));
        counters.use_error_handler(Box::new(|error| eprintln!("{error}")));
        let repository = PostgresEventRepository::new(self.pool.clone());
        QueryReplay::new(repository, Counted(counters, progress)).replay_all().await.map_err(failure)
    }
}

/// Notes what the replay hands to the view.
struct Counted(Counters, Arc<Progress>);

#[async_trait::async_trait]
impl Query<Account> for Counted {
    async fn dispatch(&self, id: &str, events: &[EventEnvelope<Account>]) {
        self.0.dispatch(id, events).await;
        self.1.add(events.len() as u64);
    }
}

struct InMemory(CqrsFramework<Account, MemStore<Account>>);

impl Subject for InMemory {
    async fn open(&self, key: u64) -> Result<u32> {
        open(&self.0, key, 1).await.map(|()| 0)
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        deposit(&self.0, key).await
    }

    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        open(&self.0, key, events).await
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::from_args()?;
    let runtime = Handle::current();
    let spawn = move |job| drop(runtime.spawn(job));
    if task.url == "memory:" {
        run(&task, InMemory(CqrsFramework::new(MemStore::default(), vec![], ())), spawn).await;
        return Ok(());
    }
    let pool = PgPoolOptions::new().max_connections(task.connections()).connect(&task.url).await?;
    sqlx::raw_sql(include_str!("schema.sql")).execute(&pool).await?;
    run(&task, Accounts { accounts: postgres_cqrs(pool.clone(), vec![], ()), pool }, spawn).await;
    Ok(())
}
