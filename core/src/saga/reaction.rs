use std::fmt;
use std::time::Duration;

use super::commands::{CommandType, IntoCommands, WrittenCommand};
use crate::{Aggregate, Routed, Timestamp};

/// What a saga does about an event: commands that it sends, now or later.
///
/// Most reactions need no value of this type: an `#[on]` method may return a command, `Option`, `Vec`, an array or a tuple
/// of commands, or nothing.
///
/// ```
/// # use annals_core::saga::Reaction;
/// let nothing_more = Reaction::new().end();
/// # let _ = nothing_more;
/// ```
#[must_use = "a reaction does nothing before it is returned"]
#[derive(Default)]
pub struct Reaction {
    pub(super) sent: Vec<(WrittenCommand, Delay)>,
    pub(super) cancelled: Vec<Cancelled>,
    pub(super) ends: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Delay {
    After(Duration),
    Until(Timestamp),
}

/// The commands of one type that were put off before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cancelled {
    pub(super) aggregate: &'static str,
    pub(super) name: &'static str,
}

impl Reaction {
    /// Does nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends commands, one after the other.
    pub fn send(self, commands: impl IntoCommands) -> Self {
        self.send_after(Duration::ZERO, commands)
    }

    /// Sends commands once this much time has passed since the event was taken in.
    pub fn send_after(self, wait: Duration, commands: impl IntoCommands) -> Self {
        self.put(Delay::After(wait), commands)
    }

    /// Sends commands at this moment; at once if it has passed.
    pub fn send_at(self, due: Timestamp, commands: impl IntoCommands) -> Self {
        self.put(Delay::Until(due), commands)
    }

    /// Does not send the commands of this type that earlier reactions of the instance have put off and that have not left.
    pub fn cancel<C: Routed>(mut self) -> Self {
        self.cancelled.push(Cancelled { aggregate: <C::Aggregate as Aggregate>::CATEGORY, name: C::NAME });
        self
    }

    /// The instance takes no more events, and completes once its commands are sent, those put off included.
    pub fn end(mut self) -> Self {
        self.ends = true;
        self
    }

    fn put(mut self, delay: Delay, commands: impl IntoCommands) -> Self {
        let mut written = Vec::new();
        commands.into_commands(&mut written);
        self.sent.extend(written.into_iter().map(|command| (command, delay)));
        self
    }
}

impl fmt::Debug for Reaction {
    /// Shows no content: a command may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent: Vec<_> = self.sent.iter().map(|(command, delay)| (command.name, delay)).collect();
        f.debug_struct("Reaction").field("sent", &sent).field("cancelled", &self.cancelled).field("ends", &self.ends).finish()
    }
}

/// What an `#[on]` method of a saga may return: nothing, commands, or a [`Reaction`].
#[diagnostic::on_unimplemented(
    message = "a reaction cannot be `{Self}`",
    label = "no command that an aggregate handles",
    note = "return nothing, a command, `Option<…>`, `Vec<…>`, `[…; N]` or a tuple of commands, or a `Reaction`"
)]
pub trait IntoReaction {
    /// The types of command that there may be, as far as its type says: a [`Reaction`] does not.
    fn types(types: &mut Vec<CommandType>) {
        let _ = types;
    }

    /// The reaction.
    fn into_reaction(self) -> Reaction;
}

impl IntoReaction for () {
    fn into_reaction(self) -> Reaction {
        Reaction::new()
    }
}

impl IntoReaction for Reaction {
    fn into_reaction(self) -> Reaction {
        self
    }
}

impl IntoReaction for Option<Reaction> {
    fn into_reaction(self) -> Reaction {
        self.unwrap_or_default()
    }
}

#[diagnostic::do_not_recommend]
impl<C: IntoCommands> IntoReaction for C {
    fn types(types: &mut Vec<CommandType>) {
        C::types(types);
    }

    fn into_reaction(self) -> Reaction {
        Reaction::new().send(self)
    }
}
