//! Commands that open streams: what the engine learns of them saves reads, and never changes an answer.

mod support;

use std::num::NonZeroUsize;
use std::sync::Arc;

use annals::prelude::*;
use annals::{CommandId, EventStore, MemoryStore};
use annals_testing::{FaultPlan, FaultStore, Operation};
use support::{Account, AccountError, Close, TestResult, deposit, stores, withdraw};

/// As many streams as it takes until a command is known to open them.
const LEARNED: usize = 4;

/// An application that keeps one aggregate in memory, and the store that counts what it does.
async fn counted(store: Arc<dyn EventStore>) -> Result<(App, FaultStore), Box<dyn std::error::Error>> {
    let counted = FaultStore::new(store, FaultPlan::new());
    let app = App::new(Arc::new(counted.clone())).aggregate::<Account>().cache(NonZeroUsize::MIN).start().await?;
    Ok((app, counted))
}

/// Deposits to accounts that nobody has heard of, until nothing more is read for it.
async fn learn(app: &App, name: &str) -> TestResult {
    for number in 0..LEARNED {
        app.send(deposit(&format!("{name} {number}"), 1)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_command_that_opens_streams_soon_reads_nothing_and_appends_once() -> TestResult {
    for fresh in stores().await {
        let (app, counted) = counted(fresh.store).await?;
        learn(&app, "new").await?;
        let (reads, appends) = (counted.count(Operation::Read), counted.count(Operation::Append));
        assert_eq!(reads, LEARNED as u64);
        for number in 0..10 {
            let receipt = app.send(deposit(&format!("next {number}"), 1)).await?;
            assert_eq!(receipt.version.get(), 1);
        }
        assert_eq!(counted.count(Operation::Read), reads);
        assert_eq!(counted.count(Operation::Append), appends + 10);
    }
    Ok(())
}

#[tokio::test]
async fn a_stream_that_was_taken_to_be_new_is_decided_on_its_history() -> TestResult {
    for fresh in stores().await {
        let other = App::new(fresh.store.clone()).aggregate::<Account>().start().await?;
        other.send(deposit("old", 5)).await?;
        other.send(deposit("closed", 5)).await?;
        other.send(Close { account: "closed".into() }).await?;

        let (app, counted) = counted(fresh.store).await?;
        learn(&app, "new").await?;
        assert_eq!(app.send(deposit("old", 2)).await?.version.get(), 2);
        assert_eq!(app.load::<Account>(&"old".into()).await?.state.balance, 7);

        learn(&app, "newer").await?;
        let refused = app.send(deposit("closed", 1)).await;
        assert!(matches!(refused, Err(SendError::Rejected(AccountError::Closed))), "{refused:?}");

        // Whoever was wrong reads first again.
        let reads = counted.count(Operation::Read);
        app.send(deposit("one more", 1)).await?;
        assert_eq!(counted.count(Operation::Read), reads + 1);
    }
    Ok(())
}

#[tokio::test]
async fn nothing_is_refused_before_the_stream_was_read() -> TestResult {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
    let other = App::new(store.clone()).aggregate::<Account>().start().await?;
    other.send(deposit("rich", 100)).await?;
    let (app, _) = counted(store).await?;
    for number in 0..LEARNED {
        let refused = app.send(withdraw(&format!("poor {number}"), 1)).await;
        assert!(matches!(refused, Err(SendError::Rejected(AccountError::Short { balance: 0 }))), "{refused:?}");
    }
    app.send(withdraw("rich", 60)).await?;
    let refused = app.send(withdraw("rich", 60)).await;
    assert!(matches!(refused, Err(SendError::Rejected(AccountError::Short { balance: 40 }))), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_command_sent_twice_is_applied_once_also_where_its_stream_is_taken_to_be_new() -> TestResult {
    for fresh in stores().await {
        let (app, _) = counted(fresh.store).await?;
        learn(&app, "new").await?;
        let id = CommandId::generate(app.env());
        let first = app.send(deposit("twice", 5)).id(id).await?;
        learn(&app, "newer").await?;
        let again = app.send(deposit("twice", 5)).id(id).await?;
        assert!(again.repeated && again.position == first.position, "{again:?}");
        assert_eq!(app.load::<Account>(&"twice".into()).await?.state.balance, 5);
    }
    Ok(())
}
