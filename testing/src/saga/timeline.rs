use std::collections::BTreeMap;
use std::fmt;

use annals_core::saga::engine::{Kind, Plan};
use annals_core::saga::{Cause, CommandIntent, SagaEvent, Way};
use annals_core::{CommandId, Timestamp};

use crate::story::{lines, span};

/// What has happened to an instance, for the reader of a failed test.
#[derive(Debug)]
pub(super) struct Timeline {
    start: Timestamp,
    /// Each line with its moment.
    entries: Vec<(Timestamp, String)>,
    /// The names of the commands of reactions.
    commands: BTreeMap<CommandId, String>,
}

impl Timeline {
    pub(super) fn new(start: Timestamp) -> Self {
        Self { start, entries: Vec::new(), commands: BTreeMap::new() }
    }

    pub(super) const fn start(&self) -> Timestamp {
        self.start
    }

    /// Adds a line.
    pub(super) fn tell(&mut self, line: String, now: Timestamp) {
        self.entries.push((now, line));
    }

    /// Adds what an event of the instance says.
    pub(super) fn note(&mut self, event: &SagaEvent, plan: &Plan, now: Timestamp) {
        for line in self.lines_of(event, plan, now) {
            self.tell(line, now);
        }
    }

    fn lines_of(&mut self, event: &SagaEvent, plan: &Plan, now: Timestamp) -> Vec<String> {
        let within =
            |until: &Option<Timestamp>| until.map(|until| format!(", within {}", span(until.since(now)))).unwrap_or_default();
        vec![match event {
            SagaEvent::Started { data, deadline, .. } => format!("begins with {data}{}", within(deadline)),
            SagaEvent::StepDispatched { step, commands, deadline } => {
                let waits = plan.index_of(step).is_some_and(|index| plan.steps[index].kind == Kind::Wait);
                let does = if waits { "waits for" } else { "does" };
                return with_commands(format!("{does} `{step}`{}", within(deadline)), commands);
            }
            SagaEvent::CompensationDispatched { step, commands } => return with_commands(format!("undoes `{step}`"), commands),
            SagaEvent::StepSucceeded { step, outcome } if outcome.is_null() => format!("`{step}` is done"),
            SagaEvent::StepSucceeded { step, outcome } => format!("`{step}` is done: {outcome}"),
            SagaEvent::AttemptFailed { step, way, attempt, error, retry_at } => {
                let undoing = if *way == Way::Undo { "undoing " } else { "" };
                format!("{undoing}`{step}` fails, attempt {attempt}: {error}; again in {}", span(retry_at.since(now)))
            }
            SagaEvent::StepRejected { step, reason } => format!("`{step}` is rejected: {reason}"),
            SagaEvent::StepDeclined { step, reason } => format!("`{step}` is rejected, and it goes on: {reason}"),
            SagaEvent::StepUnknown { step, reason } => format!("`{step}` may have happened: {reason}"),
            SagaEvent::PivotPassed { .. } => "from here on only forward".to_owned(),
            SagaEvent::CompensationStarted { cause } => format!("goes back: {}", because(cause)),
            SagaEvent::Compensated { step } => format!("`{step}` is undone"),
            SagaEvent::CompensationStuck { step, attempts } => format!("undoing `{step}` is stuck after {attempts} attempts"),
            SagaEvent::StepStuck { step, attempts } => format!("`{step}` is stuck after {attempts} attempts"),
            SagaEvent::EventTaken { step, refused: Some(reason), .. } => {
                format!("the event for `{step}` has come, a no: {reason}")
            }
            SagaEvent::EventTaken { step, outcome, .. } => format!("the event for `{step}` has come: {outcome}"),
            SagaEvent::Reacted { data, outgoing, ends, .. } => {
                let mut reaction = vec![format!("reacts: {data}{}", if *ends { ", and takes no more events" } else { "" })];
                for it in outgoing {
                    let known = self.commands.insert(it.id, it.name.clone()).is_some();
                    let wait = it.due.since(now);
                    let due = if wait.is_zero() { String::new() } else { format!(", in {}", span(wait)) };
                    if !known {
                        reaction.push(format!("    sends {} {}{due}", it.name, it.body));
                    }
                }
                return reaction;
            }
            SagaEvent::EventKept { .. } => "keeps the event for later".to_owned(),
            SagaEvent::CommandSent { command } => format!("`{}` is sent", self.name(*command)),
            SagaEvent::CommandRejected { name, reason, .. } => format!("`{name}` is rejected: {reason}"),
            SagaEvent::DeadlineMissed {} => "the deadline of the saga has passed, and there is no way back".to_owned(),
            SagaEvent::Suspended { reason, .. } => format!("is suspended: {reason}"),
            SagaEvent::Resumed { .. } => "an operator lets it go on".to_owned(),
            SagaEvent::Completed {} => "has completed".to_owned(),
            SagaEvent::CompensatedFully {} => "is undone".to_owned(),
            other => format!("{other:?}"),
        }]
    }

    fn name(&self, command: CommandId) -> &str {
        self.commands.get(&command).map_or("a command", String::as_str)
    }
}

fn with_commands(line: String, commands: &[CommandIntent]) -> Vec<String> {
    let sends = commands.iter().map(|command| format!("    sends {} {}", command.name, command.body));
    std::iter::once(line).chain(sends).collect()
}

fn because(cause: &Cause) -> String {
    match cause {
        Cause::Rejected { step } => format!("`{step}` was rejected"),
        Cause::Unknown { step } => format!("it is not known whether `{step}` happened"),
        Cause::Deadline => "the deadline of the saga has passed".to_owned(),
        other => format!("{other:?}"),
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = None;
        let entries = self.entries.iter().map(|(moment, line)| {
            let is_new = last.replace(*moment) != Some(*moment);
            let passed = moment.since(self.start);
            let passed = if is_new && !passed.is_zero() { format!("+{}", span(passed)) } else { String::new() };
            format!("{passed:>10}  {line}")
        });
        f.write_str(&lines("", &entries.collect::<Vec<_>>()))
    }
}
