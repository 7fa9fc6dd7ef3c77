use std::fmt;
use std::rc::Rc;

use annals_core::Evolve;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::draw::{Element, Source};
use super::history::History;
use super::play::{Rules, play};

/// How many short histories are drawn anew in search of one that fails too.
const ANEW: usize = 300;

/// How long those are at most.
const SHORT: usize = 6;

/// A history on its way to its shortest form.
///
/// Commands are left out. If more than two remain, short histories are drawn anew: where values belong together, none of
/// many commands can be left out, though two would do. Then two commands get simpler together (a deposit and the withdrawal
/// of as much), then each alone; and all of it again until nothing helps any more. At last, one command is left out while the
/// others take the values that they were drawn with, for one large deposit does what two small ones do.
pub struct Shrinking<A: Evolve> {
    rules: Rules<A>,
    source: Rc<Source<A>>,
    runner: TestRunner,
    elements: Vec<Element<A>>,
    phase: Phase,
    tried: Tried<A>,
    /// Whether anything has helped since the phases began anew.
    helped: bool,
    /// How many more histories may be drawn.
    draws: usize,
}

enum Phase {
    LeaveOut { at: usize, count: usize },
    Anew,
    Together { one: usize, other: usize },
    Alone { at: usize },
    AsDrawn { without: usize },
}

/// What the current form tries.
enum Tried<A> {
    Nothing,
    WithoutSome { at: usize, left_out: Vec<Element<A>> },
    Instead { before: Vec<Element<A>> },
    Together { one: usize, other: usize },
    Alone { at: usize },
}

impl<A: Evolve> Shrinking<A> {
    pub(super) fn new(rules: Rules<A>, source: Rc<Source<A>>, runner: TestRunner, elements: Vec<Element<A>>) -> Self {
        let phase = Phase::first(elements.len());
        Self { rules, source, runner, elements, phase, tried: Tried::Nothing, helped: false, draws: ANEW }
    }

    /// Takes the next step of the phase: tries something, or moves on. False if there is nothing left to try.
    fn step(&mut self) -> bool {
        let commands = self.elements.len();
        match self.phase {
            Phase::LeaveOut { at, count } => {
                let count = count.min(commands / 2);
                if count == 0 {
                    self.phase = Phase::Anew;
                } else if at >= commands {
                    self.phase = Phase::LeaveOut { at: 0, count: count / 2 };
                } else {
                    let left_out = self.elements.drain(at..commands.min(at + count)).collect();
                    self.phase = Phase::LeaveOut { at, count };
                    self.tried = Tried::WithoutSome { at, left_out };
                }
            }
            Phase::Anew => {
                let drawn = if commands > 2 && self.draws > 0 { self.anew(commands) } else { None };
                match drawn {
                    Some(drawn) => self.tried = Tried::Instead { before: std::mem::replace(&mut self.elements, drawn) },
                    None => self.phase = Phase::Together { one: 0, other: 1 },
                }
            }
            Phase::Together { one, other } if other < commands => {
                self.phase = Phase::Together { one, other: other + 1 };
                if self.elements[one].simplify() {
                    if self.elements[other].simplify() {
                        self.tried = Tried::Together { one, other };
                    } else {
                        self.elements[one].undo();
                    }
                }
            }
            Phase::Together { one, .. } if one + 2 < commands => self.phase = Phase::Together { one: one + 1, other: one + 2 },
            Phase::Together { .. } => self.phase = Phase::Alone { at: 0 },
            Phase::Alone { at } if at < commands => {
                if self.elements[at].simplify() {
                    self.tried = Tried::Alone { at };
                } else {
                    self.phase = Phase::Alone { at: at + 1 };
                }
            }
            Phase::Alone { .. } if self.helped => {
                self.helped = false;
                self.phase = Phase::first(commands);
            }
            Phase::Alone { .. } => self.phase = Phase::AsDrawn { without: 0 },
            Phase::AsDrawn { without } if without < commands && commands > 1 => {
                self.phase = Phase::AsDrawn { without: without + 1 };
                if let Some(others) = self.as_drawn(without) {
                    self.tried = Tried::Instead { before: std::mem::replace(&mut self.elements, others) };
                }
            }
            Phase::AsDrawn { .. } => return false,
        }
        true
    }

    /// All but one as they were drawn.
    fn as_drawn(&self, without: usize) -> Option<Vec<Element<A>>> {
        let others = self.elements.iter().enumerate().filter(|(at, _)| *at != without);
        others.map(|(_, element)| element.as_drawn().ok()).collect()
    }

    /// Draws a shorter history.
    fn anew(&mut self, commands: usize) -> Option<Vec<Element<A>>> {
        self.draws -= 1;
        self.source.small(&mut self.runner, 2..=SHORT.min(commands - 1)).ok()
    }
}

impl Phase {
    fn first(commands: usize) -> Self {
        Self::LeaveOut { at: 0, count: commands / 2 }
    }
}

impl<A: Evolve> ValueTree for Shrinking<A> {
    type Value = History<A>;

    fn current(&self) -> History<A> {
        play(&self.rules, self.elements.iter().map(Element::current))
    }

    /// What was tried last still fails: it is the shortest form so far.
    fn simplify(&mut self) -> bool {
        match std::mem::replace(&mut self.tried, Tried::Nothing) {
            Tried::Nothing => {}
            Tried::Instead { .. } => self.phase = Phase::first(self.elements.len()),
            // What has helped once may help again.
            Tried::Together { one, other } => {
                self.helped = true;
                self.phase = Phase::Together { one, other };
            }
            Tried::WithoutSome { .. } | Tried::Alone { .. } => self.helped = true,
        }
        while self.step() {
            if !matches!(self.tried, Tried::Nothing) {
                return true;
            }
        }
        false
    }

    /// What was tried last went too far.
    fn complicate(&mut self) -> bool {
        match std::mem::replace(&mut self.tried, Tried::Nothing) {
            Tried::Nothing => return false,
            Tried::WithoutSome { at, left_out } => {
                if let Phase::LeaveOut { at: next, .. } = &mut self.phase {
                    *next = at + left_out.len();
                }
                self.elements.splice(at..at, left_out);
            }
            Tried::Instead { before } => self.elements = before,
            Tried::Together { one, other } => {
                self.elements[one].undo();
                self.elements[other].undo();
            }
            Tried::Alone { at } => {
                if self.elements[at].complicate() {
                    self.tried = Tried::Alone { at };
                } else {
                    self.phase = Phase::Alone { at: at + 1 };
                }
            }
        }
        true
    }
}

impl<A: Evolve> fmt::Debug for Shrinking<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shrinking").field("commands", &self.elements.len()).finish_non_exhaustive()
    }
}
