use std::collections::BTreeMap;
use std::time::Duration;

use super::{Drawing, escaped};
use crate::describe::{History, span};
use crate::saga::{Cause, CommandIntent, Outgoing, SagaEvent, Way};
use crate::{CommandId, Json, Recorded, Timestamp};

/// How much of a text is shown.
const SHOWN: usize = 80;

impl History<'_> {
    /// Draws what happened as a Mermaid sequence diagram: one column for the saga, one for each step that it came to or each
    /// aggregate that it reacted with a command to. Each line ends with the time since it began.
    pub fn to_mermaid(&self) -> String {
        let mut drawing = Drawing::new("sequenceDiagram");
        let title = self.0.first().map(|first| &first.record.stream).map_or_else(
            || "no instance".to_owned(),
            |stream| format!("{} {}", stream.category().as_str().trim_start_matches("$saga."), stream.id()),
        );
        drawing.line(format!("participant saga as {}", escaped(&title)));
        let mut teller = Teller::new(self.0);
        for name in self.0.iter().flat_map(|recorded| teller.columns_of(&recorded.event)).collect::<Vec<_>>() {
            if !teller.columns.contains_key(name) {
                let id = drawing.ids.new_id("step", name);
                drawing.line(format!("participant {id} as {}", escaped(name)));
                teller.columns.insert(name, id);
            }
        }
        for recorded in self.0 {
            let line = teller.tell(recorded);
            drawing.line(line);
        }
        drawing.text
    }
}

/// Tells what happened, line by line.
struct Teller<'a> {
    began: Option<Timestamp>,
    /// The commands of reactions.
    commands: BTreeMap<CommandId, &'a Outgoing>,
    /// Those that are still to be sent.
    outgoing: Vec<&'a Outgoing>,
    /// The identities of the columns.
    columns: BTreeMap<&'a str, String>,
}

/// Who tells whom.
enum Between<'a> {
    /// The saga a step or an aggregate.
    To(&'a str),
    /// One of them the saga.
    From(&'a str),
    /// One of them the saga, nothing good.
    Lost(&'a str),
    /// Nobody.
    Note,
}

impl<'a> Teller<'a> {
    fn new(events: &'a [Recorded<SagaEvent>]) -> Self {
        let outgoing = events.iter().flat_map(|recorded| match &recorded.event {
            SagaEvent::Reacted { outgoing, .. } => outgoing.as_slice(),
            _ => &[],
        });
        Self {
            began: events.first().map(|first| first.record.recorded_at),
            commands: outgoing.map(|outgoing| (outgoing.id, outgoing)).collect(),
            outgoing: Vec::new(),
            columns: BTreeMap::new(),
        }
    }

    /// The names of the columns that an event needs.
    fn columns_of(&self, event: &'a SagaEvent) -> Option<&'a str> {
        match self.told(event, Timestamp::MAX).0 {
            Between::To(column) | Between::From(column) | Between::Lost(column) => Some(column),
            Between::Note => None,
        }
    }

    fn tell(&mut self, recorded: &'a Recorded<SagaEvent>) -> String {
        let at = recorded.record.recorded_at;
        let (between, text) = self.told(&recorded.event, at);
        match &recorded.event {
            SagaEvent::Reacted { outgoing, .. } => self.outgoing = outgoing.iter().collect(),
            SagaEvent::CommandSent { command } | SagaEvent::CommandRejected { command, .. } => {
                self.outgoing.retain(|outgoing| outgoing.id != *command);
            }
            _ => {}
        }
        let id = |name| self.columns.get(name).map_or("saga", String::as_str);
        let line = match between {
            Between::To(column) => format!("saga->>{}: {text}", id(column)),
            Between::From(column) => format!("{}-->>saga: {text}", id(column)),
            Between::Lost(column) => format!("{}--xsaga: {text}", id(column)),
            Between::Note => format!("Note over saga: {text}"),
        };
        match self.began {
            Some(began) if !matches!(recorded.event, SagaEvent::Started { .. }) => {
                format!("{line}, +{}", rounded(at.since(began)))
            }
            _ => format!("{line}, {at}"),
        }
    }

    /// What an event tells, escaped.
    fn told(&self, event: &'a SagaEvent, now: Timestamp) -> (Between<'a>, String) {
        use Between::{From, Lost, Note, To};
        match event {
            SagaEvent::Started { definition, .. } => (Note, format!("started by version {definition}")),
            SagaEvent::StepDispatched { step, commands, .. } => (To(step), sent("do", commands)),
            SagaEvent::StepSucceeded { step, outcome } => (From(step), done("done", outcome)),
            SagaEvent::AttemptFailed { step, way, attempt, error, .. } => {
                let way = if *way == Way::Undo { "undoing, " } else { "" };
                (Lost(self.step_or_aggregate(step)), format!("{way}attempt {attempt}: {}", shown(error)))
            }
            SagaEvent::StepRejected { step, reason } => (Lost(step), format!("no: {}", shown(reason))),
            SagaEvent::StepDeclined { step, reason } => (Lost(step), format!("no, it goes on without: {}", shown(reason))),
            SagaEvent::StepUnknown { step, reason } => (Lost(step), format!("unknown: {}", shown(reason))),
            SagaEvent::PivotPassed { .. } => (Note, "no way back from here".into()),
            SagaEvent::CompensationStarted { cause } => (Note, format!("going back: {}", because(cause))),
            SagaEvent::CompensationDispatched { step, commands } => (To(step), sent("undo", commands)),
            SagaEvent::Compensated { step } => (From(step), "undone".into()),
            SagaEvent::CompensationStuck { step, attempts } => {
                (Note, format!("{} is not undone after {attempts} attempts", escaped(step)))
            }
            SagaEvent::StepStuck { step, attempts } => (Note, format!("{} is not done after {attempts} attempts", escaped(step))),
            SagaEvent::EventTaken { step, refused: Some(reason), .. } => (Lost(step), format!("it came: no: {}", shown(reason))),
            SagaEvent::EventTaken { step, outcome, .. } => (From(step), done("it came", outcome)),
            SagaEvent::Reacted { at, outgoing, ends, .. } => {
                let to = at.map_or_else(|| "the rejection".to_owned(), |at| format!("the event at {at}"));
                (Note, format!("reacted to {to}{}", self.reaction(outgoing, *ends, now)))
            }
            SagaEvent::EventKept { at } => (Note, format!("the event at {at} is kept for later")),
            SagaEvent::CommandSent { command } => match self.commands.get(command) {
                Some(command) => (To(&command.aggregate), escaped(&command.name)),
                None => (Note, "a command was sent".into()),
            },
            SagaEvent::CommandRejected { name, reason, .. } => {
                (Lost(self.step_or_aggregate(name)), format!("{}, no: {}", escaped(name), shown(reason)))
            }
            SagaEvent::DeadlineMissed {} => (Note, "the deadline has passed".into()),
            SagaEvent::Suspended { step, way, reason } => {
                let doing = if *way == Way::Undo { "undoing" } else { "doing" };
                (Lost(self.step_or_aggregate(step)), format!("suspended while {doing}: {}", shown(reason)))
            }
            SagaEvent::Resumed { actor, reason } => (Note, format!("resumed by {}: {}", escaped(actor), shown(reason))),
            SagaEvent::Completed {} => (Note, "completed".into()),
            SagaEvent::CompensatedFully {} => (Note, "compensated".into()),
        }
    }

    /// A saga that reacts names its commands where one with steps names these: then the column is that of the aggregate.
    fn step_or_aggregate(&self, name: &'a str) -> &'a str {
        self.commands.values().find(|command| command.name == name).map_or(name, |command| &command.aggregate)
    }

    /// What has changed about the commands that are to be sent.
    fn reaction(&self, outgoing: &[Outgoing], ends: bool, now: Timestamp) -> String {
        let new = outgoing.iter().filter(|command| self.outgoing.iter().all(|it| it.id != command.id)).map(|command| {
            let wait = command.due.since(now);
            let when = if wait.is_zero() { String::new() } else { format!(" in {}", rounded(wait)) };
            format!(", to send {}{when}", escaped(&command.name))
        });
        let gone = self.outgoing.iter().filter(|command| outgoing.iter().all(|it| it.id != command.id));
        let gone = gone.map(|command| format!(", not to send {}", escaped(&command.name)));
        let end = ends.then(|| ", ends".to_owned());
        new.chain(gone).chain(end).collect()
    }
}

/// `undo: release × 2`.
fn sent(way: &str, commands: &[CommandIntent]) -> String {
    let names = super::distinct(commands.iter().map(|command| command.name.as_str()));
    let counted = names.into_iter().map(|name| match commands.iter().filter(|command| command.name == name).count() {
        1 => escaped(name),
        count => format!("{} × {count}", escaped(name)),
    });
    let counted: Vec<_> = counted.collect();
    if counted.is_empty() { way.to_owned() } else { format!("{way}: {}", counted.join(", ")) }
}

fn done(what: &str, outcome: &Json) -> String {
    if outcome.is_null() { what.to_owned() } else { format!("{what}: {}", shown(&outcome.to_string())) }
}

fn because(cause: &Cause) -> String {
    match cause {
        Cause::Rejected { step } => format!("{} said no", escaped(step)),
        Cause::Unknown { step } => format!("{} may have happened", escaped(step)),
        Cause::Deadline => "it took too long".into(),
    }
}

/// The start of a text, escaped.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", escaped(&text[..end])),
        None => escaped(text),
    }
}

/// Milliseconds up to a minute, seconds from there on.
fn rounded(since: Duration) -> String {
    let whole = if since < Duration::from_secs(60) {
        Duration::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    } else {
        Duration::from_secs(since.as_secs())
    };
    span::text(whole)
}
