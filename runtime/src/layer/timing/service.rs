use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tower::{BoxError, Service};

use super::layer::{Sink, Timed};
use crate::engine::{Outcome, Request};
use crate::layer::Ending;
use crate::layer::follow::follow;

/// Measures how long commands take. Made by a [`TimingLayer`](super::TimingLayer).
#[derive(Clone)]
pub struct Timing<S> {
    inner: S,
    sink: Sink,
}

impl<S> Timing<S> {
    pub(super) fn new(inner: S, sink: Sink) -> Self {
        Self { inner, sink }
    }
}

impl<S> Service<Request> for Timing<S>
where
    S: Service<Request, Response = Outcome, Error: Into<BoxError>, Future: Send + 'static>,
{
    type Response = Outcome;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Outcome, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (env, origin) = (request.env().clone(), request.origin());
        let timed = |command: crate::engine::CommandRef<'_>| Timed {
            command: command.name(),
            category: command.category(),
            origin: origin.clone(),
            ending: Ending::Abandoned,
            took: Duration::ZERO,
        };
        let mut commands: Vec<_> = request.commands().map(timed).collect();
        let (sink, put_off, began) = (Arc::clone(&self.sink), request.due().is_some(), env.now());
        follow(self.inner.call(request), put_off, move |end| {
            let took = env.now().since(began);
            for timed in &mut commands {
                (timed.ending, timed.took) = (end.ending, took);
                sink(timed);
            }
        })
    }
}

impl<S: fmt::Debug> fmt::Debug for Timing<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timing").field("inner", &self.inner).finish_non_exhaustive()
    }
}
