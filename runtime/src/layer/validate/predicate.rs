use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use tower::BoxError;
use tower::filter::Predicate;

use super::Invalid;
use crate::engine::{CommandRef, Request};
use crate::layer::Refused;

/// What is wrong with a command.
pub(super) type Check = Arc<dyn Fn(CommandRef<'_>) -> Result<(), BoxError> + Send + Sync>;

/// By the type of the command: its name, and the checks of it.
pub(super) type Checks = BTreeMap<TypeId, (&'static str, Vec<Check>)>;

/// The checks of a [`ValidateLayer`](super::ValidateLayer) at work, as the predicate of tower's
/// [`Filter`](tower::filter::Filter).
#[derive(Clone)]
pub struct Validate(Arc<Checks>);

impl Validate {
    pub(super) fn new(checks: Checks) -> Self {
        Self(Arc::new(checks))
    }

    fn failures(&self, command: CommandRef<'_>) -> Vec<BoxError> {
        let checks = self.0.get(&command.type_id()).map(|(_, checks)| checks.as_slice()).unwrap_or_default();
        checks.iter().filter_map(|check| check(command).err()).collect()
    }
}

impl Predicate<Request> for Validate {
    type Request = Request;

    fn check(&mut self, request: Request) -> Result<Request, BoxError> {
        for command in request.commands() {
            let failures = self.failures(command);
            if !failures.is_empty() {
                return Err(Refused::new(Invalid { command: command.name(), failures }).into());
            }
        }
        Ok(request)
    }
}

impl fmt::Debug for Validate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.0, "Validate", f)
    }
}

pub(super) fn show(checks: &Checks, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut commands: Vec<_> = checks.values().map(|(name, _)| *name).collect();
    commands.sort_unstable();
    f.debug_struct(name).field("checks", &commands).finish()
}
