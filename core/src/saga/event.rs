use serde::{Deserialize, Serialize};

use crate::event::{decode_fields, encode_fields};
use crate::{CommandId, EncodeError, Encoding, Event, EventKind, Json, Payload, PayloadError, Position, Timestamp};

/// Which way a step is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Forward: it is done.
    Do,
    /// Backward: it is undone.
    Undo,
}

impl Way {
    /// `do` or `undo`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Do => "do",
            Self::Undo => "undo",
        }
    }
}

/// Why a saga is undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// A step was rejected.
    Rejected {
        /// The step.
        step: String,
    },
    /// It is not known whether a step happened.
    Unknown {
        /// The step.
        step: String,
    },
    /// The deadline of the saga passed.
    Deadline,
}

/// A command that a step sends, as it was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandIntent {
    /// Its identity, the same at every attempt.
    pub id: CommandId,
    /// The name of the command.
    pub name: String,
    /// Its fields.
    pub body: Json,
}

/// A command that a reaction sends, with when it is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Its identity, the same at every attempt.
    pub id: CommandId,
    /// The category of the aggregate it is for.
    pub aggregate: String,
    /// The name of the command.
    pub name: String,
    /// Its fields.
    pub body: Json,
    /// When it is sent.
    pub due: Timestamp,
}

/// What happens to an instance of a saga. Its stream is the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SagaEvent {
    /// It began.
    Started {
        /// The version of the definition.
        definition: u32,
        /// Its first state.
        data: Json,
        /// Until when it must have passed its pivot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<Timestamp>,
    },
    /// It is about to take a step.
    StepDispatched {
        /// The step.
        step: String,
        /// The commands it sends; empty for an activity.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        commands: Vec<CommandIntent>,
        /// Until when the outcome must be known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<Timestamp>,
    },
    /// A step is done.
    StepSucceeded {
        /// The step.
        step: String,
        /// What it came to; null for commands.
        #[serde(default, skip_serializing_if = "Json::is_null")]
        outcome: Json,
    },
    /// An attempt failed; there will be another.
    AttemptFailed {
        /// The step.
        step: String,
        /// Whether it was being done or undone.
        way: Way,
        /// Which attempt it was, from 1.
        attempt: u32,
        /// Why it failed.
        error: String,
        /// When it is tried again.
        retry_at: Timestamp,
    },
    /// A step said no: nothing happened.
    StepRejected {
        /// The step.
        step: String,
        /// Its reason.
        reason: String,
    },
    /// A step said no, and the saga goes on without it.
    StepDeclined {
        /// The step.
        step: String,
        /// Its reason.
        reason: String,
    },
    /// It is not known whether a step happened.
    StepUnknown {
        /// The step.
        step: String,
        /// Why not.
        reason: String,
    },
    /// The point of no return is passed.
    PivotPassed {
        /// The step.
        step: String,
    },
    /// From here on it is undone.
    CompensationStarted {
        /// Why.
        cause: Cause,
    },
    /// It is about to undo a step.
    CompensationDispatched {
        /// The step.
        step: String,
        /// The commands it sends; empty for an activity.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        commands: Vec<CommandIntent>,
    },
    /// A step is undone.
    Compensated {
        /// The step.
        step: String,
    },
    /// Undoing a step has failed for long. It goes on trying.
    CompensationStuck {
        /// The step.
        step: String,
        /// How many attempts there were.
        attempts: u32,
    },
    /// A step after the pivot has failed for long. It goes on trying.
    StepStuck {
        /// The step.
        step: String,
        /// How many attempts there were.
        attempts: u32,
    },
    /// The event that a step waits for came before the step was reached, or while the instance was suspended.
    EventTaken {
        /// The step.
        step: String,
        /// Where the event is in the main log.
        at: Position,
        /// What it comes to for the step.
        #[serde(default, skip_serializing_if = "Json::is_null")]
        outcome: Json,
        /// Why the step is rejected, if the event is a "no".
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<String>,
    },
    /// It reacted to an event, or to the rejection of a command it sent.
    Reacted {
        /// Where the event is in the main log; none if it is a rejection.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Position>,
        /// Its state from here on.
        data: Json,
        /// All commands that are still to be sent, earlier ones included.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        outgoing: Vec<Outgoing>,
        /// Whether it takes no more events, and completes once its commands are sent.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        ends: bool,
    },
    /// An event came that it could not react to yet.
    EventKept {
        /// Where the event is in the main log.
        at: Position,
    },
    /// A command of a reaction was sent. The events of the command are stored together with this one.
    CommandSent {
        /// The command.
        command: CommandId,
    },
    /// A command of a reaction was rejected: it changed nothing.
    CommandRejected {
        /// The command.
        command: CommandId,
        /// Its name.
        name: String,
        /// The reason.
        reason: String,
    },
    /// The deadline passed after the pivot: somebody should know.
    DeadlineMissed {},
    /// It met a defect and waits for an operator.
    Suspended {
        /// The step it was at.
        step: String,
        /// Whether that was being done or undone.
        way: Way,
        /// What happened.
        reason: String,
    },
    /// An operator let it go on.
    Resumed {
        /// Who.
        actor: String,
        /// Why.
        reason: String,
    },
    /// Every step is done.
    Completed {},
    /// Everything that was done is undone.
    CompensatedFully {},
}

macro_rules! kinds {
    ($($variant:ident $tag:literal),* $(,)?) => {
        const KINDS: &'static [EventKind] = &[
            $(EventKind { name: concat!("$saga.", $tag), version: 1, aliases: &[], upcasters: &[] }),*
        ];

        fn kind(&self) -> &'static EventKind {
            let mut at = 0;
            $(
                if matches!(self, Self::$variant { .. }) {
                    return &Self::KINDS[at];
                }
                at += 1;
            )*
            &Self::KINDS[at - 1]
        }
    };
}

#[diagnostic::do_not_recommend]
impl Event for SagaEvent {
    kinds! {
        Started "started",
        StepDispatched "step_dispatched",
        StepSucceeded "step_succeeded",
        AttemptFailed "attempt_failed",
        StepRejected "step_rejected",
        StepDeclined "step_declined",
        StepUnknown "step_unknown",
        PivotPassed "pivot_passed",
        CompensationStarted "compensation_started",
        CompensationDispatched "compensation_dispatched",
        Compensated "compensated",
        CompensationStuck "compensation_stuck",
        StepStuck "step_stuck",
        EventTaken "event_taken",
        Reacted "reacted",
        EventKept "event_kept",
        CommandSent "command_sent",
        CommandRejected "command_rejected",
        DeadlineMissed "deadline_missed",
        Suspended "suspended",
        Resumed "resumed",
        Completed "completed",
        CompensatedFully "compensated_fully",
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        encode_fields(self)
    }

    fn from_payload(kind: &'static EventKind, payload: &Payload) -> Result<Self, PayloadError> {
        decode_fields(kind, payload)
    }
}

impl CommandIntent {
    /// The fields as a command reads them.
    ///
    /// # Errors
    /// [`EncodeError`] never in practice: JSON can be written as JSON.
    pub fn payload(&self) -> Result<Payload, EncodeError> {
        let payload = Payload::json(&self.body)?;
        debug_assert_eq!(payload.encoding, Encoding::JSON);
        Ok(payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_holds_the_fields_alone() {
        let event = SagaEvent::StepRejected { step: "charge".into(), reason: "declined".into() };
        let payload = event.encode().unwrap();
        assert_eq!(&payload.data[..], br#"{"reason":"declined","step":"charge"}"#);
        assert_eq!(event.kind().name, "$saga.step_rejected");
        assert_eq!(SagaEvent::from_payload(event.kind(), &payload).unwrap(), event);
        let end = SagaEvent::Completed {};
        assert_eq!(&end.encode().unwrap().data[..], b"{}");
        assert_eq!(SagaEvent::from_payload(end.kind(), &end.encode().unwrap()).unwrap(), end);
    }
}
