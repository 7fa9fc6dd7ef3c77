//! A definition without steps: it reacts to each event as it comes.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{DefinitionBuilder, Parts};
use crate::saga::react::{On, OnRejected};
use crate::saga::{Definition, IntoReaction, InvalidSaga};
use crate::store::Criterion;
use crate::{CommandOf, Event, EventContext, Routed};

/// Defines how a saga reacts. Begun by [`DefinitionBuilder::on`].
///
/// Such a saga is a process manager: it has a state, which each event may change, and sends commands. An event is taken in
/// exactly once. State and commands are stored in one append; each command is then sent in an append of its own, together
/// with the record that it was, so that it takes effect exactly once. Commands of one instance leave one after the other,
/// in the order in which they are due.
#[derive(Debug)]
pub struct ReactionBuilder<S>(Parts<S>);

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> DefinitionBuilder<S> {
    /// Reacts to the events of one type, those that started an instance included. `key` says which instance an event is for;
    /// one for which there is no instance is left out.
    pub fn on<E: Event, R: IntoReaction>(
        self,
        key: impl Fn(&E, &EventContext<'_>) -> Option<String> + Send + Sync + 'static,
        react: impl Fn(&mut S, &E, &EventContext<'_>) -> R + Send + Sync + 'static,
    ) -> ReactionBuilder<S> {
        let mut parts = self.0;
        parts.plan.reacts = true;
        ReactionBuilder(parts).on(key, react)
    }
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> ReactionBuilder<S> {
    /// Reacts to the events of one more type.
    #[must_use]
    pub fn on<E: Event, R: IntoReaction>(
        mut self,
        key: impl Fn(&E, &EventContext<'_>) -> Option<String> + Send + Sync + 'static,
        react: impl Fn(&mut S, &E, &EventContext<'_>) -> R + Send + Sync + 'static,
    ) -> Self {
        self.0.reactions.push(On::new(key, react));
        self
    }

    /// Reacts to the rejection of commands of one type that it sent. Without this, an instance one of whose commands is
    /// rejected waits for an operator.
    #[must_use]
    pub fn rejected<C: Routed, R: IntoReaction>(
        mut self,
        react: impl Fn(&mut S, &C, &<C as CommandOf<C::Aggregate>>::Error) -> R + Send + Sync + 'static,
    ) -> Self {
        self.0.rejections.push(OnRejected::new(react));
        self
    }

    /// Ends the definition.
    ///
    /// # Errors
    /// [`InvalidSaga`] if the name cannot be used, or something is reacted to in two ways.
    pub fn build(self) -> Result<Definition<S>, InvalidSaga> {
        let Parts { plan, reactions, rejections, .. } = &self.0;
        let mut seen = BTreeSet::new();
        let repeated = |to: String| InvalidSaga::RepeatedReaction { saga: plan.name, to };
        for name in reactions.iter().flat_map(|on| on.filter.criteria()).flat_map(Criterion::names) {
            if !seen.insert(name) {
                return Err(repeated(name.to_string()));
            }
        }
        let mut seen = BTreeSet::new();
        for on in rejections {
            if !seen.insert((on.aggregate, on.name)) {
                return Err(repeated(on.name.to_owned()));
            }
        }
        self.0.finish()
    }
}
