//! evento.

mod account;

use std::sync::Arc;

use account::{AMOUNT, Database, Deposited, Opened, account, count_deposited, count_opened};
use bench_harness::{NOTE, OWNER, Progress, Result, Subject, Task, failure, run, stream_id};
use evento::migrator::{Migrate, Plan};
use evento::subscription::SubscriptionBuilder;
use evento::{ProjectionAggregate, WriteError};
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::runtime::Handle;

const ATTEMPTS: u32 = 1_000;

/// What it stores at a time: a statement takes no more than 65,535 parameters.
const CHUNK: u32 = 2_000;

struct Accounts {
    pool: PgPool,
    executor: evento::Postgres,
}

impl Subject for Accounts {
    async fn open(&self, key: u64) -> Result<u32> {
        let opened = Opened { owner: OWNER.to_owned(), note: NOTE.to_owned() };
        evento::append(stream_id(key)).event(&opened).commit(&self.executor).await.map(|_| 0).map_err(failure)
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        for retries in 0..ATTEMPTS {
            let state = account().load(stream_id(key)).execute(&self.executor).await.map_err(failure)?;
            let state = state.ok_or("there is no such account")?;
            let event = Deposited { amount: AMOUNT, balance: state.balance + AMOUNT, note: NOTE.to_owned() };
            match state.write().map_err(failure)?.event(&event).commit(&self.executor).await {
                Ok(_) => return Ok(retries),
                Err(WriteError::InvalidOriginalVersion) => {}
                Err(error) => return Err(failure(error)),
            }
        }
        Err("too many conflicts".into())
    }

    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        let mut stored = 0;
        while stored < events {
            let chunk = (events - stored).min(CHUNK);
            let mut write = evento::append(stream_id(key));
            write.original_version(u16::try_from(stored)?);
            for number in stored..stored + chunk {
                if number == 0 {
                    write.event(&Opened { owner: OWNER.to_owned(), note: NOTE.to_owned() });
                } else {
                    write.event(&Deposited { amount: AMOUNT, balance: AMOUNT * i64::from(number), note: NOTE.to_owned() });
                }
            }
            write.commit(&self.executor).await.map_err(failure)?;
            stored += chunk;
        }
        Ok(())
    }

    async fn load(&self, key: u64) -> Result<u64> {
        let state = account().load(stream_id(key)).execute(&self.executor).await.map_err(failure)?;
        Ok(state.ok_or("there is no such account")?.deposits)
    }

    async fn project(&self, progress: Arc<Progress>) -> Result<()> {
        let sql = "create table if not exists counters (id text primary key, events bigint not null, total bigint not null)";
        sqlx::raw_sql(sql).execute(&self.pool).await?;
        SubscriptionBuilder::new("counters")
            .data(Database(self.pool.clone(), progress))
            .handler(count_opened())
            .handler(count_deposited())
            .any_routing_key()
            .run_once(&self.executor)
            .await
            .map_err(failure)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::from_args()?;
    let runtime = Handle::current();
    let pool = PgPoolOptions::new().max_connections(task.connections()).connect(&task.url).await?;
    let migrator = evento::sql_migrator::new::<sqlx::Postgres>().map_err(failure)?;
    migrator.run(&mut *pool.acquire().await?, &Plan::apply_all()).await.map_err(failure)?;
    run(&task, Accounts { executor: pool.clone().into(), pool }, move |job| drop(runtime.spawn(job))).await;
    Ok(())
}
