//! Documents of folded projections: an event for several of them, and documents that go and come back.

mod support;

use std::sync::Arc;
use std::time::Duration;

use annals::prelude::*;
use annals::{CommandId, Document, MemoryStore};
use annals_testing::{Fault, FaultPlan, FaultStore, Operation, TestEnv};
use serde::{Deserialize, Serialize};
use support::*;

/// What went through an account, under `account/<id>` until it is closed; and through all of them, under `all`.
#[derive(Default, Debug, PartialEq, Serialize, Deserialize)]
struct Flow {
    events: u64,
    net: i64,
}

#[projection]
impl Flow {
    #[on]
    fn account(&mut self, event: &AccountEvent, key: &str) -> Document {
        self.events += 1;
        match event {
            AccountEvent::Deposited { amount } => self.net += i64::try_from(*amount).unwrap(),
            AccountEvent::Withdrawn { amount } => self.net -= i64::try_from(*amount).unwrap(),
            AccountEvent::Closed if key != "all" => return Document::Delete,
            AccountEvent::Closed => {}
        }
        Document::Keep
    }

    #[key]
    fn of_account(_event: &AccountEvent, context: &EventContext<'_>) -> Vec<String> {
        vec!["all".into(), format!("account/{}", context.stream_id())]
    }
}

const A: &str = "account/a";

/// Two accounts are closed; one of them is heard of again. Each step is one commit of the projection.
async fn work(test: &TestEnv, store: &FaultStore) -> TestResult {
    let app = App::new(Arc::new(store.clone())).env(test.env()).aggregate::<Account>().projection::<Flow>().start().await?;
    let done = tokio::select! {
        done = steps(&app) => done,
        () = crash(&app, store) => Err("the process has crashed".into()),
    };
    app.shutdown(Duration::ZERO).await;
    done
}

async fn steps(app: &App) -> TestResult {
    // Like a client that knows what it has asked for: after a crash, the same requests under the same ids.
    let id = |step: u8| CommandId::from_bytes([step; 16]);
    app.wait_for(&app.send(deposit("a", 10)).id(id(1)).await?).await?;
    app.wait_for(&app.send(deposit("b", 5)).id(id(2)).await?).await?;
    app.wait_for(&app.send(Close { account: "b".into() }).id(id(3)).await?).await?;
    app.wait_for(&app.send(Close { account: "a".into() }).id(id(4)).await?).await?;
    app.wait_for(&app.send(withdraw("a", 4)).id(id(5)).await?).await?;
    Ok(())
}

async fn crash(app: &App, store: &FaultStore) {
    while !store.has_crashed() {
        app.env().sleep_until(app.env().now().after(Duration::from_secs(1))).await;
    }
}

/// Runs the steps under a plan of faults, and says how often the projection committed.
async fn suffer(plan: FaultPlan) -> u64 {
    let test = TestEnv::seeded(1);
    let store = FaultStore::new(Arc::new(MemoryStore::new()), plan);
    test.run(async {
        while let Err(error) = work(&test, &store).await {
            assert!(store.has_crashed(), "{error}");
            store.restart();
        }
        let app = App::new(Arc::clone(store.sound())).env(test.env()).projection::<Flow>().start().await.unwrap();
        let flow = app.view::<Flow>().unwrap();
        assert_eq!(flow.get("all").await.unwrap(), Some(Flow { events: 5, net: 11 }), "each event once");
        assert_eq!(flow.get(A).await.unwrap(), Some(Flow { events: 1, net: -4 }), "it starts anew after it was deleted");
        assert_eq!(flow.get("account/b").await.unwrap(), None);
        app.shutdown(Duration::ZERO).await;
    })
    .await;
    store.count(Operation::Commit)
}

#[tokio::test]
async fn documents_that_go_and_come_back_are_right_whichever_commit_fails_or_is_the_last_of_its_process() {
    let commits = suffer(FaultPlan::new()).await;
    assert_eq!(commits, 5);
    for n in 1..=commits {
        for fault in [Fault::Refuse, Fault::LoseRequest, Fault::LoseReply, Fault::CrashBefore, Fault::CrashAfter] {
            suffer(FaultPlan::new().on(Operation::Commit, n, fault)).await;
        }
    }
}

#[tokio::test]
async fn documents_that_go_and_come_back_within_one_page_are_right() -> TestResult {
    for fresh in stores().await {
        let app = App::new(fresh.store.clone()).aggregate::<Account>().start().await?;
        for account in ["a", "b"] {
            app.send(deposit(account, 10)).await?;
            app.send(Close { account: account.into() }).await?;
        }
        let last = app.send(withdraw("a", 4)).await?;
        app.shutdown(Duration::from_secs(5)).await;

        let app = App::new(fresh.store).projection::<Flow>().start().await?;
        app.wait_for(&last).await?;

        let flow = app.view::<Flow>()?;
        assert_eq!(flow.get(A).await?, Some(Flow { events: 1, net: -4 }));
        assert_eq!(flow.list("", None, 9).await?.len(), 2);
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn documents_are_listed_by_the_start_of_their_keys_page_by_page() -> TestResult {
    for fresh in stores().await {
        let app = App::new(fresh.store).aggregate::<Account>().projection::<Flow>().start().await?;
        for account in ["ann", "anton", "bob", "cleo"] {
            app.send(deposit(account, 1)).await?;
        }
        let receipt = app.send(Close { account: "cleo".into() }).await?;
        let flow = app.view::<Flow>()?.at_least(&receipt).await?;
        let keys = async |prefix: &str, after: Option<&str>, limit| {
            let page = flow.list(prefix, after, limit).await?;
            Ok::<Vec<String>, annals::ViewReadError>(page.into_iter().map(|(key, _)| key).collect())
        };

        assert_eq!(keys("", None, 9).await?, ["account/ann", "account/anton", "account/bob", "all"]);
        assert_eq!(keys("account/", None, 2).await?, ["account/ann", "account/anton"]);
        assert_eq!(keys("account/", Some("account/anton"), 2).await?, ["account/bob"]);
        assert_eq!(keys("account/an", None, 9).await?, ["account/ann", "account/anton"]);
        assert_eq!(keys("account/c", None, 9).await?, [""; 0]);
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}
