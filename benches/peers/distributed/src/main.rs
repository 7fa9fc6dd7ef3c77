//! distributed, with its repository on PostgreSQL and in memory.

mod account;
mod counters;

use std::sync::Arc;

use account::Account;
use bench_harness::{AMOUNT, NOTE, OWNER, Progress, Result, Subject, Task, failure, run, stream_id};
use distributed::{AggregateBuilder, AggregateRepository, InMemoryRepository, PostgresRepository, RepositoryError};
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::runtime::Handle;

const ATTEMPTS: u32 = 1_000;

struct Accounts<R> {
    repository: AggregateRepository<R, Account>,
    pool: Option<PgPool>,
}

/// The same on each repository: what they have in common is no public trait.
macro_rules! subject {
    ($repository:ty) => {
        impl Subject for Accounts<$repository> {
            async fn open(&self, key: u64) -> Result<u32> {
                self.seed(key, 1).await.map(|()| 0)
            }

            async fn deposit(&self, key: u64) -> Result<u32> {
                for retries in 0..ATTEMPTS {
                    let account = self.repository.get(&stream_id(key)).await.map_err(failure)?;
                    let mut account = account.ok_or("there is no such account")?;
                    account.deposit(AMOUNT, NOTE.to_owned()).map_err(failure)?;
                    match self.repository.commit(&mut account).await {
                        Ok(()) => return Ok(retries),
                        Err(RepositoryError::ConcurrentWrite { .. }) => {}
                        Err(error) => return Err(failure(error)),
                    }
                }
                Err("too many conflicts".into())
            }

            async fn seed(&self, key: u64, events: u32) -> Result<()> {
                let mut account = Account::default();
                account.open(stream_id(key), OWNER.to_owned(), NOTE.to_owned()).map_err(failure)?;
                for _ in 1..events {
                    account.deposit(AMOUNT, NOTE.to_owned()).map_err(failure)?;
                }
                self.repository.commit(&mut account).await.map_err(failure)
            }

            async fn load(&self, key: u64) -> Result<u64> {
                let account = self.repository.get(&stream_id(key)).await.map_err(failure)?;
                Ok(account.ok_or("there is no such account")?.deposits)
            }

            async fn project(&self, progress: Arc<Progress>) -> Result<()> {
                counters::catch_up(self.pool.as_ref().ok_or("there is no read model in memory")?, progress).await
            }
        }
    };
}

subject!(PostgresRepository);
subject!(InMemoryRepository);

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::from_args()?;
    let runtime = Handle::current();
    let spawn = move |job| drop(runtime.spawn(job));
    if task.url == "memory:" {
        let repository = InMemoryRepository::new().aggregate();
        run(&task, Accounts { repository, pool: None }, spawn).await;
        return Ok(());
    }
    let pool = PgPoolOptions::new().max_connections(task.connections()).connect(&task.url).await?;
    PostgresRepository::migrate_pool(&pool).await.map_err(failure)?;
    if task.name == "project" {
        counters::publish(&pool).await?;
    }
    let repository = PostgresRepository::new(pool.clone()).aggregate();
    run(&task, Accounts { repository, pool: Some(pool) }, spawn).await;
    Ok(())
}
