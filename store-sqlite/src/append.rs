//! Appending one unit of work within the transaction of a batch.
//!
//! Everything that can refuse an append is asked before anything is written, so that an append that is refused
//! leaves no trace in the batch. Only effects that can refuse (marks and keys) are undone, by a savepoint.

use annals_core::store::{Append, AppendError, Appended, Effect, StreamAppend, StreamOutcome};
use annals_core::{LogId, NewEvent, Position, StreamId, Version};
use rusqlite::params;

use crate::error::{Fault, Result};
use crate::row::write_tags;
use crate::session::{Known, Session, Tip};
use crate::sql::{execute, prepare, sql};
use crate::{condition, effects, outcome};

/// Appends. The outer error is that of the connection and ends the batch; the inner one is the answer to this append.
pub(crate) fn append(session: &mut Session<'_>, append: &Append) -> Result<Result<Appended, AppendError>> {
    // Looking for an earlier outcome first would cost each append a search. A known append either fails one of the
    // checks or is found when its first event is inserted: it is looked for then.
    let refused = match check(session, append)? {
        Ok(streams) => match write(session, append, &streams)? {
            Written::Done(appended) => return Ok(Ok(appended)),
            Written::Known => None,
            Written::Refused(error) => Some(error),
        },
        Err(error) => Some(error),
    };
    match (outcome::find(session.connection, session.memory(), append.id)?, refused) {
        (Some(appended), _) => Ok(Ok(appended)),
        (None, Some(error)) => Ok(Err(error)),
        (None, None) => Err(Fault::corrupt(format!("the first event of the append {} is in the index only", append.id))),
    }
}

/// Checks expected versions and the condition. Returns what is known about each stream.
fn check(session: &mut Session<'_>, append: &Append) -> Result<Result<Vec<Option<Known>>, AppendError>> {
    let mut streams = Vec::with_capacity(append.streams.len());
    for StreamAppend { stream, expected, .. } in &append.streams {
        let known = session.stream(stream)?;
        let actual = known.map_or(Version::ZERO, |known| known.version);
        if !expected.is_met_by(actual) {
            return Ok(Err(AppendError::WrongExpectedVersion { stream: stream.clone(), expected: *expected, actual }));
        }
        streams.push(known);
    }
    if let Some(condition) = &append.condition
        && let Err(error) = condition::check(session, condition)?
    {
        return Ok(Err(error));
    }
    Ok(Ok(streams))
}

enum Written {
    Done(Appended),
    Known,
    Refused(AppendError),
}

fn write(session: &mut Session<'_>, append: &Append, streams: &[Option<Known>]) -> Result<Written> {
    let can_refuse = append.effects.iter().any(effects::can_refuse);
    if can_refuse {
        execute(session.connection, sql!("savepoint"), [])?;
    }
    let before = session.tip;
    let Some(parts) = write_events(session, append, streams)? else {
        session.tip = before;
        if can_refuse {
            execute(session.connection, sql!("release"), [])?;
        }
        return Ok(Written::Known);
    };
    if let Err(error) = write_effects(session, &append.effects)? {
        session.tip = before;
        session.forget_words();
        execute(session.connection, sql!("rollback_to"), [])?;
        execute(session.connection, sql!("release"), [])?;
        return Ok(Written::Refused(error));
    }
    if can_refuse {
        execute(session.connection, sql!("release"), [])?;
    }
    let first = before.position.next()?;
    let mut outcomes = Vec::with_capacity(parts.len());
    for Part { stream, known, first } in parts {
        session.remember(&stream, known);
        outcomes.push(StreamOutcome { stream, first, last: known.version });
    }
    Ok(Written::Done(Appended { log: LogId::MAIN, first, last: session.tip.position, streams: outcomes, repeated: false }))
}

fn write_effects(session: &Session<'_>, effects: &[Effect]) -> Result<Result<(), AppendError>> {
    for effect in effects {
        if let Err(error) = effects::apply(session.connection, effect)? {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

/// A stream that got events.
struct Part {
    stream: StreamId,
    known: Known,
    first: Version,
}

/// Writes the events. None: the append is known, and nothing was written.
fn write_events(session: &mut Session<'_>, append: &Append, streams: &[Option<Known>]) -> Result<Option<Vec<Part>>> {
    let mut parts = Vec::with_capacity(streams.len());
    let mut ordinal = 0;
    for (StreamAppend { stream, events, .. }, known) in append.streams.iter().zip(streams) {
        if events.is_empty() {
            continue;
        }
        let category = session.word(stream.category().as_str())?;
        let id = match known {
            Some(known) => known.id,
            None => {
                session.tip.stream += 1;
                session.tip.stream
            }
        };
        let mut version = known.map_or(Version::ZERO, |known| known.version);
        let first = version.next()?;
        for event in events {
            let position = next(&mut session.tip)?;
            version = version.next()?;
            let row = Row { append, position, stream: id, version, category, ordinal };
            if !write_event(session, &row, event)? {
                return Ok(None);
            }
            ordinal += 1;
        }
        // After the first event, which is what tells whether the append is known.
        if known.is_none() {
            let key = stream.key();
            let (tenant, name) = (stream.tenant().as_str(), stream.id());
            execute(session.connection, sql!("insert_stream"), params![id, key.as_bytes(), tenant, category, name])?;
        }
        parts.push(Part { stream: stream.clone(), known: Known { id, version }, first });
    }
    Ok(Some(parts))
}

fn next(tip: &mut Tip) -> Result<Position> {
    tip.position = tip.position.next()?;
    Ok(tip.position)
}

/// Where an event goes.
struct Row<'a> {
    append: &'a Append,
    position: Position,
    stream: i64,
    version: Version,
    category: i64,
    ordinal: i64,
}

/// Writes one event. Says no if it is the first of an append that is known.
fn write_event(session: &mut Session<'_>, row: &Row<'_>, event: &NewEvent) -> Result<bool> {
    let kind = session.word(event.name.as_str())?;
    let mut tags = event.tags.clone();
    tags.sort_unstable();
    tags.dedup();
    let inserted = prepare(session.connection, sql!("insert_event"))?.execute(params![
        row.position.as_i64(),
        row.stream,
        row.version.as_i64(),
        row.category,
        kind,
        event.schema_version,
        row.ordinal,
        session.now.as_micros(),
        event.payload.encoding.number(),
        event.id.as_bytes(),
        row.append.id.as_bytes(),
        write_tags(&tags)?,
        &event.metadata.as_bytes()[..],
        &event.payload.data[..],
    ])?;
    if inserted == 0 {
        return Ok(false);
    }
    for tag in &tags {
        execute(session.connection, sql!("insert_tag"), params![tag.as_str(), row.position.as_i64()])?;
    }
    Ok(true)
}
