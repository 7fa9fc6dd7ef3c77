use std::collections::{BTreeMap, BTreeSet};

use super::engine::{Plan, Verdict};
use super::{Cause, Outgoing, SagaEvent, Way};
use crate::{CommandId, Position, Timestamp};

/// Where an instance is as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It goes forward.
    Running,
    /// It goes back.
    Compensating,
    /// Every step is done.
    Completed,
    /// Everything that was done is undone.
    Compensated,
}

impl Phase {
    /// Whether nothing will happen any more.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Compensated)
    }
}

/// Where one step of an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepState {
    /// It was not begun.
    Pending,
    /// It was begun, and its outcome is not known yet.
    Dispatched,
    /// It is done.
    Succeeded,
    /// It said no: nothing happened.
    Rejected,
    /// Its outcome will never be known.
    Unknown,
    /// It is being undone.
    Undoing,
    /// It is undone.
    Undone,
}

/// The step that an instance is at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Current {
    /// Its index in the plan.
    pub step: usize,
    /// Whether it is being done or undone.
    pub way: Way,
    /// How many attempts have failed.
    pub failed: u32,
    /// When the first of them failed.
    pub failing_since: Option<Timestamp>,
    /// When it is tried again.
    pub retry_at: Option<Timestamp>,
    /// Until when its outcome must be known.
    pub deadline: Option<Timestamp>,
    /// Whether it was reported as stuck.
    pub stuck: bool,
}

/// What the engine has to do for an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Take the current step.
    Run {
        /// The index of the step.
        step: usize,
        /// Whether to do or to undo it.
        way: Way,
        /// Which attempt it is, from 1.
        attempt: u32,
        /// When this attempt is given up: at the next deadline, or, if the step is tried without limit, after as long as
        /// it may take.
        until: Option<Timestamp>,
    },
    /// Decide on [`Input::Tick`](super::engine::Input::Tick): a deadline has passed.
    Tick,
    /// Nothing before this moment.
    Wait {
        /// When to look again.
        until: Timestamp,
    },
    /// Nothing before an event comes, or this moment.
    Await {
        /// When to look again, if ever.
        until: Option<Timestamp>,
    },
    /// React to the event at this position, which was kept.
    React {
        /// Where it is in the main log.
        at: Position,
    },
    /// Send the command of a reaction.
    Send {
        /// The command.
        command: CommandId,
    },
    /// Nothing until an operator acts.
    Suspended,
    /// Nothing any more.
    Ended,
    /// It has not ended, and is at no step of the plan: the plan is not the one it began under.
    Lost,
}

/// The state of an instance: the fold of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Instance {
    /// The version of the definition that it runs by.
    pub definition: u32,
    /// Where it is as a whole.
    pub phase: Phase,
    /// Where each step is, in the order of the plan.
    pub steps: Vec<StepState>,
    /// The step it is at; none once it has ended.
    pub current: Option<Current>,
    /// Until when it must have passed its pivot.
    pub deadline: Option<Timestamp>,
    /// Whether the point of no return is passed.
    pub pivot_passed: bool,
    /// Whether the deadline was missed after the pivot.
    pub deadline_missed: bool,
    /// Why it is or was undone.
    pub cause: Option<Cause>,
    /// Why it waits for an operator.
    pub suspended: Option<String>,
    /// What came for steps before they were reached, by the index of the step.
    pub taken: BTreeMap<usize, Verdict>,
    /// What it has to do for its reactions; nothing if it has steps.
    pub reacting: Reacting,
}

/// What an instance that reacts has before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reacting {
    /// Where the last event that it reacted to is in the main log.
    pub last: Position,
    /// Events that came when it could not react.
    pub kept: BTreeSet<Position>,
    /// Commands to be sent.
    pub outgoing: Vec<Outgoing>,
    /// Whether it takes no more events.
    pub ends: bool,
    /// How often the next command has failed.
    pub failed: u32,
    /// When it failed for the first time.
    pub failing_since: Option<Timestamp>,
    /// When it is tried again.
    pub retry_at: Option<Timestamp>,
    /// Whether that was reported.
    pub stuck: bool,
}

impl Instance {
    /// An instance of a plan to which nothing has happened.
    pub fn new(plan: &Plan) -> Self {
        Self {
            definition: plan.version,
            phase: Phase::Running,
            steps: vec![StepState::Pending; plan.steps.len()],
            current: None,
            deadline: None,
            pivot_passed: false,
            deadline_missed: false,
            cause: None,
            suspended: None,
            taken: BTreeMap::new(),
            reacting: Reacting::default(),
        }
    }

    /// Takes in an event. One that names a step the plan does not have changes nothing but what it says otherwise.
    pub fn evolve(&mut self, plan: &Plan, event: &SagaEvent, recorded_at: Timestamp) {
        match event {
            SagaEvent::Started { definition, deadline, .. } => {
                self.definition = *definition;
                self.deadline = *deadline;
            }
            SagaEvent::StepDispatched { step, deadline, .. } => self.dispatch(plan, step, Way::Do, *deadline),
            SagaEvent::CompensationDispatched { step, .. } => self.dispatch(plan, step, Way::Undo, None),
            SagaEvent::StepSucceeded { step, .. } => self.settle(plan, step, StepState::Succeeded),
            SagaEvent::StepRejected { step, .. } | SagaEvent::StepDeclined { step, .. } => {
                self.settle(plan, step, StepState::Rejected);
            }
            SagaEvent::StepUnknown { step, .. } => self.settle(plan, step, StepState::Unknown),
            SagaEvent::Compensated { step } => self.settle(plan, step, StepState::Undone),
            SagaEvent::EventTaken { step, outcome, refused, .. } => {
                if let Some(step) = plan.index_of(step) {
                    let verdict = refused.clone().map_or_else(|| Verdict::Accepted(outcome.clone()), Verdict::Refused);
                    self.taken.entry(step).or_insert(verdict);
                }
            }
            SagaEvent::Reacted { .. }
            | SagaEvent::EventKept { .. }
            | SagaEvent::CommandSent { .. }
            | SagaEvent::CommandRejected { .. } => self.reacting.evolve(event),
            SagaEvent::AttemptFailed { attempt, retry_at, .. } if plan.reacts => {
                self.reacting.fails(*attempt, *retry_at, recorded_at);
            }
            SagaEvent::AttemptFailed { attempt, retry_at, .. } => {
                if let Some(current) = &mut self.current {
                    current.failed = *attempt;
                    current.failing_since.get_or_insert(recorded_at);
                    current.retry_at = Some(*retry_at);
                }
            }
            SagaEvent::CompensationStuck { .. } | SagaEvent::StepStuck { .. } => {
                self.reacting.stuck = true;
                if let Some(current) = &mut self.current {
                    current.stuck = true;
                }
            }
            SagaEvent::PivotPassed { .. } => self.pivot_passed = true,
            SagaEvent::DeadlineMissed {} => self.deadline_missed = true,
            SagaEvent::CompensationStarted { cause } => {
                self.phase = Phase::Compensating;
                self.cause = Some(cause.clone());
            }
            SagaEvent::Suspended { reason, .. } => self.suspended = Some(reason.clone()),
            SagaEvent::Resumed { .. } => {
                self.suspended = None;
                self.reacting.retry_at = None;
                if let Some(current) = &mut self.current {
                    current.retry_at = None;
                }
            }
            SagaEvent::Completed {} => self.end(Phase::Completed),
            SagaEvent::CompensatedFully {} => self.end(Phase::Compensated),
        }
    }

    fn dispatch(&mut self, plan: &Plan, name: &str, way: Way, deadline: Option<Timestamp>) {
        let Some(step) = plan.index_of(name) else {
            self.current = None;
            return;
        };
        self.steps[step] = if way == Way::Do { StepState::Dispatched } else { StepState::Undoing };
        self.current = Some(Current { step, way, failed: 0, failing_since: None, retry_at: None, deadline, stuck: false });
    }

    fn settle(&mut self, plan: &Plan, name: &str, state: StepState) {
        let Some(step) = plan.index_of(name) else { return };
        self.steps[step] = state;
        self.current = None;
    }

    fn end(&mut self, phase: Phase) {
        self.phase = phase;
        self.current = None;
    }

    /// The step to undo next: the last that was dispatched and is not known to be rejected or undone.
    pub fn next_to_undo(&self, plan: &Plan) -> Option<usize> {
        (0..self.steps.len()).rev().find(|&step| {
            matches!(self.steps[step], StepState::Dispatched | StepState::Succeeded | StepState::Unknown)
                && plan.step(step).is_some_and(|step| step.undo)
        })
    }
}
