use thiserror::Error;

use crate::{DecodeError, EncodeError, InvalidStreamId, PayloadError};

/// A saga that cannot be.
#[derive(Clone, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidSaga {
    /// Its name cannot be part of a category.
    #[error(
        "the saga name `{0}` cannot be used: it consists of up to 58 lower-case letters, digits and `_`, and starts with a letter"
    )]
    Name(String),
    /// The name of a step is malformed.
    #[error(
        "the step name `{step}` of the saga `{saga}` cannot be used: it consists of lower-case letters, digits and `_`, and starts with a letter"
    )]
    StepName {
        /// The saga.
        saga: &'static str,
        /// The step.
        step: &'static str,
    },
    /// A step sends commands of one name to two aggregates, so that they could not be told apart.
    #[error(
        "the step `{step}` of the saga `{saga}` sends `{command}` to two aggregates: give one of the commands another name with `#[command(name = \"…\")]`, or make it two steps"
    )]
    AmbiguousCommand {
        /// The saga.
        saga: &'static str,
        /// The step.
        step: &'static str,
        /// The name of the commands.
        command: &'static str,
    },
    /// It reacts to the events of one type, or to the rejection of one command, in two ways.
    #[error("the saga `{saga}` reacts to `{to}` in two ways: make it one")]
    RepeatedReaction {
        /// The saga.
        saga: &'static str,
        /// The event or command.
        to: String,
    },
    /// Two steps have one name.
    #[error("the saga `{saga}` has two steps named `{step}`")]
    RepeatedStep {
        /// The saga.
        saga: &'static str,
        /// The step.
        step: &'static str,
    },
}

/// A defect that keeps an instance from being read or from going on.
#[derive(Error)]
#[non_exhaustive]
pub enum Fault {
    /// The state, an outcome or a command cannot be read as what the definition is now.
    #[error("`{what}` cannot be read as the definition has it now")]
    Read {
        /// What cannot be read.
        what: String,
        /// Why.
        source: PayloadError,
    },
    /// The state or a command cannot be written.
    #[error("`{what}` cannot be written")]
    Write {
        /// What cannot be written.
        what: String,
        /// Why.
        source: EncodeError,
    },
    /// An event of the log cannot be read.
    #[error("an event cannot be read")]
    Event(#[source] Box<DecodeError>),
    /// The instance names a step that the definition does not have.
    #[error("the definition has no step {0}")]
    NoStep(usize),
    /// The step does not send a command of this name.
    #[error("the step does not send the command `{0}`: the definition has changed")]
    NoCommand(String),
    /// The step does not work this way.
    #[error("the step `{0}` does not work this way: the definition has changed")]
    OtherKind(&'static str),
    /// The instance began under another version of the definition.
    #[error("the instance began under version {started} of the definition, the program has version {known}")]
    OtherVersion {
        /// The version it began under.
        started: u32,
        /// The version of the program.
        known: u32,
    },
    /// The instance is at no step of the definition.
    #[error("the instance is at no step of the definition")]
    Lost,
    /// The key cannot be that of an instance.
    #[error(transparent)]
    Key(#[from] InvalidStreamId),
}

crate::__debug_as_told!(InvalidSaga, Fault);

/// What cannot be read as a fault that names it.
pub(super) fn read(what: &str) -> impl FnOnce(PayloadError) -> Fault {
    let what = what.to_owned();
    move |source| Fault::Read { what, source }
}

impl Fault {
    /// The fault with all its causes in one line, for the log of the instance.
    pub fn full(&self) -> String {
        crate::__told(self)
    }
}
