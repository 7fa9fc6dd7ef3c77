//! The first outcome of an append that is sent again.

use annals_core::store::{Appended, StreamOutcome};
use annals_core::{AppendId, LogId, Version};
use sqlx::{PgExecutor, Row};

use crate::error::Result;
use crate::row::{place, stream_of};
use crate::sql::Statements;

/// What the append with this id came to, however many events came since. None: it is not stored.
pub(crate) async fn find(executor: impl PgExecutor<'_>, statements: &Statements, id: AppendId) -> Result<Option<Appended>> {
    let rows = statements.find_append.query().bind(id.as_uuid()).fetch_all(executor).await?;
    let mut found: Option<Appended> = None;
    for row in &rows {
        let position = place(row.try_get(0)?)?;
        let version = Version::try_from(row.try_get::<i64, _>(1)?)?;
        let stream = stream_of(row.try_get(2)?, row.try_get(3)?, row.try_get(4)?)?;
        let appended = found.get_or_insert_with(|| Appended {
            log: LogId::MAIN,
            first: position,
            last: position,
            streams: Vec::new(),
            repeated: true,
        });
        appended.last = position;
        match appended.streams.last_mut() {
            Some(outcome) if outcome.stream == stream => outcome.last = version,
            _ => appended.streams.push(StreamOutcome { stream, first: version, last: version }),
        }
    }
    Ok(found)
}
