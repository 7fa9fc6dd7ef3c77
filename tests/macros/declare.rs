//! Commands that are declared by the methods that decide on them.

use std::convert::Infallible;

use annals::prelude::*;
use annals::{Behaviour, CommandId, CorrelationId, Handle, Metadata, Services, StreamId, Timestamp, Version};

#[derive(Event, Debug, PartialEq)]
pub(crate) enum AccountEvent {
    Opened { owner: String },
    Deposited { amount: u64, account: String },
}

#[derive(Debug, PartialEq)]
pub(crate) struct Unknown;

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("unknown")
    }
}

impl std::error::Error for Unknown {}

/// What has a type of its own, not the text form.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Number(u64);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "N{}", self.0)
    }
}

pub(crate) struct Rate(u64);

#[aggregate(id = Number, event = AccountEvent)]
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// An aggregate may hold the command that waits.
    waiting: Option<Close>,
}

#[aggregate]
impl Account {
    /// Opens it.
    #[command(pub(crate) Open, derive(Clone, Debug, PartialEq))]
    #[serde(rename_all = "camelCase")]
    fn open(
        &self,
        /// Who it belongs to.
        #[serde(default)]
        mut owner_name: String,
        _reason: Option<String>,
    ) -> Result<AccountEvent, Infallible> {
        owner_name.push('!');
        Ok(AccountEvent::Opened { owner: owner_name })
    }

    #[prepare]
    async fn rate(command: &Deposit, rate: &Rate) -> Result<u64, Unknown> {
        if command.amount == 0 { Err(Unknown) } else { Ok(rate.0) }
    }

    #[command(Deposit, name = "account.deposit")]
    fn deposit(&self, amount: u64, id: &Number, context: &Context, rate: &u64) -> Result<AccountEvent, Unknown> {
        assert_eq!(context.stream.id(), id.to_string());
        Ok(AccountEvent::Deposited { amount: amount * rate, account: id.to_string() })
    }

    #[command(Rename)]
    fn rename(&self, r#type: String, id: Number) -> Result<Vec<AccountEvent>, Infallible> {
        Ok(vec![AccountEvent::Opened { owner: format!("{type} {id}", type = r#type) }])
    }

    #[command(Close, derive(Debug))]
    fn close(&self) -> Result<[AccountEvent; 0], Infallible> {
        Ok([])
    }

    #[cfg(any())]
    #[command(NotHere)]
    fn not_here(&self, amount: Missing) -> Result<AccountEvent, Infallible> {}

    /// What is written by hand stays as it is.
    #[command]
    fn reopen(&self, _: Reopen) -> Result<[AccountEvent; 0], Infallible> {
        Ok([])
    }

    #[event]
    fn evolve(&mut self, event: &AccountEvent) {
        if let AccountEvent::Opened { .. } = event {
            self.waiting = Some(Close { id: Number(0) });
        }
    }
}

#[derive(Command)]
pub(crate) struct Reopen {
    #[id]
    account: Number,
}

fn context() -> Context {
    let metadata = Metadata::new(Timestamp::EPOCH, CorrelationId::from_bytes([1; 16]));
    Context::new(CommandId::from_bytes([1; 16]), StreamId::new("account", "N7").unwrap(), Version::default(), metadata)
}

#[test]
fn the_parameters_are_the_fields() {
    let open = Open { id: Number(7), owner_name: "Ann".into(), reason: None };
    assert_eq!(open.clone().id(), &Number(7));
    let decided = Account::default().decide(open, &(), &context()).unwrap();
    assert_eq!(decided, [AccountEvent::Opened { owner: "Ann!".into() }]);
}

#[test]
fn it_is_made_in_a_line_of_the_id_and_the_parameters_in_their_order() {
    const CLOSE: Close = Close::new(Number(7));
    assert_eq!(CLOSE.id(), &Number(7));
    assert_eq!(Open::new(Number(7), "Ann".into(), None), Open { id: Number(7), owner_name: "Ann".into(), reason: None });
    assert_eq!(Rename::new(Number(7), "savings".into()).r#type, "savings");
    assert_eq!(Deposit::new(Number(7), 2).amount, 2);
}

#[test]
fn a_declared_command_is_stored_as_a_written_one() {
    let open = Open { id: Number(7), owner_name: "Ann".into(), reason: Some("new".into()) };
    let payload = open.encode().unwrap();
    assert_eq!(payload.data, r#"{"id":7,"ownerName":"Ann","reason":"new"}"#);
    assert_eq!(Open::decode(&payload).unwrap(), open);

    let close = Close { id: Number(7) }.encode().unwrap();
    assert_eq!(close.data, r#"{"id":7}"#);
    assert_eq!(Open::decode(&close).unwrap().owner_name, "");
    assert_eq!(Rename { id: Number(1), r#type: "x".into() }.encode().unwrap().data, r#"{"id":1,"type":"x"}"#);
}

#[test]
fn declared_commands_have_names_and_are_known() {
    let names: Vec<_> = Account::COMMANDS.iter().map(|command| command.name).collect();
    assert_eq!(names, ["open", "account.deposit", "rename", "close", "reopen"]);
    assert_eq!(Reopen { account: Number(1) }.id(), &Number(1));
}

#[tokio::test]
async fn id_context_and_facts_are_no_fields() {
    let deposit = || Deposit { id: Number(7), amount: 2 };
    let mut services = Services::default();
    services.insert(Rate(3));
    let facts = <Account as Handle<Deposit>>::prepare(&deposit(), &services).await.unwrap();
    let decided = Account::default().decide(deposit(), &facts, &context()).unwrap();
    assert_eq!(decided, [AccountEvent::Deposited { amount: 6, account: "N7".into() }]);
}

#[test]
fn the_id_may_be_taken_whole() {
    let rename = Rename { id: Number(7), r#type: "savings".into() };
    let decided = Account::default().decide(rename, &(), &context()).unwrap();
    assert_eq!(decided, [AccountEvent::Opened { owner: "savings N7".into() }]);
}

#[test]
fn the_method_stays_a_method() {
    let mut account = Account::default();
    let opened = account.open("Ann".into(), None).unwrap();
    account.evolve(&opened);
    assert_eq!(account.waiting.unwrap().id, Number(0));
}

/// A declared command is seen by whoever sees its method, unless the mark says otherwise.
mod elsewhere {
    use super::*;

    #[derive(Event)]
    pub(crate) enum DoorEvent {
        Opened,
    }

    #[aggregate(id = String, event = DoorEvent)]
    #[derive(Default)]
    pub(crate) struct Door;

    #[aggregate]
    impl Door {
        #[command(OpenDoor)]
        pub(crate) fn open(&self, key: u64) -> Result<Option<DoorEvent>, Infallible> {
            Ok((key == 7).then_some(DoorEvent::Opened))
        }

        #[event]
        fn evolve(&mut self, _event: &DoorEvent) {}
    }
}

#[test]
fn a_command_is_seen_by_whoever_sees_its_method() {
    let open = elsewhere::OpenDoor::new("front".into(), 7);
    assert_eq!((open.id.as_str(), open.key), ("front", 7));
    assert!(matches!(elsewhere::Door.open(open.key), Ok(Some(elsewhere::DoorEvent::Opened))));
}
