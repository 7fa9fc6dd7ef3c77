//! What the book says without an example. Who makes one of these untrue has a sentence to change: it is named above each.

use std::sync::Arc;
use std::time::Duration;

use annals::prelude::*;
use annals::store::ViewName;
use annals::{CommandId, Health, MemoryStore, Tenant};
use annals_book::account::*;

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// A later version of the program: it knows one more event, and another form of one.
mod later {
    use annals::prelude::*;
    use annals::{Json, UpcastError};
    use serde::{Deserialize, Serialize};

    #[derive(Event)]
    pub(crate) enum AccountEvent {
        Opened {
            owner: String,
        },
        Deposited {
            amount: u64,
        },
        #[event(version = 2, upcast = [same])]
        Withdrawn {
            amount: u64,
        },
        Blocked,
    }

    fn same(body: Json) -> Result<Json, UpcastError> {
        Ok(body)
    }

    #[derive(Command)]
    pub(crate) struct Block {
        #[id]
        pub(crate) account: String,
    }

    #[derive(Command)]
    pub(crate) struct TakeAll {
        #[id]
        pub(crate) account: String,
    }

    #[aggregate(id = String, event = AccountEvent)]
    #[derive(Default)]
    pub(crate) struct Account {
        balance: u64,
    }

    #[aggregate]
    impl Account {
        #[command]
        fn block(&self, _command: Block) -> Result<AccountEvent, std::convert::Infallible> {
            Ok(AccountEvent::Blocked)
        }

        #[command]
        fn take_all(&self, _command: TakeAll) -> Result<AccountEvent, std::convert::Infallible> {
            Ok(AccountEvent::Withdrawn { amount: self.balance })
        }

        #[event]
        fn evolve(&mut self, event: &AccountEvent) {
            match event {
                AccountEvent::Deposited { amount } => self.balance += amount,
                AccountEvent::Withdrawn { amount } => self.balance -= amount,
                AccountEvent::Opened { .. } | AccountEvent::Blocked => {}
            }
        }
    }

    #[derive(Default, Serialize, Deserialize)]
    pub(crate) struct Totals {
        pub(crate) accounts: u64,
        pub(crate) money: u64,
        #[serde(default)]
        pub(crate) blocked: u64,
    }

    #[projection]
    impl Totals {
        #[on]
        fn account(&mut self, event: &AccountEvent) {
            match event {
                AccountEvent::Opened { .. } => self.accounts += 1,
                AccountEvent::Blocked => self.blocked += 1,
                AccountEvent::Deposited { .. } | AccountEvent::Withdrawn { .. } => {}
            }
        }
    }
}

async fn started(store: &Arc<MemoryStore>) -> App {
    App::new(store.clone()).aggregate::<Account>().projection::<Totals>().start().await.unwrap()
}

fn open(account: &str) -> OpenAccount {
    OpenAccount { id: account.into(), owner: account.into() }
}

fn deposit(account: &str, amount: u64) -> Deposit {
    Deposit { id: account.into(), amount }
}

/// evolution.md, "Old and new programs at once".
#[tokio::test]
async fn an_old_program_cannot_decide_on_what_a_new_one_has_written_and_its_projection_moves_past_it() -> TestResult {
    let store = Arc::new(MemoryStore::new());
    let old = started(&store).await;
    old.send(open("a")).await?;
    old.send(open("b")).await?;
    let new = App::new(store.clone()).aggregate::<later::Account>().start().await?;
    new.send(later::Block { account: "a".into() }).await?;

    let refused = old.send(deposit("a", 1)).await;
    assert!(matches!(refused, Err(SendError::Decode(_))), "{refused:?}");
    old.wait_for(&old.send(deposit("b", 1)).await?).await?;
    old.shutdown(Duration::from_secs(5)).await;

    // The new program goes on from the checkpoint of the old one, which is past the event.
    let new = App::new(store).aggregate::<later::Account>().projection::<later::Totals>().start().await?;
    new.settled().await?;
    let totals = new.view::<later::Totals>()?.single().await?;
    assert_eq!((totals.accounts, totals.money, totals.blocked), (2, 1, 0));
    Ok(())
}

/// evolution.md, "Old and new programs at once".
#[tokio::test]
async fn an_event_of_a_newer_schema_version_stops_the_projection_of_an_old_program() -> TestResult {
    let store = Arc::new(MemoryStore::new());
    let old = started(&store).await;
    old.send(open("a")).await?;
    let new = App::new(store).aggregate::<later::Account>().start().await?;
    let receipt = new.send(later::TakeAll { account: "a".into() }).await?;
    assert!(old.wait_for(&receipt).await.is_err());
    assert!(matches!(old.status()[0].health, Health::Failed(_)));
    Ok(())
}

/// commands.md, "Send it safely".
#[tokio::test]
async fn a_command_that_was_refused_is_decided_anew_under_its_id() -> TestResult {
    let app = annals_book::bank().await?;
    let id = CommandId::from_bytes([1; 16]);
    assert!(matches!(app.send(deposit("a", 1)).id(id).await, Err(SendError::Rejected(AccountError::NotOpen))));
    app.send(open("a")).await?;
    assert!(!app.send(deposit("a", 1)).id(id).await?.repeated);
    Ok(())
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Events(u64);

#[projection(per_stream)]
impl Events {
    #[on]
    fn account(&mut self, _event: &AccountEvent) {
        self.0 += 1;
    }
}

/// projections.md, "One document for each stream".
#[tokio::test]
async fn tenants_meet_in_one_document_of_a_stream_id() -> TestResult {
    let app = App::new(Arc::new(MemoryStore::new())).aggregate::<Account>().projection::<Events>().start().await?;
    app.send(open("a")).await?;
    app.send(open("a")).tenant(Tenant::new("acme")?).await?;
    app.settled().await?;
    assert_eq!(app.view::<Events>()?.get("a").await?.map(|it| it.0), Some(2));
    Ok(())
}

/// operating.md, "Rebuild a projection".
#[tokio::test]
async fn a_projection_that_was_reset_is_built_anew_by_the_next_application() -> TestResult {
    let store = Arc::new(MemoryStore::new());
    let app = started(&store).await;
    app.send(open("a")).await?;
    app.settled().await?;
    app.shutdown(Duration::from_secs(5)).await;
    let views = annals::EventStore::views(&*store).unwrap();
    views.reset(&ViewName::new(Totals::NAME)?, Totals::VERSION).await?;
    let app = started(&store).await;
    app.settled().await?;
    assert_eq!(app.view::<Totals>()?.single().await?.accounts, 1);
    Ok(())
}

/// sagas.md, "Start, and look".
#[tokio::test]
async fn a_saga_that_is_new_to_a_store_begins_instances_for_old_events() -> TestResult {
    use annals_book::checkout::Checkout;
    use annals_book::shop::*;

    let store = Arc::new(MemoryStore::new());
    let app = App::new(store.clone()).aggregate::<Order>().aggregate::<Stock>().start().await?;
    app.send(PlaceOrder { order: "A-17".into(), product: "lamp".into(), total: 40 }).await?;
    app.shutdown(Duration::from_secs(5)).await;

    let app =
        App::new(store).aggregate::<Order>().aggregate::<Stock>().service(Gateway::default()).saga::<Checkout>().start().await?;
    app.settled().await?;
    assert_eq!(app.load::<Order>(&"A-17".into()).await?.state, Order::Cancelled);
    Ok(())
}
