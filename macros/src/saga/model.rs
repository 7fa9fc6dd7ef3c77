//! What the user said about a saga.

use syn::ext::IdentExt;
use syn::{Attribute, Ident, LitInt, LitStr, Type};

use super::on_event::OnEvent;
use crate::support::Krate;
use crate::support::block::{Block, Method};
use crate::support::duration::Time;

pub(crate) struct Saga<'a> {
    pub(crate) block: &'a Block,
    pub(crate) krate: Krate,
    /// `name = "…"`.
    pub(crate) literal: Option<LitStr>,
    pub(crate) name: String,
    pub(crate) version: Option<LitInt>,
    pub(crate) deadline: Option<Time>,
    /// The word `manual`: the application begins the instances.
    pub(crate) manual: Option<Ident>,
    pub(crate) starts: Vec<OnEvent<'a>>,
    pub(crate) keys: Vec<OnEvent<'a>>,
    /// Steps and waits, in the order in which they are written.
    pub(crate) steps: Vec<Step<'a>>,
    pub(crate) undos: Vec<Undo<'a>>,
    pub(crate) outcomes: Vec<OfStep<'a>>,
    pub(crate) failures: Vec<OfStep<'a>>,
    /// `#[rejected(step)]`: it goes on when the step says no.
    pub(crate) refusals: Vec<OfStep<'a>>,
    pub(crate) ons: Vec<OnEvent<'a>>,
    pub(crate) rejections: Vec<Rejected<'a>>,
}

/// A `#[step]` or `#[wait]`.
pub(crate) struct Step<'a> {
    pub(crate) method: &'a Method,
    pub(crate) act: Act<'a>,
    /// `name = "…"`.
    pub(crate) literal: Option<LitStr>,
    /// The name under which it is stored.
    pub(crate) name: String,
    /// The word `pivot`.
    pub(crate) pivot: Option<Ident>,
    /// The word `nothing_to_undo`.
    pub(crate) nothing_to_undo: Option<Ident>,
    pub(crate) timeout: Option<Time>,
    pub(crate) or_after: Option<Time>,
    pub(crate) retry: Option<Retry>,
}

/// What is done.
pub(crate) enum Act<'a> {
    /// What a `#[start]` stands for: the event has happened, and may be undone.
    Nothing,
    /// A `fn` sends commands.
    Commands,
    /// An `async fn` calls the outside world.
    Activity(Vec<Argument<'a>>),
    /// `#[wait]`.
    Wait(OnEvent<'a>),
}

/// What an activity takes besides `&self`.
#[derive(Clone, Copy)]
pub(crate) enum Argument<'a> {
    /// `IdempotencyKey`
    Key,
    /// `&Call<…>`
    Call,
    /// `&X`, without `&`.
    Service(&'a Type),
}

impl<'a> Argument<'a> {
    pub(crate) fn service(&self) -> Option<&'a Type> {
        match self {
            Self::Service(ty) => Some(ty),
            _ => None,
        }
    }
}

/// `retry(…)`
#[derive(Default)]
pub(crate) struct Retry {
    pub(crate) attempts: Option<LitInt>,
    pub(crate) initial: Option<Time>,
    pub(crate) longest: Option<Time>,
    pub(crate) alert_after: Option<Time>,
}

/// An `#[undo(step)]`.
pub(crate) struct Undo<'a> {
    pub(crate) of: OfStep<'a>,
    pub(crate) act: Act<'a>,
}

/// A method about a step, or about all.
pub(crate) struct OfStep<'a> {
    pub(crate) method: &'a Method,
    pub(crate) mark: &'a Attribute,
    /// The name of the method of the step.
    pub(crate) step: Option<Ident>,
}

/// A `#[rejected]` method of a saga of reactions.
pub(crate) struct Rejected<'a> {
    pub(crate) method: &'a Method,
    pub(crate) mark: &'a Attribute,
    /// The types of command and error, without `&`, where they are written so.
    pub(crate) command: Option<&'a Type>,
    pub(crate) error: Option<&'a Type>,
}

impl<'a> Saga<'a> {
    /// Where the step is whose method has a name.
    pub(crate) fn position(&self, name: &Ident) -> Option<usize> {
        self.steps.iter().position(|step| step.ident().unraw() == name.unraw())
    }

    /// Whether it consists of reactions.
    pub(crate) fn is_reacting(&self) -> bool {
        self.steps.is_empty() && !(self.ons.is_empty() && self.rejections.is_empty())
    }

    /// What takes events.
    pub(crate) fn taking(&self) -> impl Iterator<Item = &OnEvent<'a>> {
        let waits = self.steps.iter().filter_map(|step| match &step.act {
            Act::Wait(wait) => Some(wait),
            _ => None,
        });
        self.starts.iter().chain(waits).chain(&self.ons)
    }
}

impl Step<'_> {
    pub(crate) fn ident(&self) -> &Ident {
        &self.method.signature.ident
    }
}

impl OfStep<'_> {
    pub(crate) fn is_of(&self, step: &Step<'_>) -> bool {
        self.step.as_ref().is_some_and(|name| name.unraw() == step.ident().unraw())
    }
}
