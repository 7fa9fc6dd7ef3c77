//! Timers: what is due for streams, and when.

use annals_core::store::{ReadError, Timer, Timers};
use annals_core::{Category, StreamId, Timestamp};
use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::types::Uuid;

use crate::PostgresStore;
use crate::error::Result;
use crate::row::{limit, stream_of};

fn timer(row: &PgRow) -> Result<Timer> {
    let owner = stream_of(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)?;
    Ok(Timer { owner, name: row.try_get(3)?, due: Timestamp::from_micros(row.try_get(4)?) })
}

#[async_trait]
impl Timers for PostgresStore {
    async fn due(&self, category: &Category, now: Timestamp, most: usize) -> Result<Vec<Timer>, ReadError> {
        let query = || self.statements.due_timers.query().bind(category.as_str()).bind(now.as_micros()).bind(limit(most));
        self.all("read timers of", query, timer).await
    }

    async fn next_due(&self, category: &Category, now: Timestamp) -> Result<Option<Timestamp>, ReadError> {
        let query = || self.statements.next_due.query().bind(category.as_str()).bind(now.as_micros());
        let due: Option<Option<i64>> = self.first("read timers of", query, |row| Ok(row.try_get(0)?)).await?;
        Ok(due.flatten().map(Timestamp::from_micros))
    }

    async fn of(&self, owner: &StreamId) -> Result<Vec<Timer>, ReadError> {
        let query = || self.statements.timers_of.query().bind(Uuid::from_bytes(*owner.key().as_bytes()));
        self.all("read timers of", query, timer).await
    }
}
