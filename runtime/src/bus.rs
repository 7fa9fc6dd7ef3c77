//! The command bus: one erased tower service under the typed surface.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Layer, Service, ServiceExt};
use tracing::Instrument;

use crate::engine::{Engine, Outcome, Request, RequestError, panic_message};
use crate::layer::Refused;

/// The bus as a layer sees it.
pub type Bus = BoxCloneSyncService<Request, Outcome, BoxError>;

/// The innermost service: it executes.
#[derive(Clone)]
struct Execute(Arc<Engine>);

impl Service<Request> for Execute {
    type Response = Outcome;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Outcome, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let engine = Arc::clone(&self.0);
        let command = request.command_names().next().unwrap_or("none");
        let metadata = request.metadata();
        let span = tracing::info_span!(
            "command",
            command,
            id = %request.id(),
            correlation = %metadata.correlation_id,
            causation = metadata.causation_id.map(tracing::field::display),
            actor = metadata.actor.as_deref(),
        );
        let executing = async move {
            // A panic of the domain's code ends the command, not the task that sent it.
            match AssertUnwindSafe(engine.execute(request)).catch_unwind().await {
                Ok(outcome) => outcome.map_err(BoxError::from),
                Err(panic) => Err(RequestError::Panicked { command, message: panic_message(&*panic) }.into()),
            }
        };
        Box::pin(executing.instrument(span))
    }
}

/// The innermost service of a bus, without layers.
pub(crate) fn plain(engine: Arc<Engine>) -> Bus {
    Bus::new(Execute(engine))
}

/// Puts a layer around a bus.
pub(crate) fn layered<L>(layer: L, bus: Bus) -> Bus
where
    L: Layer<Bus>,
    L::Service:
        Service<Request, Response = Outcome, Error: Into<BoxError>, Future: Send + 'static> + Clone + Send + Sync + 'static,
{
    Bus::new(layer.layer(bus).map_err(Into::into))
}

/// Why the bus did not execute a request.
pub(crate) enum BusError {
    /// The engine answered.
    Request(RequestError),
    /// A layer said no: nothing was stored.
    Refused(Refused),
    /// A layer failed, or gave up what may have been stored.
    Layer(BoxError),
}

impl From<BoxError> for BusError {
    fn from(error: BoxError) -> Self {
        match error.downcast::<RequestError>() {
            Ok(error) => Self::Request(*error),
            Err(error) => Refused::of(error).map_or_else(Self::Layer, Self::Refused),
        }
    }
}

/// Sends a request through the bus.
pub(crate) async fn send(bus: &Bus, request: Request) -> Result<Outcome, BusError> {
    let command = request.command_names().next().unwrap_or("none");
    // Domain code that panics is answered for inside, so this is a layer: it ends the command alone, too.
    match AssertUnwindSafe(bus.clone().oneshot(request)).catch_unwind().await {
        Ok(answer) => answer.map_err(BusError::from),
        Err(panic) => {
            let message = format!("in a layer: {}", panic_message(&*panic));
            Err(BusError::Request(RequestError::Panicked { command, message }))
        }
    }
}
