use std::cell::RefCell;
use std::panic::Location;

use annals_core::{Evolve, Random as _, SystemRandom};
use proptest::test_runner::{RngSeed, TestCaseError, TestError, TestRunner};

use super::caught::caught;
use super::tally::Tally;
use super::{Commands, History};
use crate::story::for_reader;

/// How many forms of a failing history are tried on the way to the shortest, unless the test says otherwise.
const ATTEMPTS: u32 = 20_000;

impl<A: Evolve> Commands<A> {
    /// Checks a property of many histories. If it does not hold for one, a shorter one is looked for until there is none.
    ///
    /// # Panics
    /// If `property` panics, or something does not hold that must hold for every aggregate (see [`History`]): with the
    /// shortest history for which it does, and the seed that repeats the run. And if the run shows nothing, because a command was rejected every time.
    #[track_caller]
    pub fn check(mut self, property: impl Fn(&History<A>)) {
        self.config.source_file.get_or_insert(Location::caller().file());
        if self.config.max_shrink_iters == u32::MAX {
            self.config.max_shrink_iters = ATTEMPTS;
        }
        let again = self.seed();
        let tally = RefCell::new(Tally::default());
        let mut runner = TestRunner::new(self.config.clone());
        let ended = runner.run(&self, |history| {
            tally.borrow_mut().count(&history);
            if let Some(defect) = &history.defect {
                return Err(TestCaseError::fail(defect.clone()));
            }
            caught(|| property(&history)).map_err(|panic| TestCaseError::fail(panic.to_string()))
        });
        match ended {
            Ok(()) => tally.into_inner().assert_not_vacuous(&self),
            Err(TestError::Abort(why)) => panic!("the histories cannot be drawn: {why}"),
            Err(TestError::Fail(why, history)) => {
                let text = format!("{}\n\nthe shortest history for which it is so:\n{history:?}{again}", why.message());
                panic!("{}", for_reader(&text))
            }
        }
    }

    /// Draws the seed of the run if none is given, and says how to repeat the run.
    fn seed(&mut self) -> String {
        let RngSeed::Random = self.config.rng_seed else { return String::new() };
        let seed = SystemRandom.next_u64();
        self.config.rng_seed = RngSeed::Fixed(seed);
        format!("\nto run it again: PROPTEST_RNG_SEED={seed}")
    }
}
