//! What expansions demand of the user's types: one mistake, one error.
//!
//! A type that does not meet a bound would be reported by each generated `impl` that needs the bound. So every
//! generated `impl` is conditional on the traits here (`where for<'a> PlaceOrder: IsCommand<'a>`; the lifetime keeps the
//! compiler from checking the condition where it is written, rust-lang/rust#48214), and one call of a function here
//! demands the bound, at the place that the user has to change.

use std::error::Error;

use crate::{Aggregate, Command, Event, Fallible, Handle, IntoEvents};

/// Demands an event.
pub const fn event<E: Event>() {}

/// Demands an aggregate with these events.
///
/// Not even `Sized` is demanded: that would look into the types, which may contain a command whose id is looked for.
#[expect(clippy::needless_maybe_sized, reason = "it spares the compiler the question")]
pub const fn aggregate<A: Aggregate<Event = E> + ?Sized, E: ?Sized>() -> bool {
    true
}

/// Demands a command with the identity of the aggregate that it is for.
pub const fn command<A: Aggregate, C: Command<Id = A::Id>>() {}

/// Demands that a command method returns a `Result` of events and an error.
pub const fn decision<R: Fallible<Ok: IntoEvents<E>, Error: Error + Send + Sync + 'static>, E>() {}

/// Demands that a preparation returns a `Result` of facts and the error of the decision.
pub const fn preparation<R: Fallible<Ok: Send + Sync + 'static, Error = E>, E>() {}

/// Demands what several threads may share.
pub const fn service<S: Send + Sync + 'static>() {}

pub trait IsEvent<'a>: Event {}

#[diagnostic::do_not_recommend]
impl<E: Event> IsEvent<'_> for E {}

pub trait IsAggregate<'a, E>: Aggregate<Event = E> {}

#[diagnostic::do_not_recommend]
impl<A: Aggregate> IsAggregate<'_, A::Event> for A {}

pub trait IsCommand<'a>: Command {}

#[diagnostic::do_not_recommend]
impl<C: Command> IsCommand<'_> for C {}

pub trait IsHandler<'a, C: Command>: Handle<C> {}

#[diagnostic::do_not_recommend]
impl<A: Handle<C>, C: Command> IsHandler<'_, C> for A {}

pub trait IsDecision<'a, E>: Fallible<Ok: IntoEvents<E>, Error: Error + Send + Sync + 'static> {}

#[diagnostic::do_not_recommend]
impl<R: Fallible<Ok: IntoEvents<E>, Error: Error + Send + Sync + 'static>, E> IsDecision<'_, E> for R {}

pub trait IsPreparation<'a, E>: Fallible<Ok: Send + Sync + 'static, Error = E> {}

#[diagnostic::do_not_recommend]
impl<R: Fallible<Ok: Send + Sync + 'static>> IsPreparation<'_, R::Error> for R {}

pub trait IsService<'a>: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<S: Send + Sync + 'static> IsService<'_> for S {}

/// The result of [`aggregate`]. The type of the id of a command that is declared in an `impl` goes through it: if the
/// constant could not be made, the compiler takes the type for whatever is needed, and says no more.
#[derive(Debug)]
pub struct Checked<const IS_AGGREGATE: bool>;

/// The type that identifies an aggregate.
pub trait IdOf<C> {
    type Id;
}

impl<A: Aggregate> IdOf<Checked<true>> for A {
    type Id = A::Id;
}
