//! Commands at the worst moment: panics, stale memory, repeats, shutdowns.

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use annals::prelude::*;
use annals::saga::{Definition, InvalidSaga, Phase};
use annals::store::AppendError;
use annals::{CommandId, Env, EventStore, MemoryStore, SendError};
use annals_testing::{Fault, FaultPlan, FaultStore, Operation, TestEnv};
use futures_util::FutureExt;
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

/// Stalls while it is prepared.
#[derive(Command)]
struct Stall {
    #[id]
    till: String,
}

#[derive(Default)]
struct Vouchers {
    used: AtomicBool,
}

/// What a command that stalls waits for.
#[derive(Default)]
struct Gate {
    reached: tokio::sync::Notify,
    open: tokio::sync::Notify,
    closed_for_good: bool,
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

    #[prepare]
    async fn stalls(_command: &Stall, gate: &Arc<Gate>) -> Result<u64, No> {
        if gate.closed_for_good {
            return Err(No);
        }
        gate.reached.notify_one();
        gate.open.notified().await;
        Ok(1)
    }

    #[command]
    fn stall(&self, _command: Stall, amount: &u64) -> Result<TillEvent, No> {
        Ok(TillEvent::Put { amount: *amount })
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
    App::new(store).aggregate::<Till>().service(Arc::new(Vouchers::default())).service(Arc::new(Gate::default()))
}

fn app_with(store: Arc<dyn EventStore>, gate: &Arc<Gate>) -> annals::AppBuilder {
    App::new(store).aggregate::<Till>().service(Arc::new(Vouchers::default())).service(Arc::clone(gate))
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
    let jams = Definition::<Round>::named("jams")
        .step("jam")
        .command(|_| vec![Jam { till: "t".into() }, Jam { till: "t".into() }])
        .nothing_to_undo()
        .build();
    let app = app(memory()).saga_with(jams).start().await?;
    app.saga::<Round>()?.start("r", &Round::default()).await?;
    app.settled().await?;
    assert!(app.saga::<Round>()?.get("r").await?.unwrap().instance.suspended.is_some());
    let asked = app.send(Ask { till: "t".into(), amount: 5 }).await;
    assert!(matches!(asked, Err(SendError::Rejected(No))), "{asked:?}");
    Ok(())
}

#[tokio::test]
async fn what_the_aggregate_cannot_take_in_is_never_stored() -> TestResult {
    let app = app(memory()).start().await?;
    app.send(put(5)).await?;
    let sent = app.send(Jam { till: "t".into() }).await;
    assert!(matches!(&sent, Err(SendError::Panicked { message, .. }) if message == "what it decided: jammed"), "{sent:?}");
    // Its history is as it was, and the aggregate goes on.
    app.send(Ask { till: "t".into(), amount: 5 }).await?;
    assert_eq!(app.load::<Till>(&"t".into()).await?.state.held, 5);
    Ok(())
}

#[tokio::test]
async fn what_may_have_been_stored_is_never_answered_as_not_stored() -> TestResult {
    for then in [Fault::Refuse, Fault::LoseRequest] {
        let test = TestEnv::seeded(1);
        let plan = FaultPlan::new().on(Operation::Append, 1, Fault::LoseReply);
        let plan = (2..9).fold(plan, |plan, n| plan.on(Operation::Append, n, then.clone()));
        let store = FaultStore::new(memory(), plan);
        let app = app(Arc::new(store.clone())).env(test.env()).start().await?;
        let sent = test.run(async { app.send(put(5)).await }).await;
        assert!(matches!(sent, Err(SendError::Append(AppendError::Unknown(_)))), "{then:?} {sent:?}");
    }
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

/// A saga with one command, which stalls.
fn stalls(timeout: Duration) -> Result<Definition<Round>, InvalidSaga> {
    let stall = |_: &Round| Stall { till: "t".into() };
    Definition::<Round>::named("stalls").step("stall").command(stall).timeout(timeout).nothing_to_undo().build()
}

#[tokio::test]
async fn a_command_of_a_saga_that_has_moved_on_is_refused() -> TestResult {
    let store = memory();
    let gate = Arc::new(Gate::default());
    let slow = app_with(store.clone(), &gate).saga_with(stalls(Duration::from_secs(60))).start().await?;
    slow.saga::<Round>()?.start("r", &Round::default()).await?;
    gate.reached.notified().await;
    // Another process takes the same step, is refused, and ends the saga.
    let closed = Arc::new(Gate { closed_for_good: true, ..Gate::default() });
    let other = app_with(store, &closed).saga_with(stalls(Duration::from_secs(60))).start().await?;
    other.settled().await?;
    assert_eq!(other.saga::<Round>()?.get("r").await?.unwrap().phase(), Phase::Compensated);
    gate.open.notify_one();
    assert!(slow.shutdown(Duration::from_secs(60)).await, "what was begun ends");
    assert_eq!(other.load::<Till>(&"t".into()).await?.version.get(), 0);
    Ok(())
}

#[tokio::test]
async fn a_command_of_a_saga_that_takes_too_long_is_given_up() -> TestResult {
    let app = app(memory()).saga_with(stalls(Duration::from_millis(5))).start().await?;
    app.saga::<Round>()?.start("r", &Round::default()).await?;
    app.settled().await?;
    assert_eq!(app.saga::<Round>()?.get("r").await?.unwrap().phase(), Phase::Compensated);
    Ok(())
}

#[tokio::test]
async fn the_instances_of_a_tenant_are_listed_to_that_tenant_alone() -> TestResult {
    let gate = Arc::new(Gate::default());
    let app = app_with(memory(), &gate).saga_with(stalls(Duration::from_secs(60))).start().await?;
    let acme = annals::Tenant::new("acme")?;
    let (ours, theirs) = (app.saga::<Round>()?, app.saga::<Round>()?.tenant(acme));
    for key in ["a", "b", "c"] {
        theirs.start(key, &Round::default()).await?;
    }
    ours.start("d", &Round::default()).await?;
    assert_eq!(ours.running(1).await?, ["d"]);
    assert_eq!(theirs.running(9).await?, ["a", "b", "c"]);
    Ok(())
}

#[tokio::test]
async fn a_shutdown_ends_though_a_command_does_not() -> TestResult {
    let gate = Arc::new(Gate::default());
    let app = app_with(memory(), &gate).saga_with(stalls(Duration::from_secs(60))).start().await?;
    app.saga::<Round>()?.start("r", &Round::default()).await?;
    gate.reached.notified().await;
    // Begun, and polled again only after the shutdown.
    let mut held = app.send(Stall { till: "t".into() }).into_future();
    assert!((&mut held).now_or_never().is_none());
    assert!(!app.shutdown(Duration::from_millis(1)).await);
    let sent = held.await;
    assert!(matches!(sent, Err(SendError::Append(AppendError::Unknown(_)))), "{sent:?}");
    Ok(())
}

type Act = Box<dyn FnOnce() + Send>;

/// Does something when it is asked for randomness.
#[derive(Clone, Default)]
struct Meanwhile(Arc<Mutex<Option<Act>>>);

impl annals::Random for Meanwhile {
    fn next_u64(&self) -> u64 {
        let meanwhile = self.0.lock().unwrap().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
        annals::SystemRandom.next_u64()
    }
}

#[tokio::test]
async fn a_shutdown_that_has_finished_leaves_no_command_behind() -> TestResult {
    let meanwhile = Meanwhile::default();
    let env = Env::new(Arc::new(annals::SystemClock), Arc::new(meanwhile.clone()), Arc::new(annals::TokioExecutor));
    let store = memory();
    let app = app(store.clone()).env(env).start().await?;
    let finished = Arc::new(AtomicBool::new(false));
    let (closing, tells) = (app.clone(), Arc::clone(&finished));
    *meanwhile.0.lock().unwrap() = Some(Box::new(move || {
        let finished = closing.shutdown(Duration::from_secs(5)).now_or_never();
        tells.store(finished == Some(true), Ordering::SeqCst);
    }));
    let sent = app.send(put(1)).await;
    assert!(!(finished.load(Ordering::SeqCst) && sent.is_ok()), "it was sent after the shutdown had finished");
    Ok(())
}
