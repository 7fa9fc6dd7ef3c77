use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use annals_core::{Command, Evolve, Handle, Services, Timestamp};
use proptest::prelude::*;
use proptest::strategy::{NewTree, ValueTree as _};
use proptest::test_runner::{Config, TestRunner};

use super::deed::{Draft, drafts};
use super::draw::Source;
use super::history::History;
use super::play::Rules;
use super::shrink::Shrinking;
use crate::story::Told;

/// How long a history is at most, unless the test says otherwise.
const UP_TO: usize = 40;

/// How much time passes at most before each command, unless the test says otherwise.
const PAUSE: Duration = Duration::from_secs(3_600);

/// Starts a property test of an aggregate: histories of its commands, one after the other.
pub fn commands<A: Evolve>() -> Commands<A> {
    // proptest would write files beside the user's sources: a seed to repeat the run does as well.
    let config = Config { failure_persistence: None, ..Config::default() };
    Commands { kinds: Vec::new(), up_to: UP_TO, pause: PAUSE, rules: Rules::new(), config }
}

/// Which commands a property test gives an aggregate, and how often.
///
/// It is also a [`Strategy`] of [`History`], to be used beside others in `proptest!`.
#[must_use = "check a property of its histories: `.check(…)`"]
pub struct Commands<A: Evolve> {
    pub(super) kinds: Vec<Kind<A>>,
    up_to: usize,
    pause: Duration,
    pub(super) rules: Rules<A>,
    pub(super) config: Config,
}

/// Commands of one kind.
pub(super) struct Kind<A> {
    pub(super) name: &'static str,
    weight: u32,
    pub(super) may_be_rejected: bool,
    drafts: BoxedStrategy<Draft<A>>,
}

impl<A: Evolve> Commands<A> {
    /// Commands of one type, made from values that `values` draws.
    ///
    /// ```
    /// # use annals::prelude::*;
    /// # use std::convert::Infallible;
    /// # #[derive(Event)] enum AccountEvent { Deposited { amount: u64 } }
    /// # #[derive(Command)] struct Deposit { #[id] account: String, amount: u64 }
    /// # #[aggregate(id = String, event = AccountEvent)] #[derive(Default)] struct Account { balance: u64 }
    /// # #[aggregate] impl Account {
    /// #     #[command] fn deposit(&self, command: Deposit) -> Result<AccountEvent, Infallible> {
    /// #         Ok(AccountEvent::Deposited { amount: command.amount })
    /// #     }
    /// #     #[event] fn evolve(&mut self, event: &AccountEvent) { let AccountEvent::Deposited { amount } = event; self.balance += amount; }
    /// # }
    /// # use annals_testing::property::commands;
    /// commands::<Account>()
    ///     .of(1..100_u64, |amount| Deposit { account: "A-1".into(), amount })
    ///     .check(|history| assert!(history.state().balance <= 40 * 100));
    /// ```
    pub fn of<C: Command, S: Strategy + 'static>(self, values: S, make: impl Fn(S::Value) -> C + 'static) -> Self
    where
        A: Handle<C>,
    {
        self.of_state(values, move |_, value| Some(make(value)))
    }

    /// A command that is always the same.
    pub fn just<C: Command>(self, make: impl Fn() -> C + 'static) -> Self
    where
        A: Handle<C>,
    {
        self.of_state(Just(()), move |_, ()| Some(make()))
    }

    /// Commands of one type, made from values and the state that the command will meet; none if the state does not call
    /// for one.
    ///
    /// Draw a share and take it of what there is, or draw a [`prop::sample::Index`] and take the item it falls on: so the
    /// command stays meaningful when those before it are left out.
    pub fn of_state<C: Command, S: Strategy + 'static>(
        mut self,
        values: S,
        make: impl Fn(&A, S::Value) -> Option<C> + 'static,
    ) -> Self
    where
        A: Handle<C>,
    {
        self.kinds.push(Kind { name: C::NAME, weight: 1, may_be_rejected: false, drafts: drafts::<A, C, S>(values, make) });
        self
    }

    /// The commands that were named last come so many times as often.
    ///
    /// # Panics
    /// If none was named yet, or the weight is zero.
    #[track_caller]
    pub fn weight(mut self, weight: u32) -> Self {
        assert!(weight > 0, "a weight is at least 1: leave the command out instead");
        self.last("weight").weight = weight;
        self
    }

    /// The commands that were named last may be rejected every time. Otherwise such a run fails, because it shows
    /// nothing.
    ///
    /// # Panics
    /// If none was named yet.
    #[track_caller]
    pub fn even_if_rejected(mut self) -> Self {
        self.last("even_if_rejected").may_be_rejected = true;
        self
    }

    /// A history begins at this moment, at 2026-01-01T00:00:00Z unless said otherwise: the first command comes then or
    /// later, as [`pauses_up_to`](Self::pauses_up_to) allows.
    ///
    /// ```
    /// # use annals::prelude::*;
    /// # #[derive(Event)] enum OfferEvent { Taken }
    /// # #[derive(Command)] struct Take { #[id] offer: String }
    /// # #[derive(Debug, thiserror::Error)] #[error("it has ended")] struct Ended;
    /// # #[aggregate(id = String, event = OfferEvent)] #[derive(Default)] struct Offer { taken: u64 }
    /// # #[aggregate] impl Offer {
    /// #     #[command] fn take(&self, _: Take, context: &Context) -> Result<OfferEvent, Ended> {
    /// #         ensure!(context.now < annals::Timestamp::from_micros(1_780_272_000_000_000), Ended);
    /// #         Ok(OfferEvent::Taken)
    /// #     }
    /// #     #[event] fn evolve(&mut self, event: &OfferEvent) { let OfferEvent::Taken = event; self.taken += 1; }
    /// # }
    /// # fn main() -> Result<(), annals::ParseTimestampError> {
    /// # use annals_testing::property::commands;
    /// commands::<Offer>()
    ///     .at("2026-05-31T12:00:00Z".parse()?)
    ///     .just(|| Take { offer: "O-1".into() })
    ///     .check(|history| history.each(|decision| {
    ///         assert_eq!(decision.is_rejected(), decision.now().to_string().starts_with("2026-06"));
    ///     }));
    /// # Ok(())
    /// # }
    /// ```
    pub fn at(mut self, moment: Timestamp) -> Self {
        self.rules.start = moment;
        self
    }

    /// These events have happened before the first command.
    #[track_caller]
    pub fn given(mut self, events: impl IntoIterator<Item = A::Event>) -> Self {
        for event in events {
            let number = self.rules.given.len();
            self.rules.given.push(Told::of(&event, number, self.rules.start));
        }
        self
    }

    /// The preparations of the commands may borrow this.
    pub fn service<T: Send + Sync + 'static>(mut self, service: T) -> Self {
        self.rules.services.insert(service);
        self
    }

    /// The preparations of the commands may borrow these.
    pub fn services(mut self, services: Services) -> Self {
        self.rules.services = services;
        self
    }

    /// Up to so much time passes before each command, an hour unless said otherwise.
    pub fn pauses_up_to(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// A history has up to so many commands, 40 unless said otherwise.
    pub fn up_to(self, commands: usize) -> Self {
        Self { up_to: commands.max(1), ..self }
    }

    /// The state that the replayed events lead to is also compared by `PartialEq`, not only by what it decides.
    pub fn comparing_states(mut self) -> Self
    where
        A: PartialEq + fmt::Debug,
    {
        self.rules.compare = Some(|live, replayed| (live != replayed).then(|| [format!("{live:?}"), format!("{replayed:?}")]));
        self
    }

    /// So many histories are tried, `PROPTEST_CASES` or 256 unless said otherwise.
    pub fn cases(mut self, histories: u32) -> Self {
        self.config.cases = histories;
        self
    }

    /// How many histories are tried, with which seed, and much else that [proptest](Config) knows.
    ///
    /// This is also what keeps a seed that failed in a file, as `proptest!` does, to try it first the next time: a `Config`
    /// says where in `failure_persistence`, and one that says nothing means a file beside the test.
    pub fn config(self, config: Config) -> Self {
        Self { config, ..self }
    }

    #[track_caller]
    fn last(&mut self, word: &str) -> &mut Kind<A> {
        let Some(kind) = self.kinds.last_mut() else { panic!("`.{word}(…)` says something about the command before it") };
        kind
    }
}

impl<A: Evolve> Strategy for Commands<A> {
    type Tree = Shrinking<A>;
    type Value = History<A>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        if self.kinds.is_empty() {
            return Err("there are no commands: name some with `.of(…)`".into());
        }
        let kinds = self.kinds.iter().map(|kind| (kind.weight, kind.drafts.clone()));
        let source = Rc::new(Source::new(kinds, self.pause));
        let is_small = any::<bool>().new_tree(runner)?.current();
        let elements = if is_small { source.small(runner, 1..=self.up_to) } else { source.any(runner, 1..=self.up_to) }?;
        let anew = TestRunner::new_with_rng(self.config.clone(), runner.new_rng());
        Ok(Shrinking::new(self.rules.clone(), source, anew, elements))
    }
}

impl<A: Evolve> fmt::Debug for Commands<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.kinds.iter().map(|kind| kind.name).collect();
        f.debug_struct("Commands").field("kinds", &names).field("up_to", &self.up_to).finish_non_exhaustive()
    }
}
