use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, Reason, RngAlgorithm, TestRng, TestRunner};

use super::deed::Draft;

/// How often a value is made simpler at most before it is used. Halving so often turns a thousand into one.
const SIMPLER: u32 = 12;

/// What was drawn for one command.
pub(super) struct Drawn<A> {
    pub(super) draft: Draft<A>,
    pub(super) pause: Duration,
    pub(super) id: [u8; 16],
}

/// Draws commands of several kinds, some more often than others.
pub(super) struct Source<A>(Vec<(u32, BoxedStrategy<Drawn<A>>)>);

impl<A: 'static> Source<A> {
    /// Draws from these drafts with their weights, with pauses in between.
    pub(super) fn new(kinds: impl IntoIterator<Item = (u32, BoxedStrategy<Draft<A>>)>, pause: Duration) -> Self {
        let pauses = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        let drawn = |drafts: BoxedStrategy<Draft<A>>| {
            (drafts, 0..=pauses, any::<u128>().no_shrink())
                .prop_map(|(draft, pause, id)| Drawn { draft, pause: Duration::from_millis(pause), id: id.to_be_bytes() })
                .boxed()
        };
        Self(kinds.into_iter().map(|(weight, drafts)| (weight, drawn(drafts))).collect())
    }

    /// Draws a history of values as they come.
    pub(super) fn any(&self, runner: &mut TestRunner, length: RangeInclusive<usize>) -> Result<Vec<Element<A>>, Reason> {
        self.history(runner, length, 0..=0)
    }

    /// Draws a history of small values: what goes wrong often does where two are the same, or one is at its limit, and
    /// among small ones that is not rare.
    pub(super) fn small(&self, runner: &mut TestRunner, length: RangeInclusive<usize>) -> Result<Vec<Element<A>>, Reason> {
        let least = (0..=SIMPLER).new_tree(runner)?.current();
        self.history(runner, length, least..=SIMPLER)
    }

    fn history(
        &self,
        runner: &mut TestRunner,
        length: RangeInclusive<usize>,
        simpler: RangeInclusive<u32>,
    ) -> Result<Vec<Element<A>>, Reason> {
        let length = length.new_tree(runner)?.current();
        let mut elements = Vec::with_capacity(length);
        for _ in 0..length {
            let mut element = self.element(runner)?;
            let turns = simpler.new_tree(runner)?.current();
            _ = (0..turns).take_while(|_| element.simplify()).count();
            elements.push(element);
        }
        Ok(elements)
    }

    fn element(&self, runner: &mut TestRunner) -> Result<Element<A>, Reason> {
        let all: u32 = self.0.iter().map(|(weight, _)| weight).sum();
        let mut at = (0..all).new_tree(runner)?.current();
        for (weight, drawn) in &self.0 {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return Element::new(drawn.clone(), any::<[u8; 16]>().new_tree(runner)?.current()),
            }
        }
        Err("no command was named".into())
    }
}

/// What was drawn for one command, and how it gets simpler.
pub(super) struct Element<A> {
    strategy: BoxedStrategy<Drawn<A>>,
    seed: [u8; 16],
    tree: Box<dyn ValueTree<Value = Drawn<A>>>,
    /// What was done to the tree: it cannot be copied, but grown again.
    path: Vec<Turn>,
}

#[derive(Clone, Copy)]
enum Turn {
    Simplify,
    Complicate,
}

impl<A> Element<A> {
    fn new(strategy: BoxedStrategy<Drawn<A>>, seed: [u8; 16]) -> Result<Self, Reason> {
        let rng = TestRng::from_seed(RngAlgorithm::XorShift, &seed);
        let config = Config { failure_persistence: None, ..Config::default() };
        let tree = strategy.new_tree(&mut TestRunner::new_with_rng(config, rng))?;
        Ok(Self { strategy, seed, tree, path: Vec::new() })
    }

    pub(super) fn current(&self) -> Drawn<A> {
        self.tree.current()
    }

    pub(super) fn simplify(&mut self) -> bool {
        let changed = self.tree.simplify();
        if changed {
            self.path.push(Turn::Simplify);
        }
        changed
    }

    pub(super) fn complicate(&mut self) -> bool {
        let changed = self.tree.complicate();
        if changed {
            self.path.push(Turn::Complicate);
        }
        changed
    }

    /// Takes the last turn back, as if it had never been.
    pub(super) fn undo(&mut self) {
        self.path.pop();
        // It grew from this seed once, so it does again.
        if let Ok(again) = self.after(&self.path) {
            *self = again;
        }
    }

    /// The same, as it was when it was drawn.
    pub(super) fn as_drawn(&self) -> Result<Self, Reason> {
        self.after(&[])
    }

    fn after(&self, path: &[Turn]) -> Result<Self, Reason> {
        let mut again = Self::new(self.strategy.clone(), self.seed)?;
        for turn in path {
            match turn {
                Turn::Simplify => again.simplify(),
                Turn::Complicate => again.complicate(),
            };
        }
        Ok(again)
    }
}

impl<A> fmt::Debug for Drawn<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.draft.fmt(f)
    }
}
