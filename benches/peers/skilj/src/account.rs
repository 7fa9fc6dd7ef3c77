//! The domain.

use bench_harness::AMOUNT;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use skilj::{CommandType, EventType, Projection};
use skilj_core::event_store::Event;
use skilj_core::plugin::BoundedContextEvent;
use skilj_core::shared::{CommandDecision, EventSpec, TagMapping};

fn by_account() -> Vec<TagMapping> {
    vec![TagMapping::new("account", "id")]
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct OpenedPayload {
    id: String,
    owner: String,
    note: String,
}

pub struct Opened;

impl EventType for Opened {
    type Payload = OpenedPayload;
    const NAME: &'static str = "Opened";

    fn tag_mappings() -> Vec<TagMapping> {
        by_account()
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct DepositedPayload {
    id: String,
    amount: i64,
    balance: i64,
    note: String,
}

pub struct Deposited;

impl EventType for Deposited {
    type Payload = DepositedPayload;
    const NAME: &'static str = "Deposited";

    fn tag_mappings() -> Vec<TagMapping> {
        by_account()
    }
}

pub enum AccountEvent {
    Opened(OpenedPayload),
    Deposited(DepositedPayload),
}

impl BoundedContextEvent for AccountEvent {
    fn try_from_event(event: &Event) -> Option<Result<Self, serde_json::Error>> {
        match event.event_type.name.as_str() {
            "Opened" => Some(serde_json::from_str(&event.payload).map(Self::Opened)),
            "Deposited" => Some(serde_json::from_str(&event.payload).map(Self::Deposited)),
            _ => None,
        }
    }
}

fn rejected(kind: &str) -> CommandDecision {
    CommandDecision::Rejected { reason: kind.replace('_', " "), kind: kind.into() }
}

fn deposited(id: &str, balance: i64, note: &str) -> EventSpec {
    let payload = json!({ "id": id, "amount": AMOUNT, "balance": balance, "note": note });
    EventSpec { event_type: "Deposited".into(), payload }
}

/// Opens an account, together with its first deposits.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct OpenPayload {
    id: String,
    owner: String,
    note: String,
    events: u32,
}

pub struct Open;

impl CommandType for Open {
    type Payload = OpenPayload;
    type Event = AccountEvent;
    const NAME: &'static str = "Open";

    fn rest_trigger_allowed() -> bool {
        true
    }

    fn tag_mappings() -> Vec<TagMapping> {
        by_account()
    }

    fn decide(command: &OpenPayload, history: &[AccountEvent]) -> CommandDecision {
        if !history.is_empty() {
            return rejected("already_open");
        }
        let OpenPayload { id, owner, note, events } = command;
        let opened = EventSpec { event_type: "Opened".into(), payload: json!({ "id": id, "owner": owner, "note": note }) };
        let deposits = (1..i64::from(*events)).map(|number| deposited(id, AMOUNT * number, note));
        CommandDecision::Accepted { events: std::iter::once(opened).chain(deposits).collect() }
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct DepositPayload {
    id: String,
    note: String,
}

pub struct Deposit;

impl CommandType for Deposit {
    type Payload = DepositPayload;
    type Event = AccountEvent;
    const NAME: &'static str = "Deposit";

    fn rest_trigger_allowed() -> bool {
        true
    }

    fn tag_mappings() -> Vec<TagMapping> {
        by_account()
    }

    fn decide(command: &DepositPayload, history: &[AccountEvent]) -> CommandDecision {
        let (mut open, mut balance) = (false, 0);
        for event in history {
            match event {
                AccountEvent::Opened(_) => open = true,
                AccountEvent::Deposited(deposited) => balance += deposited.amount,
            }
        }
        if !open {
            return rejected("not_open");
        }
        CommandDecision::Accepted { events: vec![deposited(&command.id, balance + AMOUNT, &command.note)] }
    }
}

/// The read model: a row for each account.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
pub struct Counter {
    events: i64,
    total: i64,
}

pub struct Counters;

impl Projection for Counters {
    type State = Counter;
    type Event = AccountEvent;
    const NAME: &'static str = "Counters";

    fn consumed_event_types() -> Vec<&'static str> {
        vec!["Opened", "Deposited"]
    }

    fn keys(event: &AccountEvent) -> Vec<String> {
        match event {
            AccountEvent::Opened(opened) => vec![opened.id.clone()],
            AccountEvent::Deposited(deposited) => vec![deposited.id.clone()],
        }
    }

    fn project(counter: &mut Counter, event: &AccountEvent, _key: &str) {
        counter.events += 1;
        if let AccountEvent::Deposited(deposited) = event {
            counter.total += deposited.amount;
        }
    }
}
