use annals_core::saga::{Cause, CommandIntent, Definition, Outgoing, SagaEvent, Way};
use annals_core::{Category, CommandId, Encoding, Event, Json, Payload, Position, StreamId, Tenant, Timestamp};
use serde::Deserialize;

use crate::support::{golden, hex};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sagas {
    #[serde(rename = "about")]
    _about: String,
    namespace: String,
    ids: Vec<Instance>,
    events: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Instance {
    tenant: String,
    saga: String,
    key: String,
    stream_key: String,
    instance: String,
    commands: Vec<Command>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    step: String,
    number: usize,
    way: Way,
    hashed_name: String,
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    schema_version: u32,
    body: String,
}

#[test]
fn the_ids_of_a_saga_derive_from_its_stream() {
    let golden: Sagas = golden!("sagas");
    for case in golden.ids {
        let category = Category::new(format!("$saga.{}", case.saga)).unwrap();
        let stream = StreamId::of(Tenant::new(&case.tenant).unwrap(), category, &case.key).unwrap();
        assert_eq!(hex(stream.key().as_bytes()), case.stream_key);
        let instance = Definition::<()>::instance_id(&stream);
        assert_eq!(instance.to_string(), case.instance);
        let namespace = golden.namespace.parse().unwrap();
        assert_eq!(instance, uuid::Uuid::new_v5(&namespace, stream.key().as_bytes()));
        for command in case.commands {
            let id = Definition::<()>::command_id(&stream, &command.step, command.number, command.way);
            assert_eq!(id.to_string(), command.id);
            assert_eq!(id, CommandId::from_uuid(instance).derive(&command.hashed_name));
            if command.number == 0 {
                let key = Definition::<()>::idempotency_key(&stream, &command.step, command.way);
                assert_eq!(key.to_string(), command.id, "a call of the outside world counts as the first command");
            }
        }
    }
}

#[test]
fn the_events_of_a_saga_are_those_of_the_golden_file() {
    let golden: Sagas = golden!("sagas");
    for kind in SagaEvent::KINDS {
        assert!(golden.events.iter().any(|case| case.name == kind.name), "{}", kind.name);
    }
    let events = every_event();
    assert_eq!(events.len(), golden.events.len());
    for (event, case) in events.into_iter().zip(golden.events) {
        let kind = event.kind();
        assert_eq!((kind.name, kind.version), (case.name.as_str(), case.schema_version));
        // The order of the members is free: it is that of a map of serde_json, whose features others may choose.
        let body: Json = serde_json::from_str(&case.body).unwrap();
        assert_eq!(event.encode().unwrap().read::<Json>().unwrap(), body, "{}", case.name);
        let payload = Payload { encoding: Encoding::JSON, data: case.body.into() };
        assert_eq!(SagaEvent::from_payload(kind, &payload).unwrap(), event, "{}", case.name);
    }
}

/// Each kind of event, with and without what it may leave out, in the order of the golden file.
fn every_event() -> Vec<SagaEvent> {
    let (charge, reserve, ship) = (|| "charge".to_owned(), || "reserve_stock".to_owned(), || "ship".to_owned());
    let moment = Timestamp::from_micros(1_700_000_000_123_456);
    let order = || Json::Object([("order".to_owned(), "A-17".into())].into_iter().collect());
    let id = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f".parse().unwrap();
    let place = |position| Position::new(position).unwrap();
    let outgoing = Outgoing { id, aggregate: "stock".into(), name: reserve(), body: order(), due: moment };
    let command = || CommandIntent { id, name: reserve(), body: order() };
    vec![
        SagaEvent::Started { definition: 1, data: order(), deadline: Some(moment) },
        SagaEvent::Started { definition: 1, data: Json::Null, deadline: None },
        SagaEvent::StepDispatched { step: reserve(), commands: vec![command()], deadline: Some(moment) },
        SagaEvent::StepDispatched { step: charge(), commands: vec![], deadline: None },
        SagaEvent::StepSucceeded { step: charge(), outcome: "P-1".into() },
        SagaEvent::StepSucceeded { step: reserve(), outcome: Json::Null },
        SagaEvent::AttemptFailed { step: charge(), way: Way::Undo, attempt: 1, error: "no route".into(), retry_at: moment },
        SagaEvent::StepRejected { step: charge(), reason: "declined".into() },
        SagaEvent::StepDeclined { step: charge(), reason: "declined".into() },
        SagaEvent::StepUnknown { step: charge(), reason: "timeout".into() },
        SagaEvent::PivotPassed { step: ship() },
        SagaEvent::CompensationStarted { cause: Cause::Rejected { step: charge() } },
        SagaEvent::CompensationStarted { cause: Cause::Unknown { step: charge() } },
        SagaEvent::CompensationStarted { cause: Cause::Deadline },
        SagaEvent::CompensationDispatched { step: reserve(), commands: vec![command()] },
        SagaEvent::CompensationDispatched { step: charge(), commands: vec![] },
        SagaEvent::Compensated { step: charge() },
        SagaEvent::CompensationStuck { step: charge(), attempts: 9 },
        SagaEvent::StepStuck { step: ship(), attempts: 9 },
        SagaEvent::DeadlineMissed {},
        SagaEvent::Suspended { step: charge(), way: Way::Do, reason: "panic".into() },
        SagaEvent::Resumed { actor: "ann".into(), reason: "repaired".into() },
        SagaEvent::Completed {},
        SagaEvent::CompensatedFully {},
        SagaEvent::EventTaken { step: charge(), at: place(17), outcome: "P-1".into(), refused: None },
        SagaEvent::EventTaken { step: charge(), at: place(18), outcome: Json::Null, refused: Some("declined".into()) },
        SagaEvent::Reacted { at: Some(place(19)), data: order(), outgoing: vec![outgoing], ends: true },
        SagaEvent::Reacted { at: None, data: Json::Null, outgoing: vec![], ends: false },
        SagaEvent::EventKept { at: place(20) },
        SagaEvent::CommandSent { command: id },
        SagaEvent::CommandRejected { command: id, name: reserve(), reason: "none left".into() },
    ]
}
