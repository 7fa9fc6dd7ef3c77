//! The commands that a saga sends, now or later.

use std::time::Duration;

use annals_core::saga::engine::Next;
use annals_core::saga::{IntoCommands, Outgoing};
use annals_core::{CommandId, Json};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SagaScenario;
use crate::story::{LEGEND, Line, difference};

/// A command as it is stored, to be compared and shown.
#[derive(PartialEq)]
struct Sent {
    name: String,
    body: Json,
}

impl Line for Sent {
    fn name(&self) -> &str {
        &self.name
    }

    fn body(&self) -> Option<Json> {
        Some(self.body.clone())
    }

    fn line(&self) -> String {
        format!("{} {}", self.name, self.body)
    }
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> SagaScenario<S> {
    /// The current step sends exactly these commands, in this order. A saga that reacts: these are due now.
    ///
    /// # Panics
    /// If it sends others, with both in comparison.
    #[track_caller]
    pub fn sends(self, expected: impl IntoCommands) -> Self {
        let expected = self.written(expected);
        let actual = self.sent_now();
        self.compare("the saga sends other commands than expected", &expected, &actual);
        self
    }

    /// The current step sends no command. A saga that reacts: none is due now.
    #[track_caller]
    pub fn sends_nothing(self) -> Self {
        let actual = self.sent_now();
        self.compare("the saga sends commands, but none was expected", &[], &actual);
        self
    }

    /// A saga that reacts has put off exactly these commands until this much time from now.
    ///
    /// # Panics
    /// If others are due then.
    #[track_caller]
    pub fn puts_off(self, wait: Duration, expected: impl IntoCommands) -> Self {
        let (expected, due) = (self.written(expected), self.now.after(wait));
        let actual = self.outgoing_if(|outgoing| outgoing.due == due);
        self.compare("the saga has put off other commands until then", &expected, &actual);
        self
    }

    /// A saga that reacts has put off no command.
    #[track_caller]
    pub fn puts_off_nothing(self) -> Self {
        let actual = self.outgoing_if(|outgoing| outgoing.due > self.now);
        self.compare("the saga has put off commands, but none was expected", &[], &actual);
        self
    }

    /// Sends what is due.
    #[track_caller]
    pub(super) fn send_all(&mut self) {
        while let Next::Send { command } = self.next() {
            let events = self.definition.sent(&self.instance, command);
            self.store(events);
        }
    }

    /// The command of a reaction.
    #[track_caller]
    pub(super) fn outgoing(&self, command: CommandId) -> Outgoing {
        let found = self.instance.reacting.outgoing.iter().find(|outgoing| outgoing.id == command);
        found.cloned().unwrap_or_else(|| self.fail("the saga has no command to send"))
    }

    fn sent_now(&self) -> Vec<Sent> {
        if self.definition.plan().reacts {
            let sends = matches!(self.next(), Next::Send { .. });
            return self.outgoing_if(|outgoing| sends && outgoing.due <= self.now);
        }
        self.intents.iter().map(|intent| Sent { name: intent.name.clone(), body: intent.body.clone() }).collect()
    }

    /// Some of the commands of reactions, in the order in which they leave.
    fn outgoing_if(&self, is_meant: impl Fn(&Outgoing) -> bool) -> Vec<Sent> {
        let mut meant: Vec<_> = self.instance.reacting.outgoing.iter().filter(|outgoing| is_meant(outgoing)).collect();
        meant.sort_by_key(|outgoing| outgoing.due);
        meant.iter().map(|outgoing| Sent { name: outgoing.name.clone(), body: outgoing.body.clone() }).collect()
    }

    #[track_caller]
    fn written(&self, commands: impl IntoCommands) -> Vec<Sent> {
        let mut written = Vec::new();
        commands.into_commands(&mut written);
        let sent = written.iter().map(|command| {
            let body = command.payload().as_ref().ok().and_then(|payload| payload.read().ok());
            let body = body.unwrap_or_else(|| self.fail(&format!("the command `{}` cannot be written", command.name())));
            Sent { name: command.name().to_owned(), body }
        });
        sent.collect()
    }

    #[track_caller]
    fn compare(&self, headline: &str, expected: &[Sent], actual: &[Sent]) {
        if expected != actual {
            self.fail(&format!("{headline}\n{}{}", difference(expected, actual), LEGEND.trim_end()));
        }
    }
}
