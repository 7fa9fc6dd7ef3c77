//! What the step that a saga is at comes to.

use std::error::Error;
use std::sync::Arc;

use annals_core::saga::engine::{ActivityOutcome, Input, Next};
use annals_core::saga::{Call, Definition, Way};
use annals_core::{Json, Payload, Services};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SagaScenario;

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> SagaScenario<S> {
    /// The current step succeeds. A saga that reacts: the commands that are due are sent.
    #[track_caller]
    pub fn succeeds(mut self) -> Self {
        if self.definition.plan().reacts {
            self.assert(matches!(self.next(), Next::Send { .. }), || "the saga has no command that is due".to_owned());
            self.send_all();
            return self;
        }
        self.returns(Json::Null)
    }

    /// The current step succeeds, and its activity returns `outcome`.
    #[track_caller]
    pub fn returns(self, outcome: impl Serialize) -> Self {
        let outcome = serde_json::to_value(outcome).unwrap_or_else(|error| panic!("the outcome cannot be written: {error}"));
        self.comes_to(|step, way| Input::Succeeded { step, way, outcome })
    }

    /// The current step says no.
    #[track_caller]
    pub fn is_rejected(self, reason: &str) -> Self {
        self.comes_to(|step, way| Input::Rejected { step, way, reason: reason.into() })
    }

    /// The current step says no with this error; a saga that reacts: the command that is due first is rejected with it.
    #[track_caller]
    pub fn is_rejected_with(mut self, error: impl Error + Send + Sync + 'static) -> Self {
        let Next::Send { command } = self.next() else { return self.is_rejected(&error.to_string()) };
        let outgoing = self.outgoing(command);
        let moment = self.moment();
        let rejected =
            self.definition.rejected(&self.stream, &self.state, &self.instance, &outgoing, &(Box::new(error) as _), moment);
        let events = rejected.unwrap_or_else(|fault| self.fail(&fault.full()));
        self.store(events);
        self
    }

    /// The attempt fails without effect.
    #[track_caller]
    pub fn fails(mut self, reason: &str) -> Self {
        let Next::Send { command } = self.next() else {
            return self.comes_to(|step, way| Input::Transient { step, way, reason: reason.into() });
        };
        let outgoing = self.outgoing(command);
        let events = self.definition.not_sent(&self.instance, &outgoing, reason.into(), self.moment());
        self.store(events);
        self
    }

    /// The attempt may or may not have had an effect.
    #[track_caller]
    pub fn is_unknown(self, reason: &str) -> Self {
        self.comes_to(|step, way| Input::Unknown { step, way, reason: reason.into() })
    }

    /// The current step meets a defect: it panics, or reads what it cannot.
    #[track_caller]
    pub fn breaks(self, reason: &str) -> Self {
        self.comes_to(|_, _| Input::Defect { reason: reason.into() })
    }

    /// The activity of the current step never answers: time passes until the attempt is given up.
    ///
    /// # Panics
    /// If nothing gives it up, because neither the step nor the saga has a time limit.
    #[track_caller]
    pub fn hangs(mut self) -> Self {
        let Next::Run { step, way, until, .. } = self.next() else { self.fail_here("the saga is at no step that could hang") };
        let Some(until) = until else {
            self.fail(&format!("`{}` would hang for ever: give the step a `timeout`, or the saga a `deadline`", self.step(step)))
        };
        self.now = until;
        match self.next() {
            Next::Tick => self.tick(),
            _ => self.input(Input::Unknown { step, way, reason: "no answer in time".into() }),
        }
        self
    }

    /// Calls the activity of the current step for real, with these services, as the engine does.
    ///
    /// # Panics
    /// If the step has no activity, a service is missing, or the activity panics.
    pub async fn calls(mut self, services: &Services) -> Self {
        let Next::Run { step, way, attempt, until } = self.next() else { self.fail_here("the saga is at no step that calls") };
        let name = self.step(step);
        let key = |way| Definition::<S>::idempotency_key(&self.stream, name, way);
        let state = Payload::json(&self.state).ok().and_then(|state| state.read().ok());
        let Some(state) = state else { self.fail("the state does not survive being written as JSON") };
        let call = Call::new(Arc::new(state), key(way), key(Way::Do), attempt, until);
        let calling = self.definition.call(step, way, call, services).unwrap_or_else(|fault| self.fail(&fault.full()));
        let input = match calling.await {
            ActivityOutcome::Succeeded(outcome) => Input::Succeeded { step, way, outcome },
            ActivityOutcome::Rejected(reason) => Input::Rejected { step, way, reason },
            ActivityOutcome::Transient(reason) => Input::Transient { step, way, reason },
            ActivityOutcome::Unknown(reason) => Input::Unknown { step, way, reason },
            ActivityOutcome::Defect(reason) => self.fail(&reason),
            other => self.fail(&format!("{other:?}")),
        };
        self.input(input);
        self
    }

    #[track_caller]
    fn comes_to(mut self, input: impl FnOnce(usize, Way) -> Input) -> Self {
        match self.next() {
            Next::Run { step, way, .. } => self.input(input(step, way)),
            Next::Await { .. } => self.fail_here("let the event come with `.hears_of(…)`, or time pass"),
            _ => self.fail_here("the saga is at no step that could come to this"),
        }
        self
    }
}
