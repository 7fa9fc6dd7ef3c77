//! What happened to an instance of a saga, as a diagram for operators.

#[path = "describe/lines.rs"]
mod lines;

use std::time::Duration;

use annals::describe::history;
use annals::saga::{Cause, CommandIntent, Outgoing, SagaEvent, Way};
use annals::{
    AppendId, CommandId, CorrelationId, EventId, Json, LogId, Metadata, NewEvent, Position, Recorded, RecordedEvent, StreamId,
    Timestamp, Version,
};
use proptest::prelude::*;
use serde_json::json;

/// When the instances began.
const BEGAN: i64 = 1_767_225_600_000_000;

/// An event of an instance, so many milliseconds after it began.
fn recorded(key: &str, after: u64, event: SagaEvent) -> Recorded<SagaEvent> {
    let began = Timestamp::from_micros(BEGAN);
    let at = began.after(Duration::from_millis(after));
    let metadata = Metadata::new(at, CorrelationId::from_bytes([7; 16])).encode();
    let new = NewEvent::new(EventId::from_bytes([7; 16]), &event, &metadata).unwrap();
    let record = RecordedEvent {
        log: LogId::MAIN,
        position: Position::FIRST,
        stream: StreamId::new("$saga.checkout", key).unwrap(),
        version: Version::FIRST,
        id: new.id,
        append_id: AppendId::from_bytes([7; 16]),
        name: new.name,
        schema_version: new.schema_version,
        payload: new.payload,
        metadata,
        tags: Vec::new(),
        recorded_at: at,
    };
    Recorded { event, record }
}

fn dispatched(step: &str, commands: &[&str]) -> SagaEvent {
    SagaEvent::StepDispatched { step: step.into(), commands: intents(commands), deadline: None }
}

fn undoing(step: &str, commands: &[&str]) -> SagaEvent {
    SagaEvent::CompensationDispatched { step: step.into(), commands: intents(commands) }
}

fn done(step: &str, outcome: Json) -> SagaEvent {
    SagaEvent::StepSucceeded { step: step.into(), outcome }
}

fn intents(names: &[&str]) -> Vec<CommandIntent> {
    let intent = |name: &&str| CommandIntent { id: CommandId::from_bytes([7; 16]), name: (*name).into(), body: Json::Null };
    names.iter().map(intent).collect()
}

fn failed(step: &str, way: Way, attempt: u32, error: &str) -> SagaEvent {
    SagaEvent::AttemptFailed { step: step.into(), way, attempt, error: error.into(), retry_at: Timestamp::from_micros(0) }
}

fn drawn(happened: Vec<(u64, SagaEvent)>) -> String {
    let events: Vec<_> = happened.into_iter().map(|(after, event)| recorded("A-17", after, event)).collect();
    let diagram = history(&events).to_mermaid();
    lines::assert_well_formed(&diagram);
    diagram
}

macro_rules! assert_snapshot {
    ($name:literal, $text:expr) => {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn an_instance_that_went_back_is_drawn_as_it_happened() {
    let diagram = drawn(vec![
        (0, SagaEvent::Started { definition: 2, data: Json::Null, deadline: None }),
        (0, dispatched("reserve", &["reserve", "reserve", "place_order"])),
        (3, done("reserve", Json::Null)),
        (3, dispatched("charge", &[])),
        (250, failed("charge", Way::Do, 1, "the gateway \"paid\" does not answer; try later")),
        (1_500, done("charge", json!({ "payment": 7 }))),
        (1_500, dispatched("book", &[])),
        (61_999, SagaEvent::StepUnknown { step: "book".into(), reason: "its deadline passed".into() }),
        (61_999, SagaEvent::CompensationStarted { cause: Cause::Unknown { step: "book".into() } }),
        (61_999, undoing("book", &[])),
        (62_000, failed("book", Way::Undo, 1, &"x".repeat(200))),
        (362_000, SagaEvent::CompensationStuck { step: "book".into(), attempts: 40 }),
        (400_000, SagaEvent::Suspended { step: "book".into(), way: Way::Undo, reason: "it panicked".into() }),
        (90_000_000, SagaEvent::Resumed { actor: "Ann".into(), reason: "the courier was told".into() }),
        (90_000_001, SagaEvent::Compensated { step: "book".into() }),
        (90_000_001, undoing("reserve", &["release", "release"])),
        (90_000_002, SagaEvent::Compensated { step: "reserve".into() }),
        (90_000_002, SagaEvent::CompensatedFully {}),
    ]);
    assert_snapshot!("history_back", diagram);
}

#[test]
fn an_instance_that_completed_is_drawn_as_it_happened() {
    let diagram = drawn(vec![
        (0, SagaEvent::Started { definition: 1, data: Json::Null, deadline: None }),
        (0, dispatched("ship", &["ship"])),
        (1, done("ship", Json::Null)),
        (1, SagaEvent::PivotPassed { step: "ship".into() }),
        (1, dispatched("tell", &[])),
        (300_000, SagaEvent::StepStuck { step: "tell".into(), attempts: 12 }),
        (1_800_000, SagaEvent::DeadlineMissed {}),
        (1_900_000, done("tell", Json::Null)),
        (1_900_000, SagaEvent::Completed {}),
    ]);
    assert_snapshot!("history_forward", diagram);
}

#[test]
fn an_instance_that_waits_is_drawn_as_it_happened() {
    let taken = |step: &str, refused: Option<&str>| SagaEvent::EventTaken {
        step: step.into(),
        at: Position::FIRST,
        outcome: if refused.is_none() { json!(7) } else { Json::Null },
        refused: refused.map(str::to_owned),
    };
    let diagram = drawn(vec![
        (0, SagaEvent::Started { definition: 1, data: Json::Null, deadline: None }),
        (0, dispatched("paid", &[])),
        (5, taken("paid", None)),
        (5, done("paid", json!(7))),
        (5, dispatched("confirmed", &[])),
        (9, taken("confirmed", Some("changed my mind"))),
        (9, SagaEvent::StepRejected { step: "confirmed".into(), reason: "changed my mind".into() }),
        (9, SagaEvent::CompensationStarted { cause: Cause::Rejected { step: "confirmed".into() } }),
        (9, SagaEvent::CompensatedFully {}),
    ]);
    assert_snapshot!("history_waiting", diagram);
}

#[test]
fn an_instance_that_reacts_is_drawn_as_it_happened() {
    let id = |number| CommandId::from_bytes([number; 16]);
    let command = |number, name: &str, due: u64| Outgoing {
        id: id(number),
        aggregate: "stock".into(),
        name: name.into(),
        body: Json::Null,
        due: Timestamp::from_micros(BEGAN).after(Duration::from_millis(due)),
    };
    let reacted = |at: Option<u64>, outgoing: Vec<Outgoing>, ends| SagaEvent::Reacted {
        at: at.map(|at| Position::new(at).unwrap()),
        data: Json::Null,
        outgoing,
        ends,
    };
    let diagram = drawn(vec![
        (0, SagaEvent::Started { definition: 1, data: Json::Null, deadline: None }),
        (0, reacted(Some(17), vec![command(1, "reserve", 0), command(2, "remind", 86_400_000)], false)),
        (1, failed("reserve", Way::Do, 1, "the store is away")),
        (2, SagaEvent::CommandSent { command: id(1) }),
        (3, SagaEvent::EventKept { at: Position::new(18).unwrap() }),
        (4, reacted(Some(18), vec![command(3, "hand_over", 4)], false)),
        (5, SagaEvent::CommandRejected { command: id(3), name: "hand_over".into(), reason: "not reserved".into() }),
        (5, reacted(None, Vec::new(), true)),
        (5, SagaEvent::Completed {}),
    ]);
    assert_snapshot!("history_reacting", diagram);
}

#[test]
fn nothing_has_happened_yet() {
    assert_eq!(history(&[]).to_mermaid(), "sequenceDiagram\n    participant saga as no instance\n");
}

proptest! {
    #[test]
    fn any_texts_give_a_well_formed_diagram(key in "[^\0]{1,40}", step: String, texts in proptest::collection::vec(any::<String>(), 6)) {
        let events = [
            SagaEvent::Started { definition: 1, data: Json::Null, deadline: None },
            dispatched(&step, &[&texts[0], &texts[1]]),
            failed(&step, Way::Do, 1, &texts[2]),
            done(&step, json!({ &texts[0]: &texts[3] })),
            SagaEvent::StepRejected { step: texts[1].clone(), reason: texts[4].clone() },
            SagaEvent::CompensationStarted { cause: Cause::Rejected { step: texts[1].clone() } },
            SagaEvent::Resumed { actor: texts[5].clone(), reason: texts[2].clone() },
        ];
        let events: Vec<_> = events.into_iter().map(|event| recorded(&key, 1, event)).collect();
        lines::assert_well_formed(&history(&events).to_mermaid());
    }
}
