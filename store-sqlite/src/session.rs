//! What the writer knows within a transaction.

use std::collections::HashMap;

use annals_core::{Position, StreamId, Timestamp, Version};
use rusqlite::{Connection, Transaction};

use crate::error::{Fault, Result};
use crate::guard::Guard;
use crate::memory::Memory;
use crate::read::find_stream;
use crate::row::place;
use crate::sql::{execute, first, sql};

/// The most streams whose last version is remembered.
const STREAMS: usize = 50_000;

/// A stream as the writer knows it.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    pub(crate) id: i64,
    pub(crate) version: Version,
}

/// What was given out last: by this writer, or by that of another process.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tip {
    pub(crate) position: Position,
    pub(crate) stream: i64,
}

/// What holds from one transaction to the next, as long as no other process writes and none is rolled back.
#[derive(Default)]
pub(crate) struct State {
    /// The `data_version` under which all this was read; none: nothing is known.
    seen: Option<i64>,
    stored: Tip,
    streams: HashMap<StreamId, Known>,
    words: HashMap<Box<str>, i64>,
    memory: Memory,
}

impl State {
    /// Forgets everything, because a transaction was rolled back.
    pub(crate) fn forget(&mut self) {
        self.seen = None;
        self.streams.clear();
        self.words.clear();
        self.memory.clear();
    }
}

/// An open transaction of the writer.
pub(crate) struct Session<'c> {
    pub(crate) connection: &'c Connection,
    /// The same, as it is lent to projections under the eyes of the guard.
    pub(crate) transaction: &'c Transaction<'c>,
    pub(crate) guard: &'c Guard,
    /// When the events of the transaction are recorded.
    pub(crate) now: Timestamp,
    pub(crate) tip: Tip,
    state: &'c mut State,
}

impl<'c> Session<'c> {
    /// Starts where the file is now. The transaction has begun, so nobody else moves it.
    pub(crate) fn begin(
        transaction: &'c Transaction<'c>,
        guard: &'c Guard,
        state: &'c mut State,
        now: Timestamp,
    ) -> Result<Self> {
        let connection: &Connection = transaction;
        let version = first(connection, sql!("read_data_version"), [], |row| row.get(0))?;
        if version.is_none() || state.seen != version {
            state.forget();
            let tip = first(connection, sql!("read_tip"), [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let (position, stream) = tip.ok_or_else(|| Fault::corrupt("the table `log` is empty"))?;
            state.stored = Tip { position: place(position)?, stream };
            state.seen = version;
        }
        Ok(Self { connection, transaction, guard, now, tip: state.stored, state })
    }

    /// Writes down what was given out, and says how far the log goes once the transaction is committed.
    pub(crate) fn finish(self) -> Result<Position> {
        if self.tip != self.state.stored {
            execute(self.connection, sql!("update_tip"), [self.tip.position.as_i64(), self.tip.stream])?;
            self.state.stored = self.tip;
        }
        Ok(self.tip.position)
    }

    /// The stream, if it exists.
    pub(crate) fn stream(&mut self, stream: &StreamId) -> Result<Option<Known>> {
        if let Some(known) = self.state.streams.get(stream) {
            return Ok(Some(*known));
        }
        let Some(id) = find_stream(self.connection, stream)? else { return Ok(None) };
        let version = first(self.connection, sql!("read_last_version"), [id], |row| row.get::<_, Option<i64>>(0))?;
        let version = Version::try_from(version.flatten().unwrap_or(0))?;
        let known = Known { id, version };
        self.remember(stream, known);
        Ok(Some(known))
    }

    /// Notes where a stream is now.
    pub(crate) fn remember(&mut self, stream: &StreamId, known: Known) {
        let streams = &mut self.state.streams;
        if streams.len() >= STREAMS && !streams.contains_key(stream) {
            streams.clear();
        }
        streams.insert(stream.clone(), known);
    }

    /// The row id of a word, which is added if it is new.
    pub(crate) fn word(&mut self, text: &str) -> Result<i64> {
        if let Some(id) = self.state.words.get(text) {
            return Ok(*id);
        }
        let id = match first(self.connection, sql!("find_word"), [text], |row| row.get(0))? {
            Some(id) => id,
            None => {
                execute(self.connection, sql!("insert_word"), [text])?;
                self.connection.last_insert_rowid()
            }
        };
        self.state.words.insert(text.into(), id);
        Ok(id)
    }

    /// Forgets row ids of words, because a savepoint took back some that were new.
    pub(crate) fn forget_words(&mut self) {
        self.state.words.clear();
    }

    /// The memory of the connection, for matching events that are stored already.
    pub(crate) fn memory(&mut self) -> &mut Memory {
        &mut self.state.memory
    }
}
