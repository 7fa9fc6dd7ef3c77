//! Commands for later: what is recorded of them.

use serde::{Deserialize, Serialize};

use crate::event::{decode_fields, encode_fields};
use crate::{EncodeError, Event, EventKind, Json, Payload, PayloadError, Timestamp};

/// What happens to a command that is to be sent later. Each has a stream of its own, `$schedule/{command id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ScheduleEvent {
    /// It is to be sent.
    Set {
        /// The category of the aggregate.
        category: String,
        /// The name of the command.
        command: String,
        /// Its fields.
        body: Json,
        /// When.
        due: Timestamp,
    },
    /// An attempt failed; there will be another.
    AttemptFailed {
        /// Which attempt it was, from 1.
        attempt: u32,
        /// Why it failed.
        error: String,
        /// When it is tried again.
        retry_at: Timestamp,
    },
    /// It was sent, and what it came to is stored with this event.
    Sent {},
    /// It was sent, and the domain said no.
    Rejected {
        /// The reason.
        reason: String,
    },
    /// It was called off.
    Cancelled {},
}

impl ScheduleEvent {
    /// The category of the streams.
    pub const CATEGORY: &'static str = "$schedule";

    /// Whether nothing happens to the command any more.
    pub const fn is_end(&self) -> bool {
        matches!(self, Self::Sent {} | Self::Rejected { .. } | Self::Cancelled {})
    }
}

#[diagnostic::do_not_recommend]
impl Event for ScheduleEvent {
    const KINDS: &'static [EventKind] = &[
        EventKind { name: "$schedule.set", version: 1, aliases: &[], upcasters: &[] },
        EventKind { name: "$schedule.attempt_failed", version: 1, aliases: &[], upcasters: &[] },
        EventKind { name: "$schedule.sent", version: 1, aliases: &[], upcasters: &[] },
        EventKind { name: "$schedule.rejected", version: 1, aliases: &[], upcasters: &[] },
        EventKind { name: "$schedule.cancelled", version: 1, aliases: &[], upcasters: &[] },
    ];

    fn kind(&self) -> &'static EventKind {
        match self {
            Self::Set { .. } => &Self::KINDS[0],
            Self::AttemptFailed { .. } => &Self::KINDS[1],
            Self::Sent {} => &Self::KINDS[2],
            Self::Rejected { .. } => &Self::KINDS[3],
            Self::Cancelled {} => &Self::KINDS[4],
        }
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        encode_fields(self)
    }

    fn from_payload(kind: &'static EventKind, payload: &Payload) -> Result<Self, PayloadError> {
        decode_fields(kind, payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_its_stored_form() {
        let due = Timestamp::from_micros(1);
        let events = [
            ScheduleEvent::Set { category: "order".into(), command: "cancel".into(), body: serde_json::json!({"a": 1}), due },
            ScheduleEvent::AttemptFailed { attempt: 1, error: "busy".into(), retry_at: due },
            ScheduleEvent::Sent {},
            ScheduleEvent::Rejected { reason: "shipped".into() },
            ScheduleEvent::Cancelled {},
        ];
        for (event, kind) in events.iter().zip(ScheduleEvent::KINDS) {
            assert_eq!(event.kind().name, kind.name);
            assert_eq!(&ScheduleEvent::from_payload(kind, &event.encode().unwrap()).unwrap(), event);
        }
        let body = events[0].encode().unwrap().data;
        assert_eq!(&body[..], br#"{"body":{"a":1},"category":"order","command":"cancel","due":"1970-01-01T00:00:00.000001Z"}"#);
    }
}
