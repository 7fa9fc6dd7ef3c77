use std::fmt;
use std::time::Duration;

use annals_core::{Category, Command, Evolve, InvalidStreamId, Payload, StreamId, Tenant, Timestamp};

use super::caught::{Panic, caught};
use super::trial::{Defect, Outcome};
use crate::story::{Line, Told, for_reader, lines, shown, span};

/// Commands that were given to an aggregate one after the other, and what each came to.
///
/// What must hold for every aggregate has been checked already: deciding is pure, commands and events survive being
/// written and read, the events as they are stored lead to the same decisions as those that were decided, and nothing
/// panics. If something does not, each method of the history panics and says so.
///
/// Its `Debug` form is for people: the commands, and below each the events it came to.
pub struct History<A: Evolve> {
    told: Vec<Told>,
    pub(super) given: Vec<A::Event>,
    pub(super) stream: Option<StreamId>,
    pub(super) steps: Vec<Step<A>>,
    /// Commands that the state did not call for.
    pub(super) skipped: Vec<&'static str>,
    pub(super) defect: Option<Defect>,
}

/// One command and what it came to.
pub(super) struct Step<A: Evolve> {
    pub(super) name: &'static str,
    pub(super) body: Payload,
    pub(super) pause: Duration,
    pub(super) now: Timestamp,
    /// None if it came to no decision.
    pub(super) outcome: Option<Outcome>,
    pub(super) events: Vec<A::Event>,
}

/// One decision of a history: a command, the state before it, the events it came to, and the state after them.
pub struct Decision<'a, A: Evolve> {
    step: &'a Step<A>,
    before: &'a A,
    after: &'a A,
}

impl<A: Evolve> History<A> {
    pub(super) fn new(told: Vec<Told>) -> Self {
        Self { told, given: Vec::new(), stream: None, steps: Vec::new(), skipped: Vec::new(), defect: None }
    }

    /// Checks what holds at all times: before the first command, and after each.
    ///
    /// # Panics
    /// If `invariant` does; with the command after which it did.
    #[track_caller]
    pub fn always(&self, invariant: impl Fn(&A)) {
        self.assert_sound();
        let mut state = self.beginning();
        told(caught(|| invariant(&state)), || "before the first command".to_owned());
        for (step, number) in self.steps.iter().zip(1..) {
            step.events.iter().for_each(|event| state.evolve(event));
            told(caught(|| invariant(&state)), || format!("after command {number}, `{}`", step.name));
        }
    }

    /// Checks each decision.
    ///
    /// # Panics
    /// If `check` does; with the command at which it did.
    #[track_caller]
    pub fn each(&self, check: impl Fn(&Decision<'_, A>)) {
        self.assert_sound();
        let (mut before, mut after) = (self.beginning(), self.beginning());
        for (step, number) in self.steps.iter().zip(1..) {
            step.events.iter().for_each(|event| after.evolve(event));
            let decision = Decision { step, before: &before, after: &after };
            told(caught(|| check(&decision)), || format!("at command {number}, `{}`", step.name));
            step.events.iter().for_each(|event| before.evolve(event));
        }
    }

    /// The state that all events lead to.
    #[track_caller]
    pub fn state(&self) -> A {
        self.assert_sound();
        self.fold()
    }

    pub(super) fn fold(&self) -> A {
        let mut state = self.beginning();
        self.stored().for_each(|event| state.evolve(event));
        state
    }

    /// The state before the first command.
    fn beginning(&self) -> A {
        let mut state = A::default();
        self.given.iter().for_each(|event| state.evolve(event));
        state
    }

    /// The events that the commands came to, as a store gives them back.
    #[track_caller]
    pub fn events(&self) -> impl Iterator<Item = &A::Event> {
        self.assert_sound();
        self.stored()
    }

    /// How many commands were accepted.
    #[track_caller]
    pub fn accepted(&self) -> usize {
        self.assert_sound();
        self.steps.iter().filter(|step| !step.is_rejected()).count()
    }

    /// How many commands were rejected.
    #[track_caller]
    pub fn rejected(&self) -> usize {
        self.steps.len() - self.accepted()
    }

    fn stored(&self) -> impl Iterator<Item = &A::Event> {
        self.steps.iter().flat_map(|step| &step.events)
    }

    /// How many events there are.
    pub(super) fn recorded(&self) -> usize {
        self.given.len() + self.stored().count()
    }

    /// The stream of the aggregate; before the first command says which, one with a made-up id.
    pub(super) fn stream(&self) -> Result<StreamId, InvalidStreamId> {
        match &self.stream {
            Some(stream) => Ok(stream.clone()),
            None => StreamId::of(Tenant::NONE, Category::new(A::CATEGORY)?, "given"),
        }
    }

    #[track_caller]
    fn assert_sound(&self) {
        if let Some(defect) = &self.defect {
            panic!("{}", for_reader(defect));
        }
    }
}

/// Goes on with the panic of a check, after the words that say where in the history it was.
fn told(done: Result<(), Panic>, place: impl FnOnce() -> String) {
    if let Err(panic) = done {
        panic.resume(&format!("{}: ", place()));
    }
}

impl<A: Evolve> Decision<'_, A> {
    /// The state that was decided on.
    pub fn before(&self) -> &A {
        self.before
    }

    /// The state after the events.
    pub fn after(&self) -> &A {
        self.after
    }

    /// The events; none if the command was rejected or had nothing to change.
    pub fn events(&self) -> &[<A as annals_core::Aggregate>::Event] {
        &self.step.events
    }

    /// Whether the command was rejected.
    pub fn is_rejected(&self) -> bool {
        self.step.is_rejected()
    }

    /// The name of the command.
    pub fn name(&self) -> &'static str {
        self.step.name
    }

    /// The command, if it is one of this type.
    pub fn command<C: Command>(&self) -> Option<C> {
        if self.step.name == C::NAME { C::decode(&self.step.body).ok() } else { None }
    }

    /// When the command was given.
    pub fn now(&self) -> Timestamp {
        self.step.now
    }
}

impl<A: Evolve> fmt::Debug for Decision<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.step.told(1))
    }
}

impl<A: Evolve> Step<A> {
    fn is_rejected(&self) -> bool {
        matches!(self.outcome, Some(Err(_)))
    }

    /// The command and what it came to.
    fn told(&self, number: usize) -> String {
        let pause = if self.pause.is_zero() { String::new() } else { format!("({} later) ", span(self.pause)) };
        let came = match &self.outcome {
            Some(Ok(events)) => lines("         ", &events.iter().map(Told::line).collect::<Vec<_>>()),
            Some(Err(no)) => format!("         {no}, at {}\n", self.now),
            None => String::new(),
        };
        format!("{number:>4}. {pause}{} {}\n{came}", self.name, shown(&self.body))
    }
}

impl<A: Evolve> fmt::Debug for History<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.told.is_empty() {
            write!(f, "given\n{}", lines("    ", &self.told.iter().map(Told::line).collect::<Vec<_>>()))?;
        }
        self.steps.iter().zip(1..).try_for_each(|(step, number)| f.write_str(&step.told(number)))
    }
}
