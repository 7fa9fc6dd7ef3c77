//! Sagas on the engine: crashes, defects, several processes.

mod support;

use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use annals::prelude::*;
use annals::saga::{Classify, Definition, IdempotencyKey, InvalidSaga, Phase, RetryPolicy, StepError};
use annals::{EventStore, Intervention, StartError};
use serde::{Deserialize, Serialize};
use support::*;

/// Moves money between accounts, and asks a clerk in between.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Transfer {
    from: String,
    to: String,
    amount: u64,
    stamp: Option<u32>,
}

type Answer = dyn Fn(u32) -> Result<u32, StepError<String>> + Send + Sync;

/// Answers by what the test says, and remembers the keys it was called under.
struct Clerk {
    answer: Box<Answer>,
    keys: Mutex<Vec<IdempotencyKey>>,
    undone: AtomicU32,
}

impl Clerk {
    fn new(answer: impl Fn(u32) -> Result<u32, StepError<String>> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { answer: Box::new(answer), keys: Mutex::default(), undone: AtomicU32::new(0) })
    }
}

fn transfer() -> Result<Definition<Transfer>, InvalidSaga> {
    Definition::<Transfer>::named("transfer")
        .step("withdraw")
        .command(|it| withdraw(&it.from, it.amount))
        .undo(|it| deposit(&it.from, it.amount))
        .step("stamp")
        .activity_with(|call, clerk: Arc<Arc<Clerk>>| async move {
            clerk.keys.lock().unwrap().push(call.key());
            (clerk.answer)(call.attempt())
        })
        .outcome(|it, stamp: u32| it.stamp = Some(stamp))
        .retry(RetryPolicy::attempts(3).backoff(Duration::from_millis(1), Duration::from_millis(2)))
        .undo_activity_with(|_, clerk: Arc<Arc<Clerk>>| async move {
            clerk.undone.fetch_add(1, Ordering::Relaxed);
            Ok::<_, StepError<Infallible>>(())
        })
        .step("deposit")
        .command(|it| deposit(&it.to, it.amount))
        .pivot()
        .build()
}

fn from_to(amount: u64) -> Transfer {
    Transfer { from: "from".into(), to: "to".into(), amount, stamp: None }
}

async fn office(store: Arc<dyn EventStore>, clerk: &Arc<Clerk>) -> Result<App, StartError> {
    App::new(store).aggregate::<Account>().service(Arc::clone(clerk)).saga_with(transfer()).start().await
}

async fn balances(app: &App) -> (u64, u64) {
    let balance = async |account: &str| app.load::<Account>(&account.to_owned()).await.unwrap().state.balance;
    (balance("from").await, balance("to").await)
}

#[tokio::test]
async fn what_fails_for_now_is_tried_again_under_the_same_key() -> TestResult {
    for fresh in stores().await {
        let clerk = Clerk::new(|attempt| if attempt < 3 { Err("busy").transient() } else { Ok(attempt) });
        let app = office(fresh.store.clone(), &clerk).await?;
        app.send(deposit("from", 10)).await?;
        app.saga::<Transfer>()?.start("t", &from_to(10)).await?;
        app.settled().await?;
        let ended = app.saga::<Transfer>()?.get("t").await?.unwrap();
        assert_eq!((ended.phase(), ended.state.stamp), (Phase::Completed, Some(3)));
        let keys = clerk.keys.lock().unwrap().clone();
        assert_eq!(keys.len(), 3);
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!(balances(&app).await, (0, 10));
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn what_may_have_happened_is_undone_and_what_was_refused_is_not() -> TestResult {
    for fresh in stores().await {
        for (class, undone) in [("unknown", 1), ("rejected", 0), ("exhausted", 1)] {
            let clerk = Clerk::new(move |_| match class {
                "unknown" => Err("the line went dead").unknown(),
                "rejected" => Err("no".to_owned())?,
                _ => Err("busy").transient(),
            });
            let app = office(fresh.store.clone(), &clerk).await?;
            app.send(deposit("from", 10)).await?;
            let before = balances(&app).await;
            app.saga::<Transfer>()?.start(class, &from_to(10)).await?;
            app.settled().await?;
            assert_eq!(app.saga::<Transfer>()?.get(class).await?.unwrap().phase(), Phase::Compensated);
            assert_eq!(clerk.undone.load(Ordering::Relaxed), undone, "{class}");
            assert_eq!(balances(&app).await, before);
            app.shutdown(Duration::from_secs(5)).await;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_defect_suspends_until_an_operator_lets_it_go_on() -> TestResult {
    for fresh in stores().await {
        let mended = Arc::new(AtomicU32::new(0));
        let works = Arc::clone(&mended);
        let clerk = Clerk::new(move |_| if works.load(Ordering::Relaxed) == 0 { panic!("out of ink") } else { Ok(1) });
        let app = office(fresh.store.clone(), &clerk).await?;
        app.send(deposit("from", 10)).await?;
        let sagas = app.saga::<Transfer>()?;
        sagas.start("t", &from_to(10)).await?;
        app.settled().await?;
        let suspended = sagas.get("t").await?.unwrap();
        assert_eq!(suspended.instance.suspended.as_deref(), Some("it panicked: out of ink"));
        assert_eq!(balances(&app).await, (0, 0), "nothing is undone");
        assert_eq!((sagas.suspended(9).await?, sagas.running(9).await?), (vec!["t".to_owned()], vec![]));
        mended.store(1, Ordering::Relaxed);
        sagas.resume("t", Intervention { actor: "ann", reason: "ink was bought" }).await?;
        app.settled().await?;
        assert_eq!(sagas.get("t").await?.unwrap().phase(), Phase::Completed);
        assert!(sagas.suspended(9).await?.is_empty());
        assert!(matches!(
            sagas.resume("t", Intervention { actor: "ann", reason: "again" }).await,
            Err(annals::SagaError::NotSuspended(_))
        ));
        assert!(matches!(
            sagas.resume("x", Intervention { actor: "ann", reason: "none" }).await,
            Err(annals::SagaError::NoInstance(_))
        ));
        assert_eq!(balances(&app).await, (0, 10));
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_that_run_one_saga_apply_each_step_once() -> TestResult {
    for fresh in stores().await {
        let clerk = Clerk::new(|_| Ok(1));
        let apps = [office(fresh.store.clone(), &clerk).await?, office(fresh.store.clone(), &clerk).await?];
        apps[0].send(deposit("from", 1_000)).await?;
        for at in 0..40 {
            let key = format!("t{at}");
            // Both start it, both may drive it.
            apps[at % 2].saga::<Transfer>()?.start(&key, &from_to(10)).await?;
            let again = apps[(at + 1) % 2].saga::<Transfer>()?.start(&key, &from_to(10)).await?;
            assert!(!again, "a key starts one instance");
        }
        apps[0].settled().await?;
        assert_eq!(balances(&apps[1]).await, (600, 400));
        for app in &apps {
            app.shutdown(Duration::from_secs(5)).await;
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_is_in_flight_at_the_shutdown_is_handed_back_and_goes_on() -> TestResult {
    for fresh in stores().await {
        let called = Arc::new(tokio::sync::Notify::new());
        let tell = Arc::clone(&called);
        let hanging = Definition::<Transfer>::named("transfer")
            .step("withdraw")
            .command(|it| withdraw(&it.from, it.amount))
            .undo(|it| deposit(&it.from, it.amount))
            .step("stamp")
            .activity(move |_| {
                tell.notify_one();
                std::future::pending::<Result<u32, StepError<Infallible>>>()
            })
            .pivot()
            .step("deposit")
            .command(|it| deposit(&it.to, it.amount))
            .build();
        let app = App::new(fresh.store.clone()).aggregate::<Account>().saga_with(hanging).start().await?;
        app.send(deposit("from", 10)).await?;
        app.saga::<Transfer>()?.start("t", &from_to(10)).await?;
        called.notified().await;
        assert!(!app.shutdown(Duration::from_millis(1)).await, "the activity hangs");
        let clerk = Clerk::new(|_| Ok(1));
        let app = office(fresh.store.clone(), &clerk).await?;
        app.settled().await?;
        assert_eq!(app.saga::<Transfer>()?.get("t").await?.unwrap().phase(), Phase::Completed);
        assert_eq!(balances(&app).await, (0, 10));
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn an_instance_of_another_definition_is_suspended_and_named() -> TestResult {
    for fresh in stores().await {
        let clerk = Clerk::new(|_| panic!("out of ink"));
        let app = office(fresh.store.clone(), &clerk).await?;
        app.send(deposit("from", 10)).await?;
        app.saga::<Transfer>()?.start("t", &from_to(10)).await?;
        app.settled().await?;
        app.shutdown(Duration::from_secs(5)).await;
        let newer =
            Definition::<Transfer>::named("transfer").version(2).step("other").command(|it| deposit(&it.to, 1)).pivot().build();
        let app = App::new(fresh.store.clone()).aggregate::<Account>().saga_with(newer).start().await?;
        let sagas = app.saga::<Transfer>()?;
        sagas.resume("t", Intervention { actor: "ann", reason: "a new version" }).await?;
        app.settled().await?;
        assert_eq!(sagas.suspended(9).await?, ["t"]);
        let reason = sagas.get("t").await?.unwrap().instance.suspended.unwrap();
        assert_eq!(reason, "the instance began under version 1 of the definition, the program has version 2");
        assert_eq!(balances(&app).await, (0, 0));
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_service_that_is_missing_is_named_before_anything_starts() -> TestResult {
    for fresh in stores().await {
        let refused = App::new(fresh.store.clone()).aggregate::<Account>().saga_with(transfer()).start().await;
        let Err(StartError::MissingService { needed_by, source }) = refused else { panic!("{refused:?}") };
        assert_eq!(needed_by, "the saga `transfer`");
        assert!(source.name.contains("Clerk"));
    }
    Ok(())
}

#[tokio::test]
async fn everything_that_a_saga_does_belongs_to_one_chain() -> TestResult {
    for fresh in stores().await {
        let clerk = Clerk::new(|_| Ok(1));
        let started_by_event = || {
            Definition::<Transfer>::named("sweep")
                .starts_on(|event: &AccountEvent, context| match event {
                    AccountEvent::Deposited { amount } if context.stream_id() == "from" => {
                        Some((format!("sweep-{}", context.version()), from_to(*amount)))
                    }
                    _ => None,
                })
                .step("withdraw")
                .command(|it| withdraw(&it.from, it.amount))
                .undo(|it| deposit(&it.from, it.amount))
                .step("deposit")
                .command(|it| deposit(&it.to, it.amount))
                .pivot()
                .build()
        };
        let app =
            App::new(fresh.store.clone()).aggregate::<Account>().service(clerk).saga_with(started_by_event()).start().await?;
        let sent = app.send(deposit("from", 10)).actor("ann").await?;
        app.settled().await?;
        assert_eq!(balances(&app).await, (0, 10));
        let everything = annals::Filter::all().union(annals::Filter::all());
        let page = fresh.store.read_log(annals::store::ReadLog::new(everything)).await?;
        assert_eq!(page.events.len(), 3);
        for event in &page.events {
            let metadata = event.metadata()?;
            assert_eq!(metadata.correlation_id, sent.command_id.into());
            assert_eq!(metadata.actor.as_deref(), Some("ann"));
        }
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn an_event_that_cannot_start_a_saga_is_named_and_not_tried_for_ever() -> TestResult {
    for fresh in stores().await {
        let by_length = Definition::<u64>::named("long")
            .starts_on(|event: &AccountEvent, _| match event {
                AccountEvent::Deposited { amount } => Some(("x".repeat(*amount as usize), *amount)),
                _ => None,
            })
            .step("take")
            .command(|amount: &u64| withdraw("a", *amount))
            .pivot()
            .build();
        let app = App::new(fresh.store.clone()).aggregate::<Account>().saga_with(by_length).start().await?;
        app.send(deposit("a", 5)).await?;
        app.settled().await?;
        app.send(deposit("a", 300)).await?;
        let Err(annals::WaitError::Failed { name, reason, .. }) = app.settled().await else { panic!("it cannot go on") };
        assert_eq!(name, "$saga.long");
        assert!(reason.contains("has 300 bytes, the limit is 255"), "{reason}");
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn the_history_of_an_instance_is_its_audit_log_and_can_be_projected() -> TestResult {
    #[derive(Default, Serialize, Deserialize)]
    struct Ends(u64);

    #[projection]
    impl Ends {
        #[on]
        fn saga(&mut self, event: &annals::saga::SagaEvent) {
            self.0 += u64::from(matches!(event, annals::saga::SagaEvent::Completed {}));
        }
    }

    for fresh in stores().await {
        let clerk = Clerk::new(|_| Ok(1));
        let app = App::new(fresh.store.clone())
            .aggregate::<Account>()
            .projection::<Ends>()
            .service(clerk)
            .saga_with(transfer())
            .start()
            .await?;
        app.send(deposit("from", 10)).await?;
        let sagas = app.saga::<Transfer>()?;
        sagas.start("t", &from_to(10)).await?;
        app.settled().await?;
        let history = sagas.history("t").await?;
        let names: Vec<_> = history.iter().map(|event| event.record.name.as_str().trim_start_matches("$saga.")).collect();
        let expected = [
            "started",
            "step_dispatched",
            "step_succeeded",
            "step_dispatched",
            "step_succeeded",
            "step_dispatched",
            "step_succeeded",
            "pivot_passed",
            "completed",
        ];
        assert_eq!(names, expected);
        assert_eq!(app.view::<Ends>()?.single().await?.0, 1);
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}
