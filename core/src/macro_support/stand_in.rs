//! What stands in for a type that does not say what aggregate it is: one mistake, one error.
//!
//! Without `#[aggregate(id = …, event = …)]` on the type, every use of it would be an error. So its `#[aggregate] impl`
//! makes it an aggregate if nothing else does. What is not known of it is a type that the compiler takes for
//! whatever is needed, because the constant it depends on is an error: the one that is told.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Aggregate, Event, Fallible, IntoEvents, PrepareError};

use super::demand::IsError;

/// A type that says what aggregate it is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate",
    label = "not an aggregate",
    note = "put `#[aggregate(id = …, event = …)]` on the type `{Self}`"
)]
pub trait Identified {}

/// Demands a type that says what aggregate it is.
pub const fn identified<A: Identified>() -> bool {
    true
}

/// What a type has that says nothing: what is its own comes before that of a trait.
pub trait Unidentified {
    const __IS_IDENTIFIED: bool = false;
}

impl<T> Unidentified for T {}

/// A value of a constant, as a type.
#[derive(Debug)]
pub struct Constant<const VALUE: bool>;

/// Holds for every type if the constant is false. It is about the type, although the type does not matter: of a type of
/// its own, a crate knows what does not hold.
pub trait Lacks<'a, const VALUE: bool> {}

impl<T> Lacks<'_, false> for T {}

/// The type that is not known if the constant is an error.
pub type Unknown<const VALUE: bool> = <Constant<VALUE> as Known>::Type;

pub trait Known {
    type Type;
}

impl Known for Constant<true> {
    type Type = String;
}

/// What an `#[aggregate] impl` knows of an aggregate that says nothing.
pub trait StandIn {
    type Id: fmt::Display + Clone + Send + Sync + 'static;
    type Event;
}

#[doc(hidden)]
#[diagnostic::do_not_recommend]
impl<A> Aggregate for A
where
    // Nothing about the id: that would ask for the constant, and the constant asks whether there is an aggregate.
    A: StandIn<Event: Event> + Default + Send + Sync + 'static,
{
    type Id = A::Id;
    type Event = A::Event;

    const CATEGORY: &'static str = "";
}

/// The event as the `#[event]` method takes it. If the constant is an error, it may be any.
pub fn taken_in<A: Aggregate, E, const VALUE: bool>(event: &A::Event) -> &E
where
    Constant<VALUE>: Same<A::Event, E>,
{
    <Constant<VALUE> as Same<A::Event, E>>::same(event)
}

pub trait Same<E, F> {
    fn same(event: &E) -> &F;
}

impl<E> Same<E, E> for Constant<true> {
    fn same(event: &E) -> &E {
        event
    }
}

/// The condition of an `impl` for what serde has to write and read. If the constant is an error, it is taken for granted.
pub trait StoredIf<'a, const VALUE: bool>: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> StoredIf<'_, true> for T {}

/// The condition of an `impl` for an event. If the constant is an error, it is taken for granted.
pub trait EventIf<'a, const VALUE: bool>: Event {}

#[diagnostic::do_not_recommend]
impl<E: Event> EventIf<'_, true> for E {}

/// What a command method returned, as a decision. If the constant is an error, it may be anything.
///
/// # Errors
/// Those of the method.
pub fn decided<R, E, const VALUE: bool>(returned: R) -> Result<Vec<E>, RejectionOf<R, E, VALUE>>
where
    Constant<VALUE>: Decides<R, E>,
{
    <Constant<VALUE> as Decides<R, E>>::decide(returned)
}

/// The error of a command method that returns `R`.
pub type RejectionOf<R, E, const VALUE: bool> = <Constant<VALUE> as Decides<R, E>>::Error;

pub trait Decides<R, E> {
    type Error;

    fn decide(returned: R) -> Result<Vec<E>, Self::Error>;
}

impl<R: Fallible<Ok: IntoEvents<E>, Error: IsError>, E> Decides<R, E> for Constant<true> {
    type Error = R::Error;

    fn decide(returned: R) -> Result<Vec<E>, R::Error> {
        returned.into_result().map(IntoEvents::into_events)
    }
}

/// What a preparation returned, as facts. If the constant is an error, it may be anything.
///
/// # Errors
/// Those of the preparation.
pub fn prepared<R, E, const VALUE: bool>(returned: R) -> Prepared<FactsOf<R, E, VALUE>, E>
where
    Constant<VALUE>: Prepares<R, E>,
{
    <Constant<VALUE> as Prepares<R, E>>::prepare(returned)
}

/// What comes of a preparation.
pub type Prepared<F, E> = Result<F, PrepareError<E>>;

/// The facts of a preparation that returns `R`.
pub type FactsOf<R, E, const VALUE: bool> = <Constant<VALUE> as Prepares<R, E>>::Facts;

pub trait Prepares<R, E> {
    type Facts;

    fn prepare(returned: R) -> Prepared<Self::Facts, E>;
}

impl<R: Fallible<Ok: Send + Sync + 'static, Error = E>, E> Prepares<R, E> for Constant<true> {
    type Facts = R::Ok;

    fn prepare(returned: R) -> Prepared<R::Ok, E> {
        returned.into_result().map_err(PrepareError::Rejected)
    }
}
