//! Commands at the worst moment: panics, stale memory, repeats.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use annals::prelude::*;
use annals::saga::Saga;
use annals::{CommandId, EventStore, MemoryStore, SendError};
use serde::{Deserialize, Serialize};
use support::TestResult;

#[derive(Debug, thiserror::Error, PartialEq)]
#[error("no")]
struct No;

#[derive(Event, Debug, PartialEq)]
enum TillEvent {
    Put { amount: u64 },
    Jammed,
}

#[derive(Command)]
struct Put {
    #[id]
    till: String,
    amount: u64,
}

/// Takes what it says is there, or the code has a defect.
#[derive(Command)]
struct Trust {
    #[id]
    till: String,
    amount: u64,
}

/// Is there so much?
#[derive(Command)]
struct Ask {
    #[id]
    till: String,
    amount: u64,
}

#[derive(Command)]
struct Jam {
    #[id]
    till: String,
}

/// Puts in what a voucher is worth.
#[derive(Command)]
struct Redeem {
    #[id]
    till: String,
}

#[derive(Default)]
struct Vouchers {
    used: AtomicBool,
}

#[aggregate(id = String, event = TillEvent)]
#[derive(Default, Debug)]
struct Till {
    held: u64,
}

#[aggregate]
impl Till {
    #[command]
    fn put(&self, command: Put) -> Result<TillEvent, No> {
        Ok(TillEvent::Put { amount: command.amount })
    }

    #[command]
    fn trust(&self, command: Trust) -> Result<TillEvent, No> {
        assert!(self.held >= command.amount, "it was said to be there");
        Ok(TillEvent::Put { amount: 1 })
    }

    #[command]
    fn ask(&self, command: Ask) -> Result<TillEvent, No> {
        if self.held < command.amount {
            return Err(No);
        }
        Ok(TillEvent::Put { amount: 0 })
    }

    #[command]
    fn jam(&self, _command: Jam) -> Result<Vec<TillEvent>, No> {
        Ok(vec![TillEvent::Put { amount: 5 }, TillEvent::Jammed])
    }

    #[prepare]
    async fn voucher(_command: &Redeem, vouchers: &Arc<Vouchers>) -> Result<u64, No> {
        if vouchers.used.swap(true, Ordering::SeqCst) { Err(No) } else { Ok(5) }
    }

    #[command]
    fn redeem(&self, _command: Redeem, worth: &u64) -> Result<TillEvent, No> {
        Ok(TillEvent::Put { amount: *worth })
    }

    #[event]
    fn evolve(&mut self, event: &TillEvent) {
        match event {
            TillEvent::Put { amount } => self.held += amount,
            TillEvent::Jammed => panic!("jammed"),
        }
    }
}

fn app(store: Arc<dyn EventStore>) -> annals::AppBuilder {
    App::new(store).aggregate::<Till>().service(Arc::new(Vouchers::default()))
}

fn memory() -> Arc<dyn EventStore> {
    Arc::new(MemoryStore::new())
}

fn put(amount: u64) -> Put {
    Put { till: "t".into(), amount }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Round {
    name: String,
}

#[tokio::test]
async fn a_panic_while_events_are_taken_in_leaves_nothing_of_them_in_memory() -> TestResult {
    let jams = Saga::<Round>::named("jams")
        .step("jam")
        .commands(|_| vec![Jam { till: "t".into() }, Jam { till: "t".into() }])
        .nothing_to_undo()
        .build();
    let app = app(memory()).saga(jams).start().await?;
    app.saga::<Round>()?.start("r", &Round::default()).await?;
    app.settled().await?;
    assert!(app.saga::<Round>()?.get("r").await?.unwrap().instance.suspended.is_some());
    let asked = app.send(Ask { till: "t".into(), amount: 5 }).await;
    assert!(matches!(asked, Err(SendError::Rejected(No))), "{asked:?}");
    Ok(())
}

#[tokio::test]
async fn what_was_stored_is_answered_as_stored_though_taking_it_in_panics() -> TestResult {
    let app = app(memory()).start().await?;
    let id = CommandId::generate(app.env());
    let sent = app.send(Jam { till: "t".into() }).id(id).await?;
    assert_eq!((sent.version.get(), sent.repeated), (2, false));
    let then = app.send(Ask { till: "t".into(), amount: 5 }).await;
    assert!(matches!(&then, Err(SendError::Panicked { message, .. }) if message == "jammed"), "{then:?}");
    Ok(())
}

#[tokio::test]
async fn what_is_kept_in_memory_never_panics_by_itself() -> TestResult {
    let store = memory();
    let (one, other) = (app(store.clone()).start().await?, app(store).start().await?);
    one.send(put(1)).await?;
    other.send(put(99)).await?;
    one.send(Trust { till: "t".into(), amount: 100 }).await?;
    Ok(())
}

#[tokio::test]
async fn a_command_sent_twice_answers_alike_though_its_preparation_would_now_refuse_it() -> TestResult {
    let app = app(memory()).start().await?;
    let id = CommandId::generate(app.env());
    let first = app.send(Redeem { till: "t".into() }).id(id).await?;
    let again = app.send(Redeem { till: "t".into() }).id(id).await?;
    assert!(again.repeated);
    assert_eq!(again.position, first.position);
    Ok(())
}
