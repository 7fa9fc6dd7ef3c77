use std::fmt;

use annals_core::{CommandId, Json, LogPosition, Metadata, StreamId, Tenant, Timestamp, Version};

use crate::engine::Origin;
use crate::layer::Ending;

/// Who sent a command, when, where to, and what became of it.
///
/// In a line it reads `2026-01-01T00:00:00.000000Z ann deposit account/a: stored at version 3`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AuditEntry {
    /// When it was sent, by the clock of the application.
    pub at: Timestamp,
    /// The name of the command.
    pub command: &'static str,
    /// Its identity: the cause of its events.
    pub command_id: CommandId,
    /// The category of the aggregate.
    pub category: &'static str,
    /// The stream of the aggregate; none if its id cannot be that of a stream.
    pub stream: Option<StreamId>,
    /// The tenant whose aggregate it was for.
    pub tenant: Tenant,
    /// Where it came from.
    pub origin: Origin,
    /// Actor, source, correlation, cause, and what else is known.
    pub metadata: Metadata,
    /// When it is due, if it was only to be put off.
    pub due: Option<Timestamp>,
    /// What the command holds, if that was [asked for](super::AuditLayer::content_of).
    pub content: Option<Json>,
    /// What became of it.
    pub ending: Ending,
    /// The version of the aggregate after it, if it was stored or had to change nothing.
    pub version: Option<Version>,
    /// Where its last event is, if it was stored.
    pub position: Option<LogPosition>,
    /// Why it was rejected or refused, or failed: what the errors say, with all their causes. Nothing of the command but what
    /// your errors repeat of it.
    pub reason: Option<String>,
}

impl AuditEntry {
    /// On whose behalf it was sent.
    pub fn actor(&self) -> Option<&str> {
        self.metadata.actor.as_deref()
    }
}

impl fmt::Display for AuditEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.at, self.actor().unwrap_or("-"), self.command)?;
        match &self.stream {
            Some(stream) => write!(f, " {stream}: {}", self.ending)?,
            None => write!(f, " {}: {}", self.category, self.ending)?,
        }
        if let Some(due) = self.due {
            write!(f, " until {due}")?;
        }
        match (&self.reason, self.version) {
            (Some(reason), _) => write!(f, ": {reason}"),
            (None, Some(version)) => write!(f, " at version {version}"),
            (None, None) => Ok(()),
        }
    }
}
