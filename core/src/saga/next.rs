//! What the engine has to do for an instance.

use super::engine::{Kind, Next, Plan, StepPlan};
use super::{Instance, Phase, Way};
use crate::Timestamp;

/// When somebody must look at an instance again: its durable timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// There is something to do, now or when an attempt is due.
    Work(Timestamp),
    /// There is nothing to do before an event comes; at this moment, or never, the wait is over.
    Idle(Timestamp),
}

impl Instance {
    /// When the next deadline that changes something passes.
    pub(super) fn next_deadline(&self, plan: &Plan) -> Option<Timestamp> {
        let current = self.current.as_ref().filter(|_| self.phase == Phase::Running)?;
        let overall = self.deadline.filter(|_| !self.deadline_missed);
        let (step, overall) = if self.must_go_forward(plan) {
            // Only who may go on without the event is released by time.
            let optional = self.waiting(plan).is_some_and(|step| step.optional);
            (current.deadline.filter(|_| optional), overall.filter(|_| self.pivot_passed))
        } else {
            (current.deadline, overall)
        };
        match (step, overall) {
            (Some(step), Some(overall)) => Some(step.min(overall)),
            (one, other) => one.or(other),
        }
    }

    /// The step that waits for an event, if the instance is at one.
    pub(super) fn waiting<'a>(&self, plan: &'a Plan) -> Option<&'a StepPlan> {
        let current = self.current.as_ref().filter(|current| current.way == Way::Do)?;
        plan.step(current.step).filter(|step| step.kind == Kind::Wait)
    }

    /// Whether the instance can no longer be undone: the pivot is passed, or is a call to the outside world that may
    /// have happened.
    pub(super) fn must_go_forward(&self, plan: &Plan) -> bool {
        self.pivot_passed
            || self.current.as_ref().is_some_and(|current| {
                current.way == Way::Do && plan.step(current.step).is_some_and(|step| step.pivot && step.kind == Kind::Activity)
            })
    }

    /// Whether the step that it is at is tried until it succeeds.
    pub(super) fn is_tried_without_limit(&self, plan: &Plan) -> bool {
        self.current.as_ref().is_some_and(|current| current.way == Way::Undo) || self.must_go_forward(plan)
    }

    /// What the engine has to do at `now`.
    pub fn next(&self, plan: &Plan, now: Timestamp) -> Next {
        if self.phase.is_terminal() {
            return Next::Ended;
        }
        if self.suspended.is_some() {
            return Next::Suspended;
        }
        if plan.reacts {
            return self.reacting.next(now);
        }
        let until = self.next_deadline(plan);
        let Some(current) = &self.current else { return Next::Lost };
        if until.is_some_and(|until| until <= now) {
            return Next::Tick;
        }
        if self.waiting(plan).is_some() {
            return Next::Await { until };
        }
        if let Some(retry_at) = current.retry_at.filter(|retry_at| *retry_at > now) {
            return Next::Wait { until: until.map_or(retry_at, |until| until.min(retry_at)) };
        }
        // A step that is tried without limit has no deadline: a call that hangs must end for there to be another.
        let timeout = plan.step(current.step).and_then(|step| step.timeout).filter(|_| self.is_tried_without_limit(plan));
        let until = [until, timeout.map(|timeout| now.after(timeout))].into_iter().flatten().min();
        Next::Run { step: current.step, way: current.way, attempt: current.failed + 1, until }
    }

    /// When somebody must look at the instance again: none if nobody needs to.
    pub fn wake(&self, plan: &Plan, now: Timestamp) -> Option<Wake> {
        match self.next(plan, now) {
            Next::Run { .. } | Next::Tick | Next::Lost | Next::React { .. } | Next::Send { .. } => Some(Wake::Work(now)),
            Next::Wait { until } => Some(Wake::Work(until)),
            Next::Await { until } => Some(Wake::Idle(until.unwrap_or(Timestamp::MAX))),
            Next::Suspended | Next::Ended => None,
        }
    }
}
