use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use annals_core::dispatch::NoDecision;
use futures_util::future::BoxFuture;
use tower::{BoxError, Service};

use super::layer::Contents;
use super::{AuditEntry, AuditSink};
use crate::engine::{CommandRef, Outcome, Request, RequestError};
use crate::error::full;
use crate::layer::Ending;
use crate::layer::follow::{End, follow};

/// Records who sent what. Made by an [`AuditLayer`](super::AuditLayer).
#[derive(Clone)]
pub struct Audit<S> {
    inner: S,
    sink: Arc<dyn AuditSink>,
    contents: Arc<Contents>,
}

impl<S> Audit<S> {
    pub(super) fn new(inner: S, sink: Arc<dyn AuditSink>, contents: Arc<Contents>) -> Self {
        Self { inner, sink, contents }
    }

    /// What is known of a command before it is executed.
    fn entry(&self, request: &Request, command: CommandRef<'_>) -> AuditEntry {
        let metadata = request.metadata().clone();
        AuditEntry {
            at: metadata.occurred_at,
            command: command.name(),
            command_id: command.id(),
            category: command.category(),
            stream: command.stream().ok(),
            tenant: request.tenant().clone(),
            origin: request.origin().clone(),
            metadata,
            due: request.due(),
            content: self.contents.get(&command.type_id()).and_then(|(_, write)| write(command)),
            ending: Ending::Abandoned,
            version: None,
            position: None,
            reason: None,
        }
    }
}

impl<S> Service<Request> for Audit<S>
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
        let mut entries: Vec<_> = request.commands().map(|command| self.entry(&request, command)).collect();
        let (sink, put_off) = (Arc::clone(&self.sink), request.due().is_some());
        follow(self.inner.call(request), put_off, move |end| {
            for mut entry in entries.drain(..) {
                came_to(&mut entry, &end);
                let (command, id) = (entry.command, entry.command_id);
                if let Err(error) = sink.record(entry) {
                    tracing::error!(command, %id, error = full(&*error), "the audit could not be recorded");
                }
            }
        })
    }
}

fn came_to(entry: &mut AuditEntry, end: &End<'_>) {
    entry.ending = end.ending;
    match end.answer {
        Some(Ok(outcome)) => {
            entry.position = outcome.position;
            let stream = outcome.streams.iter().find(|(stream, _)| Some(stream) == entry.stream.as_ref());
            entry.version = stream.map(|(_, version)| *version);
        }
        Some(Err(error)) => {
            let reason = match error.downcast_ref::<RequestError>() {
                // The word is in the entry already.
                Some(RequestError::NoDecision(NoDecision::Rejected(rejection))) => full(&**rejection),
                _ => full(&**error),
            };
            entry.reason = Some(reason);
        }
        None => {}
    }
}

impl<S: fmt::Debug> fmt::Debug for Audit<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit").field("inner", &self.inner).finish_non_exhaustive()
    }
}
