//! disintegrate: decisions on what a query finds, so that `deposit` is guarded by a tag as it is.

mod account;

use std::sync::Arc;
use std::time::Duration;

use account::{Account, Counters, Deposit, DomainEvent, Open};
use bench_harness::{Progress, Result, Subject, Task, failure, run, stream_id};
use disintegrate::serde::json::Json;
use disintegrate::{DecisionError, EventSourcedStateStore, LoadState, NoSnapshot, query};
use disintegrate_postgres::{
    Error as PgError, PgDecisionMaker, PgEventListener, PgEventListenerConfig, PgEventStore, decision_maker,
};
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::runtime::Handle;

const ATTEMPTS: u32 = 1_000;

/// How often its listener looks for events.
const POLL: Duration = Duration::from_millis(10);

/// A transaction that could not be serialized.
const SERIALIZATION_FAILURE: &str = "40001";

type Store = PgEventStore<DomainEvent, Json<DomainEvent>>;

struct Accounts {
    pool: PgPool,
    store: Store,
    maker: PgDecisionMaker<DomainEvent, Json<DomainEvent>, NoSnapshot>,
}

async fn open(pool: &PgPool) -> Result<Store> {
    match PgEventStore::try_new(pool.clone(), Json::default()).await {
        Ok(store) => Ok(store),
        Err(_) => {
            sqlx::raw_sql(include_str!("before_16.sql")).execute(pool).await?;
            Ok(PgEventStore::new_uninitialized(pool.clone(), Json::default()))
        }
    }
}

/// It reports a conflict as an error and leaves the rest to the caller.
fn is_conflict<E>(error: &DecisionError<E>) -> bool {
    let (DecisionError::StateStore(error) | DecisionError::EventStore(error)) = error else { return false };
    match error.downcast_ref::<PgError>() {
        Some(PgError::Concurrency) => true,
        Some(PgError::Database(sqlx::Error::Database(error))) => error.code().as_deref() == Some(SERIALIZATION_FAILURE),
        _ => false,
    }
}

/// Decides until nobody came first.
macro_rules! decide {
    ($maker:expr, $decision:expr) => {{
        for retries in 0..ATTEMPTS {
            match $maker.make($decision).await {
                Ok(_) => return Ok(retries),
                Err(error) if is_conflict(&error) => {}
                Err(error) => return Err(failure(error)),
            }
        }
        Err("too many conflicts".into())
    }};
}

impl Accounts {
    async fn open_with(&self, key: u64, events: u32) -> Result<u32> {
        decide!(self.maker, Open { account_id: stream_id(key), events })
    }
}

impl Subject for Accounts {
    async fn open(&self, key: u64) -> Result<u32> {
        self.open_with(key, 1).await
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        decide!(self.maker, Deposit { account_id: stream_id(key) })
    }

    async fn deposit_tagged(&self, key: u64) -> Result<u32> {
        self.deposit(key).await
    }

    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        self.open_with(key, events).await.map(|_| ())
    }

    async fn load(&self, key: u64) -> Result<u64> {
        let states = EventSourcedStateStore::new(self.store.clone(), NoSnapshot);
        Ok(states.load(Account::of(&stream_id(key))).await.map_err(failure)?.state().deposits)
    }

    async fn project(&self, progress: Arc<Progress>) -> Result<()> {
        let sql = "create table if not exists counters (id text primary key, events bigint not null, total bigint not null)";
        sqlx::raw_sql(sql).execute(&self.pool).await?;
        let counters = Counters { query: query!(DomainEvent), pool: self.pool.clone(), progress: Arc::clone(&progress) };
        PgEventListener::builder(self.store.clone())
            .register_listener(counters, PgEventListenerConfig::poller(POLL))
            .start_with_shutdown(async move {
                while progress.events() < progress.wanted() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            })
            .await
            .map_err(failure)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::from_args()?;
    let runtime = Handle::current();
    let pool = PgPoolOptions::new().max_connections(task.connections()).connect(&task.url).await?;
    let store = open(&pool).await?;
    let accounts = Accounts { maker: decision_maker(store.clone(), NoSnapshot), pool, store };
    run(&task, accounts, move |job| drop(runtime.spawn(job))).await;
    Ok(())
}
