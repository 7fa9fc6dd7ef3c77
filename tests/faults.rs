//! Whatever the store does to an application, at whatever call: every saga ends, nothing is lost, nothing happens twice.

mod support;

use std::convert::Infallible;
use std::sync::Arc;

use annals::prelude::*;
use annals::saga::{Definition, InvalidSaga, Phase, StepError};
use annals::store::ReadLog;
use annals::{EventStore, Filter, StartError};
use annals_testing::{Fault, FaultPlan, Operation, TestEnv};
use serde::{Deserialize, Serialize};
use support::faults::*;
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

/// Four transfers, of which two are undone.
struct Transfers;

impl Work for Transfers {
    async fn start(store: Arc<dyn EventStore>, test: &TestEnv) -> Result<App, StartError> {
        let app = App::new(store).env(test.env()).aggregate::<Account>().projection::<Totals>();
        app.saga_with(transfer()).start().await
    }

    async fn ask(app: &App) -> TestResult {
        insist(app, 7, || deposit("from", 100)).await?;
        for key in TRANSFERS {
            let transfer = Transfer { key: key.into() };
            if app.saga::<Transfer>()?.start(key, &transfer).await.is_err() {
                app.saga::<Transfer>()?.start(key, &transfer).await?;
            }
        }
        Ok(())
    }

    async fn check(app: &App, store: &dyn EventStore) {
        let balance = async |account: &str| app.load::<Account>(&account.to_owned()).await.unwrap().state.balance;
        assert_eq!((balance("from").await, balance("to").await), (80, 20));
        for (key, phase) in TRANSFERS.iter().zip([Phase::Completed, Phase::Compensated, Phase::Compensated, Phase::Completed]) {
            let ended = app.saga::<Transfer>().unwrap().get(key).await.unwrap().unwrap();
            assert_eq!(ended.phase(), phase, "{key}");
        }
        let page = store.read_log(ReadLog::new(Filter::all())).await.unwrap();
        let mut names: Vec<_> = page.events.iter().map(|event| event.name.as_str()).collect();
        names.sort_unstable();
        let (deposited, withdrawn) = ("account.deposited", "account.withdrawn");
        assert_eq!(names, [deposited, deposited, deposited, deposited, withdrawn, withdrawn, withdrawn], "each step once");
        let totals = app.view::<Totals>().unwrap().single().await.unwrap();
        assert_eq!(totals, Totals { events: 7, deposited: 130, withdrawn: 30 }, "each event once");
    }
}

#[tokio::test]
async fn each_append_and_commit_may_fail_or_be_the_last_of_its_process() {
    let Calls { appends, commits, .. } = let_each_write_fail::<Transfers>().await;
    assert!(appends >= 14 && commits >= 1, "{appends} appends, {commits} commits");
}

#[tokio::test]
async fn each_read_may_fail_or_be_the_last_of_its_process() {
    let calls = let_each_read_fail::<Transfers>().await;
    assert!(calls.reads >= 1);
}

#[tokio::test]
async fn two_crashes_in_a_row_are_survived() {
    let calls = suffer::<Transfers>(FaultPlan::new()).await;
    for n in 1..calls.appends {
        let plan = FaultPlan::new().on(Operation::Append, n, Fault::CrashAfter).on(Operation::Append, n + 1, Fault::CrashBefore);
        suffer::<Transfers>(plan.on(Operation::Append, n + 2, Fault::LoseReply)).await;
    }
}
