//! es-entity. Its statements are checked when it is built, by what is kept in `.sqlx`.

mod account;

use account::{AccountId, Accounts, NewAccount};
use bench_harness::{NOTE, OWNER, Result, Subject, Task, failure, mix, run};
use sqlx::postgres::PgPoolOptions;
use tokio::runtime::Handle;
use uuid::Uuid;

const ATTEMPTS: u32 = 1_000;

struct Bank(Accounts);

fn id(key: u64) -> AccountId {
    AccountId::from(Uuid::from_u64_pair(mix(key), key))
}

impl Subject for Bank {
    async fn open(&self, key: u64) -> Result<u32> {
        self.seed(key, 1).await.map(|()| 0)
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        for retries in 0..ATTEMPTS {
            let mut account = self.0.find_by_id(id(key)).await.map_err(failure)?;
            account.deposit();
            match self.0.update(&mut account).await.map_err(failure) {
                Ok(_) => return Ok(retries),
                // The type is the macro's, and deep inside.
                Err(error) if error.to_string().contains("OptimisticConflict") => {}
                Err(error) => return Err(error),
            }
        }
        Err("too many conflicts".into())
    }

    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        let new = NewAccount { id: id(key), owner: OWNER.to_owned(), note: NOTE.to_owned(), events };
        self.0.create(new).await.map(|_| ()).map_err(failure)
    }

    async fn load(&self, key: u64) -> Result<u64> {
        Ok(self.0.find_by_id(id(key)).await.map_err(failure)?.deposits)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::from_args()?;
    let runtime = Handle::current();
    let pool = PgPoolOptions::new().max_connections(task.connections()).connect(&task.url).await?;
    sqlx::raw_sql(include_str!("schema.sql")).execute(&pool).await?;
    run(&task, Bank(Accounts::new(pool)), move |job| drop(runtime.spawn(job))).await;
    Ok(())
}
