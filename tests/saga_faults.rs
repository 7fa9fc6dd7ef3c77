//! Sagas whose code panics, hangs or says too much.

mod support;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use annals::prelude::*;
use annals::saga::{Definition, Phase, RetryPolicy, StepError};
use annals::store::{
    Append, AppendError, Appended, LogPage, ReadError, ReadLog, ReadStream, StoreInfo, StreamPage, Timers, Views,
};
use annals::{EventStore, LogId, MemoryStore, Position};
use serde::{Deserialize, Serialize};
use support::{Account, AccountEvent, TestResult, bank, deposit, withdraw};

fn memory() -> Arc<dyn EventStore> {
    Arc::new(MemoryStore::new())
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Round {
    name: String,
}

#[tokio::test]
async fn a_panic_in_the_definition_of_a_saga_suspends_the_instance() -> TestResult {
    let saga = Definition::<Round>::named("panics")
        .step("ask")
        .activity(|_| async { Ok::<_, StepError<Infallible>>(1) })
        .outcome(|_, _: u32| panic!("cannot count"))
        .nothing_to_undo()
        .build();
    let app = App::new(memory()).saga_with(saga).start().await?;
    app.saga::<Round>()?.start("r", &Round::default()).await?;
    app.settled().await?;
    let reason = app.saga::<Round>()?.get("r").await?.unwrap().instance.suspended;
    assert_eq!(reason.as_deref(), Some("it panicked: cannot count"));
    Ok(())
}

#[tokio::test]
async fn an_outcome_that_the_store_does_not_take_suspends_the_instance() -> TestResult {
    let calls = Arc::new(AtomicU32::new(0));
    let counts = Arc::clone(&calls);
    let saga = Definition::<Round>::named("large")
        .step("ask")
        .activity(move |_| {
            counts.fetch_add(1, Ordering::Relaxed);
            async { Ok::<_, StepError<Infallible>>("x".repeat(2 << 20)) }
        })
        .nothing_to_undo()
        .build();
    let app = App::new(memory()).saga_with(saga).start().await?;
    app.saga::<Round>()?.start("r", &Round::default()).await?;
    app.settled().await?;
    let reason = app.saga::<Round>()?.get("r").await?.unwrap().instance.suspended;
    assert!(reason.is_some());
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    Ok(())
}

#[tokio::test]
async fn a_call_that_hangs_while_undoing_or_after_the_pivot_is_made_again() -> TestResult {
    let soon = Duration::from_millis(5);
    let retry = || RetryPolicy::default().backoff(Duration::from_millis(1), Duration::from_millis(1));
    // Each instance makes two such calls, and the first hangs.
    let calls = Arc::new(AtomicU32::new(0));
    let hang_once = || {
        let calls = Arc::clone(&calls);
        move |_| {
            let hangs = calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
            async move {
                if hangs {
                    std::future::pending::<()>().await;
                }
                Ok::<_, StepError<Infallible>>(())
            }
        }
    };
    let saga = Definition::<Round>::named("hangs")
        .step("book")
        .activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
        .retry(retry())
        .timeout(soon)
        .undo_activity(hang_once())
        .step("pay")
        .activity(move |call| async move { if call.name == "undone" { Err(StepError::Rejected("no")) } else { Ok(()) } })
        .pivot()
        .step("ship")
        .activity(hang_once())
        .retry(retry())
        .timeout(soon)
        .build();
    let app = App::new(memory()).saga_with(saga).start().await?;
    for (name, phase) in [("undone", Phase::Compensated), ("done", Phase::Completed)] {
        app.saga::<Round>()?.start(name, &Round { name: name.into() }).await?;
        app.settled().await?;
        assert_eq!(app.saga::<Round>()?.get(name).await?.unwrap().phase(), phase);
    }
    Ok(())
}

/// Takes its time with the first instance that is started.
struct Slow(MemoryStore, AtomicBool);

#[async_trait::async_trait]
impl EventStore for Slow {
    fn info(&self) -> &StoreInfo {
        self.0.info()
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let starts = append.streams.iter().any(|part| part.stream.category().as_str().starts_with("$saga."));
        if starts && !self.1.swap(true, Ordering::SeqCst) {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        }
        self.0.append(append).await
    }

    async fn appended(&self, id: annals::AppendId) -> Result<Option<Appended>, ReadError> {
        self.0.appended(id).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<StreamPage, ReadError> {
        self.0.read_stream(read).await
    }

    async fn read_log(&self, read: ReadLog) -> Result<LogPage, ReadError> {
        self.0.read_log(read).await
    }

    async fn wait(&self, log: LogId, after: Position) -> Result<(), ReadError> {
        self.0.wait(log, after).await
    }

    fn timers(&self) -> Option<&dyn Timers> {
        self.0.timers()
    }

    fn views(&self) -> Option<&dyn Views> {
        self.0.views()
    }
}

#[tokio::test]
async fn of_several_events_that_start_one_instance_the_first_does() -> TestResult {
    let store: Arc<dyn EventStore> = Arc::new(Slow(MemoryStore::new(), AtomicBool::new(false)));
    let before = bank(store.clone()).await;
    before.send(deposit("a", 1)).await?;
    before.send(deposit("a", 2)).await?;
    let saga = Definition::<Round>::named("round")
        .starts_on(|event: &AccountEvent, _| match event {
            AccountEvent::Deposited { amount } => Some(("only".into(), Round { name: amount.to_string() })),
            _ => None,
        })
        .step("nothing")
        .activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
        .nothing_to_undo()
        .build();
    let app = App::new(store).saga_with(saga).start().await?;
    app.settled().await?;
    assert_eq!(app.saga::<Round>()?.get("only").await?.unwrap().state.name, "1");
    Ok(())
}

#[tokio::test]
async fn commands_that_never_came_through_are_not_undone() -> TestResult {
    let no_withdrawal: fn(annals::layer::Request) -> Result<annals::layer::Request, tower::BoxError> = |request| {
        let withdraws = request.command_names().any(|name| name == "withdraw");
        if withdraws { Err("not today".into()) } else { Ok(request) }
    };
    let saga = Definition::<Round>::named("round")
        .step("withdraw")
        .command(|_| withdraw("a", 10))
        .retry(RetryPolicy::attempts(2).backoff(Duration::ZERO, Duration::ZERO))
        .undo(|_| deposit("a", 10))
        .build();
    let layer = tower::filter::FilterLayer::new(no_withdrawal);
    let app = App::new(memory()).aggregate::<Account>().layer(layer).saga_with(saga).start().await?;
    app.send(deposit("a", 10)).await?;
    app.saga::<Round>()?.start("r", &Round::default()).await?;
    app.settled().await?;
    assert_eq!(app.saga::<Round>()?.get("r").await?.unwrap().phase(), Phase::Compensated);
    assert_eq!(app.load::<Account>(&"a".into()).await?.state.balance, 10);
    Ok(())
}
