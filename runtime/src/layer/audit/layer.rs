use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use annals_core::{Command, Json};
use tower::Layer;

use super::AuditSink;
use super::service::Audit;
use crate::engine::CommandRef;

/// Records who sent what when, and what became of it: what was accepted, rejected, refused and what failed alike.
///
/// Add it last, so that it sees a command first, and sees what the other layers refuse.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = annals::connect("memory:").await?;
/// use std::sync::mpsc;
///
/// use annals::layer::{AuditLayer, AuthorizeLayer, Ending};
///
/// let (sink, entries) = mpsc::channel();
/// let app = App::new(store)
///     .aggregate::<Account>()
///     .layer(AuthorizeLayer::new().allow::<Deposit>(|who, _| who.is("ann")))
///     .layer(AuditLayer::new(move |entry| sink.send(entry)))
///     .start()
///     .await?;
/// app.as_actor("ann").send(deposit("a", 5)).await?;
/// app.as_actor("eve").send(deposit("a", 5)).await.unwrap_err();
/// let entries: Vec<_> = entries.try_iter().map(|entry| (entry.actor().map(str::to_owned), entry.ending)).collect();
/// assert_eq!(entries, [(Some("ann".into()), Ending::Stored), (Some("eve".into()), Ending::Refused)]);
/// # Ok(())
/// # }
/// ```
///
/// # What is recorded, and in what order
/// One entry a command, when it has ended and before the sender is answered: the entries of one sender are in the order in which it
/// waited for its commands, those of several in the order of their ends. A sender that gives up leaves an entry, too:
/// [`Ending::Abandoned`](crate::layer::Ending::Abandoned). A command that is put off leaves one when it is put off, and one whenever
/// the schedule sends it. The content of commands is left out unless it is [asked for](Self::content_of).
///
/// # If the sink fails
/// The command has happened, so its answer stays what it is; the error is logged with the command's id, at the level `ERROR`. A
/// process that dies between the store and the sink leaves no entry either. What was *accepted* is on record all the same: each
/// event has its actor, cause and moment in its metadata, stored in the same append. The layer adds what leaves no event.
#[derive(Clone)]
#[must_use = "it records nothing until it is added with `.layer(…)`"]
pub struct AuditLayer {
    sink: Arc<dyn AuditSink>,
    contents: Contents,
}

/// How the content of a command is written, by the type of the command.
pub(super) type Contents = BTreeMap<TypeId, (&'static str, fn(CommandRef<'_>) -> Option<Json>)>;

impl AuditLayer {
    /// Tells `sink` of each command.
    pub fn new(sink: impl AuditSink) -> Self {
        Self { sink: Arc::new(sink), contents: Contents::new() }
    }

    /// Records what commands of the type `C` hold, too. Mind that this copies personal data to where the sink writes.
    pub fn content_of<C: Command>(mut self) -> Self {
        self.contents.insert(TypeId::of::<C>(), (C::NAME, |command| command.get::<C>()?.encode().ok()?.read().ok()));
        self
    }
}

impl<S> Layer<S> for AuditLayer {
    type Service = Audit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Audit::new(inner, Arc::clone(&self.sink), Arc::new(self.contents.clone()))
    }
}

impl fmt::Debug for AuditLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contents: Vec<_> = self.contents.values().map(|(name, _)| *name).collect();
        f.debug_struct("AuditLayer").field("content_of", &contents).finish_non_exhaustive()
    }
}
