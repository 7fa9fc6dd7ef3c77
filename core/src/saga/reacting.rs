//! What an instance has before it that reacts to events: the part of its fold.

use std::cmp::Reverse;

use super::engine::Next;
use super::instance::Reacting;
use super::{Outgoing, SagaEvent};
use crate::Timestamp;

impl Reacting {
    /// Takes in an event that only instances that react have.
    pub(super) fn evolve(&mut self, event: &SagaEvent) {
        match event {
            SagaEvent::Reacted { at, outgoing, ends, .. } => {
                if let Some(at) = at {
                    self.last = self.last.max(*at);
                    self.kept.remove(at);
                }
                self.outgoing.clone_from(outgoing);
                self.ends |= ends;
            }
            SagaEvent::EventKept { at } => {
                self.kept.insert(*at);
            }
            SagaEvent::CommandSent { command } | SagaEvent::CommandRejected { command, .. } => {
                self.outgoing.retain(|outgoing| outgoing.id != *command);
                (self.failed, self.failing_since, self.retry_at, self.stuck) = (0, None, None, false);
            }
            _ => {}
        }
    }

    pub(super) fn fails(&mut self, attempt: u32, retry_at: Timestamp, at: Timestamp) {
        self.failed = attempt;
        self.failing_since.get_or_insert(at);
        self.retry_at = Some(retry_at);
    }

    /// The command that is sent next: the one that is due first; of those due at one moment, the one that was decided first.
    pub fn next_command(&self) -> Option<&Outgoing> {
        self.outgoing.iter().rev().max_by_key(|outgoing| Reverse(outgoing.due))
    }

    pub(super) fn next(&self, now: Timestamp) -> Next {
        if let Some(at) = self.kept.first() {
            return Next::React { at: *at };
        }
        match self.next_command() {
            None => Next::Await { until: None },
            Some(next) if next.due > now => Next::Await { until: Some(next.due) },
            Some(next) => match self.retry_at.filter(|retry_at| *retry_at > now) {
                Some(retry_at) => Next::Wait { until: retry_at },
                None => Next::Send { command: next.id },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CommandId, Json};

    fn outgoing(id: u8, due: i64) -> Outgoing {
        let (aggregate, name) = ("order".to_owned(), "ship".to_owned());
        Outgoing { id: CommandId::from_bytes([id; 16]), aggregate, name, body: Json::Null, due: Timestamp::from_micros(due) }
    }

    #[test]
    fn commands_leave_in_the_order_in_which_they_are_due() {
        let mut reacting = Reacting { outgoing: vec![outgoing(1, 9), outgoing(2, 5), outgoing(3, 5)], ..Reacting::default() };
        let mut order = Vec::new();
        while let Some(next) = reacting.next_command() {
            let command = next.id;
            order.push(command.as_bytes()[0]);
            reacting.evolve(&SagaEvent::CommandSent { command });
        }
        assert_eq!(order, [2, 3, 1]);
    }
}
