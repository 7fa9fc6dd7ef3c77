//! Counters for each account, a page of events and the checkpoint in one transaction, with one statement for all counters.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bench_harness::Result;
use sqlx::postgres::PgPool;
use sqlx::{Row, query};
use tokio::sync::{Mutex, Notify, watch};

use crate::postgres::event;

/// How many events are taken in at a time.
const PAGE: i64 = 1_000;

pub(crate) struct ReadModel {
    pool: PgPool,
    position: Mutex<i64>,
    appended: Notify,
    seen: watch::Sender<i64>,
}

impl ReadModel {
    pub(crate) fn new(pool: PgPool) -> Self {
        Self { pool, position: Mutex::new(0), appended: Notify::new(), seen: watch::Sender::new(0) }
    }

    /// Takes in the next page, and answers how many events it had. It reads by position as if transactions committed in
    /// that order, which by hand usually goes without saying, and loses events.
    pub(crate) async fn take_in_a_page(&self) -> Result<u64> {
        let mut position = self.position.lock().await;
        let sql = "select position, stream, payload::text from event where position > $1 order by position limit $2";
        let rows = query(sql).bind(*position).bind(PAGE).fetch_all(&self.pool).await?;
        let Some(last) = rows.last() else { return Ok(0) };
        let last = last.try_get(0)?;
        let mut counters: HashMap<&str, (i64, i64)> = HashMap::new();
        for row in &rows {
            let (events, total) = counters.entry(row.try_get(1)?).or_default();
            *events += 1;
            *total += event(row, 2)?.amount();
        }
        let ids: Vec<_> = counters.keys().copied().collect();
        let (events, totals): (Vec<_>, Vec<_>) = counters.values().copied().unzip();
        let mut transaction = self.pool.begin().await?;
        query(
            "insert into counter select * from unnest($1::text[], $2::bigint[], $3::bigint[])
             on conflict (id) do update set events = counter.events + excluded.events, total = counter.total + excluded.total",
        )
        .bind(ids)
        .bind(events)
        .bind(totals)
        .execute(&mut *transaction)
        .await?;
        query("insert into checkpoint values ('counters', $1) on conflict (name) do update set position = excluded.position")
            .bind(last)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        *position = last;
        self.seen.send_replace(last);
        Ok(rows.len() as u64)
    }

    pub(crate) async fn skip_what_there_is(&self) -> Result<()> {
        let row = query("select coalesce(max(position), 0) from event").fetch_one(&self.pool).await?;
        *self.position.lock().await = row.try_get(0)?;
        Ok(())
    }

    /// Takes in what is appended by this process, for ever.
    pub(crate) async fn follow(&self) {
        loop {
            match self.take_in_a_page().await {
                Ok(0) => self.appended.notified().await,
                Ok(_) => {}
                Err(failure) => return eprintln!("the read model has stopped: {failure}"),
            }
        }
    }

    /// Waits until what was just appended is taken in, and answers how long that took.
    pub(crate) async fn seen(&self, position: i64) -> Result<Duration> {
        let committed = Instant::now();
        self.appended.notify_one();
        self.seen.subscribe().wait_for(|seen| *seen >= position).await?;
        Ok(committed.elapsed())
    }
}
