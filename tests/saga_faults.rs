//! Sagas whose code panics, hangs or says too much.

mod support;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use annals::prelude::*;
use annals::saga::{Phase, RetryPolicy, Saga, StepError};
use annals::{EventStore, MemoryStore};
use serde::{Deserialize, Serialize};
use support::TestResult;

fn memory() -> Arc<dyn EventStore> {
    Arc::new(MemoryStore::new())
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Round {
    name: String,
}

#[tokio::test]
async fn a_panic_in_the_definition_of_a_saga_suspends_the_instance() -> TestResult {
    let saga = Saga::<Round>::named("panics")
        .step("ask")
        .activity(|_| async { Ok::<_, StepError<Infallible>>(1) })
        .outcome(|_, _: u32| panic!("cannot count"))
        .nothing_to_undo()
        .build();
    let app = App::new(memory()).saga(saga).start().await?;
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
    let saga = Saga::<Round>::named("large")
        .step("ask")
        .activity(move |_| {
            counts.fetch_add(1, Ordering::Relaxed);
            async { Ok::<_, StepError<Infallible>>("x".repeat(2 << 20)) }
        })
        .nothing_to_undo()
        .build();
    let app = App::new(memory()).saga(saga).start().await?;
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
    let saga = Saga::<Round>::named("hangs")
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
    let app = App::new(memory()).saga(saga).start().await?;
    for (name, phase) in [("undone", Phase::Compensated), ("done", Phase::Completed)] {
        app.saga::<Round>()?.start(name, &Round { name: name.into() }).await?;
        app.settled().await?;
        assert_eq!(app.saga::<Round>()?.get(name).await?.unwrap().phase(), phase);
    }
    Ok(())
}
