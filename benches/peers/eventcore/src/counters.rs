//! The read model: a row for each account.

use std::sync::Arc;

use bench_harness::{Progress, Result, failure};
use eventcore::StreamId;
use eventcore::postgres::NoopAfterCommit;
use eventcore::postgres::projections::*;
use sqlx::PgPool;

use crate::account::AccountEvent;

/// What its projections need of the side that writes.
pub fn source(pool: &PgPool) -> Result<PostgresProjectionSource> {
    Ok(PostgresProjectionSource::from_pool(pool.clone(), DeliverySourceId::try_new("bench").map_err(failure)?))
}

pub async fn catch_up(pool: PgPool, progress: Arc<Progress>) -> Result<()> {
    let sql = "create table if not exists counters (id text primary key, events bigint not null, total bigint not null)";
    sqlx::raw_sql(sql).execute(&pool).await?;
    let source = source(&pool)?;
    source.migrate().await.map_err(failure)?;
    let store = PostgresProjectionStore::from_pool(pool);
    store.migrate().await.map_err(failure)?;
    let events = ProjectionSelection::try_new(
        ProjectionSelectionId::try_new("all").map_err(failure)?,
        ProjectionStreamFilter::All,
        vec![EventTypeName::try_new("AccountEvent").map_err(failure)?],
    );
    let config = PostgresProjectionConfig::new(events.map_err(failure)?);
    let counters = Counters { name: ProjectorName::try_new("counters").map_err(failure)?, progress };
    run_transactional_projection(counters, &source, &store, config).await.map(|_| ()).map_err(failure)
}

struct Counters {
    name: ProjectorName,
    progress: Arc<Progress>,
}

impl PostgresProjector for Counters {
    type Event = AccountEvent;
    type Error = sqlx::Error;
    type AfterCommit = NoopAfterCommit;

    fn name(&self) -> &ProjectorName {
        &self.name
    }

    #[allow(clippy::manual_async_fn, reason = "the bounds of the trait are named")]
    fn apply<'a, 'c>(
        &'a mut self,
        event: &'a AccountEvent,
        _: DeliveryPosition,
        tx: &'a mut Transaction<'c, Postgres>,
    ) -> impl Future<Output = Result<NoopAfterCommit, sqlx::Error>> + Send + 'a
    where
        'c: 'a,
    {
        async move {
            let (id, amount): (&StreamId, i64) = match event {
                AccountEvent::Opened { id, .. } => (id, 0),
                AccountEvent::Deposited { id, amount, .. } => (id, *amount),
            };
            let sql = "insert into counters values ($1, 1, $2)
                       on conflict (id) do update set events = counters.events + 1, total = counters.total + excluded.total";
            sqlx::query(sql).bind(id.as_ref()).bind(amount).execute(&mut **tx).await?;
            self.progress.add(1);
            Ok(NoopAfterCommit)
        }
    }
}
