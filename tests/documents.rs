//! Documents of folded projections: an event for several of them, and documents that go and come back.

mod support;

use std::sync::Arc;
use std::time::Duration;

use annals::prelude::*;
use annals::{Document, EventStore, StartError};
use annals_testing::TestEnv;
use serde::{Deserialize, Serialize};
use support::faults::*;
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
struct Closing;

impl Work for Closing {
    async fn start(store: Arc<dyn EventStore>, test: &TestEnv) -> Result<App, StartError> {
        App::new(store).env(test.env()).aggregate::<Account>().projection::<Flow>().start().await
    }

    async fn ask(app: &App) -> TestResult {
        app.wait_for(&insist(app, 1, || deposit("a", 10)).await?).await?;
        app.wait_for(&insist(app, 2, || deposit("b", 5)).await?).await?;
        app.wait_for(&insist(app, 3, || Close { account: "b".into() }).await?).await?;
        app.wait_for(&insist(app, 4, || Close { account: "a".into() }).await?).await?;
        app.wait_for(&insist(app, 5, || withdraw("a", 4)).await?).await?;
        Ok(())
    }

    async fn check(app: &App, _store: &dyn EventStore) {
        let flow = app.view::<Flow>().unwrap();
        assert_eq!(flow.get("all").await.unwrap(), Some(Flow { events: 5, net: 11 }), "each event once");
        assert_eq!(flow.get(A).await.unwrap(), Some(Flow { events: 1, net: -4 }), "it starts anew after it was deleted");
        assert_eq!(flow.get("account/b").await.unwrap(), None);
    }
}

#[tokio::test]
async fn documents_that_go_and_come_back_are_right_whichever_append_or_commit_fails_or_is_the_last_of_its_process() {
    let Calls { commits, .. } = let_each_write_fail::<Closing>().await;
    assert_eq!(commits, 5);
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
