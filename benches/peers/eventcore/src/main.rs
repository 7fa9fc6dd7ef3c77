//! eventcore, with its store on PostgreSQL and in memory.

mod account;
mod counters;

use std::sync::Arc;

use account::{Account, AccountEvent, Deposit, Open, fold};
use bench_harness::{Progress, Result, Subject, Task, failure, run, stream_id};
use eventcore::postgres::PostgresEventStore;
use eventcore::{BackoffStrategy, CommandError, DelayMilliseconds, ExecutionResponse, RetryPolicy, StreamId, execute};
use eventcore_memory::InMemoryEventStore;
use eventcore_types::EventStore;
use futures::StreamExt;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::runtime::Handle;

struct Accounts<S> {
    store: S,
    pool: Option<PgPool>,
}

fn id(key: u64) -> Result<StreamId> {
    StreamId::try_new(stream_id(key)).map_err(failure)
}

/// Again at once, as the others: as it comes it gives up after four, and waits 10 ms and more.
fn policy() -> RetryPolicy {
    RetryPolicy::new().max_retries(100).backoff_strategy(BackoffStrategy::Fixed { delay_ms: DelayMilliseconds::new(0) })
}

fn retries(response: Result<ExecutionResponse, CommandError>) -> Result<u32> {
    response.map(|response| response.attempts() - 1).map_err(failure)
}

impl<S> Subject for Accounts<S>
where
    S: Send + Sync + 'static,
    for<'a> &'a S: EventStore + Send,
{
    async fn open(&self, key: u64) -> Result<u32> {
        retries(execute(&self.store, Open { id: id(key)?, events: 1 }, policy()).await)
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        retries(execute(&self.store, Deposit { id: id(key)? }, policy()).await)
    }

    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        retries(execute(&self.store, Open { id: id(key)?, events }, policy()).await).map(|_| ())
    }

    async fn load(&self, key: u64) -> Result<u64> {
        let mut events = (&self.store).read_stream::<AccountEvent>(id(key)?).await.map_err(failure)?;
        let mut account = Account::default();
        while let Some(event) = events.next().await {
            account = fold(account, &event.map_err(failure)?);
        }
        Ok(account.deposits)
    }

    async fn project(&self, progress: Arc<Progress>) -> Result<()> {
        let pool = self.pool.clone().ok_or("there is no read model in memory")?;
        // The compiler cannot see that the future of its runner may go to another thread.
        let runtime = Handle::current();
        tokio::task::spawn_blocking(move || runtime.block_on(counters::catch_up(pool, progress))).await?
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::from_args()?;
    let runtime = Handle::current();
    let spawn = move |job| drop(runtime.spawn(job));
    if task.url == "memory:" {
        run(&task, Accounts { store: InMemoryEventStore::new(), pool: None }, spawn).await;
        return Ok(());
    }
    let pool = PgPoolOptions::new().max_connections(task.connections()).connect(&task.url).await?;
    let store = PostgresEventStore::from_pool(pool.clone());
    store.migrate().await;
    run(&task, Accounts { store, pool: Some(pool) }, spawn).await;
    Ok(())
}
