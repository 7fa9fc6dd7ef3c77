//! Invariants of `saga.md`, for every plan and every order of inputs.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::saga::engine::Next;
use crate::saga::{RetryPolicy, StepState};

mod going_on;
mod waiting;

const NAMES: [&str; 5] = ["one", "two", "three", "four", "five"];

fn plans() -> impl Strategy<Value = Plan> {
    let kind = prop_oneof![4 => Just(Kind::Commands), 4 => Just(Kind::Activity), 2 => Just(Kind::Wait), 1 => Just(Kind::Nothing)];
    let step = (any::<bool>(), kind, prop::option::of(1_u64..50), 1_u32..4, any::<bool>(), any::<bool>());
    (prop::collection::vec(step, 1..=5), prop::option::of(0_usize..5), prop::option::of(1_u64..200)).prop_map(
        |(steps, pivot, deadline)| {
            let steps = steps.into_iter().enumerate().map(|(at, (undo, kind, timeout, attempts, optional, goes_on))| {
                let after = pivot.is_some_and(|pivot| at >= pivot);
                StepPlan {
                    name: NAMES[at],
                    kind,
                    undo: undo && !after && kind != Kind::Wait,
                    pivot: pivot == Some(at),
                    retry: RetryPolicy::attempts(attempts).backoff(Duration::from_micros(4), Duration::from_micros(16)),
                    timeout: timeout.map(Duration::from_micros),
                    optional: optional && kind == Kind::Wait && timeout.is_some(),
                    goes_on: goes_on && pivot != Some(at),
                }
            });
            Plan {
                name: "saga",
                version: 1,
                deadline: deadline.map(Duration::from_micros),
                steps: steps.collect(),
                reacts: false,
            }
        },
    )
}

/// What the world does at each turn.
#[derive(Clone, Copy, Debug)]
enum World {
    Succeed,
    Reject,
    Fail,
    Blur,
    Break,
    Repeat,
    Pass(u16),
    /// The event for a step comes, a yes or a no.
    Arrive(usize, bool),
}

fn worlds() -> impl Strategy<Value = Vec<World>> {
    let turn = prop_oneof![
        6 => Just(World::Succeed),
        2 => Just(World::Reject),
        2 => Just(World::Fail),
        2 => Just(World::Blur),
        1 => Just(World::Break),
        1 => Just(World::Repeat),
        2 => (0_u16..40).prop_map(World::Pass),
        2 => (0_usize..5, any::<bool>()).prop_map(|(step, yes)| World::Arrive(step, yes)),
    ];
    prop::collection::vec(turn, 0..60)
}

/// An instance with its history, as the engine would drive it.
struct Run {
    plan: Plan,
    instance: Instance,
    history: Vec<SagaEvent>,
    now: i64,
    last: Option<Input>,
}

impl Run {
    fn new(plan: Plan) -> Self {
        let mut run = Self { instance: Instance::new(&plan), plan, history: Vec::new(), now: 0, last: None };
        let deadline = run.plan.deadline.map(|deadline| Timestamp::EPOCH.after(deadline));
        let started = SagaEvent::Started { definition: 1, data: Json::Null, deadline };
        run.store([started].into_iter().chain(begin(&run.plan, Timestamp::EPOCH)).collect());
        run
    }

    fn store(&mut self, events: Vec<SagaEvent>) {
        for event in events {
            self.instance.evolve(&self.plan, &event, Timestamp::from_micros(self.now));
            self.history.push(event);
        }
    }

    fn input(&mut self, input: Input) -> bool {
        let at = Moment { now: Timestamp::from_micros(self.now), random: 1 << 63 };
        self.last = Some(input.clone());
        match decide(&self.plan, &self.instance, input, at) {
            Ok(events) => {
                assert!(!events.is_empty(), "a decision says what happened");
                self.store(events);
                true
            }
            Err(Ignored) => false,
        }
    }

    fn arrive(&mut self, step: usize, yes: bool) -> bool {
        let verdict = if yes { Verdict::Accepted(Json::Null) } else { Verdict::Refused("no".into()) };
        self.input(Input::Event { step, at: Position::MAX, verdict })
    }

    fn turn(&mut self, world: World) {
        match (self.instance.next(&self.plan, Timestamp::from_micros(self.now)), world) {
            (_, World::Pass(micros)) => self.now += i64::from(micros),
            (_, World::Repeat) => {
                // A tick is about the moment: it is no repetition where another deadline has passed.
                let is_due = matches!(self.instance.next(&self.plan, Timestamp::from_micros(self.now)), Next::Tick);
                let is_another_time = |input: &Input| match input {
                    Input::Tick => is_due,
                    Input::Transient { .. }
                    | Input::Unknown { .. }
                    | Input::Rejected { .. }
                    | Input::Defect { .. }
                    | Input::Resume { .. } => true,
                    Input::Succeeded { .. } | Input::Event { .. } => false,
                };
                if let Some(input) = self.last.clone().filter(|input| !is_another_time(input)) {
                    let before = self.history.len();
                    self.input(input);
                    assert_eq!(before, self.history.len(), "I6: a repeated input changes nothing");
                }
            }
            (_, World::Arrive(step, yes)) => {
                let came_before = self.instance.taken.contains_key(&step);
                let taken = self.arrive(step, yes);
                let is_wait = self.plan.step(step).is_some_and(|step| step.kind == Kind::Wait);
                assert!(!taken || is_wait && !came_before, "an event is taken once, by a step that waits");
            }
            (Next::Await { until }, world) => match (until, world) {
                (Some(until), World::Fail | World::Blur) => self.now = until.as_micros(),
                (_, World::Break) => assert!(self.input(Input::Defect { reason: "reason".into() })),
                (_, world) => {
                    let step = self.instance.current.as_ref().expect("it waits at a step").step;
                    let yes = !matches!(world, World::Reject);
                    let taken = self.arrive(step, yes);
                    let means = yes || !self.plan.is_after_pivot(step) || self.plan.steps[step].goes_on;
                    assert_eq!(taken, means, "what is waited for is taken when it comes");
                }
            },
            (Next::React { .. } | Next::Send { .. }, _) => panic!("a saga with steps does not react"),
            (Next::Tick, _) => assert!(self.input(Input::Tick), "a deadline that has passed is decided on"),
            (Next::Wait { until }, _) => self.now = until.as_micros(),
            (Next::Suspended, _) => {
                assert!(!self.input(Input::Tick), "a suspended instance waits for an operator alone");
                self.input(Input::Resume { actor: "ann".into(), reason: "mended".into() });
            }
            (Next::Ended, _) => {
                assert!(!self.input(Input::Tick), "I10: nothing acts on an instance that has ended");
            }
            (Next::Lost, _) => panic!("an instance that has not ended is at a step"),
            (Next::Run { step, way: Way::Do, .. }, _) if self.plan.steps[step].kind == Kind::Nothing => {
                panic!("what does nothing is passed at once")
            }
            (Next::Run { step, way, .. }, world) => {
                let reason = "reason".to_owned();
                let input = match world {
                    World::Reject => Input::Rejected { step, way, reason },
                    World::Fail => Input::Transient { step, way, reason },
                    World::Blur => Input::Unknown { step, way, reason },
                    World::Break => Input::Defect { reason },
                    _ => Input::Succeeded { step, way, outcome: Json::Null },
                };
                assert!(self.input(input), "the outcome of the current step is decided on");
            }
        }
    }

    /// I8: once the world stops failing, the instance ends.
    fn finish(&mut self) {
        for _ in 0..200 {
            if self.instance.phase.is_terminal() {
                return;
            }
            self.turn(World::Succeed);
        }
        panic!("I8: {:?} does not end", self.instance);
    }

    fn check(&self) {
        let at = |wanted: &dyn Fn(&SagaEvent) -> bool| self.history.iter().position(wanted);
        let started_back = at(&|event| matches!(event, SagaEvent::CompensationStarted { .. }));
        let pivot = at(&|event| matches!(event, SagaEvent::PivotPassed { .. }));
        let dispatched_last = self.history.iter().rposition(|event| matches!(event, SagaEvent::StepDispatched { .. }));
        if let Some(back) = started_back {
            assert!(dispatched_last < Some(back), "I2: nothing goes forward once it goes back");
            assert!(pivot.is_none(), "I4: nothing is undone after the pivot");
        }
        for event in &self.history {
            if let SagaEvent::StepDeclined { step, .. } = event {
                let is_about =
                    |other: &SagaEvent| matches!(other, SagaEvent::CompensationDispatched { step: undone, .. } if undone == step);
                assert!(!self.history.iter().any(is_about), "what said no has not happened, and is not undone");
                assert!(self.plan.steps[self.plan.index_of(step).unwrap()].goes_on);
            }
        }
        let mut undone = Vec::new();
        for event in &self.history {
            if let SagaEvent::Compensated { step } = event {
                undone.push(self.plan.index_of(step).unwrap());
            }
        }
        assert!(undone.is_sorted_by(|earlier, later| earlier > later), "I3: undoing goes in reverse: {undone:?}");
        match self.instance.phase {
            Phase::Compensated => {
                for (step, state) in self.plan.steps.iter().zip(&self.instance.steps) {
                    let settled = matches!(state, StepState::Pending | StepState::Rejected | StepState::Undone);
                    assert!(settled || !step.undo, "I1: `{}` is {state:?} in a compensated saga", step.name);
                }
            }
            Phase::Completed => {
                for (step, state) in self.plan.steps.iter().zip(&self.instance.steps) {
                    let left_out = *state == StepState::Rejected && step.goes_on;
                    assert!(left_out || *state == StepState::Succeeded, "`{}` is {state:?} in a completed saga", step.name);
                }
            }
            other => panic!("I7: {other:?} is not terminal"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn every_instance_ends_well_whatever_the_world_does(plan in plans(), worlds in worlds()) {
        let mut run = Run::new(plan);
        for world in worlds {
            run.turn(world);
        }
        run.finish();
        run.check();
    }

    #[test]
    fn folding_the_history_gives_the_live_state(plan in plans(), worlds in worlds()) {
        let mut run = Run::new(plan);
        for world in worlds {
            run.turn(world);
        }
        let mut folded = Instance::new(&run.plan);
        for event in &run.history {
            // Only the moment of the first failure comes from the record; it does not tell phases apart.
            folded.evolve(&run.plan, event, Timestamp::EPOCH);
        }
        prop_assert_eq!((folded.phase, &folded.steps, folded.pivot_passed), (run.instance.phase, &run.instance.steps, run.instance.pivot_passed));
        prop_assert_eq!(folded.current.map(|current| (current.step, current.way, current.failed)), run.instance.current.map(|current| (current.step, current.way, current.failed)));
    }
}

fn plan(undo: [bool; 3], pivot: Option<usize>) -> Plan {
    let steps = (0..3).map(|at| StepPlan {
        name: NAMES[at],
        kind: Kind::Activity,
        undo: undo[at],
        pivot: pivot == Some(at),
        retry: RetryPolicy::attempts(2),
        timeout: Some(Duration::from_secs(1)),
        optional: false,
        goes_on: false,
    });
    Plan { name: "saga", version: 1, deadline: None, steps: steps.collect(), reacts: false }
}

fn names(run: &Run) -> Vec<&'static str> {
    run.history.iter().map(|event| crate::Event::kind(event).name.trim_start_matches("$saga.")).collect()
}

#[test]
fn a_step_of_unknown_outcome_is_undone_too() {
    let mut run = Run::new(plan([true, true, true], None));
    run.turn(World::Succeed);
    run.turn(World::Blur);
    run.finish();
    let expected = [
        "started",
        "step_dispatched",
        "step_succeeded",
        "step_dispatched",
        "step_unknown",
        "compensation_started",
        "compensation_dispatched",
        "compensated",
        "compensation_dispatched",
        "compensated",
        "compensated_fully",
    ];
    assert_eq!(names(&run), expected);
}

#[test]
fn a_rejected_step_is_not_undone() {
    let mut run = Run::new(plan([true, true, true], None));
    run.turn(World::Succeed);
    run.turn(World::Reject);
    run.finish();
    let expected = [
        "started",
        "step_dispatched",
        "step_succeeded",
        "step_dispatched",
        "step_rejected",
        "compensation_started",
        "compensation_dispatched",
        "compensated",
        "compensated_fully",
    ];
    assert_eq!(names(&run), expected);
}

#[test]
fn a_deadline_makes_the_outcome_unknown() {
    let mut run = Run::new(plan([true, true, true], None));
    run.now = 1_000_000;
    run.turn(World::Succeed);
    assert_eq!(names(&run)[2..4], ["step_unknown", "compensation_started"]);
}

#[test]
fn a_pivot_that_may_have_happened_is_tried_until_it_is_known() {
    let mut run = Run::new(plan([true, false, false], Some(1)));
    run.turn(World::Succeed);
    for _ in 0..9 {
        run.turn(World::Blur);
    }
    run.now = 1_000_000_000;
    assert_eq!(run.instance.phase, Phase::Running);
    assert!(run.instance.steps.iter().all(|state| *state != StepState::Unknown));
    run.finish();
    assert_eq!(run.instance.phase, Phase::Completed);
}

#[test]
fn undoing_that_fails_for_long_is_reported_and_goes_on() {
    let mut run = Run::new(plan([true, true, true], None));
    run.turn(World::Succeed);
    run.turn(World::Reject);
    run.turn(World::Fail);
    run.now += 400_000_000;
    run.turn(World::Reject);
    assert_eq!(names(&run).last(), Some(&"compensation_stuck"));
    run.now += 400_000_000;
    run.turn(World::Fail);
    assert_eq!(names(&run).last(), Some(&"attempt_failed"));
    run.finish();
    run.check();
}

#[test]
fn a_defect_suspends_and_undoes_nothing() {
    let mut run = Run::new(plan([true, true, true], None));
    run.turn(World::Succeed);
    run.turn(World::Break);
    assert_eq!(names(&run).last(), Some(&"suspended"));
    assert_eq!(run.instance.wake(&run.plan, Timestamp::EPOCH), None);
    run.finish();
    assert_eq!(run.instance.phase, Phase::Completed);
}

#[test]
fn what_comes_while_it_is_suspended_counts_when_it_goes_on() {
    let mut plan = plan([true, false, true], None);
    plan.steps[1].kind = Kind::Wait;
    let mut run = Run::new(plan);
    run.turn(World::Succeed);
    run.turn(World::Break);
    assert!(run.arrive(1, true));
    assert_eq!(run.instance.next(&run.plan, Timestamp::EPOCH), Next::Suspended);
    run.input(Input::Resume { actor: "ann".into(), reason: "mended".into() });
    assert_eq!(run.instance.current.as_ref().map(|current| current.step), Some(2));
}
