//! The domain.

use std::sync::Arc;

pub use bench_harness::AMOUNT;
use bench_harness::Progress;
use evento::metadata::Event;
use evento::subscription::Context;
use evento::{Executor, Projection};
use sqlx::PgPool;

#[evento::aggregate(name = "bench/Account")]
pub enum Account {
    Opened { owner: String, note: String },
    Deposited { amount: i64, balance: i64, note: String },
}

/// What commands are decided on: always replayed.
#[evento::projection(id = id)]
#[evento::snapshot(none)]
pub struct AccountState {
    pub id: String,
    pub balance: i64,
    pub deposits: u64,
}

#[evento::handler]
async fn on_opened(event: Event<Opened>, state: &mut AccountState) -> anyhow::Result<()> {
    state.id = event.aggregate_id.to_owned();
    Ok(())
}

#[evento::handler]
async fn on_deposited(event: Event<Deposited>, state: &mut AccountState) -> anyhow::Result<()> {
    state.balance += event.data.amount;
    state.deposits += 1;
    Ok(())
}

pub fn account<E: Executor>() -> Projection<E, AccountState> {
    Projection::new::<Account>().handler(on_opened()).handler(on_deposited()).strict()
}

/// The read model: a row for each account.
#[derive(Clone)]
pub struct Database(pub PgPool, pub Arc<Progress>);

async fn count(database: Database, id: &str, amount: i64) -> anyhow::Result<()> {
    let sql = "insert into counters values ($1, 1, $2)
               on conflict (id) do update set events = counters.events + 1, total = counters.total + excluded.total";
    sqlx::query(sql).bind(id).bind(amount).execute(&database.0).await?;
    database.1.add(1);
    Ok(())
}

#[evento::subscription]
pub async fn count_opened<E: Executor>(context: &Context<'_, E>, event: Event<Opened>) -> anyhow::Result<()> {
    count(context.extract(), &event.aggregate_id, 0).await
}

#[evento::subscription]
pub async fn count_deposited<E: Executor>(context: &Context<'_, E>, event: Event<Deposited>) -> anyhow::Result<()> {
    count(context.extract(), &event.aggregate_id, event.data.amount).await
}
