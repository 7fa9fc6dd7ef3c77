//! What a `#[command]` method may return.

use std::fmt;

use crate::{Event, Evolve};

/// What a command method may return inside its `Result`: one event, `Option`, array, `Vec`, or [`Multi`].
///
/// No event means that the command had nothing to change.
#[diagnostic::on_unimplemented(
    message = "a command of this aggregate cannot return `{Self}`",
    label = "not events of this aggregate",
    note = "return `{E}`, `Option<{E}>`, `[{E}; N]`, `Vec<{E}>` or `Multi<Self>`"
)]
pub trait IntoEvents<E> {
    /// The events, in the order in which they happened.
    fn into_events(self) -> Vec<E>;
}

impl<E: Event> IntoEvents<E> for E {
    fn into_events(self) -> Vec<E> {
        vec![self]
    }
}

impl<E: Event> IntoEvents<E> for Option<E> {
    fn into_events(self) -> Vec<E> {
        self.into_iter().collect()
    }
}

impl<E: Event, const N: usize> IntoEvents<E> for [E; N] {
    fn into_events(self) -> Vec<E> {
        self.into()
    }
}

impl<E: Event> IntoEvents<E> for Vec<E> {
    fn into_events(self) -> Vec<E> {
        self
    }
}

/// Several decisions in a row, each on the state that the ones before it left.
///
/// ```
/// # use annals_core::{Aggregate, EncodeError, Event, EventKind, Evolve, IntoEvents, Multi, Payload, PayloadError};
/// # #[derive(Debug, PartialEq)]
/// # enum AccountEvent { PaidOut { amount: u64 }, Closed }
/// # impl Event for AccountEvent {
/// #     const KINDS: &'static [EventKind] =
/// #         &[EventKind { name: "account.changed", version: 1, aliases: &[], upcasters: &[] }];
/// #     fn kind(&self) -> &'static EventKind { &Self::KINDS[0] }
/// #     fn encode(&self) -> Result<Payload, EncodeError> { Payload::json(&()) }
/// #     fn from_payload(_: &'static EventKind, _: &Payload) -> Result<Self, PayloadError> { Ok(Self::Closed) }
/// # }
/// # #[derive(Clone, Default)]
/// # struct Account { balance: u64 }
/// # impl Aggregate for Account { type Id = String; type Event = AccountEvent; const CATEGORY: &'static str = "account"; }
/// # impl Evolve for Account {
/// #     fn evolve(&mut self, event: &AccountEvent) {
/// #         if let AccountEvent::PaidOut { amount } = event { self.balance -= amount }
/// #     }
/// # }
/// impl Account {
///     fn pay_out(&self) -> Result<AccountEvent, &'static str> {
///         Ok(AccountEvent::PaidOut { amount: self.balance })
///     }
///
///     fn end(&self) -> Result<AccountEvent, &'static str> {
///         if self.balance == 0 { Ok(AccountEvent::Closed) } else { Err("there is money left") }
///     }
///
///     // In an `#[aggregate] impl` this is a `#[command]` method.
///     fn close(&self) -> Result<Multi<Self>, &'static str> {
///         Multi::of(self).then(Self::pay_out)?.then(Self::end)
///     }
/// }
///
/// let account = Account { balance: 5 };
/// assert!(account.end().is_err());
/// assert_eq!(account.close()?.into_events(), [AccountEvent::PaidOut { amount: 5 }, AccountEvent::Closed]);
/// # Ok::<(), &'static str>(())
/// ```
pub struct Multi<A: Evolve> {
    state: A,
    events: Vec<A::Event>,
}

impl<A: Evolve + Clone> Multi<A> {
    /// Starts from a state.
    pub fn of(state: &A) -> Self {
        Self { state: state.clone(), events: Vec::new() }
    }

    /// Decides once more.
    ///
    /// # Errors
    /// The error of `decide`: then nothing of the whole happens.
    pub fn then<I: IntoEvents<A::Event>, E>(mut self, decide: impl FnOnce(&A) -> Result<I, E>) -> Result<Self, E> {
        for event in decide(&self.state)?.into_events() {
            self.state.evolve(&event);
            self.events.push(event);
        }
        Ok(self)
    }
}

impl<A: Evolve> IntoEvents<A::Event> for Multi<A> {
    fn into_events(self) -> Vec<A::Event> {
        self.events
    }
}

impl<A: Evolve> fmt::Debug for Multi<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Multi").field("events", &self.events.len()).finish_non_exhaustive()
    }
}

/// The two halves of a `Result`, whatever alias it was written under. The macros ask it, so that a return type is
/// named once.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a command method cannot return `{Self}`",
    label = "not a `Result`",
    note = "return `Result<events, error>`; the error is the domain's \"no\" (use `std::convert::Infallible` if there is none)"
)]
pub trait Fallible {
    type Ok;
    type Error;

    fn into_result(self) -> Result<Self::Ok, Self::Error>;
}

impl<T, E> Fallible for Result<T, E> {
    type Ok = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }
}
