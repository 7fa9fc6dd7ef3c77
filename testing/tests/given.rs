//! Given/when/then for aggregates and projections, without macros.

use annals_core::{
    Aggregate, Command, Context, DecodeError, Document, EncodeError, Event, EventKind, Evolve, Filter, Handle, Payload,
    PayloadError, PrepareError, Projection, RecordedEvent, Services, StreamId, Tag,
};
use annals_testing::{Given, given_projection};
use serde::{Deserialize, Serialize};

#[derive(Default)]
struct Account {
    balance: i64,
}

#[derive(Clone, Serialize, Deserialize)]
enum AccountEvent {
    Paid { amount: i64, to: String },
    Closed,
}

impl Event for AccountEvent {
    const KINDS: &'static [EventKind] = &[
        EventKind { name: "account.paid", version: 1, aliases: &[], upcasters: &[] },
        EventKind { name: "account.closed", version: 1, aliases: &[], upcasters: &[] },
    ];

    fn kind(&self) -> &'static EventKind {
        &Self::KINDS[usize::from(matches!(self, Self::Closed))]
    }

    fn tags(&self) -> Result<Vec<Tag>, annals_core::InvalidTag> {
        match self {
            Self::Paid { to, .. } => Ok(vec![Tag::new("to", to)?]),
            Self::Closed => Ok(Vec::new()),
        }
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        Payload::json(self)
    }

    fn from_payload(_: &'static EventKind, payload: &Payload) -> Result<Self, PayloadError> {
        payload.read()
    }
}

fn paid(amount: i64) -> AccountEvent {
    AccountEvent::Paid { amount, to: "A-1".into() }
}

impl Aggregate for Account {
    type Id = String;
    type Event = AccountEvent;
    const CATEGORY: &'static str = "account";
}

impl Evolve for Account {
    fn evolve(&mut self, event: &AccountEvent) {
        if let AccountEvent::Paid { amount, .. } = event {
            self.balance += amount;
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Withdraw {
    account: String,
    amount: i64,
}

impl Command for Withdraw {
    type Id = String;
    const NAME: &'static str = "withdraw";

    fn id(&self) -> &String {
        &self.account
    }

    fn duplicate(&self) -> Self {
        self.clone()
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        Payload::json(self)
    }

    fn decode(payload: &Payload) -> Result<Self, PayloadError> {
        payload.read()
    }
}

#[derive(Debug)]
enum Refused {
    TooLittle { balance: i64 },
    Fraud,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("there is too little on the account")
    }
}

impl std::error::Error for Refused {}

/// What the preparation asks for.
struct Fees(i64);

impl Handle<Withdraw> for Account {
    type Error = Refused;
    type Facts = i64;

    async fn prepare(command: &Withdraw, services: &Services) -> Result<i64, PrepareError<Refused>> {
        if command.account == "fraud" {
            return Err(PrepareError::Rejected(Refused::Fraud));
        }
        Ok(services.get::<Fees>()?.0)
    }

    fn decide(&self, command: Withdraw, fee: &i64, _: &Context) -> Result<Vec<AccountEvent>, Refused> {
        match command.amount {
            0 => Ok(Vec::new()),
            amount if amount + fee > self.balance => Err(Refused::TooLittle { balance: self.balance }),
            amount => Ok(vec![paid(-amount), paid(-fee)]),
        }
    }
}

fn withdraw(amount: i64) -> Withdraw {
    Withdraw { account: "A-1".into(), amount }
}

#[test]
fn what_happens_is_compared_with_what_should_happen() {
    Given::<Account>::events([paid(10)])
        .and([paid(5)])
        .when_with(withdraw(7), 1)
        .then([paid(-7), paid(-1)])
        .then_events(|events| assert_eq!(events.len(), 2))
        .then_state(|account| assert_eq!(account.balance, 7));
    Given::<Account>::nothing().when_with(withdraw(0), 1).then_nothing();
    Given::<Account>::events([paid(3)])
        .when_with(withdraw(3), 1)
        .then_rejected(Refused::TooLittle { balance: 3 })
        .then_error(|error| assert!(matches!(error, Refused::TooLittle { balance: 3 })))
        .then_state(|account| assert_eq!(account.balance, 3));
}

#[tokio::test]
async fn a_preparation_borrows_its_services() {
    let mut services = Services::default();
    services.insert(Fees(2));
    Given::<Account>::events([paid(9)]).when_prepared(withdraw(7), &services).await.then([paid(-7), paid(-2)]);
    let fraud = Withdraw { account: "fraud".into(), amount: 1 };
    Given::<Account>::nothing().when_prepared(fraud, &services).await.then_rejected(Refused::Fraud);
}

#[derive(Default, Serialize, Deserialize)]
struct Received {
    total: i64,
}

impl Projection for Received {
    const NAME: &'static str = "received";
    const VERSION: u32 = 1;

    fn filter() -> Filter {
        Filter::events::<AccountEvent>()
    }

    fn keys(event: &RecordedEvent) -> Result<Vec<String>, DecodeError> {
        Ok(match event.decode()? {
            AccountEvent::Paid { to, .. } => vec!["all".to_owned(), to],
            AccountEvent::Closed => vec![event.stream.id().to_owned()],
        })
    }

    fn apply(&mut self, event: &RecordedEvent, key: &str) -> Result<Document, DecodeError> {
        let AccountEvent::Paid { amount, .. } = event.decode()? else { return Ok(Document::Delete) };
        self.total += if key == "all" { -amount } else { amount };
        Ok(Document::Keep)
    }
}

#[test]
fn a_projection_is_tested_by_its_documents() {
    let to = |to: &str, amount| AccountEvent::Paid { amount, to: to.into() };
    given_projection::<Received>()
        .events_of::<Account>(&"A-1".to_owned(), [to("x", 1), to("y", 2)])
        .events(StreamId::new("account", "A-2").unwrap(), [to("x", 3)])
        .events(StreamId::new("$system", "1").unwrap(), [to("z", 9)])
        .then_document("all", |received| assert_eq!(received.total, -6))
        .then_document("x", |received| assert_eq!(received.total, 4))
        .then_document("y", |received| assert_eq!(received.total, 2))
        .then_no_document("z")
        .then_keys(["all", "x", "y"])
        .then_is("x", &Received { total: 4 });
}

#[test]
fn a_document_that_was_deleted_starts_anew() {
    let to = |to: &str, amount| AccountEvent::Paid { amount, to: to.into() };
    given_projection::<Received>()
        .events_of::<Account>(&"A-1".to_owned(), [to("A-1", 1), to("x", 1), AccountEvent::Closed])
        .events_of::<Account>(&"A-2".to_owned(), [AccountEvent::Closed])
        .then_no_document("A-1")
        .then_keys(["all", "x"])
        .events_of::<Account>(&"A-1".to_owned(), [to("A-1", 5)])
        .then_document("A-1", |received| assert_eq!(received.total, 5));
}
