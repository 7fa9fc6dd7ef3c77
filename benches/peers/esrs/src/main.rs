//! esrs.

mod account;

use std::sync::Arc;

use account::{Account, Command, Counters};
use bench_harness::{NOTE, OWNER, Progress, Result, Subject, Task, failure, mix, run};
use esrs::AggregateState;
use esrs::manager::AggregateManager;
use esrs::rebuilder::{PgRebuilder, Rebuilder};
use esrs::store::postgres::{PgStore, PgStoreBuilder, PgStoreError};
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::runtime::Handle;
use uuid::Uuid;

const ATTEMPTS: u32 = 1_000;

struct Accounts {
    pool: PgPool,
    manager: AggregateManager<PgStore<Account>>,
}

fn id(key: u64) -> Uuid {
    Uuid::from_u64_pair(mix(key), key)
}

fn is_conflict(error: &PgStoreError) -> bool {
    matches!(error, PgStoreError::Sqlx(sqlx::Error::Database(error)) if error.is_unique_violation())
}

impl Subject for Accounts {
    async fn open(&self, key: u64) -> Result<u32> {
        self.seed(key, 1).await.map(|()| 0)
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        for retries in 0..ATTEMPTS {
            let state = self.manager.load(id(key)).await.map_err(failure)?.ok_or("there is no such account")?;
            match self.manager.handle_command(state, Command::deposit()).await {
                Ok(decided) => return decided.map(|_| retries).map_err(failure),
                Err(error) if is_conflict(&error) => {}
                Err(error) => return Err(failure(error)),
            }
        }
        Err("too many conflicts".into())
    }

    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        let open = Command::Open { owner: OWNER.to_owned(), note: NOTE.to_owned(), events };
        let state = AggregateState::with_id(id(key));
        self.manager.handle_command(state, open).await.map_err(failure)?.map_err(failure).map(|_| ())
    }

    async fn load(&self, key: u64) -> Result<u64> {
        Ok(self.manager.load(id(key)).await.map_err(failure)?.ok_or("there is no such account")?.inner().deposits)
    }

    async fn project(&self, progress: Arc<Progress>) -> Result<()> {
        let sql = "create table if not exists counters (id uuid primary key, events bigint not null, total bigint not null)";
        sqlx::raw_sql(sql).execute(&self.pool).await?;
        PgRebuilder::<Account>::new()
            .with_transactional_event_handlers(vec![Box::new(Arc::new(Counters(progress)))])
            .by_aggregate_id(self.pool.clone())
            .await
            .map_err(failure)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::from_args()?;
    let runtime = Handle::current();
    let pool = PgPoolOptions::new().max_connections(task.connections()).connect(&task.url).await?;
    let store = PgStoreBuilder::new(pool.clone()).try_build().await.map_err(failure)?;
    run(&task, Accounts { manager: AggregateManager::new(store), pool }, move |job| drop(runtime.spawn(job))).await;
    Ok(())
}
