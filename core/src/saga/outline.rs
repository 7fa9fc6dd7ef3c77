//! A definition without the code in it, for descriptions.

use super::engine::CommandType;
use super::step::Action;
use super::{Definition, Way};
use crate::{Filter, ServiceKey};

/// What a step does, one way.
pub(crate) enum Outline<'a> {
    /// It sends commands, among these.
    Commands(&'a [CommandType]),
    /// It calls the outside world and borrows these.
    Activity(&'a [ServiceKey]),
    /// It waits for one of these events.
    Wait(&'a Filter),
}

impl<S> Definition<S> {
    /// What a step does one way; none if it does nothing that way.
    pub(crate) fn outline(&self, step: usize, way: Way) -> Option<Outline<'_>> {
        let step = self.steps.get(step)?;
        let action = match way {
            Way::Do => &step.act,
            Way::Undo => step.undo.as_ref()?,
        };
        Some(match action {
            Action::Commands { types, .. } => Outline::Commands(types),
            Action::Activity { services, .. } => Outline::Activity(services),
            Action::Wait(waiting) => Outline::Wait(&waiting.filter),
        })
    }

    /// The commands that it sends, as far as its types say, and who does: "the step `reserve`". A
    /// [`Reaction`](super::Reaction) does not say before it is there.
    pub fn sends(&self) -> Vec<(String, CommandType)> {
        let steps = self.plan.steps.iter().zip(&self.steps).flat_map(|(plan, step)| {
            let act = step.act.types().iter().map(|sent| (format!("the step `{}`", plan.name), *sent));
            let undo = step.undo.iter().flat_map(Action::types);
            act.chain(undo.map(|sent| (format!("the undo of the step `{}`", plan.name), *sent)))
        });
        let reactions = self.reactions.iter().flat_map(|on| {
            let who = format!("the reaction to `{}`", on.events);
            on.types.iter().map(move |sent| (who.clone(), *sent))
        });
        let rejections = self.rejections.iter().flat_map(|on| {
            let who = format!("the reaction to the rejection of `{}`", on.name);
            on.types.iter().map(move |sent| (who.clone(), *sent))
        });
        steps.chain(reactions).chain(rejections).collect()
    }

    /// The events that may start an instance.
    pub(crate) fn starts_on(&self) -> Option<Filter> {
        self.starters.iter().map(|(filter, _)| filter.clone()).reduce(Filter::union)
    }

    /// The events that it reacts to.
    pub(crate) fn reacts_to(&self) -> Option<Filter> {
        self.reactions.iter().map(|on| on.filter.clone()).reduce(Filter::union)
    }

    /// The commands that it sends and to whose rejection it reacts: the category of the aggregate and the name.
    pub(crate) fn rejections(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.rejections.iter().map(|on| (on.aggregate, on.name))
    }
}
