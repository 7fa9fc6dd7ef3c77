//! What expansions demand of the user's types: one mistake, one error.
//!
//! A type that does not meet a bound would be reported by each generated `impl` that needs the bound. So every
//! generated `impl` is conditional on the traits here (`where for<'a> PlaceOrder: IsCommand<'a>`; the lifetime keeps the
//! compiler from checking the condition where it is written, rust-lang/rust#48214), and one call of a function here
//! demands the bound, at the place that the user has to change.

use std::error::Error;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Aggregate, Command, Event, Fallible, Handle, IntoEvents};

/// Demands an event.
pub const fn event<E: Event>() -> bool {
    true
}

/// Demands a command with the identity of the aggregate that it is for.
pub const fn command<A: Types, C: Command<Id: IsIdAs<A::Id>>>() -> bool {
    true
}

/// Demands that the events of an aggregate are what its `#[event]` method takes.
pub const fn takes_in<E: IsTakenAs<F>, F>() -> bool {
    true
}

/// Demands that a command method returns a `Result` of events and an error.
pub const fn decision<R: Fallible<Ok: IntoEvents<E>, Error: IsError>, E>() -> bool {
    true
}

/// Demands that a preparation returns a `Result` of facts and the error of the decision.
pub const fn preparation<R: Fallible<Ok: Send + Sync + 'static, Error = E>, E>() -> bool {
    true
}

/// Demands what several threads may share.
pub const fn service<S: Send + Sync + 'static>() -> bool {
    true
}

/// Two types, both known before anything is demanded of them.
#[derive(Debug)]
pub struct Both<A, B>(PhantomData<(A, B)>);

/// Names both types.
pub const fn both<A, B>(_: PhantomData<A>, _: PhantomData<B>) -> Both<A, B> {
    Both(PhantomData)
}

impl<A, B> Both<A, B> {
    /// Demands that the id of an aggregate is that of a command.
    pub const fn is_id_of_command(&self) -> bool
    where
        B: IsIdAs<A>,
    {
        true
    }

    /// Demands that the events of an aggregate are what its `#[event]` method takes.
    pub const fn are_taken_in(&self) -> bool
    where
        A: IsTakenAs<B>,
    {
        true
    }

    /// Demands that the events of an aggregate are what a command method returns, in a `Result` with an error.
    pub const fn are_decided(&self) -> bool
    where
        B: Fallible<Ok: IntoEvents<A>, Error: IsError>,
    {
        true
    }
}

/// Demands what serde writes and reads as a whole: a document of a projection, an instance of a saga.
pub const fn stored<T: Stored>() -> bool {
    true
}

#[diagnostic::on_unimplemented(
    message = "`{Self}` is stored, but serde does not write and read it",
    label = "no serde",
    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`"
)]
pub trait Stored: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Stored for T {}

/// Within an `impl` that is conditional on it, what an aggregate has to be besides is taken for granted.
pub trait IsAggregate<'a>: Aggregate {}

#[diagnostic::do_not_recommend]
impl<A: Aggregate> IsAggregate<'_> for A {}

/// What identifies the aggregate. To name it so demands nothing else of an aggregate.
pub type IdOf<A> = <A as Types>::Id;

/// What can happen to the aggregate. To name it so demands nothing else of an aggregate.
pub type EventOf<A> = <A as Types>::Event;

pub trait Types {
    type Id;
    type Event;
}

#[diagnostic::do_not_recommend]
impl<A: Aggregate> Types for A {
    type Id = A::Id;
    type Event = A::Event;
}

/// The same type.
#[diagnostic::on_unimplemented(
    message = "the `#[id]` of this command is `{Self}`, but the aggregate is identified by `{Id}`",
    label = "not a command for this aggregate",
    note = "give the field with `#[id]` the type `{Id}`, or say `id = {Self}` in the `#[aggregate(…)]` on the type"
)]
pub trait IsIdAs<Id> {}

impl<Id> IsIdAs<Id> for Id {}

/// The same type.
#[diagnostic::on_unimplemented(
    message = "the events of this aggregate are `{Self}`, but its `#[event]` method takes `{E}`",
    label = "not the events of this aggregate",
    note = "take `&{Self}`, or say `event = {E}` in the `#[aggregate(…)]` on the type"
)]
pub trait IsTakenAs<E> {}

impl<E> IsTakenAs<E> for E {}

#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command",
    label = "not a command",
    note = "add `#[derive(Command)]` to the struct `{Self}` and mark the field that names its target with `#[id]`"
)]
pub trait IsCommand<'a>: Command {}

#[diagnostic::do_not_recommend]
impl<C: Command> IsCommand<'_> for C {}

#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle the command `{C}`",
    label = "no handler for `{C}`",
    note = "write `#[command] fn …(&self, command: {C}) -> Result<…, …>` in the `#[aggregate] impl {Self}`"
)]
pub trait IsHandler<'a, C: Command>: Handle<C> {}

#[diagnostic::do_not_recommend]
impl<A: Handle<C>, C: Command> IsHandler<'_, C> for A {}

#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error",
    label = "not an error",
    note = "derive it, with `#[derive(Debug, thiserror::Error)]` on the type and `#[error(\"…\")]` on each variant, or implement `std::error::Error`",
    note = "what it holds must be `Send`, `Sync` and owned: the error is given back to whoever sent the command"
)]
pub trait IsError: Error + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<E: Error + Send + Sync + 'static> IsError for E {}

pub trait IsService<'a>: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<S: Send + Sync + 'static> IsService<'_> for S {}
