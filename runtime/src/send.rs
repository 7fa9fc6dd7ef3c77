//! Sending a command and what comes back.

use std::error::Error;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use annals_core::dispatch::{AnyCommand, IdentifiedCommand};
use annals_core::store::{AppendError, FailureKind, StoreFailure};
use annals_core::{
    AppendId, CausationId, CommandId, CorrelationId, LogPosition, Metadata, ReservedMetadataKey, StreamId, Tenant, Timestamp,
    Version,
};
use futures_util::future::BoxFuture;

use crate::bus;
use crate::engine::{Origin, Request, Work};
use crate::error::SendError;
use crate::schedule::Scheduling;
use crate::shared::Shared;

/// What a command came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// The identity of the command: sending it again under this id changes nothing and gives this receipt.
    pub command_id: CommandId,
    /// Where its last event is: the token to wait for, also in another process. None if nothing had to change.
    pub position: Option<LogPosition>,
    /// The stream of the aggregate.
    pub stream: StreamId,
    /// The version of the aggregate after the command.
    pub version: Version,
    /// Whether an earlier attempt under the same id had stored it.
    pub repeated: bool,
}

/// A command on its way, which may be rejected with `E`. Await it to send it; before that, say more about it.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = bank().await?;
/// let id = annals::CommandId::generate(app.env());
/// let receipt = app.send(deposit("ann", 5)).id(id).actor("ann").await?;
/// let again = app.send(deposit("ann", 5)).id(id).await?;
/// assert_eq!((again.repeated, again.version), (true, receipt.version));
/// # Ok(())
/// # }
/// ```
#[must_use = "a command is sent when it is awaited"]
pub struct Sending<E> {
    shared: Arc<Shared>,
    command: Box<dyn AnyCommand>,
    id: Option<CommandId>,
    tenant: Tenant,
    metadata: Metadata,
    correlation_given: bool,
    rejection: PhantomData<fn() -> E>,
}

impl<E> Sending<E> {
    pub(crate) fn new(shared: Arc<Shared>, command: Box<dyn AnyCommand>) -> Self {
        let env = shared.env();
        let metadata = Metadata::new(env.now(), CorrelationId::from_uuid(uuid::Uuid::nil()));
        Self { shared, command, id: None, tenant: Tenant::NONE, metadata, correlation_given: false, rejection: PhantomData }
    }

    /// Sets the identity of the command. Sending it twice under one id applies it once.
    ///
    /// The id alone tells: another command for the same aggregate under an id that was used is answered with the first
    /// receipt, as `repeated`, and not applied. Derive ids from what the request is about ([`CommandId::derive`]).
    pub fn id(mut self, id: CommandId) -> Self {
        self.id = Some(id);
        self
    }

    /// Sends it to an aggregate of a tenant.
    pub fn tenant(mut self, tenant: Tenant) -> Self {
        self.tenant = tenant;
        self
    }

    /// Puts it off: it is stored now and sent at `due`, exactly once, whatever happens to this process. Its
    /// [`Scheduled`](crate::Scheduled) names the id by which [`App::cancel_scheduled`](crate::App::cancel_scheduled)
    /// calls it off. It passes the layers of the bus now, and again when it is due.
    ///
    /// What it comes to then is told by [`App::scheduled`](crate::App::scheduled).
    pub fn at(self, due: Timestamp) -> Scheduling<E> {
        Scheduling::new(self, due)
    }

    /// Puts it off until so much time has passed, see [`at`](Self::at).
    pub fn after(self, wait: Duration) -> Scheduling<E> {
        let due = self.shared.env().now().after(wait);
        self.at(due)
    }

    /// Everything that was said, with what was left out filled in.
    pub(crate) fn into_parts(self) -> (Arc<Shared>, Box<dyn AnyCommand>, CommandId, Tenant, Metadata) {
        let Self { shared, command, id, tenant, mut metadata, correlation_given, .. } = self;
        let id = id.unwrap_or_else(|| CommandId::generate(shared.env()));
        if !correlation_given {
            metadata.correlation_id = id.into();
        }
        (shared, command, id, tenant, metadata)
    }

    /// Says on whose behalf.
    pub fn actor(mut self, actor: impl Into<String>) -> Self {
        self.metadata.actor = Some(actor.into());
        self
    }

    /// Says which service sends it.
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.metadata.source = Some(source.into());
        self
    }

    /// Says which chain it belongs to. Without this it begins one.
    pub fn correlation(mut self, id: CorrelationId) -> Self {
        self.metadata.correlation_id = id;
        self.correlation_given = true;
        self
    }

    /// Continues the chain of a message that causes the command: its correlation, and its actor, source, trace and application
    /// keys where nothing else was said.
    pub fn caused_by(mut self, metadata: &Metadata, cause: impl Into<CausationId>) -> Self {
        let continued = metadata.caused_by(cause.into(), self.metadata.occurred_at);
        let said = std::mem::replace(&mut self.metadata, continued);
        for (key, value) in said.extra() {
            // It was taken before, so it is not a reserved one.
            let _ = self.metadata.insert(key, value);
        }
        self.metadata.actor = said.actor.or(self.metadata.actor);
        self.metadata.source = said.source.or(self.metadata.source);
        self.metadata.trace = said.trace.or(self.metadata.trace);
        self.correlation_given = true;
        self
    }

    /// Sets the W3C `traceparent` of the span it belongs to.
    pub fn trace(mut self, traceparent: impl Into<String>) -> Self {
        self.metadata.trace = Some(traceparent.into());
        self
    }

    /// Adds a metadata key of the application.
    ///
    /// # Errors
    /// [`ReservedMetadataKey`] if it starts with `$`.
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Result<Self, ReservedMetadataKey> {
        self.metadata.insert(key, value)?;
        Ok(self)
    }
}

impl<E: Error + Send + Sync + 'static> IntoFuture for Sending<E> {
    type Output = Result<Receipt, SendError<E>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (shared, command, id, tenant, metadata) = self.into_parts();
            // Counted before it asks: a shutdown either waits for it or is seen by it.
            let _sending = shared.life.sending.token();
            if shared.life.stop.is_cancelled() {
                return Err(SendError::ShuttingDown);
            }
            if !shared.aggregates.contains(&command.aggregate()) {
                return Err(SendError::UnknownAggregate { aggregate: command.category() });
            }
            let request = request(&shared, id, tenant, metadata, command, Work::Decide);
            // What has been accepted is finished, also while the application shuts down, if there is time for it.
            let sent = tokio::select! {
                biased;
                sent = bus::send(&shared.bus, request) => sent,
                () = shared.life.kill.cancelled() => {
                    let failure = StoreFailure::plain(FailureKind::Closed, "finish the command before the shutdown");
                    return Err(SendError::Append(AppendError::Unknown(failure)));
                }
            };
            let outcome = sent.map_err(|error| SendError::from_bus(error, id))?;
            let Some((stream, version)) = outcome.streams.into_iter().next() else {
                return Err(SendError::Defect("the outcome names no stream".into()));
            };
            Ok(Receipt { command_id: id, position: outcome.position, stream, version, repeated: outcome.repeated })
        })
    }
}

/// The request for what a sender wants of one command.
pub(crate) fn request(
    shared: &Shared,
    id: CommandId,
    tenant: Tenant,
    metadata: Metadata,
    command: Box<dyn AnyCommand>,
    work: Work,
) -> Request {
    let commands = vec![IdentifiedCommand { id, command }];
    let (id, env) = (AppendId::from(id), shared.env().clone());
    Request { id, tenant, metadata, commands, origin: Origin::Sender, env, work }
}

impl<E> fmt::Debug for Sending<E> {
    /// Shows no content: a command may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("id", &self.id).field("metadata", &self.metadata).finish_non_exhaustive()
    }
}
