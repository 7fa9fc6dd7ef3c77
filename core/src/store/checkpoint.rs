use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{EventId, LogId, Position};

/// Which life of a store positions belong to. It changes when positions may have been given out anew: another
/// database, another timeline after a fail-over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(Uuid);

impl Epoch {
    /// An epoch that the store has kept or derived.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The epoch as a UUID.
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }
}

/// How far a reader of a log has come, with what it takes to notice that the log is no longer the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The version of this form.
    #[serde(rename = "v")]
    form: Form,
    /// The log.
    pub log: LogId,
    /// Everything up to here has been taken in, or did not match.
    pub scanned_to: Position,
    /// The last event that was taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// The life of the store that the positions belong to.
    pub epoch: Epoch,
}

/// The last event that a reader has taken in: if it is no longer at its place, the log is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Where it is.
    pub position: Position,
    /// Which event it is.
    pub event: EventId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
struct Form;

impl TryFrom<u8> for Form {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        if number == 1 { Ok(Self) } else { Err(format!("checkpoints of form {number} are unknown to this program")) }
    }
}

impl From<Form> for u8 {
    fn from(_: Form) -> Self {
        1
    }
}

impl Checkpoint {
    /// The checkpoint of a reader of `log` that has seen nothing yet.
    pub const fn start(log: LogId, epoch: Epoch) -> Self {
        Self { form: Form, log, scanned_to: Position::ZERO, anchor: None, epoch }
    }

    /// The checkpoint after taking in everything up to `scanned_to`, of which `last` was the last event that matched.
    #[must_use]
    pub const fn advanced(self, scanned_to: Position, last: Option<Anchor>) -> Self {
        let anchor = if last.is_some() { last } else { self.anchor };
        Self { scanned_to, anchor, ..self }
    }
}
