//! Given/when/then for sagas, in virtual time.

use std::time::Duration;

use annals_core::saga::{CommandIntent, Definition, Input, Instance, InvalidSaga, Moment, Next, Phase, SagaEvent, Way};
use annals_core::{Command, Event, Json, StreamId, Tenant, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A run of a saga in which the test plays the world: it says what each step comes to and lets time pass. Nothing is sent
/// and nobody is called; the decisions are the real ones.
///
/// ```
/// use std::convert::Infallible;
/// use annals_core::saga::{Phase, Definition, StepError};
/// use annals_testing::SagaScenario;
///
/// let saga = Definition::<u64>::named("payment")
///     .step("charge")
///     .activity(|_| async { Ok::<_, StepError<Infallible>>(7_u64) })
///     .outcome(|state, payment: u64| *state = payment)
///     .undo_activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
///     .step("ship")
///     .activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
///     .pivot()
///     .build();
///
/// SagaScenario::start(saga, "A-17", 0)
///     .does("charge").returns(7_u64)
///     .then_state(|state| assert_eq!(*state, 7))
///     .does("ship").is_rejected("no such address")
///     .undoes("charge").succeeds()
///     .then_ended(Phase::Compensated);
/// ```
///
/// # Panics
/// Each method panics with the history so far if the saga is not where the method says.
#[derive(Debug)]
pub struct SagaScenario<S> {
    saga: Definition<S>,
    stream: StreamId,
    state: S,
    instance: Instance,
    intents: Vec<CommandIntent>,
    history: Vec<SagaEvent>,
    now: Timestamp,
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> SagaScenario<S> {
    /// Starts an instance with a business key and a first state.
    #[track_caller]
    pub fn start(saga: Result<Definition<S>, InvalidSaga>, key: &str, state: S) -> Self {
        let saga = saga.unwrap_or_else(|error| panic!("{error}"));
        let now = Timestamp::EPOCH;
        let start = saga.start(&Tenant::NONE, key, &state, now).unwrap_or_else(|error| panic!("{}", error.full()));
        let instance = Instance::new(saga.plan());
        let mut this = Self { saga, stream: start.stream, state, instance, intents: Vec::new(), history: Vec::new(), now };
        this.store(start.events);
        this
    }

    /// The current step sends exactly these commands.
    #[track_caller]
    pub fn sends<C: Command>(self, expected: impl IntoIterator<Item = C>) -> Self {
        let body = |command: C| command.encode().ok().and_then(|payload| payload.read::<Json>().ok());
        let expected: Vec<_> =
            expected.into_iter().map(|command| (C::NAME.to_owned(), body(command).unwrap_or_default())).collect();
        let actual: Vec<_> = self.intents.iter().map(|intent| (intent.name.clone(), intent.body.clone())).collect();
        assert_eq!(actual, expected, "the saga sends other commands\n{}", self.told());
        self
    }

    /// The saga is doing this step.
    #[track_caller]
    pub fn does(self, step: &str) -> Self {
        self.at_step(step, Way::Do)
    }

    /// The saga is undoing this step.
    #[track_caller]
    pub fn undoes(self, step: &str) -> Self {
        self.at_step(step, Way::Undo)
    }

    #[track_caller]
    fn at_step(self, step: &str, way: Way) -> Self {
        let (at, its_way) = self.current();
        let name = self.saga.plan().steps[at].name;
        if (name, its_way) != (step, way) {
            let steps: Vec<_> = self.saga.plan().steps.iter().map(|step| step.name).collect();
            let (its_way, way) = (its_way.as_str(), way.as_str());
            panic!(
                "the saga is at another step: it is to {its_way} `{name}`, expected was to {way} `{step}`; its steps are {steps:?}\n{}",
                self.told()
            );
        }
        self
    }

    /// The current step succeeds.
    #[track_caller]
    pub fn succeeds(self) -> Self {
        self.returns(())
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

    /// The attempt fails without effect.
    #[track_caller]
    pub fn fails(self, reason: &str) -> Self {
        self.comes_to(|step, way| Input::Transient { step, way, reason: reason.into() })
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

    /// An operator lets the suspended saga go on.
    #[track_caller]
    pub fn is_resumed(mut self) -> Self {
        assert!(self.instance.suspended.is_some(), "the saga is not suspended\n{}", self.told());
        self.input(Input::Resume { actor: "operator".into(), reason: "test".into() });
        self
    }

    /// Time passes. What is due becomes due.
    #[track_caller]
    pub fn after(mut self, time: Duration) -> Self {
        self.now = self.now.after(time);
        while matches!(self.next(), Next::Tick) {
            self.input(Input::Tick);
        }
        self
    }

    /// Time passes until the next attempt or deadline.
    #[track_caller]
    pub fn waits(self) -> Self {
        match self.next() {
            Next::Wait { until } => {
                let time = until.since(self.now);
                self.after(time)
            }
            other => panic!("the saga does not wait, it has to do: {other:?}\n{}", self.told()),
        }
    }

    /// Looks at the state of the instance.
    #[track_caller]
    pub fn then_state(self, check: impl FnOnce(&S)) -> Self {
        check(&self.state);
        self
    }

    /// The saga waits for an operator.
    #[track_caller]
    pub fn then_suspended(self) -> Self {
        assert!(self.instance.suspended.is_some(), "the saga is not suspended\n{}", self.told());
        self
    }

    /// The saga has ended this way.
    #[track_caller]
    pub fn then_ended(self, phase: Phase) {
        assert_eq!(self.instance.phase, phase, "the saga has not ended this way\n{}", self.told());
    }

    /// Everything that has happened.
    pub fn history(&self) -> &[SagaEvent] {
        &self.history
    }

    fn next(&self) -> Next {
        self.instance.next(self.saga.plan(), self.now)
    }

    #[track_caller]
    fn current(&self) -> (usize, Way) {
        match self.next() {
            Next::Run { step, way, .. } => (step, way),
            other => panic!("the saga is at no step: {other:?}\n{}", self.told()),
        }
    }

    #[track_caller]
    fn comes_to(mut self, input: impl FnOnce(usize, Way) -> Input) -> Self {
        let (step, way) = self.current();
        self.input(input(step, way));
        self
    }

    #[track_caller]
    fn input(&mut self, input: Input) {
        // The longest wait that jitter allows: what a test sees does not depend on chance.
        let at = Moment { now: self.now, random: u64::MAX };
        let decided = self.saga.decide(&self.stream, &self.state, &self.instance, input.clone(), at);
        match decided {
            Ok(Ok(events)) => self.store(events),
            Ok(Err(_ignored)) => panic!("the saga ignores {input:?}\n{}", self.told()),
            Err(fault) => panic!("{}\n{}", fault.full(), self.told()),
        }
    }

    /// Takes events in as they are read from a store: written and read once.
    #[track_caller]
    fn store(&mut self, events: Vec<SagaEvent>) {
        for event in events {
            let written = event.encode().unwrap_or_else(|error| panic!("{error}"));
            let event = SagaEvent::from_payload(event.kind(), &written).unwrap_or_else(|error| panic!("{error}"));
            self.instance.evolve(self.saga.plan(), &event, self.now);
            self.saga.evolve(&mut self.state, &event).unwrap_or_else(|fault| panic!("{}", fault.full()));
            if let SagaEvent::StepDispatched { commands, .. } | SagaEvent::CompensationDispatched { commands, .. } = &event {
                self.intents.clone_from(commands);
            }
            self.history.push(event);
        }
    }

    fn told(&self) -> String {
        let lines = self.history.iter().map(|event| format!("  {event:?}\n"));
        format!("what happened so far:\n{}", lines.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use annals_core::saga::{RetryPolicy, StepError};

    use super::*;

    fn saga() -> Result<Definition<u64>, InvalidSaga> {
        Definition::<u64>::named("payment")
            .deadline(Duration::from_secs(60))
            .step("charge")
            .activity(|_| async { Ok::<_, StepError<Infallible>>(7_u64) })
            .outcome(|state, payment: u64| *state = payment)
            .retry(RetryPolicy::attempts(2))
            .timeout(Duration::from_secs(10))
            .undo_activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
            .step("ship")
            .activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
            .pivot()
            .build()
    }

    #[test]
    fn a_failed_attempt_is_tried_again_after_a_wait() {
        SagaScenario::start(saga(), "A", 0)
            .does("charge")
            .fails("busy")
            .waits()
            .does("charge")
            .returns(9_u64)
            .then_state(|state| assert_eq!(*state, 9))
            .does("ship")
            .succeeds()
            .then_ended(Phase::Completed);
    }

    #[test]
    fn a_deadline_in_virtual_time_undoes() {
        SagaScenario::start(saga(), "A", 0)
            .after(Duration::from_secs(10))
            .undoes("charge")
            .breaks("panic")
            .then_suspended()
            .is_resumed()
            .undoes("charge")
            .succeeds()
            .then_ended(Phase::Compensated);
    }

    #[test]
    #[should_panic(expected = "the saga is at another step")]
    fn a_scenario_that_is_wrong_fails() {
        SagaScenario::start(saga(), "A", 0).does("ship").succeeds().then_ended(Phase::Completed);
    }
}
