//! A unit of work in the form in which it travels.

use annals_core::store::{Append, StreamAppend};

use crate::effects;
use crate::footprint::Footprint;

/// What is sent for an append beside its texts and bytes: numbers, keys and the lengths of everything.
const APPEND: usize = 32;
const PART: usize = 72;
const EVENT: usize = 84;
const LOCK: usize = 16;
const JSON: usize = 8;

/// An append that is ready to be sent, any number of times.
pub(crate) struct Unit {
    pub(crate) append: Append,
    pub(crate) footprint: Footprint,
    /// The criteria of its condition, as JSON.
    pub(crate) condition: Option<String>,
    /// Its effects, as JSON.
    pub(crate) effects: Option<String>,
}

impl Unit {
    pub(crate) fn new(append: Append) -> Self {
        let footprint = Footprint::of(&append);
        let (condition, effects) = (effects::criteria(&append), effects::effects(&append));
        Self { append, footprint, condition, effects }
    }

    /// How many events it has.
    pub(crate) fn events(&self) -> usize {
        self.append.streams.iter().map(|part| part.events.len()).sum()
    }

    /// How many bytes it adds to a message to the server.
    pub(crate) fn bytes(&self) -> usize {
        let part = |part: &StreamAppend| {
            PART + part.stream.tenant().as_str().len() + part.stream.category().as_str().len() + part.stream.id().len()
        };
        let parts: usize = self.append.streams.iter().map(part).sum();
        let events = self.append.events().map(|(_, event)| {
            let tags: usize = event.tags.iter().map(|tag| tag.as_str().len() + 3).sum();
            EVENT + event.name.as_str().len() + event.payload.len() + event.metadata.as_bytes().len() + tags
        });
        let json = |json: &Option<String>| JSON + json.as_ref().map_or(0, String::len);
        APPEND + parts + events.sum::<usize>() + LOCK * self.footprint.locks.len() + json(&self.condition) + json(&self.effects)
    }
}
