use std::time::Duration;

use super::RetryPolicy;

/// What a step does, as far as deciding depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It sends commands, whose events are stored together with its outcome: exactly once.
    Commands,
    /// It calls the outside world, at least once, with an idempotency key.
    Activity,
    /// It waits for an event of the log.
    Wait,
    /// It does nothing, at once. It may be undone.
    Nothing,
}

/// One step of a saga, without the code in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepPlan {
    /// Its name, unique in the saga.
    pub name: &'static str,
    /// What it does.
    pub kind: Kind,
    /// Whether it can be undone.
    pub undo: bool,
    /// Whether it is the point of no return.
    pub pivot: bool,
    /// How it is tried again.
    pub retry: RetryPolicy,
    /// How long its outcome may take: all attempts together, or each if it is tried without limit.
    pub timeout: Option<Duration>,
    /// Whether a step that waits goes on without the event once the timeout is over.
    pub optional: bool,
    /// Whether the saga goes on without the step when it says no.
    pub goes_on: bool,
}

/// The steps of a saga, without the code in them: what [`decide`](super::engine::decide) needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The name of the saga.
    pub name: &'static str,
    /// The version of the definition.
    pub version: u32,
    /// How long it may take to pass the pivot.
    pub deadline: Option<Duration>,
    /// Its steps, in order; none if it reacts.
    pub steps: Vec<StepPlan>,
    /// Whether it has no steps, but reacts to each event as it comes.
    pub reacts: bool,
}

impl Plan {
    /// The step at an index that comes from this plan.
    pub(super) fn step(&self, index: usize) -> Option<&StepPlan> {
        self.steps.get(index)
    }

    /// Whether an instance may have to wait for an event, rather than to do something.
    pub fn may_wait(&self) -> bool {
        self.reacts || self.steps.iter().any(|step| step.kind == Kind::Wait)
    }

    /// The index of the step with a name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }

    /// Whether a step comes after the point of no return.
    pub fn is_after_pivot(&self, index: usize) -> bool {
        self.steps.iter().take(index).any(|step| step.pivot)
    }
}
