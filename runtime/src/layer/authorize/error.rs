use std::fmt;

use annals_core::Tenant;
use thiserror::Error;

annals_core::__debug_as_told!(Forbidden, ForbiddenReason);

/// A command that its sender may not send. It comes as a [refusal](crate::layer::Refused): nothing was stored.
///
/// It names the command and the actor, never what the command holds.
#[derive(Clone, Error, PartialEq, Eq)]
#[error("{} may not send `{command}`: {reason}", Actor(.actor.as_deref()))]
#[non_exhaustive]
pub struct Forbidden {
    /// The name of the command.
    pub command: &'static str,
    /// The actor of its metadata.
    pub actor: Option<String>,
    /// The tenant whose aggregate it was for.
    pub tenant: Tenant,
    /// Why.
    pub reason: ForbiddenReason,
}

/// Why a command is [`Forbidden`].
#[derive(Clone, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForbiddenReason {
    /// No rule was said for the command, and what was not allowed is forbidden.
    #[error("there is no rule for it, add one with `.allow::<…>(…)`")]
    NoRule,
    /// There are rules for the command, and none of them allows this.
    #[error("no rule allows it")]
    Rule,
    /// The actor does not belong to the tenant of the aggregate.
    #[error("the tenant is another one")]
    Tenant,
    /// It comes from a saga that was not allowed to send.
    #[error("it comes from the saga `{0}`, add `.allow_saga(\"{0}\")` or `.allow_sagas()`")]
    Saga(String),
}

struct Actor<'a>(Option<&'a str>);

impl fmt::Display for Actor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(actor) => write!(f, "`{actor}`"),
            None => f.write_str("a sender without an actor"),
        }
    }
}
