use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use annals_core::{Command, Context, Evolve, Handle, Timestamp};

use super::Given;
use super::aggregate::read;
use crate::story::{LEGEND, Line, Story, Told, came_line, difference, expected_line, rejection};

/// What a command came to, to be compared with what should have come of it.
pub struct Then<A: Evolve, E> {
    story: Story,
    context: Context,
    outcome: Result<Vec<Told>, E>,
    events: Vec<A::Event>,
    state: A,
}

impl<A: Evolve, E: Error> Then<A, E> {
    /// Takes the decision in: its events are written, read back, and change the state.
    #[track_caller]
    pub(super) fn new(story: Story, state: A, context: Context, decided: Result<Vec<A::Event>, E>) -> Self {
        let outcome = decided.map(|events| written(&events, story.given.len(), &context));
        let mut this = Self { story, context, outcome, events: Vec::new(), state };
        if let Ok(events) = &this.outcome {
            for (told, version) in events.iter().zip(this.story.given.len() + 1..) {
                let event = read::<A>(&told.recorded(&this.context.stream, version, version, this.context.now));
                this.state.evolve(&event);
                this.events.push(event);
            }
        }
        this
    }

    /// Checks that deciding once more came to the same.
    #[track_caller]
    pub(super) fn assert_decided_again(&self, again: Result<Vec<A::Event>, E>) {
        let again = again.map(|events| written(&events, self.story.given.len(), &self.context));
        let is_same = match (&self.outcome, &again) {
            (Ok(events), Ok(again)) => events == again,
            (Err(error), Err(again)) => format!("{error:?}") == format!("{again:?}"),
            _ => false,
        };
        if !is_same {
            let both = match (&self.outcome, &again) {
                (Ok(events), Ok(again)) => difference(again, events),
                (outcome, again) => told(again, expected_line) + &told(outcome, came_line),
            };
            let end = both + "(- decided first, + decided again)\n";
            self.fail("the command was decided twice and came to two different ends: deciding must be pure", &end);
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
            Ok(actual) => {
                let headline = match (&*expected, &**actual) {
                    ([], _) => "something happens, but nothing was expected to",
                    (_, []) => "nothing happens, but something was expected to",
                    _ => "other events happen than expected",
                };
                self.fail(headline, &(difference(&expected, actual) + LEGEND))
            }
            Err(_) if expected.is_empty() => self.fail("the command is rejected", &(self.came() + LEGEND)),
            Err(_) => self.fail("the command is rejected", &(difference(&expected, &[]) + &self.came() + LEGEND)),
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
        let headline = match &self.outcome {
            Err(actual) if format!("{actual:?}") == format!("{expected:?}") => return self,
            Err(_) => "the command is rejected with another error",
            Ok(_) => "the command is not rejected",
        };
        self.fail(headline, &(expected_line(&rejection(&expected)) + &self.came() + LEGEND))
    }

    /// The command is rejected with an error that `check` looks at.
    ///
    /// # Panics
    /// If it is accepted, or `check` panics.
    #[track_caller]
    pub fn then_error(self, check: impl FnOnce(&E)) -> Self {
        match &self.outcome {
            Err(error) => self.told_if_it_panics(|| check(error)),
            Ok(_) => self.fail("the command is not rejected", &(expected_line("rejected") + &self.came() + LEGEND)),
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
            self.fail("the command is rejected", &(self.came() + LEGEND));
        }
        self.told_if_it_panics(|| check(&self.events));
        self
    }

    /// Looks at the state that the aggregate has afterwards.
    ///
    /// # Panics
    /// If `check` does.
    #[track_caller]
    pub fn then_state(self, check: impl FnOnce(&A)) -> Self {
        self.told_if_it_panics(|| check(&self.state));
        self
    }

    /// The next command is given at this moment.
    #[must_use = "give it a command: `.when(…)`"]
    pub fn at(mut self, now: Timestamp) -> Given<A> {
        self.context.metadata.occurred_at = now;
        self.given()
    }

    /// Gives the aggregate the next command, after what has happened so far.
    ///
    /// ```
    /// # use annals::prelude::*;
    /// # #[derive(Event)] enum DoorEvent { Opened, Closed }
    /// # #[derive(Command)] struct Open { #[id] door: String }
    /// # #[derive(Command)] struct Close { #[id] door: String }
    /// # #[aggregate(id = String, event = DoorEvent)] #[derive(Default)] struct Door { is_open: bool }
    /// # #[derive(Debug, thiserror::Error)] #[error("it is open")] struct IsOpen;
    /// # #[aggregate] impl Door {
    /// #     #[command] fn open(&self, _command: Open) -> Result<DoorEvent, IsOpen> {
    /// #         if self.is_open { Err(IsOpen) } else { Ok(DoorEvent::Opened) }
    /// #     }
    /// #     #[command] fn close(&self, _command: Close) -> Result<Option<DoorEvent>, IsOpen> {
    /// #         Ok(self.is_open.then_some(DoorEvent::Closed))
    /// #     }
    /// #     #[event] fn evolve(&mut self, event: &DoorEvent) { self.is_open = matches!(event, DoorEvent::Opened); }
    /// # }
    /// # use annals_testing::Given;
    /// # let open = || Open { door: "front".to_owned() };
    /// # let close = || Close { door: "front".to_owned() };
    /// Given::<Door>::nothing()
    ///     .when(open()).then([DoorEvent::Opened])
    ///     .when(open()).then_rejected(IsOpen)
    ///     .when(close()).then([DoorEvent::Closed])
    ///     .when(close()).then_nothing();
    /// ```
    #[track_caller]
    #[must_use = "say what should come of it: `.then(…)`"]
    pub fn when<C: Command>(self, command: C) -> Then<A, <A as Handle<C>>::Error>
    where
        A: Handle<C, Facts = ()>,
    {
        self.given().when(command)
    }

    /// What has happened so far.
    fn given(self) -> Given<A> {
        let mut history = self.story.given;
        history.extend(self.outcome.unwrap_or_default());
        Given::told_so_far(history, self.context.stream.tenant().clone(), self.context.metadata)
    }

    /// What came, for the reader of a failed test.
    fn came(&self) -> String {
        told(&self.outcome, came_line)
    }

    /// Runs a check of the test. If it fails, the story is told beside what it says.
    fn told_if_it_panics(&self, check: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(check)) {
            eprint!("\n{}", self.story.ending("this is what was looked at:", &self.came()));
            resume_unwind(panic);
        }
    }

    #[track_caller]
    fn fail(&self, headline: &str, end: &str) -> ! {
        panic!("{}", self.story.ending(headline, end))
    }
}

/// What a decision came to, one event a line.
fn told<E: Error>(outcome: &Result<Vec<Told>, E>, line: fn(&str) -> String) -> String {
    match outcome {
        Ok(events) if events.is_empty() => line("nothing"),
        Ok(events) => events.iter().map(|event| line(&event.line())).collect(),
        Err(error) => line(&rejection(error)),
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
