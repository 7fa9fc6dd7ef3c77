use super::{Drawing, distinct, id, label};
use crate::Filter;
use crate::describe::reader::may_pass;
use crate::describe::{Action, Aggregate, Application, Event, Saga, SentCommand};

/// The colours of event storming.
const CLASSES: [(&str, &str); 6] = [
    ("command", "fill:#a9d6f5,stroke:#3b7ea8,color:#111"),
    ("aggregate", "fill:#fbe8a6,stroke:#b8952f,color:#111"),
    ("event", "fill:#f9b97a,stroke:#b86b1e,color:#111"),
    ("projection", "fill:#b9e3b1,stroke:#4c8a41,color:#111"),
    ("subscriber", "fill:#f4c2d7,stroke:#a34f76,color:#111"),
    ("saga", "fill:#d9c2ee,stroke:#7a4fa3,color:#111"),
];

/// Something that events lead to.
struct Reader<'a> {
    id: String,
    node: String,
    reads: Vec<&'a Filter>,
}

impl Application {
    /// Draws the application as a Mermaid flowchart: commands, the aggregates that handle them, their events, and where
    /// these lead. Events that lead to the same readers are drawn together.
    ///
    /// Commands and events of an aggregate are joined as a whole: which command leads to which event is decided by code.
    /// A dashed arrow from a saga is a command that undoes. What a saga sends that reacts to events is decided by code, too: of
    /// its commands those are drawn to whose rejection it reacts.
    pub fn to_mermaid(&self) -> String {
        let mut drawing = Drawing::new("flowchart TB");
        let sagas = self.sagas.iter().map(|saga| ("saga", &saga.name, saga.reads().collect()));
        let subscribers = self.subscribers.iter().map(|it| ("subscriber", &it.name, vec![&it.reads]));
        let projections = self.projections.iter().map(|it| ("projection", &it.name, vec![&it.reads]));
        let readers = sagas.chain(subscribers).chain(projections).map(|(class, name, reads)| {
            let id = drawing.ids.new_id(class, name);
            let node = format!("{id}[{}]:::{class}", label([name]));
            Reader { id, node, reads }
        });
        let readers: Vec<_> = readers.collect();

        let mut arrows = Vec::new();
        for aggregate in &self.aggregates {
            drawing.aggregate(aggregate, &readers, &mut arrows);
        }
        drawing.events_from_elsewhere(self, &readers, &mut arrows);
        drawing.commands_to_elsewhere(self);
        readers.iter().map(|reader| &reader.node).chain(&arrows).for_each(|line| drawing.line(line));
        // The sagas are the first of the readers.
        for (reader, saga) in readers.iter().zip(&self.sagas) {
            drawing.commands_of(&reader.id, saga);
        }
        drawing.end()
    }
}

impl Aggregate {
    /// Draws the aggregate as a Mermaid flowchart: its commands and its events.
    pub fn to_mermaid(&self) -> String {
        let mut drawing = Drawing::new("flowchart LR");
        drawing.aggregate(self, &[], &mut Vec::new());
        drawing.end()
    }
}

impl Drawing {
    fn aggregate(&mut self, aggregate: &Aggregate, readers: &[Reader<'_>], arrows: &mut Vec<String>) {
        let category = &aggregate.category;
        let (group, id) = (self.ids.new_id("group", category), self.ids.new_id("aggregate", category));
        self.line(format!("subgraph {group}[\" \"]"));
        // The commands first: Mermaid begins at the top with what comes first.
        if !aggregate.commands.is_empty() {
            let names = label(aggregate.commands.iter().map(|command| &command.name));
            self.line(format!("    {}[{names}]:::command --> {id}", commands_to(category)));
        }
        self.line(format!("    {id}[{}]:::aggregate", label([category])));
        for (lead_to, events) in by_readers(aggregate, readers) {
            let node = self.ids.new_id("events", category);
            self.line(format!("    {id} --> {node}[{}]:::event", label(events.iter().map(|event| &event.name))));
            arrows.extend(lead_to.into_iter().map(|reader| format!("{node} --> {}", readers[reader].id)));
        }
        self.line("end");
    }

    /// Events that no aggregate of the application has, and somebody reads.
    fn events_from_elsewhere(&mut self, application: &Application, readers: &[Reader<'_>], arrows: &mut Vec<String>) {
        for reader in readers {
            let names: Vec<_> = reader.reads.iter().flat_map(|reads| from_elsewhere(application, reads)).collect();
            let names = distinct(names.iter().map(String::as_str));
            if !names.is_empty() {
                let node = self.ids.new_id("events", "elsewhere");
                self.line(format!("{node}[{}]:::event", label(names)));
                arrows.push(format!("{node} --> {}", reader.id));
            }
        }
    }

    /// Commands that a saga sends to aggregates that the application does not have.
    fn commands_to_elsewhere(&mut self, application: &Application) {
        let sent: Vec<_> = application.sagas.iter().flat_map(|saga| sent_by(saga).map(|(command, _)| command)).collect();
        let is_here = |category: &str| application.aggregates.iter().any(|aggregate| aggregate.category == category);
        for category in distinct(sent.iter().map(|command| command.aggregate.as_str())) {
            if !is_here(category) {
                let names = sent.iter().filter(|command| command.aggregate == category).map(|command| command.name.as_str());
                self.line(format!("{}[{}]:::command", commands_to(category), label(distinct(names))));
            }
        }
    }

    fn commands_of(&mut self, id: &str, saga: &Saga) {
        for (undoes, (open, close)) in [(false, ("--", "-->")), (true, ("-.", ".->"))] {
            let sent: Vec<_> = sent_by(saga).filter(|(_, is_undo)| *is_undo == undoes).map(|(command, _)| command).collect();
            for category in distinct(sent.iter().map(|command| command.aggregate.as_str())) {
                let names = sent.iter().filter(|command| command.aggregate == category).map(|command| command.name.as_str());
                self.line(format!("{id} {open} {} {close} {}", label(distinct(names)), commands_to(category)));
            }
        }
    }

    fn end(mut self) -> String {
        for (class, style) in CLASSES {
            if self.text.contains(&format!(":::{class}")) {
                self.line(format!("classDef {class} {style}"));
            }
        }
        self.text
    }
}

/// The node of the commands to an aggregate. A category is a word, so that this names one node.
fn commands_to(category: &str) -> String {
    id("commands", category)
}

/// The events of an aggregate, those together that lead to the same readers.
fn by_readers<'a>(aggregate: &'a Aggregate, readers: &[Reader<'_>]) -> Vec<(Vec<usize>, Vec<&'a Event>)> {
    let mut groups: Vec<(Vec<usize>, Vec<&Event>)> = Vec::new();
    for event in &aggregate.events {
        let leads = |reader: &usize| readers[*reader].reads.iter().any(|reads| may_pass(reads, &aggregate.category, event));
        let lead_to: Vec<_> = (0..readers.len()).filter(leads).collect();
        match groups.iter_mut().find(|(readers, _)| *readers == lead_to) {
            Some((_, events)) => events.push(event),
            None => groups.push((lead_to, vec![event])),
        }
    }
    groups
}

/// What a filter names that no aggregate of the application has.
fn from_elsewhere(application: &Application, filter: &Filter) -> Vec<String> {
    let events = || application.aggregates.iter().flat_map(|aggregate| &aggregate.events);
    let is_event_here = |name: &str| events().any(|event| event.name == name || event.aliases.iter().any(|it| it == name));
    let is_here = |category: &str| application.aggregates.iter().any(|aggregate| aggregate.category == category);
    let mut named = Vec::new();
    for criterion in filter.criteria() {
        let names = criterion.names().iter().filter(|name| !is_event_here(name.as_str())).map(ToString::to_string);
        named.extend(names);
        if criterion.names().is_empty() {
            let categories = criterion.categories().iter().filter(|category| !is_here(category.as_str()));
            named.extend(categories.map(|category| format!("all of {category}")));
        }
    }
    named
}

/// The commands of a saga, and whether each undoes.
fn sent_by(saga: &Saga) -> impl Iterator<Item = (&SentCommand, bool)> {
    let by_steps = saga.steps.iter().flat_map(|step| {
        let forward = sent(&step.action).iter().map(|command| (command, false));
        forward.chain(step.undo.iter().flat_map(sent).map(|command| (command, true)))
    });
    by_steps.chain(saga.rejections.iter().map(|command| (command, false)))
}

fn sent(action: &Action) -> &[SentCommand] {
    match action {
        Action::Commands(commands) => commands,
        Action::Nothing | Action::Activity { .. } | Action::Wait { .. } => &[],
    }
}
