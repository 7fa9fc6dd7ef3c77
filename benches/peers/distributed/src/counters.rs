//! The read model: a row for each account.
//!
//! Its event store has no order over all streams, so that history cannot be replayed into a read model. What can be is the
//! log of its bus, to which events are published: one group, one statement for each message, whose place is noted then.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bench_harness::{Progress, Result, failure};
use distributed::bus::{BusConsumer, Handlers, Message, MessageHandler, PostgresBus, RunOptions, TransportError};
use serde::Deserialize;
use sqlx::PgPool;

pub async fn catch_up(pool: &PgPool, progress: Arc<Progress>) -> Result<()> {
    let sql = "create table if not exists counters (id text primary key, events bigint not null, total bigint not null)";
    sqlx::raw_sql(sql).execute(pool).await?;
    let bus = PostgresBus::new_with_group(pool.clone(), "counters");
    let counters = Counters { pool: pool.clone(), progress };
    let router = Handlers::new().named("counters").on_event("account.moved", counters);
    // It ends where the log does.
    bus.subscribe(Arc::new(router), RunOptions::idempotent()).await.map_err(failure)
}

/// Fills the log of the bus with what as many publications would have left behind.
pub async fn publish(pool: &PgPool) -> Result<()> {
    PostgresBus::new_with_group(pool.clone(), "counters").ensure_tables().await.map_err(failure)?;
    sqlx::raw_sql(include_str!("publish.sql")).execute(pool).await?;
    Ok(())
}

#[derive(Deserialize)]
struct Moved {
    id: String,
    amount: i64,
}

struct Counters {
    pool: PgPool,
    progress: Arc<Progress>,
}

impl<'a> MessageHandler<'a> for Counters {
    type Future = Pin<Box<dyn Future<Output = Result<(), TransportError>> + Send + 'a>>;

    fn call(&self, message: &'a Message) -> Self::Future {
        let (pool, progress) = (self.pool.clone(), Arc::clone(&self.progress));
        Box::pin(async move {
            let unreadable = |error: serde_json::Error| TransportError::permanent(error.to_string());
            let moved: Moved = serde_json::from_slice(message.payload()).map_err(unreadable)?;
            let sql = "insert into counters values ($1, 1, $2)
                       on conflict (id) do update set events = counters.events + 1, total = counters.total + excluded.total";
            let counted = sqlx::query(sql).bind(moved.id).bind(moved.amount).execute(&pool).await;
            counted.map_err(|error| TransportError::retryable(error.to_string()))?;
            progress.add(1);
            Ok(())
        })
    }
}
