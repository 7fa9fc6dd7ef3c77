//! Reading streams and the log.

use annals_core::store::{LogPage, ReadLog, ReadStream, StreamPage};
use annals_core::{Position, RecordedEvent, StreamId};
use rusqlite::{Connection, params};

use crate::error::{Fault, Result};
use crate::filter::{Words, is_led_by_tags};
use crate::memory::{Memory, read_stream_parts};
use crate::reader::Reader;
use crate::row::{Arena, EventRow, place, read_stream_sql};
use crate::sql::{first, prepare, sql};
use crate::tagged::{Candidates, candidates};

/// Positions that one page scans at most, so that a page that finds nothing is still answered soon.
const SCAN: u64 = 100_000;

/// Rounds over the index of tags that one page makes at most, for the same reason.
const ROUNDS: usize = 16;

/// The row id of a stream, if it exists. The readable parts must be those asked for.
pub(crate) fn find_stream(connection: &Connection, stream: &StreamId) -> Result<Option<i64>> {
    let found = first(connection, sql!("find_stream"), [stream.key().as_bytes()], |row| {
        let same = row.get_ref(1)?.as_str()? == stream.tenant().as_str()
            && row.get_ref(2)?.as_str()? == stream.category().as_str()
            && row.get_ref(3)?.as_str()? == stream.id();
        Ok((row.get(0)?, same))
    })?;
    match found {
        None => Ok(None),
        Some((id, true)) => Ok(Some(id)),
        Some((id, false)) => {
            let other = read_stream_parts(connection, id)?;
            Err(Fault::corrupt(format!("the streams `{stream}` and `{other}` have the same key")))
        }
    }
}

/// The position up to which everything is stored that ever will be. There is one writer at a time, so whatever has a
/// lower position was committed before.
pub(crate) fn horizon(connection: &Connection) -> Result<Position> {
    let last = first(connection, sql!("read_tip"), [], |row| row.get(0))?;
    place(last.ok_or_else(|| Fault::corrupt("the table `log` is empty"))?)
}

/// Reads a page of a stream.
pub(crate) fn read_stream(reader: &mut Reader, read: &ReadStream) -> Result<StreamPage> {
    let Reader { connection, memory, .. } = reader;
    let mut page = StreamPage { events: Vec::new(), next: None };
    let Some(stream) = find_stream(connection, &read.stream)? else { return Ok(page) };
    let mut statement = prepare(connection, read_stream_sql(read.direction))?;
    let mut rows = statement.query([stream, read.from.as_i64()])?;
    let (mut arena, mut bytes) = (Arena::default(), 0);
    while let Some(row) = rows.next()? {
        let row = EventRow(row);
        if read.size.is_full(page.events.len(), bytes) {
            page.next = Some(row.version()?);
            break;
        }
        let name = memory.name(connection, row.kind()?)?;
        let (event, size) = row.event(read.stream.clone(), name, row.tags()?, &mut arena)?;
        bytes += size;
        page.events.push(event);
    }
    Ok(page)
}

/// Reads a page of the log.
///
/// The horizon is taken first, in a statement of its own, and nothing above it is read: it is safe as "after" of a
/// condition.
pub(crate) fn read_log(reader: &mut Reader, read: &ReadLog) -> Result<LogPage> {
    let horizon = horizon(&reader.connection)?;
    let mut page = Filling { reader, read, events: Vec::new(), bytes: 0, arena: Arena::default() };
    let scanned_to = if read.after >= horizon {
        read.after
    } else if is_led_by_tags(&read.filter) {
        page.follow_tags(horizon)?
    } else {
        page.scan(horizon)?
    };
    Ok(LogPage { log: read.log, events: page.events, scanned_to, at_end: scanned_to >= horizon })
}

/// A page of the log that is being filled.
struct Filling<'a> {
    reader: &'a mut Reader,
    read: &'a ReadLog,
    events: Vec<RecordedEvent>,
    bytes: usize,
    arena: Arena,
}

impl Filling<'_> {
    /// Reads on in order of positions. Returns how far it came.
    fn scan(&mut self, horizon: Position) -> Result<Position> {
        let up_to = self.read.after.forward(SCAN).map_or(horizon, |far| far.min(horizon));
        let words = Words::of(&self.read.filter)?;
        let Reader { connection, memory, .. } = &mut *self.reader;
        let mut statement = prepare(connection, sql!("read_log"))?;
        let mut rows = statement.query(params![
            self.read.after.as_i64(),
            up_to.as_i64(),
            words.kinds,
            words.application,
            words.categories,
            words.everything
        ])?;
        while let Some(row) = rows.next()? {
            let row = EventRow(row);
            if let Some((event, bytes)) = matching(connection, memory, self.read, &row, &mut self.arena)? {
                let position = event.position;
                self.events.push(event);
                self.bytes += bytes;
                if self.read.size.is_full(self.events.len(), self.bytes) {
                    return Ok(position);
                }
            }
        }
        Ok(up_to)
    }

    /// Reads what the index of tags leads to. Returns how far it came.
    fn follow_tags(&mut self, horizon: Position) -> Result<Position> {
        let Reader { connection, memory, .. } = &mut *self.reader;
        let mut after = self.read.after;
        for _ in 0..ROUNDS {
            let Candidates { positions, reached } = candidates(connection, &self.read.filter, after, horizon)?;
            for position in positions {
                let mut statement = prepare(connection, sql!("read_event"))?;
                let mut rows = statement.query([position.as_i64()])?;
                let Some(row) = rows.next()? else { continue };
                if let Some((event, bytes)) = matching(connection, memory, self.read, &EventRow(row), &mut self.arena)? {
                    self.events.push(event);
                    self.bytes += bytes;
                    if self.read.size.is_full(self.events.len(), self.bytes) {
                        return Ok(position);
                    }
                }
            }
            after = reached;
            if after >= horizon {
                break;
            }
        }
        Ok(after)
    }
}

/// The event of a row and its size, if the filter matches it.
fn matching(
    connection: &Connection,
    memory: &mut Memory,
    read: &ReadLog,
    row: &EventRow<'_, '_>,
    arena: &mut Arena,
) -> Result<Option<(RecordedEvent, usize)>> {
    let tags = row.tags()?;
    let stream = memory.stream(connection, row.stream()?)?;
    let name = memory.name(connection, row.kind()?)?;
    if !read.filter.matches_parts(&stream, &name, &tags) {
        return Ok(None);
    }
    row.event(stream, name, tags, arena).map(Some)
}
