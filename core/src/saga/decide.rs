use super::engine::{Kind, Plan, StepPlan, Verdict};
use super::instance::Current;
use super::{Cause, Instance, Phase, SagaEvent, StepState, Way};
use crate::{Json, Position, Timestamp};

/// Something that an instance must decide on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Input {
    /// The current step is done or undone.
    Succeeded {
        /// The index of the step.
        step: usize,
        /// Whether it was done or undone.
        way: Way,
        /// What it came to; null for commands.
        outcome: Json,
    },
    /// The current step said no: nothing happened.
    Rejected {
        /// The index of the step.
        step: usize,
        /// Whether it was being done or undone.
        way: Way,
        /// Its reason.
        reason: String,
    },
    /// The attempt failed without effect.
    Transient {
        /// The index of the step.
        step: usize,
        /// Whether it was being done or undone.
        way: Way,
        /// Why.
        reason: String,
    },
    /// The attempt may or may not have had an effect.
    Unknown {
        /// The index of the step.
        step: usize,
        /// Whether it was being done or undone.
        way: Way,
        /// Why that is not known.
        reason: String,
    },
    /// An event came that a step waits for.
    Event {
        /// The index of the step.
        step: usize,
        /// Where the event is in the main log.
        at: Position,
        /// What it comes to for the step.
        verdict: Verdict,
    },
    /// A defect: a panic, or data that cannot be read.
    Defect {
        /// What happened.
        reason: String,
    },
    /// Time has passed.
    Tick,
    /// An operator lets a suspended instance go on.
    Resume {
        /// Who.
        actor: String,
        /// Why.
        reason: String,
    },
}

/// When a decision is made, and the randomness it may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub now: Timestamp,
    /// 64 random bits, for jitter.
    pub random: u64,
}

/// An input that changes nothing: late, repeated, or about a step that the instance is not at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ignored;

/// Decides what an input leads to. The commands of what is dispatched are still to be filled in.
///
/// Pure: the same instance, input and moment give the same events.
///
/// # Errors
/// [`Ignored`] if the input changes nothing.
pub fn decide(plan: &Plan, instance: &Instance, input: Input, at: Moment) -> Result<Vec<SagaEvent>, Ignored> {
    if instance.phase.is_terminal() {
        return Err(Ignored);
    }
    let events = match input {
        Input::Event { step, at: position, verdict } => arrived(plan, instance, step, position, verdict)?,
        Input::Resume { actor, reason } if instance.suspended.is_some() => vec![SagaEvent::Resumed { actor, reason }],
        _ if instance.suspended.is_some() => return Err(Ignored),
        input => decide_step(plan, instance, input, at)?,
    };
    Ok(go_on_with_what_came(plan, instance, events, at))
}

fn decide_step(plan: &Plan, instance: &Instance, input: Input, at: Moment) -> Result<Vec<SagaEvent>, Ignored> {
    let current = instance.current.as_ref().ok_or(Ignored)?;
    let step = plan.step(current.step).ok_or(Ignored)?;
    let is_current = |index: usize, way: Way| (index, way) == (current.step, current.way);
    let decision = Decision { plan, instance, current, step, at };
    match input {
        Input::Succeeded { step, way, outcome } if is_current(step, way) => Ok(decision.succeeded(outcome)),
        Input::Rejected { step, way, reason } if is_current(step, way) => Ok(decision.rejected(reason)),
        Input::Transient { step, way, reason } if is_current(step, way) => Ok(decision.transient(reason)),
        Input::Unknown { step, way, reason } if is_current(step, way) => Ok(decision.unknown(reason)),
        Input::Defect { reason } => Ok(vec![SagaEvent::Suspended { step: step.name.into(), way: current.way, reason }]),
        Input::Tick => decision.tick(),
        _ => Err(Ignored),
    }
}

/// An event is taken once for each step that waits for it, before or while the step is reached. Going back, nothing is
/// waited for; and after the pivot, a "no" is not what is waited for, unless the saga goes on with it.
fn arrived(plan: &Plan, instance: &Instance, index: usize, at: Position, verdict: Verdict) -> Result<Vec<SagaEvent>, Ignored> {
    let step = plan.step(index).filter(|step| step.kind == Kind::Wait).ok_or(Ignored)?;
    let is_open = matches!(instance.steps.get(index), Some(StepState::Pending | StepState::Dispatched));
    let is_declined = matches!(verdict, Verdict::Refused(_)) && plan.is_after_pivot(index) && !step.goes_on;
    if instance.phase != Phase::Running || !is_open || instance.taken.contains_key(&index) || is_declined {
        return Err(Ignored);
    }
    let (outcome, refused) = match verdict {
        Verdict::Accepted(outcome) => (outcome, None),
        Verdict::Refused(reason) => (Json::Null, Some(reason)),
    };
    Ok(vec![SagaEvent::EventTaken { step: step.name.into(), at, outcome, refused }])
}

/// Passes the steps whose events have come, and those that do nothing.
fn go_on_with_what_came(plan: &Plan, instance: &Instance, mut events: Vec<SagaEvent>, at: Moment) -> Vec<SagaEvent> {
    let has_come = !instance.taken.is_empty() || events.iter().any(|event| matches!(event, SagaEvent::EventTaken { .. }));
    if !has_come && plan.steps.iter().all(|step| step.kind != Kind::Nothing) {
        return events;
    }
    let mut then = instance.clone();
    events.iter().for_each(|event| then.evolve(plan, event, at.now));
    while then.phase == Phase::Running && then.suspended.is_none() {
        let Some(current) = then.current.clone() else { break };
        let Some(step) = plan.step(current.step) else { break };
        let verdict = match step.kind {
            Kind::Nothing => Verdict::Accepted(Json::Null),
            Kind::Wait => match then.taken.get(&current.step) {
                Some(verdict) => verdict.clone(),
                None => break,
            },
            Kind::Commands | Kind::Activity => break,
        };
        let decision = Decision { plan, instance: &then, current: &current, step, at };
        let more = match verdict {
            Verdict::Accepted(outcome) => decision.succeeded(outcome),
            Verdict::Refused(reason) => decision.rejected(reason),
        };
        more.iter().for_each(|event| then.evolve(plan, event, at.now));
        events.extend(more);
    }
    events
}

/// The events after `Started`: the first step, or the end of a saga without steps; none if it reacts.
pub(super) fn begin(plan: &Plan, now: Timestamp) -> Vec<SagaEvent> {
    if plan.reacts {
        return Vec::new();
    }
    let first = plan.step(0).map_or(SagaEvent::Completed {}, |step| dispatch(step, now));
    go_on_with_what_came(plan, &Instance::new(plan), vec![first], Moment { now, random: 0 })
}

fn dispatch(step: &StepPlan, now: Timestamp) -> SagaEvent {
    SagaEvent::StepDispatched {
        step: step.name.into(),
        commands: Vec::new(),
        deadline: step.timeout.map(|timeout| now.after(timeout)),
    }
}

struct Decision<'a> {
    plan: &'a Plan,
    instance: &'a Instance,
    current: &'a Current,
    step: &'a StepPlan,
    at: Moment,
}

impl Decision<'_> {
    fn name(&self) -> String {
        self.step.name.into()
    }

    fn succeeded(&self, outcome: Json) -> Vec<SagaEvent> {
        if self.current.way == Way::Undo {
            return self.undo_after(vec![SagaEvent::Compensated { step: self.name() }]);
        }
        let mut events = vec![SagaEvent::StepSucceeded { step: self.name(), outcome }];
        if self.step.pivot {
            events.push(SagaEvent::PivotPassed { step: self.name() });
        }
        self.go_on_after(events)
    }

    /// Adds what comes next on the way forward, given what `events` have just settled.
    fn go_on_after(&self, mut events: Vec<SagaEvent>) -> Vec<SagaEvent> {
        let passed = self.instance.pivot_passed || self.step.pivot;
        let late = self.instance.deadline.is_some_and(|deadline| deadline <= self.at.now);
        match self.plan.step(self.current.step + 1) {
            None => events.push(SagaEvent::Completed {}),
            Some(_) if late && !passed => {
                events.push(SagaEvent::CompensationStarted { cause: Cause::Deadline });
                return self.undo_after(events);
            }
            Some(next) => events.push(dispatch(next, self.at.now)),
        }
        events
    }

    fn rejected(&self, reason: String) -> Vec<SagaEvent> {
        // Nothing happened, and the definition says what then.
        if self.current.way == Way::Do && self.step.goes_on {
            return self.go_on_after(vec![SagaEvent::StepDeclined { step: self.name(), reason }]);
        }
        // Undoing cannot be declined, and after the pivot there is only forward: both are tried until they succeed. A
        // pivot that says no was not passed.
        if self.current.way == Way::Undo || self.instance.pivot_passed {
            return self.try_again(reason);
        }
        let rejected = SagaEvent::StepRejected { step: self.name(), reason };
        self.undo_after(vec![rejected, SagaEvent::CompensationStarted { cause: Cause::Rejected { step: self.name() } }])
    }

    fn transient(&self, reason: String) -> Vec<SagaEvent> {
        let exhausted = self.current.failed + 1 >= self.step.retry.attempts;
        if exhausted && !self.is_tried_without_limit() {
            return self.give_up(reason, self.of_this_step());
        }
        self.try_again(reason)
    }

    fn unknown(&self, reason: String) -> Vec<SagaEvent> {
        if self.is_tried_without_limit() {
            return self.try_again(reason);
        }
        self.give_up(reason, self.of_this_step())
    }

    fn is_tried_without_limit(&self) -> bool {
        self.instance.is_tried_without_limit(self.plan)
    }

    /// Commands are stored together with the outcome of their step. While that is open they have not happened, and once it
    /// is recorded they cannot: there is nothing to undo. A call to the outside world may have happened.
    fn give_up(&self, reason: String, cause: Cause) -> Vec<SagaEvent> {
        let step = self.name();
        let given_up = match self.step.kind {
            Kind::Commands | Kind::Wait | Kind::Nothing => SagaEvent::StepRejected { step, reason },
            Kind::Activity => SagaEvent::StepUnknown { step, reason },
        };
        self.undo_after(vec![given_up, SagaEvent::CompensationStarted { cause }])
    }

    fn of_this_step(&self) -> Cause {
        match self.step.kind {
            Kind::Commands | Kind::Wait | Kind::Nothing => Cause::Rejected { step: self.name() },
            Kind::Activity => Cause::Unknown { step: self.name() },
        }
    }

    fn try_again(&self, error: String) -> Vec<SagaEvent> {
        let attempt = self.current.failed + 1;
        let wait = self.step.retry.wait(attempt, self.at.random);
        let mut events = vec![SagaEvent::AttemptFailed {
            step: self.name(),
            way: self.current.way,
            attempt,
            error,
            retry_at: self.at.now.after(wait),
        }];
        let failing_for = self.current.failing_since.map(|since| self.at.now.since(since)).unwrap_or_default();
        if self.is_tried_without_limit() && !self.current.stuck && failing_for >= self.step.retry.alert_after {
            events.push(match self.current.way {
                Way::Undo => SagaEvent::CompensationStuck { step: self.name(), attempts: attempt },
                Way::Do => SagaEvent::StepStuck { step: self.name(), attempts: attempt },
            });
        }
        events
    }

    fn tick(&self) -> Result<Vec<SagaEvent>, Ignored> {
        let passed = |deadline: Option<Timestamp>| deadline.is_some_and(|deadline| deadline <= self.at.now);
        if self.instance.phase != Phase::Running || !passed(self.instance.next_deadline(self.plan)) {
            return Err(Ignored);
        }
        if self.step.optional && passed(self.current.deadline) {
            return Ok(self.succeeded(Json::Null));
        }
        if self.instance.must_go_forward(self.plan) {
            return Ok(vec![SagaEvent::DeadlineMissed {}]);
        }
        let (reason, cause) = if passed(self.current.deadline) {
            (if self.step.kind == Kind::Wait { "nothing came in time" } else { "its deadline passed" }, self.of_this_step())
        } else {
            ("the deadline of the saga passed", Cause::Deadline)
        };
        Ok(self.give_up(reason.into(), cause))
    }

    /// Adds what comes next on the way back, given what `events` have just settled.
    fn undo_after(&self, mut events: Vec<SagaEvent>) -> Vec<SagaEvent> {
        let mut then = self.instance.clone();
        for event in &events {
            then.evolve(self.plan, event, self.at.now);
        }
        let next = then.next_to_undo(self.plan).and_then(|index| self.plan.step(index));
        events.push(match next {
            Some(step) => SagaEvent::CompensationDispatched { step: step.name.into(), commands: Vec::new() },
            None => SagaEvent::CompensatedFully {},
        });
        events
    }
}

#[cfg(test)]
mod tests;
