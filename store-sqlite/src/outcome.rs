//! The first outcome of an append that is sent again.

use annals_core::store::{Appended, StreamOutcome};
use annals_core::{AppendId, LogId, Version};
use rusqlite::Connection;

use crate::error::Result;
use crate::memory::Memory;
use crate::row::place;
use crate::sql::{first, prepare, sql};

/// What the append with this id came to, however many events came since. None: it is not stored.
pub(crate) fn find(connection: &Connection, memory: &mut Memory, id: AppendId) -> Result<Option<Appended>> {
    let Some(start) = first(connection, sql!("find_append"), [id.as_bytes()], |row| row.get::<_, i64>(0))? else {
        return Ok(None);
    };
    let start = place(start)?;
    let mut appended = Appended { log: LogId::MAIN, first: start, last: start, streams: Vec::new(), repeated: true };
    let mut statement = prepare(connection, sql!("read_append"))?;
    let mut rows = statement.query([start.as_i64()])?;
    let mut current = None;
    while let Some(row) = rows.next()? {
        let (position, append, stream, version) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, i64>(3)?);
        if AppendId::from_bytes(append) != id {
            break;
        }
        appended.last = place(position)?;
        let version = Version::try_from(version)?;
        match appended.streams.last_mut() {
            Some(outcome) if current == Some(stream) => outcome.last = version,
            _ => {
                let stream = memory.stream(connection, stream)?;
                appended.streams.push(StreamOutcome { stream, first: version, last: version });
            }
        }
        current = Some(stream);
    }
    Ok(Some(appended))
}
