//! Events of the log that a saga hears of.

use std::panic::{AssertUnwindSafe, catch_unwind};

use annals_core::saga::engine::{Heard, Input, Meaning, Next};
use annals_core::saga::{SagaEvent, Way};
use annals_core::{Aggregate, RecordedEvent};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SagaScenario;
use crate::story::{Line as _, Told, chain};

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> SagaScenario<S> {
    /// An event of an aggregate comes, for which the saga waits, now or at a later step, or to which it reacts. What a saga
    /// that reacts had to send until now was sent.
    ///
    /// # Panics
    /// If the event means nothing to this instance.
    #[track_caller]
    pub fn hears_of<A: Aggregate>(mut self, id: &A::Id, event: A::Event) -> Self {
        self.send_all();
        let record = self.record::<A>(id, &event);
        if let Some(why) = self.take_in(record) {
            self.fail(&why);
        }
        self
    }

    /// An event of an aggregate comes that means nothing to this instance: it is for another one, was taken in before, or
    /// comes too late.
    ///
    /// # Panics
    /// If it changes anything.
    #[track_caller]
    pub fn ignores<A: Aggregate>(mut self, id: &A::Id, event: A::Event) -> Self {
        self.send_all();
        let record = self.record::<A>(id, &event);
        let before = self.history.len();
        let _means_nothing = self.take_in(record);
        self.assert(self.history.len() == before, || "the event changes something, and should have been ignored".to_owned());
        self
    }

    #[track_caller]
    fn record<A: Aggregate>(&mut self, id: &A::Id, event: &A::Event) -> RecordedEvent {
        let stream = A::stream(self.stream.tenant(), id).unwrap_or_else(|error| panic!("{error}"));
        let at = self.log.len() + 1;
        let told = Told::of(event, at, self.now);
        self.timeline.tell(format!("hears of {} of `{stream}`", told.line()), self.now);
        told.recorded(&stream, at, at, self.now)
    }

    /// Takes an event in as the engine does, or says why it means nothing.
    #[track_caller]
    pub(super) fn take_in(&mut self, record: RecordedEvent) -> Option<String> {
        let heard = self.definition.heard(&record).unwrap_or_else(|error| self.fail(&chain(&error)));
        let before = self.history.len();
        let mut for_others = None;
        for Heard { key, meaning } in heard {
            match meaning {
                _ if key != self.key => for_others = Some(key),
                Meaning::Arrives { step, verdict } => {
                    let input = Input::Event { step, at: record.position, verdict };
                    let decided = self.definition.decide(&self.stream, &self.state, &self.instance, input, self.moment());
                    let events = self.sound(decided);
                    self.store(events.unwrap_or_default());
                }
                Meaning::Reacts => self.react(&record),
                _ => {}
            }
        }
        self.log.push(record);
        if self.history.len() > before {
            return None;
        }
        Some(match for_others {
            Some(key) => format!("the event is for the instance `{key}`, this one is `{}`", self.key),
            None => format!("the event means nothing to the saga: {}", self.whereabouts()),
        })
    }

    /// Reacts. A defect keeps the event for when the instance goes on, and suspends it, as the engine does.
    #[track_caller]
    fn react(&mut self, record: &RecordedEvent) {
        let moment = self.moment();
        let reacting =
            catch_unwind(AssertUnwindSafe(|| self.definition.react(&self.stream, &self.state, &self.instance, record, moment)));
        let reason = match reacting {
            Ok(Ok(events)) => return self.store(events.unwrap_or_default()),
            Ok(Err(fault)) => fault.full(),
            Err(_printed_already) => "it panicked".to_owned(),
        };
        let is_kept = self.instance.reacting.kept.contains(&record.position);
        let kept = (!is_kept).then_some(SagaEvent::EventKept { at: record.position });
        let suspended = SagaEvent::Suspended { step: record.name.to_string(), way: Way::Do, reason };
        self.store(kept.into_iter().chain([suspended]).collect());
    }

    /// Reacts to events that were kept while the saga was suspended.
    #[track_caller]
    pub(super) fn react_to_kept(&mut self) {
        while let Next::React { at } = self.next() {
            let kept = self.log.iter().find(|record| record.position == at).cloned();
            let Some(kept) = kept else { self.fail("the event that was kept is not in the log") };
            self.react(&kept);
        }
    }
}
