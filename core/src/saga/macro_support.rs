//! What expansions of `#[saga]` call, so that they stay short. No stable interface: only `annals-macros` may use it.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Definition, InvalidSaga};
use crate::EventContext;

/// Whether a definition can be made. Conditional on the state being one, see [`IsState`].
pub trait Define: Sized {
    fn define() -> Result<Definition<Self>, InvalidSaga>;
}

/// The condition of [`Define`]: a state that cannot be kept is reported once, by the trait `Saga`, and not by all that is
/// done with it. The lifetime keeps the compiler from checking it where it is written, rust-lang/rust#48214.
pub trait IsState<'a>: Serialize + DeserializeOwned + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> IsState<'_> for S {}

/// The way to a definition that compiles also where there is none: a method of this type goes before the one of what it
/// dereferences to.
pub struct Defined<S>(Undefined<S>);

impl<S: Define> Defined<S> {
    pub fn definition(&self) -> Result<Definition<S>, InvalidSaga> {
        S::define()
    }
}

impl<S> Defined<S> {
    pub const NEW: Self = Self(Undefined(PhantomData));
}

impl<S> Deref for Defined<S> {
    type Target = Undefined<S>;

    fn deref(&self) -> &Undefined<S> {
        &self.0
    }
}

impl<S> fmt::Debug for Defined<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Defined")
    }
}

/// What has no definition, because the compiler has reported an error.
pub struct Undefined<S>(PhantomData<fn() -> S>);

impl<S> Undefined<S> {
    pub fn definition(&self) -> Result<Definition<S>, InvalidSaga> {
        unreachable!("the program does not compile")
    }
}

impl<S> fmt::Debug for Undefined<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Undefined")
    }
}

/// What a `#[start]` function may return.
#[diagnostic::on_unimplemented(
    message = "a `#[start]` function cannot return `{Self}`",
    label = "not the state of an instance",
    note = "return `Option<Self>`: the first state of the instance, or `None` for events that begin none"
)]
pub trait Started<S> {
    fn started(self) -> Option<S>;
}

impl<S> Started<S> for Option<S> {
    fn started(self) -> Self {
        self
    }
}

/// Puts together what `starts_on` takes. Which instance an event is for is asked only if it begins one.
pub fn start<E, S>(
    key: impl Fn(&E, &EventContext<'_>) -> Option<String> + Send + Sync + 'static,
    first_state: impl Fn(&E, &EventContext<'_>) -> Option<S> + Send + Sync + 'static,
) -> impl Fn(&E, &EventContext<'_>) -> Option<(String, S)> + Send + Sync + 'static {
    move |event, context| {
        let state = first_state(event, context)?;
        Some((key(event, context)?, state))
    }
}

/// What says which instance an event is for, for a closure that is not handed over at once.
pub const fn key<E>(
    key: impl Fn(&E, &EventContext<'_>) -> Option<String> + Send + Sync + 'static,
) -> impl Fn(&E, &EventContext<'_>) -> Option<String> + Send + Sync + 'static {
    key
}

/// Which instance an event is for, if nothing says otherwise: the one that is called as its stream.
pub fn stream_id<E>(_: &E, context: &EventContext<'_>) -> Option<String> {
    Some(context.stream_id().to_owned())
}

/// What a step comes to, as its `#[outcome]` method takes it.
#[diagnostic::on_unimplemented(
    message = "the step comes to `{O}`, not to `{Self}`",
    label = "take `{O}`",
    note = "what a step returns, in `Ok`, is what its `#[outcome]` method takes; for a `#[wait(or_after = …)]` it is an `Option`, `None` without the event"
)]
pub trait OutcomeOf<O> {}

impl<T> OutcomeOf<T> for T {}

/// The error of a command, as the `#[rejected]` method takes it.
#[diagnostic::on_unimplemented(
    message = "the command is refused with `{Self}`, not with `{E}`",
    label = "take `&{Self}`",
    note = "the error of the `#[command]` method is what the `#[rejected]` method takes, by reference"
)]
pub trait RefusedWith<E> {
    fn refusal(&self) -> &E;
}

impl<E> RefusedWith<E> for E {
    fn refusal(&self) -> &E {
        self
    }
}
