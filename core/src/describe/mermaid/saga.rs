use super::{Drawing, distinct, id, label, without_paths};
use crate::Filter;
use crate::describe::{Action, Saga, Step, span};
use crate::saga::RetryPolicy;
use crate::store::Criterion;

impl Saga {
    /// Draws the saga as a Mermaid flowchart: solid the way forward, thick once there is no way back, dashed how it is undone.
    ///
    /// A step before the pivot leads back where it says no, unless the saga goes on without it, and an activity also where it is not known whether it happened:
    /// then it is undone itself. Of a saga that reacts, the events are drawn that it reacts to.
    pub fn to_mermaid(&self) -> String {
        if let Some(events) = &self.reacts_to {
            return self.reactions(events);
        }
        let mut drawing = Drawing::new("flowchart TB");
        let last = self.steps.iter().position(|step| step.pivot).unwrap_or(self.steps.len().saturating_sub(1));
        let may_fail = self.steps.get(..=last).unwrap_or_default();
        let back: Vec<_> = may_fail.iter().enumerate().flat_map(|(index, step)| ways_back(may_fail, index, step)).collect();
        let undone = back.iter().filter_map(|way| way.to).max().map_or(&may_fail[..0], |deepest| &may_fail[..=deepest]);
        let undone: Vec<_> = undone.iter().filter_map(|step| Some((step, step.undo.as_ref()?))).collect();

        if !back.is_empty() {
            drawing.line("compensated([\"compensated\"])");
        }
        for (step, undo) in &undone {
            let title = format!("undo {}", step.name);
            drawing.line(format!("{}[{}]", id("undo", &step.name), label([title, action(undo)])));
        }
        drawing.line(format!("start([{}])", label(self.title())));
        for step in &self.steps {
            let (open, close) = if step.pivot { ("{{", "}}") } else { ("[", "]") };
            drawing.line(format!("{}{open}{}{close}", id("do", &step.name), label(step.lines())));
        }
        drawing.line("completed([\"completed\"])");

        // Mermaid lays a chain out along its links. Those that nobody sees turn the chain of undoing round, so that it runs
        // back beside the way forward.
        let mut before = "compensated".to_owned();
        for (step, _) in &undone {
            let undo = id("undo", &step.name);
            drawing.line(format!("{before} ~~~ {undo}"));
            drawing.line(format!("{undo} -.-> {before}"));
            before = undo;
        }
        let mut before = "start".to_owned();
        let mut arrow = "-->";
        let mut without = false;
        let names = self.steps.iter().map(|step| id("do", &step.name)).chain(["completed".to_owned()]);
        for (next, step) in names.zip(self.steps.iter().map(Some).chain([None])) {
            drawing.line(format!("{before} {arrow} {next}"));
            if without {
                drawing.line(format!("{before} -. no .-> {next}"));
            }
            if step.is_some_and(|step| step.pivot) {
                arrow = "==>";
            }
            without = step.is_some_and(|step| step.goes_on);
            before = next;
        }
        for way in back {
            let to = way.to.map_or_else(|| "compensated".to_owned(), |index| id("undo", &self.steps[index].name));
            drawing.line(format!("{} -. {} .-> {to}", id("do", &self.steps[way.from].name), way.why));
        }
        drawing.text
    }

    fn reactions(&self, events: &Filter) -> String {
        let mut drawing = Drawing::new("flowchart LR");
        drawing.line(format!("saga([{}])", label(self.title())));
        let mut draw = |kind: &str, arrow: &str, events: &Filter| {
            for (number, criterion) in events.criteria().iter().enumerate() {
                let names = criterion.names().iter().map(|name| name.as_str());
                drawing.line(format!("{kind}_{number}[{}] {arrow} saga", label(names)));
            }
        };
        if let Some(starts) = &self.starts_on {
            draw("start", "-- starts -->", starts);
        }
        draw("event", "-->", events);
        for category in distinct(self.rejections.iter().map(|command| command.aggregate.as_str())) {
            let of_category = self.rejections.iter().filter(|command| command.aggregate == category);
            let commands = id("commands", category);
            drawing.line(format!("saga --> {commands}[{}]", label(of_category.map(|command| &command.name))));
            drawing.line(format!("{commands} -. no .-> saga"));
        }
        drawing.text
    }

    fn title(&self) -> Vec<String> {
        let mut lines = vec![self.name.clone()];
        if self.version > 1 {
            lines.push(format!("version {}", self.version));
        }
        if let Some(deadline) = self.deadline {
            let until = if self.steps.iter().any(|step| step.pivot) { " up to the pivot" } else { "" };
            lines.push(format!("within {}{until}", span::text(deadline)));
        }
        lines
    }
}

impl Step {
    fn lines(&self) -> Vec<String> {
        if let Action::Nothing = self.action {
            return vec![self.name.clone()];
        }
        let mut lines = vec![self.name.clone(), action(&self.action)];
        if !matches!(self.action, Action::Wait { .. }) && self.retry.attempts != RetryPolicy::default().attempts {
            lines.push(match self.retry.attempts {
                1 => "one attempt".into(),
                attempts => format!("up to {attempts} attempts"),
            });
        }
        if let Some(timeout) = self.timeout {
            let timeout = span::text(timeout);
            lines.push(if self.optional { format!("goes on after {timeout}") } else { format!("within {timeout}") });
        }
        if self.pivot {
            lines.push("pivot, no way back".into());
        }
        lines
    }
}

/// Where a step leads back to.
struct WayBack {
    from: usize,
    why: &'static str,
    /// The step that is undone first; none if there is nothing to undo.
    to: Option<usize>,
}

fn ways_back(steps: &[Step], from: usize, step: &Step) -> Vec<WayBack> {
    if let Action::Nothing = step.action {
        return Vec::new();
    }
    let before = steps[..from].iter().rposition(|step| step.undo.is_some());
    // Commands happen together with their outcome or not at all, and a pivot of unknown outcome is tried again.
    let is_known = !matches!(step.action, Action::Activity { .. }) || step.pivot;
    let is_awaited = matches!(step.action, Action::Wait { .. }) && step.timeout.is_some() && !step.optional;
    match (is_known, step.undo.is_some()) {
        (true, _) if is_awaited && step.goes_on => vec![WayBack { from, why: "too late", to: before }],
        (true, _) if step.goes_on => Vec::new(),
        (false, false) if step.goes_on => vec![WayBack { from, why: "unknown", to: before }],
        (false, true) if step.goes_on => vec![WayBack { from, why: "unknown", to: Some(from) }],
        (true, _) if is_awaited => vec![WayBack { from, why: "no or too late", to: before }],
        (true, _) => vec![WayBack { from, why: "no", to: before }],
        (false, false) => vec![WayBack { from, why: "no or unknown", to: before }],
        (false, true) => {
            vec![WayBack { from, why: "no", to: before }, WayBack { from, why: "unknown", to: Some(from) }]
        }
    }
}

fn action(action: &Action) -> String {
    match action {
        Action::Nothing => String::new(),
        Action::Commands(commands) => {
            let names = distinct(commands.iter().map(|command| command.name.as_str()));
            format!("sends {}", names.join(", "))
        }
        Action::Activity { services } if services.is_empty() => "activity".into(),
        Action::Activity { services } => {
            let services: Vec<_> = services.iter().map(|service| without_paths(service)).collect();
            format!("activity of {}", services.join(", "))
        }
        Action::Wait { events } => {
            let names = events.criteria().iter().flat_map(Criterion::names).map(|name| name.as_str());
            format!("waits for {}", distinct(names).join(", "))
        }
    }
}
