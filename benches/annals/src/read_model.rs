//! A row of counters for each account, in a table of its own: a batch of events is one statement.

use annals::Filter;
use annals::postgres::sqlx::{query, query_scalar, raw_sql};
use annals::postgres::{PgBatch, PgConnection, PgProjection, PgProjectionError, PostgresStore};
use annals::store::ViewName;

use crate::account::AccountEvent;

pub(crate) struct Counters;

impl PgProjection for Counters {
    fn name(&self) -> ViewName {
        ViewName::from_static("counters")
    }

    fn version(&self) -> u32 {
        1
    }

    fn filter(&self) -> Filter {
        Filter::events::<AccountEvent>()
    }

    async fn setup(&self, tx: &mut PgConnection) -> Result<(), PgProjectionError> {
        let tables = "drop table if exists counter;
                      create table counter (id text primary key, events bigint not null, total bigint not null)";
        raw_sql(tables).execute(tx).await?;
        Ok(())
    }

    async fn apply(&self, tx: &mut PgConnection, batch: PgBatch<'_>) -> Result<(), PgProjectionError> {
        let (ids, amounts): (Vec<&str>, Vec<i64>) =
            batch.columns(|event: AccountEvent, context| Some((context.stream_id(), event.amount())))?;
        query(
            "insert into counter (id, events, total)
             select id, count(*), sum(amount) from unnest($1::text[], $2::bigint[]) as event (id, amount) group by id
             on conflict (id) do update set events = counter.events + excluded.events, total = counter.total + excluded.total",
        )
        .bind(ids)
        .bind(amounts)
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// How many events the table says that it has taken in.
pub(crate) async fn events(store: &PostgresStore) -> bench_harness::Result<u64> {
    let events: i64 = query_scalar("select coalesce(sum(events), 0)::bigint from counter").fetch_one(store.pool()).await?;
    Ok(u64::try_from(events)?)
}
