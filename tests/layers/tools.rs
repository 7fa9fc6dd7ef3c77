//! What the tests of layers have in common.
#![allow(unreachable_pub, reason = "it is a module of a test")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use annals::layer::Refused;
use annals::layer::Request;
use annals::saga::{Definition, InvalidSaga, RetryPolicy};
use annals::{EventStore, MemoryStore, StreamId};
use serde::{Deserialize, Serialize};
use tower::BoxError;

use crate::support::{deposit, withdraw};

pub fn memory() -> Arc<dyn EventStore> {
    Arc::new(MemoryStore::new())
}

/// What somebody noted, for a test to look at.
pub struct Notes<T>(Arc<Mutex<Vec<T>>>);

impl<T> Notes<T> {
    pub fn new() -> Self {
        Self(Arc::default())
    }

    pub fn add(&self, note: T) {
        self.0.lock().unwrap().push(note);
    }

    pub fn take(&self) -> Vec<T> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl<T> Clone for Notes<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Moves 10 from `a` to `b`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Move {
    pub failure: Option<String>,
}

pub fn moving() -> Result<Definition<Move>, InvalidSaga> {
    Definition::<Move>::named("move")
        .on_failure(|it, failure| it.failure = Some(failure.reason.clone()))
        .step("take")
        .command(|_| withdraw("a", 10))
        .retry(quickly())
        .undo(|_| deposit("a", 10))
        .step("give")
        .command(|_| deposit("b", 10))
        .retry(quickly())
        .undo(|_| withdraw("b", 10))
        .step("thank")
        .command(|_| deposit("bank", 1))
        .pivot()
        .build()
}

fn quickly() -> RetryPolicy {
    RetryPolicy::attempts(50).backoff(Duration::from_millis(1), Duration::from_millis(1))
}

#[derive(Debug, thiserror::Error, PartialEq)]
#[error("the bank is closed")]
pub struct Closed;

/// Refuses the first commands for an account, so many of them, for good or only for now.
pub fn closed(
    account: &str,
    times: usize,
    for_good: bool,
) -> impl Fn(Request) -> Result<Request, BoxError> + Clone + Send + Sync + 'static {
    let (stream, refused) = (StreamId::new("account", account).unwrap(), Arc::new(AtomicUsize::new(0)));
    move |request| {
        let is_for = request.commands().any(|command| command.stream().as_ref() == Ok(&stream));
        if !is_for || refused.fetch_add(1, Ordering::Relaxed) >= times {
            return Ok(request);
        }
        Err(if for_good { Refused::new(Closed).into() } else { Closed.into() })
    }
}

/// A layer in which every command waits until it is let go.
pub fn waiting()
-> (impl tower::Layer<annals::layer::Bus, Service = annals::layer::Bus> + Send + 'static, Arc<tokio::sync::Notify>) {
    let release = Arc::new(tokio::sync::Notify::new());
    let waits = Arc::clone(&release);
    let layer = tower::layer::layer_fn(move |bus: annals::layer::Bus| {
        let waits = Arc::clone(&waits);
        let wait = move |request: Request| {
            let waits = Arc::clone(&waits);
            async move {
                waits.notified().await;
                Ok::<_, BoxError>(request)
            }
        };
        annals::layer::Bus::new(tower::filter::AsyncFilter::new(bus, wait))
    });
    (layer, release)
}
