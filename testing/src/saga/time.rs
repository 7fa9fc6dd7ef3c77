//! Time that passes for a saga.

use std::time::Duration;

use annals_core::Timestamp;
use annals_core::saga::engine::{Input, Next};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SagaScenario;
use crate::story::span;

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> SagaScenario<S> {
    /// Time passes. What becomes due on the way happens at its moment: deadlines pass, and what a saga that reacts has put
    /// off is sent, except what is due at the very end, which the test may look at.
    #[track_caller]
    pub fn after(mut self, time: Duration) -> Self {
        let end = self.now.after(time);
        self.send_all();
        while let Some(due) = self.due().filter(|due| *due < end) {
            self.pass_to(due);
            self.send_all();
        }
        self.pass_to(end);
        self
    }

    /// Time passes until the next attempt, deadline, or command that was put off.
    ///
    /// # Panics
    /// If the saga waits for nothing, or only for an event.
    #[track_caller]
    pub fn waits(mut self) -> Self {
        self.send_all();
        let Some(due) = self.due() else { self.fail_here("the saga does not wait for a moment") };
        self.pass_to(due);
        self
    }

    /// So much time passes until the next attempt, deadline, or command that was put off. Waits between attempts are the
    /// longest that chance allows.
    ///
    /// # Panics
    /// If the saga waits for another time, or not at all.
    #[track_caller]
    pub fn waits_for(mut self, time: Duration) -> Self {
        self.send_all();
        let Some(due) = self.due() else { self.fail_here("the saga does not wait for a moment") };
        let actual = due.since(self.now);
        self.assert(actual == time, || format!("the saga waits for {}, not for {}", span(actual), span(time)));
        self.pass_to(due);
        self
    }

    /// An operator lets the suspended saga go on.
    #[track_caller]
    pub fn is_resumed(mut self) -> Self {
        self.assert(self.instance.suspended.is_some(), || "the saga is not suspended".to_owned());
        self.input(Input::Resume { actor: "operator".into(), reason: "test".into() });
        self.react_to_kept();
        self
    }

    /// When the saga does something next without anything coming from outside.
    fn due(&self) -> Option<Timestamp> {
        match self.next() {
            Next::Wait { until } | Next::Await { until: Some(until) } => Some(until),
            // A step that never answers is ended by a deadline, but only the test says that an attempt takes too long.
            Next::Run { until, .. } => until.filter(|until| self.instance.next(self.definition.plan(), *until) == Next::Tick),
            _ => None,
        }
    }

    #[track_caller]
    fn pass_to(&mut self, to: Timestamp) {
        self.now = self.now.max(to);
        while matches!(self.next(), Next::Tick) {
            self.tick();
        }
    }

    #[track_caller]
    pub(super) fn tick(&mut self) {
        self.input(Input::Tick);
    }
}
