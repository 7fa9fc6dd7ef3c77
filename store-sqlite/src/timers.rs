//! Timers: what is due for streams, and when.

use annals_core::store::{ReadError, Timer, Timers};
use annals_core::{Category, StreamId, Timestamp};
use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use crate::SqliteStore;
use crate::error::Result;
use crate::memory::stream_of;
use crate::sql::{all, execute, first, sql};

/// Sets a timer, or moves the one of the same owner and name.
pub(crate) fn set(connection: &Connection, Timer { owner, name, due }: &Timer) -> Result<()> {
    let (key, tenant, category) = (owner.key(), owner.tenant().as_str(), owner.category().as_str());
    let row = params![key.as_bytes(), name, due.as_micros(), tenant, category, owner.id()];
    execute(connection, sql!("set_timer"), row).map(drop)
}

/// Removes a timer, if it is set.
pub(crate) fn cancel(connection: &Connection, owner: &StreamId, name: &str) -> Result<()> {
    execute(connection, sql!("cancel_timer"), params![owner.key().as_bytes(), name]).map(drop)
}

fn timer(row: &Row<'_>) -> Result<Timer> {
    let owner = stream_of(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?)?;
    Ok(Timer { owner, name: row.get(3)?, due: Timestamp::from_micros(row.get(4)?) })
}

#[async_trait]
impl Timers for SqliteStore {
    async fn due(&self, category: &Category, now: Timestamp, limit: usize) -> Result<Vec<Timer>, ReadError> {
        let (category, limit) = (category.clone(), i64::try_from(limit).unwrap_or(i64::MAX));
        self.ask("read timers of", move |reader| {
            all(&reader.connection, sql!("due_timers"), params![category.as_str(), now.as_micros(), limit], timer)
        })
        .await
    }

    async fn next_due(&self, category: &Category, now: Timestamp) -> Result<Option<Timestamp>, ReadError> {
        let category = category.clone();
        self.ask("read timers of", move |reader| {
            let due = first(&reader.connection, sql!("next_due"), params![category.as_str(), now.as_micros()], |row| row.get(0))?;
            Ok(due.flatten().map(Timestamp::from_micros))
        })
        .await
    }

    async fn of(&self, owner: &StreamId) -> Result<Vec<Timer>, ReadError> {
        let key = owner.key();
        self.ask("read timers of", move |reader| all(&reader.connection, sql!("timers_of"), [key.as_bytes()], timer)).await
    }
}
