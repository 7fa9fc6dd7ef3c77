//! Commands whose types are erased: what the engine works with underneath the typed surface.

use std::any::{Any, TypeId};
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;

use futures_util::future::BoxFuture;
use thiserror::Error;

use crate::aggregate::{Context, Handle, PrepareError};
use crate::{
    Aggregate, Command, CommandId, DecodeError, EncodeError, EncodedMetadata, EventId, Evolve, InvalidStreamId, MissingService,
    NewEvent, NewEventError, Payload, RecordedEvent, Services, StreamId, Tenant,
};

/// The state of an aggregate, whatever its type.
pub trait AnyState: Any + Send + Sync {
    /// Takes in a recorded event.
    ///
    /// # Errors
    /// [`DecodeError`] if the event cannot be read; the state is then as before.
    fn take_in(&mut self, record: &RecordedEvent) -> Result<(), DecodeError>;

    /// The state of the same aggregate without events.
    fn renew(&self) -> Box<dyn AnyState>;
}

impl<A: Evolve> AnyState for A {
    fn take_in(&mut self, record: &RecordedEvent) -> Result<(), DecodeError> {
        let event = record.decode()?;
        self.evolve(&event);
        Ok(())
    }

    fn renew(&self) -> Box<dyn AnyState> {
        Box::new(A::default())
    }
}

/// What `#[prepare]` fetched, whatever its type.
pub type AnyFacts = Box<dyn Any + Send + Sync>;

/// The domain's "no", whatever its type.
pub type AnyRejection = Box<dyn Error + Send + Sync>;

/// Why a command came to no decision.
#[derive(Error)]
#[non_exhaustive]
pub enum NoDecision {
    /// The domain said no.
    #[error("rejected")]
    Rejected(#[source] AnyRejection),
    /// A service that the preparation needs is missing.
    #[error(transparent)]
    Service(#[from] MissingService),
    /// An event that was decided cannot be stored.
    #[error(transparent)]
    Event(#[from] NewEventError),
    /// State or facts are of another type than the command's: a defect of the engine.
    #[error("state or facts do not belong to the command `{0}`")]
    Mismatch(&'static str),
}

crate::__debug_as_told!(NoDecision);

/// The events that a command came to.
pub struct Decided {
    /// For the store.
    pub events: Vec<NewEvent>,
    evolve: EvolveState,
}

type EvolveState = Box<dyn FnOnce(&mut dyn AnyState) + Send>;

impl Decided {
    /// Brings the state that was decided on up to date.
    pub fn evolve(self, state: &mut dyn AnyState) {
        (self.evolve)(state);
    }
}

impl fmt::Debug for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decided").field("events", &self.events).finish_non_exhaustive()
    }
}

/// A command together with the aggregate that handles it, types erased.
pub trait AnyCommand: Send + Sync {
    /// The name of the command.
    fn name(&self) -> &'static str;

    /// The type of the aggregate.
    fn aggregate(&self) -> TypeId;

    /// The category of the aggregate.
    fn category(&self) -> &'static str;

    /// The stream it is for.
    ///
    /// # Errors
    /// [`InvalidStreamId`] if its id cannot be that of a stream.
    fn stream(&self, tenant: &Tenant) -> Result<StreamId, InvalidStreamId>;

    /// The command itself, for those who know its type.
    fn content(&self) -> &(dyn Any + Send + Sync);

    /// Writes the fields of the command as an object.
    ///
    /// # Errors
    /// [`EncodeError`] if a field cannot be written.
    fn encode(&self) -> Result<Payload, EncodeError>;

    /// The state of an aggregate without events.
    fn initial(&self) -> Box<dyn AnyState>;

    /// Runs the preparation.
    fn prepare<'a>(&'a self, services: &'a Services) -> BoxFuture<'a, Result<AnyFacts, NoDecision>>;

    /// Decides. `next_id` gives the identity of each event.
    ///
    /// # Errors
    /// [`NoDecision`]; nothing happens then.
    fn decide(
        &self,
        state: &dyn AnyState,
        facts: &(dyn Any + Send + Sync),
        context: &Context,
        metadata: &EncodedMetadata,
        next_id: &mut dyn FnMut() -> EventId,
    ) -> Result<Decided, NoDecision>;
}

impl dyn AnyCommand {
    /// Erases the types of a command for the aggregate `A`.
    pub fn of<A: Handle<C>, C: Command>(command: C) -> Box<dyn AnyCommand> {
        Box::new(Typed::<A, C> { command, aggregate: PhantomData })
    }
}

impl fmt::Debug for dyn AnyCommand + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyCommand({} for {})", self.name(), self.category())
    }
}

/// A command with its identity.
#[derive(Debug)]
pub struct IdentifiedCommand {
    /// Its identity, the same at every attempt.
    pub id: CommandId,
    /// The command.
    pub command: Box<dyn AnyCommand>,
}

struct Typed<A, C> {
    command: C,
    aggregate: PhantomData<fn() -> A>,
}

impl<A: Handle<C>, C: Command> AnyCommand for Typed<A, C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn aggregate(&self) -> TypeId {
        TypeId::of::<A>()
    }

    fn category(&self) -> &'static str {
        A::CATEGORY
    }

    fn stream(&self, tenant: &Tenant) -> Result<StreamId, InvalidStreamId> {
        StreamId::of(tenant.clone(), crate::Category::new(A::CATEGORY)?, self.command.id().to_string())
    }

    fn content(&self) -> &(dyn Any + Send + Sync) {
        &self.command
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        self.command.encode()
    }

    fn initial(&self) -> Box<dyn AnyState> {
        Box::new(A::default())
    }

    fn prepare<'a>(&'a self, services: &'a Services) -> BoxFuture<'a, Result<AnyFacts, NoDecision>> {
        Box::pin(async move {
            match <A as Handle<C>>::prepare(&self.command, services).await {
                Ok(facts) => Ok(Box::new(facts) as AnyFacts),
                Err(PrepareError::Rejected(error)) => Err(NoDecision::Rejected(Box::new(error))),
                Err(PrepareError::Service(missing)) => Err(missing.into()),
            }
        })
    }

    fn decide(
        &self,
        state: &dyn AnyState,
        facts: &(dyn Any + Send + Sync),
        context: &Context,
        metadata: &EncodedMetadata,
        next_id: &mut dyn FnMut() -> EventId,
    ) -> Result<Decided, NoDecision> {
        let state: &dyn Any = state;
        let (Some(state), Some(facts)) = (state.downcast_ref::<A>(), facts.downcast_ref::<<A as Handle<C>>::Facts>()) else {
            return Err(NoDecision::Mismatch(C::NAME));
        };
        let decided =
            state.decide(self.command.duplicate(), facts, context).map_err(|error| NoDecision::Rejected(Box::new(error)))?;
        let events = decided.iter().map(|event| NewEvent::new(next_id(), event, metadata)).collect::<Result<_, _>>()?;
        Ok(Decided { events, evolve: Box::new(move |state| evolve_all::<A>(state, &decided)) })
    }
}

fn evolve_all<A: Evolve>(state: &mut dyn AnyState, events: &[<A as Aggregate>::Event]) {
    let state: &mut dyn Any = state;
    if let Some(state) = state.downcast_mut::<A>() {
        for event in events {
            state.evolve(event);
        }
    }
}
