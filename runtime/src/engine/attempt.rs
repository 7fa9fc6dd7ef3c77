use std::panic::{AssertUnwindSafe, catch_unwind};

use annals_core::dispatch::{Decided, NoDecision};
use annals_core::store::{Append, StreamAppend};
use annals_core::{AppendId, CausationId, Context, Env, EventId, ExpectedVersion, Metadata, NewEvent, Version};

use super::place::Place;
use super::{Join, Prepared, RequestError, panic_message};

/// One round of deciding on the states as they are.
pub(super) struct Attempt<'a> {
    pub(super) id: AppendId,
    pub(super) metadata: &'a Metadata,
    pub(super) prepared: &'a [Prepared],
    pub(super) places: &'a mut [Place],
    pub(super) join: Option<&'a Join>,
}

/// What a round came to.
pub(super) enum Step {
    /// Events to store. The states have taken them in already.
    Append(Append),
    /// Nothing to store: the command was refused or has a defect, or nothing had to change.
    Nothing(Option<RequestError>),
}

impl Attempt<'_> {
    pub(super) fn decide(&mut self, env: &Env) -> Step {
        let mut events: Vec<Vec<NewEvent>> = self.places.iter().map(|_| Vec::new()).collect();
        for prepared in self.prepared {
            let offset = events[prepared.place].len();
            let mut decided = match self.decide_one(prepared, offset, env) {
                Ok(decided) => decided,
                Err(error) => return Step::Nothing(Some(error)),
            };
            if decided.events.is_empty() {
                continue;
            }
            events[prepared.place].append(&mut decided.events);
            // Before it is stored: later commands of the request must see it, and an event that the aggregate cannot take
            // in must never become part of its history.
            if let Err(message) = self.places[prepared.place].take_in(decided) {
                let command = prepared.command.command.name();
                return Step::Nothing(Some(RequestError::Panicked { command, message: format!("what it decided: {message}") }));
            }
        }
        if self.join.is_none() && events.iter().all(Vec::is_empty) {
            return Step::Nothing(None);
        }
        Step::Append(self.append(events))
    }

    fn decide_one(&self, prepared: &Prepared, offset: usize, env: &Env) -> Result<Decided, RequestError> {
        let command = &prepared.command;
        let Some(held) = &self.places[prepared.place].held else {
            return Err(NoDecision::Mismatch(command.command.name()).into());
        };
        let version = held.version.forward(offset as u64).unwrap_or(Version::MAX);
        let context = Context::new(command.id, prepared.stream.clone(), version, self.metadata.clone());
        let metadata = self.metadata.caused_by(CausationId::from(command.id), self.metadata.occurred_at).encode();
        let mut next_id = || EventId::generate(env);
        // A panic in the domain's code is answered like any other defect; the state it saw was only borrowed.
        catch_unwind(AssertUnwindSafe(|| {
            command.command.decide(&*held.state, &*prepared.facts, &context, &metadata, &mut next_id)
        }))
        .map_err(|panic| RequestError::Panicked { command: command.command.name(), message: panic_message(&*panic) })?
        .map_err(RequestError::NoDecision)
    }

    fn append(&self, events: Vec<Vec<NewEvent>>) -> Append {
        let mut append = Append::new(self.id);
        for (place, events) in self.places.iter().zip(events) {
            let version = place.held.as_ref().map_or(Version::ZERO, |held| held.version);
            append.streams.push(StreamAppend::new(place.stream.clone(), ExpectedVersion::Exact(version), events));
        }
        if let Some(join) = self.join {
            append.streams.push(join.part.clone());
            append.effects.clone_from(&join.effects);
        }
        append
    }
}
