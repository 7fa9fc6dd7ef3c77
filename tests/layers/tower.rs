//! Tower's own layers around the bus, and what their errors look like to the sender.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use annals::layer::{Bus, Forbidden, Refused, Request};
use annals::prelude::*;
use annals::saga::Phase;
use annals::{AppBuilder, CommandId};
use futures_util::FutureExt;
use futures_util::future::join3;
use tower::buffer::BufferLayer;
use tower::filter::AsyncFilterLayer;
use tower::layer::layer_fn;
use tower::limit::ConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower::load_shed::error::Overloaded;
use tower::timeout::TimeoutLayer;
use tower::timeout::error::Elapsed;
use tower::{BoxError, ServiceBuilder, ServiceExt};

use crate::support::*;
use crate::tools::{Closed, Move, memory, moving, waiting};

fn bank() -> AppBuilder {
    App::new(memory()).aggregate::<Account>()
}

const SECOND: Duration = Duration::from_secs(1);

/// Loses the answer to the first command that changes something.
fn loses_an_answer() -> impl tower::Layer<Bus, Service = Bus> + Send + 'static {
    let lost = Arc::new(AtomicBool::new(false));
    layer_fn(move |bus: Bus| {
        let lost = Arc::clone(&lost);
        Bus::new(bus.map_future(move |answering| {
            let lost = Arc::clone(&lost);
            async move {
                let answer = answering.await;
                if answer.is_ok() && !lost.swap(true, Ordering::Relaxed) {
                    std::future::pending::<()>().await;
                }
                answer
            }
        }))
    })
}

#[tokio::test(start_paused = true)]
async fn a_timeout_leaves_open_what_happened_and_the_id_tells() -> TestResult {
    let app = bank().layer(loses_an_answer()).layer(TimeoutLayer::new(5 * SECOND)).start().await?;
    let id = CommandId::from_bytes([7; 16]);
    let error = app.send(deposit("a", 5)).id(id).await.unwrap_err();
    assert!(error.layer::<Elapsed>().is_some() && error.is_transient(), "{error:?}");
    assert!(matches!(error, SendError::Layer(_)), "it is no refusal");
    let again = app.send(deposit("a", 5)).id(id).await?;
    assert!(again.repeated, "it had been stored");
    assert_eq!(app.load::<Account>(&"a".into()).await?.state.balance, 5);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_step_of_a_saga_whose_answer_is_lost_to_a_timeout_takes_effect_once() -> TestResult {
    let store = memory();
    App::new(store.clone()).aggregate::<Account>().start().await?.send(deposit("a", 10)).await?;
    let builder = App::new(store).aggregate::<Account>().layer(loses_an_answer()).layer(TimeoutLayer::new(5 * SECOND));
    let app = builder.saga_with(moving()).start().await?;
    app.saga::<Move>()?.start("m", &Move::default()).await?;
    app.settled().await?;
    assert_eq!(app.saga::<Move>()?.get("m").await?.unwrap().phase(), Phase::Completed);
    let a = app.load::<Account>(&"a".into()).await?;
    assert_eq!((a.state.balance, a.version.get()), (0, 2), "it was taken once");
    app.shutdown(SECOND).await;
    Ok(())
}

#[tokio::test]
async fn a_concurrency_limit_lets_so_many_through_and_the_others_wait() -> TestResult {
    for (limit, most_at_once) in [(1, 1), (2, 2), (9, 3)] {
        let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counts, keeps) = (Arc::clone(&inside), Arc::clone(&most));
        let counting = AsyncFilterLayer::new(move |request: Request| {
            let (inside, most) = (Arc::clone(&counts), Arc::clone(&keeps));
            async move {
                most.fetch_max(inside.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                for _ in 0..9 {
                    tokio::task::yield_now().await;
                }
                inside.fetch_sub(1, Ordering::Relaxed);
                Ok::<_, BoxError>(request)
            }
        });
        let app = bank().layer(counting).layer(ConcurrencyLimitLayer::new(limit)).start().await?;
        let send = async |account| app.send(deposit(account, 5)).await;
        let (a, b, c) = join3(send("a"), send("b"), send("c")).await;
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert_eq!(most.load(Ordering::Relaxed), most_at_once);
    }
    Ok(())
}

#[tokio::test]
async fn load_that_finds_no_room_is_shed_and_nothing_of_it_is_stored() -> TestResult {
    let (layer, release) = waiting();
    let builder = bank().layer(layer).layer(ConcurrencyLimitLayer::new(1)).layer(LoadShedLayer::new());
    let app = builder.start().await?;
    let mut first = Box::pin(app.send(deposit("a", 5)).into_future());
    assert!(futures_util::poll!(&mut first).is_pending());
    let second = app.send(deposit("b", 5)).into_future().now_or_never();
    let error = second.expect("it does not wait").unwrap_err();
    assert!(error.layer::<Overloaded>().is_some() && error.is_transient(), "{error:?}");
    release.notify_waiters();
    first.await?;
    assert_eq!(app.load::<Account>(&"b".into()).await?.version, annals::Version::ZERO);
    Ok(())
}

#[tokio::test]
async fn a_buffer_passes_answers_and_errors_on_as_they_are() -> TestResult {
    let app = bank().layer(BufferLayer::new(8)).start().await?;
    app.send(deposit("a", 5)).await?;
    let rejected = app.send(withdraw("a", 9)).await;
    assert!(matches!(rejected, Err(SendError::Rejected(AccountError::Short { balance: 5 }))), "{rejected:?}");
    let panicked = app.send(deposit("a", 666)).await;
    assert!(matches!(panicked, Err(SendError::Panicked { command: "deposit", .. })), "{panicked:?}");
    app.send(deposit("a", 5)).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_inside_a_buffer_spreads_commands_over_time() -> TestResult {
    let limit = ServiceBuilder::new().buffer(8).rate_limit(2, SECOND);
    let app = bank().layer(limit).start().await?;
    let began = tokio::time::Instant::now();
    let mut after = Vec::new();
    for _ in 0..5 {
        app.send(deposit("a", 1)).await?;
        after.push(began.elapsed().as_secs());
    }
    assert_eq!(after, [0, 0, 1, 1, 2]);
    Ok(())
}

#[tokio::test]
async fn a_filter_may_wait_for_an_answer_and_refuse_then() -> TestResult {
    let ask = AsyncFilterLayer::new(|request: Request| async move {
        tokio::task::yield_now().await;
        if request.metadata().actor.is_some() { Ok(request) } else { Err(Refused::new(Closed)) }
    });
    let app = bank().layer(ask).start().await?;
    app.as_actor("ann").send(deposit("a", 5)).await?;
    let error = app.send(deposit("a", 5)).await.unwrap_err();
    assert_eq!((error.layer::<Closed>(), error.layer::<Forbidden>()), (Some(&Closed), None));
    Ok(())
}
