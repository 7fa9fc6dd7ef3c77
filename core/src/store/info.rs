use std::fmt;

use thiserror::Error;

use super::{Append, Effect, Epoch, Message, Timer};
use crate::LogId;

/// What a store is and can do.
#[derive(Clone, Debug)]
pub struct StoreInfo {
    /// What kind of store it is, such as `sqlite`.
    pub name: &'static str,
    /// Its logs, at least [`LogId::MAIN`].
    pub logs: Vec<LogInfo>,
    /// What it refuses for its size.
    pub limits: Limits,
    /// How exactly it checks conditions.
    pub conditions: ConditionModel,
    /// What it keeps besides events.
    pub capabilities: Vec<Capability>,
    /// Whether what it acknowledged survives the end of the process.
    pub durable: bool,
}

impl StoreInfo {
    /// The log with this id.
    pub fn log(&self, log: LogId) -> Option<&LogInfo> {
        self.logs.iter().find(|info| info.id == log)
    }

    /// Whether it keeps something besides events.
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }
}

/// One log of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogInfo {
    /// Which log.
    pub id: LogId,
    /// The life of the store that its positions belong to.
    pub epoch: Epoch,
}

/// How exactly a store checks conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionModel {
    /// By the criteria themselves: a condition fails only if a matching event exists.
    Exact,
    /// By tags: a condition may also fail because of an event that shares a tag and matches no criterion.
    TagMarkers,
    /// Not at all: appends with a condition are refused.
    Unsupported,
}

/// Something a store may keep besides events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// Timers.
    Timers,
    /// Outgoing messages.
    Outbox,
    /// Marks of processed messages.
    Inbox,
    /// Unique keys.
    Keys,
    /// Documents of read models with their checkpoints.
    Views,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timers => "timers",
            Self::Outbox => "an outbox",
            Self::Inbox => "an inbox",
            Self::Keys => "unique keys",
            Self::Views => "views",
        })
    }
}

/// What a store refuses for its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the body of an event or message.
    pub payload_bytes: usize,
    /// Bytes of the metadata of an event or message.
    pub metadata_bytes: usize,
    /// Events of an append.
    pub events_per_append: usize,
    /// Streams of an append.
    pub streams_per_append: usize,
    /// Tags of an event.
    pub tags_per_event: usize,
    /// Criteria of a condition.
    pub criteria: usize,
    /// Effects of an append.
    pub effects_per_append: usize,
}

impl Default for Limits {
    /// 1 MiB a body, 64 KiB of metadata, 1,000 events, 256 streams, 16 tags, 64 criteria and 1,000 effects.
    fn default() -> Self {
        Self {
            payload_bytes: 1 << 20,
            metadata_bytes: 64 << 10,
            events_per_append: 1_000,
            streams_per_append: 256,
            tags_per_event: 16,
            criteria: 64,
            effects_per_append: 1_000,
        }
    }
}

/// An append that is too large for a store.
#[derive(Clone, Error, PartialEq, Eq)]
#[error("{what} {subject} has {actual} {unit}, the limit of this store is {limit}")]
#[non_exhaustive]
pub struct LimitExceeded {
    /// What is too large, such as "the body of".
    pub what: &'static str,
    /// Which one.
    pub subject: String,
    /// What is counted.
    pub unit: &'static str,
    /// How many there are.
    pub actual: usize,
    /// How many there may be.
    pub limit: usize,
}

crate::__debug_as_told!(LimitExceeded);

impl Limits {
    /// Checks an append.
    pub(super) fn check(&self, append: &Append) -> Result<(), LimitExceeded> {
        let this = || "append".to_owned();
        within("the", this, "streams", append.streams.len(), self.streams_per_append)?;
        within("the", this, "events", append.streams.iter().map(|part| part.events.len()).sum(), self.events_per_append)?;
        within("the", this, "effects", append.effects.len(), self.effects_per_append)?;
        if let Some(condition) = &append.condition {
            within("the condition of the", this, "criteria", condition.filter.criteria().len(), self.criteria)?;
        }
        for (stream, event) in append.events() {
            let subject = || format!("event `{}` for `{stream}`", event.name);
            within("the body of the", subject, "bytes", event.payload.len(), self.payload_bytes)?;
            within("the metadata of the", subject, "bytes", event.metadata.as_bytes().len(), self.metadata_bytes)?;
            within("the", subject, "tags", event.tags.len(), self.tags_per_event)?;
        }
        append.effects.iter().try_for_each(|effect| self.check_effect(effect))
    }

    fn check_effect(&self, effect: &Effect) -> Result<(), LimitExceeded> {
        match effect {
            Effect::Enqueue(message) => {
                let subject = || format!("message {} for `{}`", message.id, message.queue);
                within("the body of the", subject, "bytes", message.payload.len(), self.payload_bytes)?;
                within("the metadata of the", subject, "bytes", message.metadata.as_bytes().len(), self.metadata_bytes)?;
                within("the key of the", subject, "bytes", message.key.len(), Message::MAX_KEY_LEN)
            }
            Effect::SetTimer(Timer { owner, name, .. }) | Effect::CancelTimer { owner, name } => {
                within("the name of a", || format!("timer of `{owner}`"), "bytes", name.len(), Timer::MAX_NAME_LEN)
            }
            Effect::MarkInbox { .. } | Effect::ReserveKey { .. } | Effect::ReleaseKey { .. } => Ok(()),
        }
    }
}

fn within(
    what: &'static str,
    subject: impl FnOnce() -> String,
    unit: &'static str,
    actual: usize,
    limit: usize,
) -> Result<(), LimitExceeded> {
    if actual <= limit { Ok(()) } else { Err(LimitExceeded { what, subject: subject(), unit, actual, limit }) }
}
