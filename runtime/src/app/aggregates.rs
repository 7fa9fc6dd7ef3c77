//! The aggregates of an application, checked when it starts.

use std::any::{TypeId, type_name};
use std::collections::{BTreeMap, BTreeSet};

use annals_core::{Behaviour, CommandInfo, Event, EventKind, ServiceKey, Services};

use super::part::Sent;
use crate::error::StartError;

pub(super) struct AggregatePart {
    pub(super) id: TypeId,
    /// The path of the type.
    name: &'static str,
    pub(super) category: &'static str,
    pub(super) commands: &'static [CommandInfo],
    /// The type of its events and what it holds.
    events: (TypeId, &'static [EventKind]),
    services: Vec<(&'static str, ServiceKey)>,
}

impl AggregatePart {
    pub(super) fn of<A: Behaviour>() -> Self {
        let services = A::COMMANDS.iter().flat_map(|command| (command.services)().into_iter().map(|key| (command.name, key)));
        Self {
            id: TypeId::of::<A>(),
            name: type_name::<A>(),
            category: A::CATEGORY,
            commands: A::COMMANDS,
            events: (TypeId::of::<A::Event>(), A::Event::KINDS),
            services: services.collect(),
        }
    }

    /// Why both cannot be: their events would go to the same streams.
    fn shares_with(&self, other: &Self) -> StartError {
        if self.id == other.id {
            return StartError::Repeated { what: format!("the aggregate `{}`", self.name), remedy: "add it once" };
        }
        StartError::SharedCategory { category: self.category, types: [self.name, other.name] }
    }
}

/// An aggregate of another program that sagas of this one send to.
pub(super) struct Foreign {
    pub(super) category: &'static str,
    pub(super) commands: &'static [CommandInfo],
}

/// Names the first command of a saga whose aggregate is neither here nor said to be elsewhere.
pub(super) fn check_sent(sent: &[Sent], aggregates: &[AggregatePart], foreign: &[Foreign]) -> Result<(), StartError> {
    let own = aggregates.iter().map(|aggregate| aggregate.category);
    let known: BTreeSet<_> = own.chain(foreign.iter().map(|foreign| foreign.category)).collect();
    match sent.iter().find(|sent| !known.contains(sent.aggregate)) {
        Some(Sent { by, aggregate, command }) => Err(StartError::MissingAggregate { needed_by: by.clone(), aggregate, command }),
        None => Ok(()),
    }
}

/// Names what is there twice or missing.
pub(super) fn check(aggregates: &[AggregatePart], services: &Services) -> Result<(), StartError> {
    let mut categories: BTreeMap<&str, &AggregatePart> = BTreeMap::new();
    let mut owners = BTreeMap::new();
    for aggregate in aggregates {
        if let Some(first) = categories.insert(aggregate.category, aggregate) {
            return Err(first.shares_with(aggregate));
        }
        check_events(aggregate.events, &mut owners)?;
        for (command, service) in &aggregate.services {
            let needed_by = || format!("the command `{command}` of `{}`", aggregate.category);
            services.check(*service).map_err(|source| StartError::MissingService { needed_by: needed_by(), source })?;
        }
    }
    Ok(())
}

/// Who asks for events asks for their names, so a name leads to one type. Aggregates may share the type.
fn check_events(
    (events, kinds): (TypeId, &'static [EventKind]),
    owners: &mut BTreeMap<&'static str, TypeId>,
) -> Result<(), StartError> {
    for name in kinds.iter().flat_map(|kind| [kind.name].into_iter().chain(kind.aliases.iter().copied())) {
        if *owners.entry(name).or_insert(events) != events {
            let what = format!("the event `{name}`");
            let remedy = "give the events of each aggregate names of their own, with `#[event(name = …)]`";
            return Err(StartError::Repeated { what, remedy });
        }
    }
    Ok(())
}
