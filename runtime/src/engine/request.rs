use std::any::TypeId;
use std::fmt;

use annals_core::dispatch::{AnyCommand, IdentifiedCommand};
use annals_core::store::{Effect, StreamAppend};
use annals_core::{
    AppendId, Command, CommandId, Env, InvalidStreamId, Metadata, ReservedMetadataKey, ScheduleEvent, StreamId, Tenant, Timestamp,
};

use super::Origin;

/// One or more commands that happen together or not at all: what travels through the bus.
///
/// A [layer](crate::layer) may look at it, add metadata, delay it or refuse it. What it cannot do is change the commands, or
/// see what a saga stores together with them. Shown with `{:?}`, it keeps the content of the commands to itself.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = annals::connect("memory:").await?;
/// use annals::layer::Request;
/// use annals::layer::Refused;
/// use tower::filter::FilterLayer;
///
/// let small_ones = |mut request: Request| {
///     if request.commands_of::<Deposit>().any(|deposit| deposit.amount > 100) {
///         return Err(Refused::new("it is too much at once"));
///     }
///     request.insert("checked", "yes").map_err(Refused::new)?;
///     Ok(request)
/// };
/// let app = App::new(store).aggregate::<Account>().layer(FilterLayer::new(small_ones)).start().await?;
/// let refused = app.send(deposit("ann", 101)).await;
/// assert!(matches!(refused, Err(SendError::Refused(_))));
/// # Ok(())
/// # }
/// ```
pub struct Request {
    pub(crate) id: AppendId,
    pub(crate) tenant: Tenant,
    pub(crate) metadata: Metadata,
    pub(crate) commands: Vec<IdentifiedCommand>,
    pub(crate) origin: Origin,
    pub(crate) env: Env,
    pub(crate) work: Work,
}

/// What is done with the commands.
#[derive(Debug)]
pub(crate) enum Work {
    /// They are decided, and what that leads to is stored.
    Decide,
    /// They are decided, and what that leads to is stored together with something else.
    Join(Join),
    /// They are stored, to be decided when they are due.
    PutOff(ScheduleEvent),
}

/// What is stored together with the events of the commands: a step of a saga.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) part: StreamAppend,
    pub(crate) effects: Vec<Effect>,
}

impl Request {
    /// The identity of the unit of work, the same at every attempt.
    pub fn id(&self) -> AppendId {
        self.id
    }

    /// The tenant whose aggregates the commands are for.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// What is known about it besides the commands: actor, source, correlation, cause, keys of the application.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Adds a metadata key of the application, which is stored with every event that the commands lead to.
    ///
    /// # Errors
    /// [`ReservedMetadataKey`] if it starts with `$`: who the actor is, or what the chain, is said by the sender alone.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<String>) -> Result<(), ReservedMetadataKey> {
        self.metadata.insert(key, value)
    }

    /// Where it comes from: from a sender, a saga or the schedule.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// When the command is due, if it is only to be put off now: the bus stores it, and it comes again from the schedule when
    /// it is due. None if it is to be decided at once.
    pub fn due(&self) -> Option<Timestamp> {
        match &self.work {
            Work::PutOff(ScheduleEvent::Set { due, .. }) => Some(*due),
            _ => None,
        }
    }

    /// The commands, in the order in which they are decided. `App::send` sends one, a saga may send several at once.
    pub fn commands(&self) -> impl ExactSizeIterator<Item = CommandRef<'_>> {
        let tenant = &self.tenant;
        self.commands.iter().map(move |command| CommandRef { id: command.id, command: &*command.command, tenant })
    }

    /// Those of the commands that are of the type `C`.
    pub fn commands_of<C: Command>(&self) -> impl Iterator<Item = &C> {
        self.commands().filter_map(|command| command.get::<C>())
    }

    /// The names of the commands.
    pub fn command_names(&self) -> impl Iterator<Item = &'static str> {
        self.commands.iter().map(|command| command.command.name())
    }

    /// The clock, randomness and executor of the application. A layer that measures or waits by them does so in virtual
    /// time when a test wants it.
    pub fn env(&self) -> &Env {
        &self.env
    }
}

impl fmt::Debug for Request {
    /// Shows no content: neither that of the commands nor what a saga stores with them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id)
            .field("tenant", &self.tenant)
            .field("origin", &self.origin)
            .field("metadata", &self.metadata)
            .field("commands", &self.commands)
            .field("due", &self.due())
            .finish_non_exhaustive()
    }
}

/// A command as a layer sees it.
#[derive(Clone, Copy)]
pub struct CommandRef<'a> {
    id: CommandId,
    command: &'a dyn AnyCommand,
    tenant: &'a Tenant,
}

impl<'a> CommandRef<'a> {
    /// Its identity, the same at every attempt.
    pub fn id(&self) -> CommandId {
        self.id
    }

    /// Its name, such as `place_order`.
    pub fn name(&self) -> &'static str {
        self.command.name()
    }

    /// The category of the aggregate that it is for, such as `order`.
    pub fn category(&self) -> &'static str {
        self.command.category()
    }

    /// The stream of the aggregate that it is for.
    ///
    /// # Errors
    /// [`InvalidStreamId`] if its id cannot be that of a stream: then the bus refuses it in the end.
    pub fn stream(&self) -> Result<StreamId, InvalidStreamId> {
        self.command.stream(self.tenant)
    }

    /// The type of the command, as a key of what is known by type.
    pub fn type_id(&self) -> TypeId {
        self.command.content().type_id()
    }

    /// Whether it is of the type `C`.
    pub fn is<C: Command>(&self) -> bool {
        self.get::<C>().is_some()
    }

    /// The command itself, if it is of the type `C`.
    pub fn get<C: Command>(&self) -> Option<&'a C> {
        self.command.content().downcast_ref()
    }
}

impl fmt::Debug for CommandRef<'_> {
    /// Shows no content: a command may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandRef").field("id", &self.id).field("command", &self.command).finish()
    }
}
