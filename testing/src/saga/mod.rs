//! Given/when/then for sagas, in virtual time.

mod end;
mod events;
mod given;
mod outcome;
mod sending;
mod time;
mod timeline;

use annals_core::saga::engine::{Ignored, Input, Moment, Next};
use annals_core::saga::{CommandIntent, Definition, Fault, Instance, SagaEvent, Way};
use annals_core::{Event as _, RecordedEvent, StreamId, Tenant, Timestamp};
pub use given::{GivenSaga, given_saga, given_saga_with};
use serde::Serialize;
use serde::de::DeserializeOwned;
use timeline::Timeline;

/// A run of a saga in which the test plays the world: it says what each step comes to, which events come, and lets time
/// pass. Nothing is sent and nobody is called; the decisions are the real ones.
///
/// Begun by [`given_saga`].
///
/// | the test says | and means |
/// |---|---|
/// | [`does`](Self::does), [`undoes`](Self::undoes), [`awaits`](Self::awaits) | the saga is at this step |
/// | [`sends`](Self::sends), [`puts_off`](Self::puts_off) | these commands, now or later |
/// | [`succeeds`](Self::succeeds), [`returns`](Self::returns), [`is_rejected`](Self::is_rejected), [`fails`](Self::fails), [`is_unknown`](Self::is_unknown), [`hangs`](Self::hangs), [`breaks`](Self::breaks) | what the step comes to |
/// | [`calls`](Self::calls) | the activity runs for real, on services of the test |
/// | [`hears_of`](Self::hears_of), [`ignores`](Self::ignores) | an event comes |
/// | [`after`](Self::after), [`waits`](Self::waits), [`waits_for`](Self::waits_for) | time passes |
/// | [`is_resumed`](Self::is_resumed) | an operator lets it go on |
/// | [`then_state`](Self::then_state), [`then_ended`](Self::then_ended), [`then_undone`](Self::then_undone), [`then_suspended`](Self::then_suspended) | where it is |
///
/// # Panics
/// Each method panics if the saga is not where the method says, and tells what has happened so far.
#[derive(Debug)]
pub struct SagaScenario<S> {
    definition: Definition<S>,
    stream: StreamId,
    key: String,
    state: S,
    instance: Instance,
    /// The commands of the step that it is at.
    intents: Vec<CommandIntent>,
    history: Vec<SagaEvent>,
    timeline: Timeline,
    now: Timestamp,
    /// The events of the log, as far as the test has told of them.
    log: Vec<RecordedEvent>,
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> SagaScenario<S> {
    #[track_caller]
    fn new(definition: Definition<S>, tenant: &Tenant, key: &str, state: S, timeline: Timeline) -> Self {
        let now = timeline.start();
        let start = definition.start(tenant, key, &state, now).unwrap_or_else(|fault| panic!("{}", fault.full()));
        let mut this = Self {
            instance: Instance::new(definition.plan()),
            stream: start.stream,
            key: key.to_owned(),
            state,
            intents: Vec::new(),
            history: Vec::new(),
            timeline,
            now,
            log: Vec::new(),
            definition,
        };
        this.store(start.events);
        this
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

    /// The saga is at this step, which waits for an event.
    #[track_caller]
    pub fn awaits(self, step: &str) -> Self {
        let is_there = matches!(self.next(), Next::Await { .. }) && self.waiting() == Some(step);
        self.assert(is_there, || format!("the saga does not wait at `{step}`"));
        self
    }

    #[track_caller]
    fn at_step(self, step: &str, way: Way) -> Self {
        let is_there = match self.next() {
            Next::Run { step: at, way: its_way, .. } => (self.step(at), its_way) == (step, way),
            _ => false,
        };
        self.assert(is_there, || format!("the saga does not {} `{step}`", way.as_str()));
        self
    }

    /// Everything that has happened, as it is stored.
    pub fn history(&self) -> &[SagaEvent] {
        &self.history
    }

    fn next(&self) -> Next {
        self.instance.next(self.definition.plan(), self.now)
    }

    fn step(&self, index: usize) -> &'static str {
        self.definition.plan().steps[index].name
    }

    /// The step that it is at, if that waits for an event.
    fn waiting(&self) -> Option<&'static str> {
        self.instance.current.as_ref().map(|current| self.step(current.step))
    }

    /// When something is decided. The longest wait that jitter allows: what a test sees does not depend on chance.
    fn moment(&self) -> Moment {
        Moment { now: self.now, random: u64::MAX }
    }

    #[track_caller]
    fn input(&mut self, input: Input) {
        let told = format!("{input:?}");
        let decided = self.definition.decide(&self.stream, &self.state, &self.instance, input, self.moment());
        let Ok(events) = self.sound(decided) else { self.fail(&format!("the saga ignores {told}")) };
        self.store(events);
    }

    #[track_caller]
    fn sound(&self, decided: Result<Result<Vec<SagaEvent>, Ignored>, Fault>) -> Result<Vec<SagaEvent>, Ignored> {
        decided.unwrap_or_else(|fault| self.fail(&fault.full()))
    }

    /// Takes events in as they are read from a store: written and read once.
    #[track_caller]
    fn store(&mut self, events: Vec<SagaEvent>) {
        for event in events {
            let written = event.encode().unwrap_or_else(|error| panic!("{error}"));
            let event = SagaEvent::from_payload(event.kind(), &written).unwrap_or_else(|error| panic!("{error}"));
            self.timeline.note(&event, self.definition.plan(), self.now);
            self.instance.evolve(self.definition.plan(), &event, self.now);
            self.definition.evolve(&mut self.state, &event).unwrap_or_else(|fault| panic!("{}", fault.full()));
            if let SagaEvent::StepDispatched { commands, .. } | SagaEvent::CompensationDispatched { commands, .. } = &event {
                self.intents.clone_from(commands);
            }
            self.history.push(event);
        }
    }
}
