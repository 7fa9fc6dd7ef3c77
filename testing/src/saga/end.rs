//! Where a saga is, and what a test says that failed.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use annals_core::saga::engine::Next;
use annals_core::saga::{Phase, SagaEvent, Way};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SagaScenario;
use crate::story::{for_reader, span};

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> SagaScenario<S> {
    /// The state of the instance.
    pub const fn state(&self) -> &S {
        &self.state
    }

    /// Looks at the state of the instance.
    ///
    /// # Panics
    /// If `check` does.
    #[track_caller]
    pub fn then_state(self, check: impl FnOnce(&S)) -> Self {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(&self.state))) {
            eprint!("\n{}", for_reader(&self.story()));
            resume_unwind(panic);
        }
        self
    }

    /// The saga waits for an operator.
    #[track_caller]
    pub fn then_suspended(self) -> Self {
        self.assert(self.instance.suspended.is_some(), || "the saga is not suspended".to_owned());
        self
    }

    /// The saga has ended this way. What a saga that reacts still had to send was sent.
    #[track_caller]
    pub fn then_ended(mut self, phase: Phase) {
        self.send_all();
        self.assert(self.instance.phase == phase, || match phase {
            Phase::Completed => "the saga has not completed".to_owned(),
            Phase::Compensated => "the saga is not undone".to_owned(),
            Phase::Running | Phase::Compensating => format!("the saga is not {phase:?}"),
        });
    }

    /// These steps were undone, in this order.
    #[track_caller]
    pub fn then_undone<'a>(self, expected: impl IntoIterator<Item = &'a str>) -> Self {
        let expected: Vec<_> = expected.into_iter().collect();
        let undone = self.history.iter().filter_map(|event| match event {
            SagaEvent::Compensated { step } => Some(step.as_str()),
            _ => None,
        });
        let undone: Vec<_> = undone.collect();
        self.assert(undone == expected, || format!("other steps were undone, or in another order: {undone:?}, not {expected:?}"));
        self
    }

    /// The saga undoes these steps, in this order, and each succeeds.
    #[track_caller]
    pub fn undoes_all<'a>(self, steps: impl IntoIterator<Item = &'a str>) -> Self {
        steps.into_iter().fold(self, |this, step| this.undoes(step).succeeds())
    }

    #[track_caller]
    pub(super) fn assert(&self, holds: bool, headline: impl FnOnce() -> String) {
        if !holds {
            self.fail_here(&headline());
        }
    }

    /// Fails, and says where the saga is.
    #[track_caller]
    pub(super) fn fail_here(&self, headline: &str) -> ! {
        self.fail(&format!("{headline}: {}", self.whereabouts()))
    }

    #[track_caller]
    pub(super) fn fail(&self, headline: &str) -> ! {
        panic!("{}", for_reader(&format!("{headline}\n\n{}", self.story())))
    }

    fn story(&self) -> String {
        let plan = self.definition.plan();
        let steps = if plan.reacts {
            String::new()
        } else {
            let names: Vec<_> = plan.steps.iter().map(|step| format!("`{}`", step.name)).collect();
            format!(", with the steps {}", names.join(", "))
        };
        format!("the saga `{}`{steps}\n{}", plan.name, self.timeline)
    }

    /// Where it is instead.
    pub(super) fn whereabouts(&self) -> String {
        let at = |step: usize, way: Way| match way {
            Way::Do => format!("it is to do `{}`", self.step(step)),
            Way::Undo => format!("it is to undo `{}`", self.step(step)),
        };
        match self.next() {
            Next::Run { step, way, attempt: 1, .. } => at(step, way),
            Next::Run { step, way, attempt, .. } => format!("{}, attempt {attempt}", at(step, way)),
            Next::Wait { until } => format!("it tries again in {}", span(until.since(self.now))),
            Next::Await { until } => {
                let place = self.waiting().map(|step| format!(" at `{step}`")).unwrap_or_default();
                let limit = until.map(|until| format!(", for {}", span(until.since(self.now)))).unwrap_or_default();
                format!("it waits for an event{place}{limit}")
            }
            Next::Send { command } => format!("it is to send `{}`", self.outgoing(command).name),
            Next::Suspended => format!("it is suspended: {}", self.instance.suspended.as_deref().unwrap_or_default()),
            Next::Ended if self.instance.phase == Phase::Completed => "it has completed".to_owned(),
            Next::Ended => "it is undone".to_owned(),
            Next::Tick | Next::React { .. } | Next::Lost => "it is at no step".to_owned(),
        }
    }
}
