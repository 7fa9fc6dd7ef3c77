//! Aggregates: what decides.

use std::fmt;

use uuid::Uuid;

use crate::dispatch::AnyCommand;
use crate::{
    Category, Command, CommandId, Event, InvalidStreamId, Metadata, MissingService, Payload, PayloadError, ServiceKey, Services,
    StreamId, Tenant, Timestamp, Version,
};

/// A unit of consistency: its state is the fold of its events, its commands decide on that state.
///
/// Written as `#[aggregate(id = …, event = …)]` on the type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate",
    label = "not an aggregate",
    note = "put `#[aggregate(id = …, event = …)]` on the type `{Self}`"
)]
pub trait Aggregate: Default + Send + Sync + 'static {
    /// What identifies an instance; its text form is the id of the stream.
    type Id: fmt::Display + Clone + Send + Sync + 'static;

    /// What can happen to it.
    type Event: Event;

    /// The category of its streams, such as `order`.
    const CATEGORY: &'static str;

    /// The stream of an instance.
    ///
    /// # Errors
    /// [`InvalidStreamId`] if the id is empty or too long.
    fn stream(tenant: &Tenant, id: &Self::Id) -> Result<StreamId, InvalidStreamId> {
        StreamId::of(tenant.clone(), Category::new(Self::CATEGORY)?, id.to_string())
    }
}

/// How events change the state. Written as the `#[event]` method of an `#[aggregate] impl`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how its events change it",
    label = "no `#[event]` method",
    note = "write `#[event] fn evolve(&mut self, event: &…)` in the `#[aggregate] impl {Self}`"
)]
pub trait Evolve: Aggregate {
    /// Takes in one event. It cannot fail: the event has happened.
    fn evolve(&mut self, event: &Self::Event);
}

/// How the aggregate decides on one command. Written as a `#[command]` method of an `#[aggregate] impl`.
///
/// Deciding is pure: the same state, command, facts and context give the same events, so that the engine may
/// decide again after a conflict.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle the command `{C}`",
    label = "no handler for `{C}`",
    note = "write `#[command] fn …(&self, command: {C}) -> Result<…, …>` in the `#[aggregate] impl {Self}`"
)]
pub trait Handle<C: Command>: Evolve {
    /// The domain's "no".
    type Error: std::error::Error + Send + Sync + 'static;

    /// What `#[prepare]` fetches from outside; `()` without one.
    type Facts: Send + Sync + 'static;

    /// The services that `prepare` borrows, checked when the application starts.
    fn services() -> Vec<ServiceKey> {
        Vec::new()
    }

    /// Fetches what the decision needs from outside, once a command: deciding again reuses it.
    fn prepare(command: &C, services: &Services) -> impl Future<Output = Result<Self::Facts, PrepareError<Self::Error>>> + Send;

    /// Decides.
    ///
    /// # Errors
    /// The domain's "no": nothing happens.
    fn decide(&self, command: C, facts: &Self::Facts, context: &Context) -> Result<Vec<Self::Event>, Self::Error>;
}

/// Why a command could not be prepared.
#[derive(Debug)]
pub enum PrepareError<E> {
    /// The preparation said no.
    Rejected(E),
    /// A service it needs is missing.
    Service(MissingService),
}

impl<E> From<MissingService> for PrepareError<E> {
    fn from(missing: MissingService) -> Self {
        Self::Service(missing)
    }
}

/// A command that the aggregate `A` handles: the bound that an argument gets, so that the compiler's answer is
/// about the argument.
#[diagnostic::on_unimplemented(
    message = "`{A}` does not handle the command `{Self}`",
    label = "no handler for `{Self}`",
    note = "write `#[command] fn …(&self, command: {Self}) -> Result<…, …>` in the `#[aggregate] impl {A}`"
)]
pub trait CommandOf<A>: Command {
    /// The domain's "no".
    type Error: std::error::Error + Send + Sync + 'static;

    /// The command for the engine, which knows no types.
    #[doc(hidden)]
    fn erased(self) -> Box<dyn AnyCommand>;
}

#[diagnostic::do_not_recommend]
impl<A: Handle<C>, C: Command> CommandOf<A> for C {
    type Error = <A as Handle<C>>::Error;

    fn erased(self) -> Box<dyn AnyCommand> {
        <dyn AnyCommand>::of::<A, C>(self)
    }
}

/// A command that knows its aggregate, because one `#[aggregate] impl` of its own crate handles it.
#[diagnostic::on_unimplemented(
    message = "no aggregate handles the command `{Self}`",
    label = "no handler",
    note = "write `#[command] fn …(&self, command: {Self}) -> Result<…, …>` in an `#[aggregate] impl`",
    note = "name the aggregate, `send_to::<…, _>(…)`, if the command is of another crate or does not name all parameters of its aggregate"
)]
pub trait Routed: CommandOf<Self::Aggregate> {
    /// The aggregate that handles it.
    type Aggregate: Handle<Self>;
}

/// One command of an aggregate, as the application sees it when it starts.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CommandInfo {
    /// The name of the command.
    pub name: &'static str,
    /// The services that its preparation borrows.
    pub services: fn() -> Vec<ServiceKey>,
    /// Reads a command that was stored, for the engine.
    #[doc(hidden)]
    pub read: fn(&Payload) -> Result<Box<dyn AnyCommand>, PayloadError>,
}

impl CommandInfo {
    /// What there is to know about the command `C` of the aggregate `A`.
    pub const fn of<A: Handle<C>, C: Command>() -> Self {
        Self { name: C::NAME, services: <A as Handle<C>>::services, read: read::<A, C> }
    }
}

fn read<A: Handle<C>, C: Command>(payload: &Payload) -> Result<Box<dyn AnyCommand>, PayloadError> {
    Ok(<dyn AnyCommand>::of::<A, C>(C::decode(payload)?))
}

/// What an `#[aggregate] impl` declares as a whole.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no behaviour",
    label = "no `#[aggregate] impl`",
    note = "put `#[aggregate]` on the `impl {Self}` that holds its `#[command]` and `#[event]` methods"
)]
pub trait Behaviour: Evolve {
    /// Its commands, in order of the methods.
    const COMMANDS: &'static [CommandInfo];
}

/// What a decision may know besides state, command and facts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Context {
    /// When the command was accepted: the same when it is decided again.
    pub now: Timestamp,
    /// The identity of the command.
    pub command_id: CommandId,
    /// The stream of the aggregate.
    pub stream: StreamId,
    /// The version that the decision is based on.
    pub version: Version,
    /// The metadata of the command.
    pub metadata: Metadata,
}

impl Context {
    /// Puts a context together.
    pub fn new(command_id: CommandId, stream: StreamId, version: Version, metadata: Metadata) -> Self {
        Self { now: metadata.occurred_at, command_id, stream, version, metadata }
    }

    /// An identity for something that this decision brings into being: the same each time the command is decided.
    pub fn new_id(&self, name: &str) -> Uuid {
        self.command_id.derive(name).as_uuid()
    }
}
