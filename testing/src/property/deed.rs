use std::fmt;

use annals_core::dispatch::AnyCommand;
use annals_core::{Command, EncodeError, Handle, Payload, PayloadError};
use proptest::prelude::*;

/// A command as a history plays it, its type erased.
pub(super) struct Deed {
    pub(super) name: &'static str,
    /// Its fields; or why they cannot be written, or are others when they are read back.
    pub(super) body: Result<Payload, Unwritable>,
    pub(super) command: Box<dyn AnyCommand>,
}

/// Why a command cannot be put off or sent by a saga: what is stored of it is not what it was.
#[derive(Debug)]
pub(super) enum Unwritable {
    Encode(EncodeError),
    Decode(PayloadError),
    Changes { written: Payload, read: Payload },
}

impl Deed {
    pub(super) fn of<A: Handle<C>, C: Command>(command: C) -> Self {
        Self { name: C::NAME, body: body(&command), command: <dyn AnyCommand>::of::<A, C>(command) }
    }
}

fn body<C: Command>(command: &C) -> Result<Payload, Unwritable> {
    let written = command.encode().map_err(Unwritable::Encode)?;
    let read = C::decode(&written).map_err(Unwritable::Decode)?.encode().map_err(Unwritable::Encode)?;
    if read == written { Ok(written) } else { Err(Unwritable::Changes { written, read }) }
}

/// A command to be, from values that were drawn: it is made when the state it meets is known.
pub(super) struct Draft<A> {
    pub(super) name: &'static str,
    #[expect(clippy::type_complexity, reason = "it is made and called in this file only")]
    make: Box<dyn FnOnce(&A) -> Option<Deed>>,
}

impl<A> Draft<A> {
    /// The command for a state; none if the state does not call for it.
    pub(super) fn make(self, state: &A) -> Option<Deed> {
        (self.make)(state)
    }
}

/// Drafts of commands of one type.
pub(super) fn drafts<A: Handle<C>, C: Command, S: Strategy + 'static>(
    values: S,
    make: impl Fn(&A, S::Value) -> Option<C> + 'static,
) -> BoxedStrategy<Draft<A>> {
    let make = std::rc::Rc::new(make);
    let draft = move |value| {
        let make = std::rc::Rc::clone(&make);
        Draft { name: C::NAME, make: Box::new(move |state| make(state, value).map(Deed::of::<A, C>)) }
    };
    values.prop_map(draft).boxed()
}

impl<A> fmt::Debug for Draft<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft({})", self.name)
    }
}
