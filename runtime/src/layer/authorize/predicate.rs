use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use annals_core::Tenant;
use tower::BoxError;
use tower::filter::Predicate;

use super::{Forbidden, ForbiddenReason, Who};
use crate::engine::{CommandRef, Origin, Request};
use crate::layer::Refused;

/// Whether somebody may send a command.
pub(super) type Rule = Arc<dyn Fn(&Who<'_>, CommandRef<'_>) -> bool + Send + Sync>;

/// Whether an actor belongs to a tenant.
type Belongs = Arc<dyn Fn(&str, &Tenant) -> bool + Send + Sync>;

/// Everything that was allowed.
#[derive(Clone, Default)]
pub(super) struct Rules {
    /// By the type of the command: its name, and the rules for it.
    pub(super) commands: BTreeMap<TypeId, (&'static str, Vec<Rule>)>,
    pub(super) belongs: Option<Belongs>,
    pub(super) sagas: BTreeSet<String>,
    pub(super) all_sagas: bool,
}

impl Rules {
    /// Why a command is forbidden; none if it is not.
    fn against(&self, who: &Who<'_>, command: CommandRef<'_>) -> Option<ForbiddenReason> {
        if let Origin::Saga { .. } = who.origin() {
            let name = who.origin().saga().unwrap_or_default();
            let allowed = self.all_sagas || self.sagas.contains(name);
            return (!allowed).then(|| ForbiddenReason::Saga(name.to_owned()));
        }
        if let Some(belongs) = &self.belongs
            && !who.actor().is_some_and(|actor| belongs(actor, who.tenant()))
        {
            return Some(ForbiddenReason::Tenant);
        }
        match self.commands.get(&command.type_id()) {
            None => Some(ForbiddenReason::NoRule),
            Some((_, rules)) => (!rules.iter().any(|rule| rule(who, command))).then_some(ForbiddenReason::Rule),
        }
    }

    pub(super) fn show(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut commands: Vec<_> = self.commands.values().map(|(name, _)| *name).collect();
        commands.sort_unstable();
        let mut shown = f.debug_struct(name);
        shown.field("allow", &commands).field("isolate", &self.belongs.is_some());
        if self.all_sagas {
            shown.field("sagas", &"all")
        } else {
            shown.field("sagas", &self.sagas)
        };
        shown.finish()
    }
}

/// The rules of an [`AuthorizeLayer`](super::AuthorizeLayer) at work, as the predicate of tower's
/// [`Filter`](tower::filter::Filter).
#[derive(Clone)]
pub struct Authorize(Arc<Rules>);

impl Authorize {
    pub(super) fn new(rules: Rules) -> Self {
        Self(Arc::new(rules))
    }
}

impl Predicate<Request> for Authorize {
    type Request = Request;

    fn check(&mut self, request: Request) -> Result<Request, BoxError> {
        let who = Who::of(&request);
        for command in request.commands() {
            if let Some(reason) = self.0.against(&who, command) {
                let (command, actor) = (command.name(), who.actor().map(str::to_owned));
                let forbidden = Forbidden { command, actor, tenant: request.tenant().clone(), reason };
                return Err(Refused::new(forbidden).into());
            }
        }
        Ok(request)
    }
}

impl fmt::Debug for Authorize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show("Authorize", f)
    }
}
