//! Steps that wait for events.

mod support;

use std::sync::Arc;
use std::time::Duration;

use annals::prelude::*;
use annals::saga::{Definition, InvalidSaga, Phase, StepError};
use annals::store::Append;
use annals::{
    AppendId, CorrelationId, EventId, EventStore, ExpectedVersion, Intervention, MemoryStore, Metadata, NewEvent, StartError,
    Tenant,
};
use annals_testing::TestEnv;
use serde::{Deserialize, Serialize};
use support::*;
use tokio::sync::Semaphore;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Takes money, and waits until enough was put into the account `vault-…` or that account is closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Deal {
    key: String,
    paid: Option<u64>,
}

fn deal(key: &str) -> Deal {
    Deal { key: key.into(), paid: None }
}

/// The deal that an account is the vault of.
fn of_vault(_: &AccountEvent, context: &EventContext<'_>) -> Option<String> {
    context.stream_id().strip_prefix("vault-").map(str::to_owned)
}

fn is_paid(event: &AccountEvent, _: &EventContext<'_>) -> Option<Result<u64, &'static str>> {
    match event {
        AccountEvent::Deposited { amount } if *amount >= 10 => Some(Ok(*amount)),
        AccountEvent::Closed => Some(Err("the vault was closed")),
        _ => None,
    }
}

fn deals(version: u32) -> Result<Definition<Deal>, InvalidSaga> {
    Definition::<Deal>::named("deal")
        .version(version)
        .step("block")
        .command(|it| deposit(&format!("blocked-{}", it.key), 1))
        .undo(|it| withdraw(&format!("blocked-{}", it.key), 1))
        .step("paid")
        .wait(of_vault, is_paid)
        .outcome(|it, paid| it.paid = Some(paid))
        .timeout(3 * DAY)
        .step("hand_over")
        .command(|it| deposit(&format!("owner-{}", it.key), it.paid.unwrap_or_default()))
        .pivot()
        .build()
}

async fn start(store: Arc<dyn EventStore>, test: &TestEnv) -> Result<App, StartError> {
    App::new(store).env(test.env()).aggregate::<Account>().saga_with(deals(1)).start().await
}

async fn balance(app: &App, account: &str) -> u64 {
    app.load::<Account>(&account.to_owned()).await.map_or(0, |account| account.state.balance)
}

#[tokio::test]
async fn it_waits_and_goes_on_when_the_event_comes() -> TestResult {
    let test = TestEnv::seeded(1);
    test.run(async {
        let app = start(Arc::new(MemoryStore::new()), &test).await?;
        let deals = app.saga::<Deal>()?;
        deals.start("a", &deal("a")).await?;
        app.settled().await?;
        assert_eq!(deals.running(10).await?, ["a"], "who waits has not ended");
        app.send(deposit("vault-a", 9)).await?;
        app.send(deposit("vault-b", 10)).await?;
        app.settled().await?;
        assert_eq!(deals.get("a").await?.unwrap().phase(), Phase::Running, "too little, and for another");
        app.send(deposit("vault-a", 12)).await?;
        app.settled().await?;
        let ended = deals.get("a").await?.unwrap();
        assert_eq!((ended.phase(), ended.state.paid), (Phase::Completed, Some(12)));
        assert_eq!(balance(&app, "owner-a").await, 12);
        assert_eq!(deals.running(10).await?, [""; 0]);
        app.send(deposit("vault-a", 50)).await?;
        app.settled().await?;
        assert_eq!(balance(&app, "owner-a").await, 12, "who has ended takes nothing in");
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_no_undoes_and_so_does_silence() -> TestResult {
    let test = TestEnv::seeded(1);
    test.run(async {
        let app = start(Arc::new(MemoryStore::new()), &test).await?;
        let deals = app.saga::<Deal>()?;
        deals.start("no", &deal("no")).await?;
        deals.start("silence", &deal("silence")).await?;
        app.send(Close { account: "vault-no".into() }).await?;
        app.settled().await?;
        assert_eq!(deals.get("no").await?.unwrap().phase(), Phase::Compensated);
        assert_eq!(deals.get("silence").await?.unwrap().phase(), Phase::Running);
        app.env().sleep_until(app.env().now().after(3 * DAY)).await;
        app.settled().await?;
        assert_eq!(deals.get("silence").await?.unwrap().phase(), Phase::Compensated);
        assert_eq!((balance(&app, "blocked-no").await, balance(&app, "blocked-silence").await), (0, 0));
        app.send(deposit("vault-silence", 10)).await?;
        app.settled().await?;
        assert_eq!(deals.get("silence").await?.unwrap().phase(), Phase::Compensated, "too late");
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

/// Calls out, while the event that it waits for afterwards comes.
fn slow(gate: Arc<Semaphore>, calls: Arc<std::sync::atomic::AtomicU32>) -> Result<Definition<Deal>, InvalidSaga> {
    Definition::<Deal>::named("deal")
        .step("call")
        .activity(move |_| {
            let (gate, calls) = (Arc::clone(&gate), Arc::clone(&calls));
            async move {
                calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let _open = gate.acquire().await;
                Ok::<_, StepError<std::convert::Infallible>>(())
            }
        })
        .nothing_to_undo()
        .step("paid")
        .wait(of_vault, is_paid)
        .outcome(|it, paid| it.paid = Some(paid))
        .build()
}

#[tokio::test]
async fn an_event_that_comes_during_a_call_neither_is_lost_nor_repeats_the_call() -> TestResult {
    let (gate, calls) = (Arc::new(Semaphore::new(0)), Arc::new(std::sync::atomic::AtomicU32::new(0)));
    for fresh in stores().await {
        let saga = slow(Arc::clone(&gate), Arc::clone(&calls));
        calls.store(0, std::sync::atomic::Ordering::Relaxed);
        let app = App::new(fresh.store.clone()).aggregate::<Account>().saga_with(saga).start().await?;
        let deals = app.saga::<Deal>()?;
        deals.start("a", &deal("a")).await?;
        while calls.load(std::sync::atomic::Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        app.send(deposit("vault-a", 30)).await?;
        while deals.history("a").await?.len() < 3 {
            tokio::task::yield_now().await;
        }
        gate.add_permits(1);
        app.settled().await?;
        let ended = deals.get("a").await?.unwrap();
        assert_eq!((ended.phase(), ended.state.paid), (Phase::Completed, Some(30)));
        assert_eq!(calls.load(std::sync::atomic::Ordering::Relaxed), 1, "the answer of the call was not thrown away");
        app.shutdown(Duration::from_secs(5)).await;
        gate.forget_permits(1);
    }
    Ok(())
}

#[tokio::test]
async fn who_may_go_on_goes_on_without_the_event() -> TestResult {
    let test = TestEnv::seeded(1);
    test.run(async {
        let saga = Definition::<Option<Option<u64>>>::named("patience")
            .step("paid")
            .wait(of_vault, is_paid)
            .or_after(14 * DAY)
            .outcome(|it, paid: Option<u64>| *it = Some(paid))
            .step("done")
            .command(|it| deposit("done", it.flatten().unwrap_or(1)))
            .pivot()
            .build();
        let app = App::new(Arc::new(MemoryStore::new())).env(test.env()).aggregate::<Account>().saga_with(saga).start().await?;
        let patience = app.saga::<Option<Option<u64>>>()?;
        patience.start("in vain", &None).await?;
        patience.start("soon", &None).await?;
        app.send(deposit("vault-soon", 20)).await?;
        app.settled().await?;
        assert_eq!(balance(&app, "done").await, 20);
        app.env().sleep_until(app.env().now().after(14 * DAY)).await;
        app.settled().await?;
        assert_eq!(balance(&app, "done").await, 21);
        assert_eq!(patience.get("in vain").await?.unwrap().state, Some(None));
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_comes_for_an_instance_of_another_version_waits_with_it() -> TestResult {
    let test = TestEnv::seeded(1);
    test.run(async {
        let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
        let app = start(store.clone(), &test).await?;
        app.saga::<Deal>()?.start("a", &deal("a")).await?;
        app.settled().await?;
        app.shutdown(Duration::ZERO).await;
        let newer = App::new(store.clone()).env(test.env()).aggregate::<Account>().saga_with(deals(2)).start().await?;
        newer.send(deposit("vault-a", 10)).await?;
        newer.settled().await?;
        assert_eq!(newer.saga::<Deal>()?.suspended(10).await?, ["a"]);
        newer.shutdown(Duration::ZERO).await;
        let app = start(store, &test).await?;
        app.saga::<Deal>()?.resume("a", Intervention { actor: "ann", reason: "the old program is back" }).await?;
        app.settled().await?;
        assert_eq!(app.saga::<Deal>()?.get("a").await?.unwrap().phase(), Phase::Completed);
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_came_before_the_instance_does_not_count() -> TestResult {
    let test = TestEnv::seeded(1);
    test.run(async {
        let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
        let silent = App::new(store.clone()).env(test.env()).aggregate::<Account>().start().await?;
        silent.send(deposit("vault-a", 10)).await?;
        silent.shutdown(Duration::ZERO).await;
        // The instance is there before anybody has listened: what is heard then is still from before.
        let waiting = || Definition::<Deal>::named("deal").step("paid").wait(of_vault, is_paid).build();
        let begun = waiting()?.start(&Tenant::NONE, "a", &deal("a"), test.env().now())?;
        let metadata = Metadata::new(test.env().now(), CorrelationId::from_bytes([1; 16])).encode();
        let events = begun.events.iter().map(|event| NewEvent::new(EventId::generate(&test.env()), event, &metadata));
        let append = Append::new(AppendId::from_bytes([9; 16])).stream(
            begun.stream,
            ExpectedVersion::NoStream,
            events.collect::<Result<_, _>>()?,
        );
        store.append(append).await?;
        let app = App::new(store).env(test.env()).aggregate::<Account>().saga_with(waiting()).start().await?;
        app.settled().await?;
        assert_eq!(app.saga::<Deal>()?.get("a").await?.unwrap().phase(), Phase::Running);
        app.send(deposit("vault-a", 11)).await?;
        app.settled().await?;
        assert_eq!(app.saga::<Deal>()?.get("a").await?.unwrap().phase(), Phase::Completed);
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}
