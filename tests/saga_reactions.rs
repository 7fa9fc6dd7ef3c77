//! Sagas that react to events.

mod support;

use std::sync::Arc;
use std::time::Duration;

use annals::prelude::*;
use annals::saga::{Definition, InvalidSaga, Phase, Reaction, SagaEvent};
use annals::store::ReadLog;
use annals::{EventStore, Filter, Intervention, MemoryStore, StartError};
use annals_testing::TestEnv;
use serde::{Deserialize, Serialize};
use support::faults::*;
use support::*;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Saves for somebody: what is put into `wallet-…` is matched in `savings-…`, and after a day a bonus is paid, unless the
/// wallet is closed by then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Saver {
    key: String,
    deposits: u32,
    refused: Option<String>,
}

fn of_wallet(_: &AccountEvent, context: &EventContext<'_>) -> Option<String> {
    context.stream_id().strip_prefix("wallet-").map(str::to_owned)
}

fn savers(version: u32) -> Result<Definition<Saver>, InvalidSaga> {
    Definition::<Saver>::named("saver")
        .version(version)
        .starts_on(|event: &AccountEvent, context| {
            let key = of_wallet(event, context)?;
            matches!(event, AccountEvent::Deposited { .. }).then(|| (key.clone(), Saver { key, deposits: 0, refused: None }))
        })
        .on(of_wallet, |it: &mut Saver, event: &AccountEvent, _| match event {
            AccountEvent::Deposited { amount: 13 } => panic!("thirteen"),
            AccountEvent::Deposited { amount } => {
                it.deposits += 1;
                let now = Reaction::new().send(deposit(&format!("savings-{}", it.key), *amount));
                if it.deposits == 1 { now.send_after(DAY, deposit(&format!("bonus-{}", it.key), 1)) } else { now }
            }
            AccountEvent::Withdrawn { amount } => Reaction::new().send(withdraw(&format!("savings-{}", it.key), *amount)),
            AccountEvent::Closed => Reaction::new().cancel::<Deposit>().end(),
        })
        .rejected(|it: &mut Saver, command: &Withdraw, error: &AccountError| {
            it.refused = Some(format!("{}: {error}", command.account));
            deposit("complaints", 1)
        })
        .build()
}

async fn start(store: Arc<dyn EventStore>, test: &TestEnv) -> Result<App, StartError> {
    App::new(store).env(test.env()).aggregate::<Account>().saga_with(savers(1)).start().await
}

async fn balance(app: &App, account: &str) -> u64 {
    app.load::<Account>(&account.to_owned()).await.map_or(0, |account| account.state.balance)
}

fn wallet(key: &str, amount: u64) -> Deposit {
    deposit(&format!("wallet-{key}"), amount)
}

#[tokio::test]
async fn it_sends_now_and_later_and_ends() -> TestResult {
    let test = TestEnv::seeded(1);
    test.run(async {
        let app = start(Arc::new(MemoryStore::new()), &test).await?;
        app.send(wallet("ann", 5)).await?;
        app.send(wallet("ann", 6)).await?;
        app.send(wallet("bob", 7)).await?;
        app.settled().await?;
        assert_eq!((balance(&app, "savings-ann").await, balance(&app, "savings-bob").await), (11, 7));
        assert_eq!(balance(&app, "bonus-ann").await, 0, "not before its time");
        app.send(Close { account: "wallet-bob".into() }).await?;
        app.settled().await?;
        let savers = app.saga::<Saver>()?;
        assert_eq!(savers.get("bob").await?.unwrap().phase(), Phase::Completed);
        assert_eq!(savers.running(9).await?, ["ann"]);
        app.env().sleep_until(app.env().now().after(DAY)).await;
        app.settled().await?;
        assert_eq!((balance(&app, "bonus-ann").await, balance(&app, "bonus-bob").await), (1, 0));
        let ann = savers.get("ann").await?.unwrap();
        assert_eq!((ann.phase(), ann.state.deposits), (Phase::Running, 2));
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_rejected_command_is_reacted_to_by_its_own_error() -> TestResult {
    let test = TestEnv::seeded(1);
    test.run(async {
        let app = start(Arc::new(MemoryStore::new()), &test).await?;
        app.send(wallet("ann", 50)).await?;
        app.settled().await?;
        app.send(withdraw("savings-ann", 45)).await?;
        app.send(withdraw("wallet-ann", 20)).await?;
        app.settled().await?;
        let ann = app.saga::<Saver>()?.get("ann").await?.unwrap();
        assert_eq!(ann.state.refused.as_deref(), Some("savings-ann: only 5 left"));
        assert_eq!(balance(&app, "complaints").await, 1);
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_rejection_that_nobody_reacts_to_waits_for_an_operator() -> TestResult {
    let test = TestEnv::seeded(1);
    test.run(async {
        let app = start(Arc::new(MemoryStore::new()), &test).await?;
        app.send(Close { account: "savings-ann".into() }).await?;
        app.send(wallet("ann", 5)).await?;
        app.settled().await?;
        let savers = app.saga::<Saver>()?;
        assert_eq!(savers.suspended(9).await?, ["ann"]);
        let why = savers.get("ann").await?.unwrap().instance.suspended.unwrap();
        assert!(why.contains("`deposit` was rejected") && why.contains("the account is closed"), "{why}");
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_defect_keeps_what_comes_until_it_is_mended() -> TestResult {
    let test = TestEnv::seeded(1);
    test.run(async {
        let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
        let app = start(store.clone(), &test).await?;
        app.send(wallet("ann", 5)).await?;
        app.send(wallet("ann", 13)).await?;
        app.send(wallet("ann", 7)).await?;
        app.send(wallet("bob", 1)).await?;
        app.settled().await?;
        assert_eq!(app.saga::<Saver>()?.suspended(9).await?, ["ann"]);
        assert_eq!(balance(&app, "savings-bob").await, 1, "others go on");
        app.shutdown(Duration::ZERO).await;
        // The new program takes thirteen.
        let mended = Definition::<Saver>::named("saver")
            .on(of_wallet, |it: &mut Saver, event: &AccountEvent, _| match event {
                AccountEvent::Deposited { amount } => Some(deposit(&format!("savings-{}", it.key), *amount)),
                _ => None,
            })
            .build();
        let app = App::new(store).env(test.env()).aggregate::<Account>().saga_with(mended).start().await?;
        app.saga::<Saver>()?.resume("ann", Intervention { actor: "eve", reason: "thirteen is fine" }).await?;
        app.settled().await?;
        assert_eq!(balance(&app, "savings-ann").await, 25, "in the order in which they came, each once");
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_instance_of_another_version_keeps_what_comes() -> TestResult {
    let test = TestEnv::seeded(1);
    test.run(async {
        let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
        let app = start(store.clone(), &test).await?;
        app.send(wallet("ann", 5)).await?;
        app.settled().await?;
        app.shutdown(Duration::ZERO).await;
        let newer = App::new(store.clone()).env(test.env()).aggregate::<Account>().saga_with(savers(2)).start().await?;
        newer.send(wallet("ann", 6)).await?;
        newer.settled().await?;
        assert_eq!(newer.saga::<Saver>()?.suspended(9).await?, ["ann"]);
        newer.shutdown(Duration::ZERO).await;
        let app = start(store, &test).await?;
        app.saga::<Saver>()?.resume("ann", Intervention { actor: "eve", reason: "the old program is back" }).await?;
        app.settled().await?;
        assert_eq!(balance(&app, "savings-ann").await, 11);
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

/// Three deposits, each of them matched.
struct Deposits;

impl Work for Deposits {
    async fn start(store: Arc<dyn EventStore>, test: &TestEnv) -> Result<App, StartError> {
        start(store, test).await
    }

    async fn ask(app: &App) -> TestResult {
        for (id, key, amount) in [(1, "ann", 5), (2, "bob", 7), (3, "ann", 6)] {
            insist(app, id, || wallet(key, amount)).await?;
        }
        Ok(())
    }

    async fn check(app: &App, store: &dyn EventStore) {
        assert_eq!((balance(app, "savings-ann").await, balance(app, "savings-bob").await), (11, 7), "each command once");
        for key in ["ann", "bob"] {
            let history = app.saga::<Saver>().unwrap().history(key).await.unwrap();
            let reacted = history.iter().filter(|recorded| matches!(recorded.event, SagaEvent::Reacted { .. })).count();
            let sent = history.iter().filter(|recorded| matches!(recorded.event, SagaEvent::CommandSent { .. })).count();
            let deposits = if key == "ann" { 2 } else { 1 };
            assert_eq!((reacted, sent), (deposits, deposits), "each event once");
        }
        let page = store.read_log(ReadLog::new(Filter::all())).await.unwrap();
        assert_eq!(page.events.len(), 6, "three deposits, matched");
    }
}

#[tokio::test]
async fn each_append_and_commit_may_fail_or_be_the_last_of_its_process() {
    let Calls { appends, commits, .. } = let_each_write_fail::<Deposits>().await;
    assert!(appends >= 11 && commits >= 1, "{appends} appends, {commits} commits");
}

#[tokio::test]
async fn each_read_may_fail_or_be_the_last_of_its_process() {
    let calls = let_each_read_fail::<Deposits>().await;
    assert!(calls.reads >= 1);
}

#[tokio::test]
async fn two_processes_react_to_each_event_once() -> TestResult {
    for fresh in stores().await {
        let open = || App::new(fresh.store.clone()).aggregate::<Account>().saga_with(savers(1)).start();
        let (one, other) = (open().await?, open().await?);
        for n in 1..=40 {
            let app = if n % 2 == 0 { &one } else { &other };
            app.send(wallet(if n % 3 == 0 { "ann" } else { "bob" }, n + 100)).await?;
        }
        one.settled().await?;
        other.settled().await?;
        let expected = |is_ann: bool| (1..=40).filter(|n| (n % 3 == 0) == is_ann).map(|n| n + 100).sum::<u64>();
        assert_eq!(balance(&one, "savings-ann").await, expected(true));
        assert_eq!(balance(&one, "savings-bob").await, expected(false));
        one.shutdown(Duration::from_secs(5)).await;
        other.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}
