//! Whatever the store does to an application, at whatever call: every saga ends, nothing is lost, nothing happens twice.

mod support;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use annals::prelude::*;
use annals::saga::{Definition, InvalidSaga, Phase, StepError};
use annals::store::ReadLog;
use annals::{Filter, MemoryStore, WaitError};
use annals_testing::{Fault, FaultPlan, FaultStore, Operation, TestEnv};
use serde::{Deserialize, Serialize};
use support::*;

const TRANSFERS: [&str; 4] = ["fine", "poor", "refused", "fine too"];

#[derive(Clone, Serialize, Deserialize)]
struct Transfer {
    key: String,
}

impl Transfer {
    fn amount(&self) -> u64 {
        if self.key == "poor" { 1_000 } else { 10 }
    }
}

fn transfer() -> Result<Definition<Transfer>, InvalidSaga> {
    Definition::<Transfer>::named("transfer")
        .step("withdraw")
        .command(|it: &Transfer| withdraw("from", it.amount()))
        .undo(|it: &Transfer| deposit("from", it.amount()))
        .step("stamp")
        .activity(
            |it| async move { if it.key == "refused" { Err("refused".to_owned())? } else { Ok::<_, StepError<String>>(()) } },
        )
        .undo_activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
        .step("deposit")
        .command(|it: &Transfer| deposit("to", it.amount()))
        .pivot()
        .build()
}

/// Starts the application and lets it do everything, as far as the store lets it.
async fn work(test: &TestEnv, store: &FaultStore) -> Result<(), Box<dyn std::error::Error>> {
    let app = App::new(Arc::new(store.clone()))
        .env(test.env())
        .aggregate::<Account>()
        .projection::<Totals>()
        .saga_with(transfer())
        .start()
        .await?;
    // A store that is gone for good is waited for; a process that has crashed does not wait.
    let crashed = async {
        while !store.has_crashed() {
            app.env().sleep_until(app.env().now().after(Duration::from_secs(1))).await;
        }
    };
    let done = tokio::select! {
        done = until_settled(&app) => done,
        () = crashed => Err("the process has crashed".into()),
    };
    app.shutdown(Duration::ZERO).await;
    done
}

async fn until_settled(app: &App) -> Result<(), Box<dyn std::error::Error>> {
    // Like a client that does not know whether its request arrived: the same request under the same id, again.
    let id = annals::CommandId::from_bytes([7; 16]);
    let funded = app.send(deposit("from", 100)).id(id).await;
    if let Err(error) = funded.map_err(Box::new) {
        let _ = app.send(deposit("from", 100)).id(id).await.map_err(|_| error)?;
    }
    for key in TRANSFERS {
        let transfer = Transfer { key: key.into() };
        if app.saga::<Transfer>()?.start(key, &transfer).await.is_err() {
            app.saga::<Transfer>()?.start(key, &transfer).await?;
        }
    }
    match app.settled().await {
        Err(WaitError::Read(_)) => Ok(app.settled().await?),
        done => Ok(done?),
    }
}

/// What must hold in the end, told from the sound store alone.
async fn check(test: &TestEnv, store: &FaultStore) {
    let sound = Arc::clone(store.sound());
    let app = App::new(sound.clone()).env(test.env()).aggregate::<Account>().projection::<Totals>().saga_with(transfer()).start();
    let app = app.await.unwrap();
    app.settled().await.unwrap();
    let balance = async |account: &str| app.load::<Account>(&account.to_owned()).await.unwrap().state.balance;
    assert_eq!((balance("from").await, balance("to").await), (80, 20));
    for (key, phase) in TRANSFERS.iter().zip([Phase::Completed, Phase::Compensated, Phase::Compensated, Phase::Completed]) {
        let ended = app.saga::<Transfer>().unwrap().get(key).await.unwrap().unwrap();
        assert_eq!(ended.phase(), phase, "{key}");
    }
    let page = sound.read_log(ReadLog::new(Filter::all())).await.unwrap();
    let mut names: Vec<_> = page.events.iter().map(|event| event.name.as_str()).collect();
    names.sort_unstable();
    let (deposited, withdrawn) = ("account.deposited", "account.withdrawn");
    assert_eq!(names, [deposited, deposited, deposited, deposited, withdrawn, withdrawn, withdrawn], "each step once");
    let totals = app.view::<Totals>().unwrap().single().await.unwrap();
    assert_eq!(totals, Totals { events: 7, deposited: 130, withdrawn: 30 }, "each event once");
    app.shutdown(Duration::from_secs(5)).await;
}

async fn suffer(plan: FaultPlan) -> (u64, u64, u64) {
    let test = TestEnv::seeded(1);
    let store = FaultStore::new(Arc::new(MemoryStore::new()), plan);
    test.run(async {
        let mut crashes = 0;
        while let Err(error) = work(&test, &store).await {
            assert!(store.has_crashed(), "{error}");
            crashes += 1;
            assert!(crashes < 10);
            store.restart();
        }
        check(&test, &store).await;
    })
    .await;
    (store.count(Operation::Append), store.count(Operation::Commit), store.count(Operation::Read))
}

#[tokio::test]
async fn each_append_and_commit_may_fail_or_be_the_last_of_its_process() {
    let (appends, commits, _) = suffer(FaultPlan::new()).await;
    assert!(appends >= 14 && commits >= 1, "{appends} appends, {commits} commits");
    for (operation, count) in [(Operation::Append, appends), (Operation::Commit, commits)] {
        for n in 1..=count {
            for fault in [Fault::Refuse, Fault::LoseRequest, Fault::LoseReply, Fault::CrashBefore, Fault::CrashAfter] {
                suffer(FaultPlan::new().on(operation, n, fault)).await;
            }
        }
    }
}

#[tokio::test]
async fn each_read_may_fail_or_be_the_last_of_its_process() {
    let (_, _, reads) = suffer(FaultPlan::new()).await;
    for n in 1..=reads {
        suffer(FaultPlan::new().on(Operation::Read, n, Fault::Refuse)).await;
        suffer(FaultPlan::new().on(Operation::Read, n, Fault::CrashBefore)).await;
    }
}

#[tokio::test]
async fn two_crashes_in_a_row_are_survived() {
    let (appends, ..) = suffer(FaultPlan::new()).await;
    for n in 1..appends {
        let plan = FaultPlan::new().on(Operation::Append, n, Fault::CrashAfter).on(Operation::Append, n + 1, Fault::CrashBefore);
        suffer(plan.on(Operation::Append, n + 2, Fault::LoseReply)).await;
    }
}
