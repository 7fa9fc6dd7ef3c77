use annals_core::{Category, Encoding, Event, Json, Payload, ScheduleEvent, StreamId, Tenant, Timestamp};
use serde::Deserialize;

use crate::support::{golden, hex};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Schedule {
    #[serde(rename = "about")]
    _about: String,
    stream: Stream,
    events: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stream {
    tenant: String,
    command_id: String,
    stream_key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    schema_version: u32,
    body: String,
}

#[test]
fn a_command_that_is_put_off_has_the_stream_of_the_golden_file() {
    let Schedule { stream, .. } = golden!("schedule");
    let category = Category::new(ScheduleEvent::CATEGORY).unwrap();
    let id = StreamId::of(Tenant::new(stream.tenant).unwrap(), category, stream.command_id).unwrap();
    assert_eq!(hex(id.key().as_bytes()), stream.stream_key);
}

#[test]
fn the_events_of_commands_that_are_put_off_are_those_of_the_golden_file() {
    let golden: Schedule = golden!("schedule");
    let due = Timestamp::from_micros(1_700_000_000_123_456);
    let body = Json::Object([("order".to_owned(), "A-17".into())].into_iter().collect());
    let events = [
        ScheduleEvent::Set { category: "order".into(), command: "cancel_order".into(), body, due },
        ScheduleEvent::AttemptFailed { attempt: 1, error: "no route".into(), retry_at: due },
        ScheduleEvent::Sent {},
        ScheduleEvent::Rejected { reason: "shipped".into() },
        ScheduleEvent::Cancelled {},
    ];
    assert_eq!(golden.events.len(), ScheduleEvent::KINDS.len());
    for (event, case) in events.into_iter().zip(golden.events) {
        let kind = event.kind();
        assert_eq!((kind.name, kind.version), (case.name.as_str(), case.schema_version));
        let body: Json = serde_json::from_str(&case.body).unwrap();
        assert_eq!(event.encode().unwrap().read::<Json>().unwrap(), body, "{}", case.name);
        let payload = Payload { encoding: Encoding::JSON, data: case.body.into() };
        assert_eq!(ScheduleEvent::from_payload(kind, &payload).unwrap(), event, "{}", case.name);
    }
}
