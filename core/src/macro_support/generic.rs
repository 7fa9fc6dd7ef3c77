//! What expansions demand of types with parameters, where these are not known.
//!
//! What a derived event or command needs of its parameters is inferred, so that the aggregate need not repeat it: whether
//! `LedgerEvent<C>` is an event depends on `C`. What a derive macro or `#[aggregate]` says whatever the parameters are, it says in
//! functions of the type itself, which come before those of the traits here. So a mistake is told where it is written.

use std::marker::PhantomData;

use super::demand::{IsError, IsTakenAs};
use crate::{Aggregate, Command, Event, Fallible, Handle, IntoEvents};

/// What a type says of itself as an aggregate, whatever its parameters are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate",
    label = "not an aggregate",
    note = "put `#[aggregate(id = …, event = …)]` on the type `{Self}`"
)]
pub trait Said {
    type Id;
    type Event;
}

/// What a type has that was not derived: it is what it is without further bounds, or not at all.
pub trait Underived {
    /// Demands an event.
    fn __is_event() -> bool
    where
        Self: Event,
    {
        true
    }

    /// Demands a command; the type of its id.
    fn __id_of_command<I>() -> PhantomData<I>
    where
        Self: Command<Id = I>,
    {
        PhantomData
    }
}

impl<T> Underived for T {}

/// What a type has that does not say what aggregate it is: everything fits, because that alone is told.
pub trait Unidentified {
    /// The type of its id.
    fn __id<I>() -> PhantomData<I> {
        PhantomData
    }

    /// The type of its events: `T`, which the `#[event]` method takes.
    fn __events<T: IsTakenAs<E>, E>() -> PhantomData<E> {
        PhantomData
    }
}

impl<T> Unidentified for T {}

/// Within an `impl` that is conditional on it, the type is an aggregate with these events.
///
/// It is not for every aggregate: one of two ways to be one is no way for the compiler to say what is missing.
pub trait IsAggregateOf<'a, E>: Aggregate<Event = E> {}

/// As in [`demand`](super::demand), but what a parameter lacks is told by its name.
pub trait IsEvent<'a>: Event {}

impl<E: Event> IsEvent<'_> for E {}

pub trait IsCommand<'a>: Command {}

impl<C: Command> IsCommand<'_> for C {}

pub trait IsHandler<'a, C: Command>: Handle<C> {}

impl<A: Handle<C>, C: Command> IsHandler<'_, C> for A {}

/// Within an `impl` that is conditional on it, the type is what a command method may return.
pub trait IsDecision<'a, E>: Fallible<Ok: IntoEvents<E>, Error: IsError> {}

impl<R: Fallible<Ok: IntoEvents<E>, Error: IsError>, E> IsDecision<'_, E> for R {}

/// Within an `impl` that is conditional on it, the type is what a preparation may return.
pub trait IsPreparation<'a, E>: Fallible<Ok: Send + Sync + 'static, Error = E> {}

impl<R: Fallible<Ok: Send + Sync + 'static, Error = E>, E> IsPreparation<'_, E> for R {}
