use std::error::Error;
use std::fmt;

use annals_core::{Context, Evolve};

use super::aggregate::read;
use super::story::{Story, Told, chain, difference, lines};

/// What a command came to, to be compared with what should have come of it.
pub struct Then<A: Evolve, E> {
    story: Story,
    outcome: Result<Vec<Told>, E>,
    events: Vec<A::Event>,
    state: A,
}

impl<A: Evolve, E: Error> Then<A, E> {
    /// Takes the decision in: its events are written, read back, and change the state.
    #[track_caller]
    pub(super) fn new(story: Story, state: A, context: &Context, decided: Result<Vec<A::Event>, E>) -> Self {
        let outcome = decided.map(|events| written(&events, story.given.len(), context));
        let mut this = Self { story, outcome, events: Vec::new(), state };
        if let Ok(events) = &this.outcome {
            for (told, version) in events.iter().zip(this.story.given.len() + 1..) {
                let event = read::<A>(&told.recorded(&context.stream, version, version, context.now));
                this.state.evolve(&event);
                this.events.push(event);
            }
        }
        this
    }

    /// Checks that deciding once more came to the same.
    #[track_caller]
    pub(super) fn assert_decided_again(&self, again: Result<Vec<A::Event>, E>, context: &Context) {
        let is_same = match (&self.outcome, &again) {
            (Ok(events), Ok(again)) => *events == written(again, self.story.given.len(), context),
            (Err(error), Err(again)) => format!("{error:?}") == format!("{again:?}"),
            _ => false,
        };
        if !is_same {
            self.fail("the command was decided twice and came to two different ends: deciding must be pure", &self.came());
        }
    }

    /// These events happen, in this order.
    ///
    /// # Panics
    /// If others do, or none because the command is rejected; with both in comparison.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = A::Event>) -> Self {
        let numbered = expected.into_iter().enumerate();
        let expected: Vec<_> = numbered.map(|(number, event)| Told::of(&event, number, crate::ManualClock::START)).collect();
        match &self.outcome {
            Ok(actual) if *actual == expected => self,
            Ok(actual) => self.fail("other events happen than expected", &difference(&expected, actual)),
            Err(_) => self.fail("the command is rejected", &(self.came() + &difference(&expected, &[]))),
        }
    }

    /// Nothing happens, and the command is accepted.
    ///
    /// # Panics
    /// If something happens, or the command is rejected.
    #[track_caller]
    pub fn then_nothing(self) -> Self {
        self.then([])
    }

    /// The command is rejected with this error.
    ///
    /// # Panics
    /// If it is accepted, or rejected with an error that looks different by `Debug`.
    #[track_caller]
    pub fn then_rejected(self, expected: E) -> Self {
        let expected = format!("{expected:?}");
        match &self.outcome {
            Err(actual) if format!("{actual:?}") == expected => self,
            Err(_) => self.fail("the command is rejected with another error", &format!("  - {expected}\n{}", self.came())),
            Ok(_) => self.fail("the command is not rejected", &format!("  - {expected}\n{}", self.came())),
        }
    }

    /// The command is rejected with an error that `check` looks at.
    ///
    /// # Panics
    /// If it is accepted, or `check` panics.
    #[track_caller]
    pub fn then_error(self, check: impl FnOnce(&E)) -> Self {
        match &self.outcome {
            Err(error) => check(error),
            Ok(_) => self.fail("the command is not rejected", &self.came()),
        }
        self
    }

    /// Events happen that `check` looks at: for those that cannot be told beforehand.
    ///
    /// # Panics
    /// If the command is rejected, or `check` panics.
    #[track_caller]
    pub fn then_events(self, check: impl FnOnce(&[A::Event])) -> Self {
        if self.outcome.is_err() {
            self.fail("the command is rejected", &self.came());
        }
        check(&self.events);
        self
    }

    /// Looks at the state that the aggregate has afterwards.
    ///
    /// # Panics
    /// If `check` does.
    #[track_caller]
    pub fn then_state(self, check: impl FnOnce(&A)) -> Self {
        check(&self.state);
        self
    }

    /// What came, for the reader of a failed test.
    fn came(&self) -> String {
        match &self.outcome {
            Ok(events) if events.is_empty() => lines("  + ", &[]),
            Ok(events) => difference(&[], events) + "\n",
            Err(error) => format!("  + rejected: {error:?} ({})\n", chain(error)),
        }
    }

    #[track_caller]
    fn fail(&self, headline: &str, end: &str) -> ! {
        panic!("{}", self.story.ending(headline, end.trim_end()))
    }
}

#[track_caller]
fn written<E: annals_core::Event>(events: &[E], before: usize, context: &Context) -> Vec<Told> {
    events.iter().zip(before..).map(|(event, number)| Told::of(event, number, context.now)).collect()
}

impl<A: Evolve, E> fmt::Debug for Then<A, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Then").field("when", &self.story.when).field("accepted", &self.outcome.is_ok()).finish_non_exhaustive()
    }
}
