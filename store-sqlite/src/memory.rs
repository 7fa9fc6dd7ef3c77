//! What a connection remembers, so that a page does not look a stream or a name up for each of its events.
//!
//! None of it ever changes in the file once it is committed: words and streams are only added.

use std::collections::HashMap;
use std::fmt::Display;

use annals_core::{Category, EventName, StreamId, Tenant};
use rusqlite::Connection;

use crate::error::{Fault, Result};
use crate::sql::{first, sql};

/// The most streams to remember.
const STREAMS: usize = 10_000;

/// Names of events and streams by their row ids.
#[derive(Default)]
pub(crate) struct Memory {
    names: HashMap<i64, EventName>,
    /// The name that was asked for last: events of a kind often follow one another.
    latest: Option<(i64, EventName)>,
    streams: HashMap<i64, StreamId>,
}

impl Memory {
    /// The name of a kind of event.
    pub(crate) fn name(&mut self, connection: &Connection, id: i64) -> Result<EventName> {
        if let Some((latest, name)) = &self.latest
            && *latest == id
        {
            return Ok(name.clone());
        }
        let name = match self.names.get(&id) {
            Some(name) => name.clone(),
            None => {
                let text: Option<String> = first(connection, sql!("read_word"), [id], |row| row.get(0))?;
                let text = text.ok_or_else(|| Fault::corrupt(format!("the word {id} is missing")))?;
                let name = EventName::new(text).map_err(corrupt)?;
                self.names.insert(id, name.clone());
                name
            }
        };
        self.latest = Some((id, name.clone()));
        Ok(name)
    }

    /// The stream with a row id.
    pub(crate) fn stream(&mut self, connection: &Connection, id: i64) -> Result<StreamId> {
        if let Some(stream) = self.streams.get(&id) {
            return Ok(stream.clone());
        }
        let stream = read_stream_parts(connection, id)?;
        if self.streams.len() >= STREAMS {
            self.streams.clear();
        }
        self.streams.insert(id, stream.clone());
        Ok(stream)
    }

    /// Forgets everything, because a transaction that saw it was rolled back.
    pub(crate) fn clear(&mut self) {
        self.names.clear();
        self.latest = None;
        self.streams.clear();
    }
}

/// Reads the readable parts of a stream.
pub(crate) fn read_stream_parts(connection: &Connection, id: i64) -> Result<StreamId> {
    let parts = first(connection, sql!("read_stream_parts"), [id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let (tenant, category, name): (String, String, String) =
        parts.ok_or_else(|| Fault::corrupt(format!("the stream {id} is missing")))?;
    stream_of(&tenant, &category, &name)
}

/// Puts a stream together from stored parts.
pub(crate) fn stream_of(tenant: &str, category: &str, name: &str) -> Result<StreamId> {
    let tenant = Tenant::new(tenant).map_err(corrupt)?;
    let category = Category::new(category).map_err(corrupt)?;
    StreamId::of(tenant, category, name).map_err(corrupt)
}

fn corrupt(error: impl Display) -> Fault {
    Fault::corrupt(error.to_string())
}
