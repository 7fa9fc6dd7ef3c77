//! An aggregate with parameters in tests, in diagrams, at the start of an application.

use std::convert::Infallible;
use std::marker::PhantomData;

use annals::prelude::*;
use annals::{Behaviour, MemoryStore, StartError};
use annals_testing::Given;
use annals_testing::property::commands;

use super::ledger::{Cents, Currency, Deposit, Eur, Freeze, Ledger, LedgerError, LedgerEvent, Rates, Usd};

fn deposit(amount: u32) -> Deposit<Eur> {
    Deposit { account: "A".into(), amount: Cents(amount) }
}

#[test]
fn given_when_then() {
    Given::<Ledger<Eur>>::events([LedgerEvent::Deposited { amount: Cents(2) }])
        .when(deposit(3))
        .then([LedgerEvent::Deposited { amount: Cents(3) }])
        .then_state(|ledger| assert_eq!(ledger.sum, Cents(5)))
        .when(deposit(u32::MAX))
        .then_rejected(LedgerError::TooMuch);
    Given::<Ledger>::nothing().when(Freeze { account: "A".into() }).then([LedgerEvent::Frozen]);
}

#[test]
fn whatever_the_commands() {
    commands::<Ledger<Eur>>()
        .of(0..1_000_u32, deposit)
        .of(0..50_u32, |_| Freeze { account: "A".into() })
        .comparing_states()
        .check(|history| {
            let amounts = history.events().map(|event| if let LedgerEvent::Deposited { amount } = event { amount.0 } else { 0 });
            assert_eq!(history.state().sum.0, amounts.sum::<u32>());
        });
}

#[tokio::test]
async fn a_description_names_each_instantiation_by_its_category() {
    let app = App::new(std::sync::Arc::new(MemoryStore::new())).aggregate::<Ledger<Usd>>().aggregate::<Ledger<Eur>>();
    let app = app.service(Rates(1)).start().await.unwrap();
    let described = app.describe();
    let ledgers = described.aggregates.iter().map(|it| (it.category.as_str(), it.commands.len(), it.events[0].name.as_str()));
    let expected = [("ledger_usd", 3, "ledger_usd.deposited"), ("ledger_eur", 3, "ledger_eur.deposited")];
    assert_eq!(ledgers.collect::<Vec<_>>(), expected);
    let (diagram, json) = (described.to_mermaid(), serde_json::to_string(&described).unwrap());
    assert!(diagram.contains("ledger_eur") && diagram.contains("ledger_usd"), "{diagram}");
    assert!(!diagram.contains("Ledger"), "{diagram}");
    assert!(json.contains(r#""services":["macros::ledger::Rates"]"#), "{json}");
}

#[tokio::test]
async fn instantiations_with_one_category_are_refused_by_their_names() {
    #[derive(Event)]
    enum RowEvent {
        Filled,
    }

    #[aggregate(id = String, event = RowEvent, category = "row")]
    #[derive(Debug, Default)]
    struct Row<const SEATS: usize>;

    #[aggregate]
    impl<const SEATS: usize> Row<SEATS> {
        #[command(Fill)]
        fn fill(&self) -> Result<[RowEvent; SEATS], Infallible> {
            Ok(std::array::from_fn(|_| RowEvent::Filled))
        }

        #[event]
        fn evolve(&mut self, _event: &RowEvent) {}
    }

    Given::<Row<2>>::nothing().when(Fill::<2>::new("A".into())).then_state(|_| {});
    let app = || App::new(std::sync::Arc::new(MemoryStore::new())).aggregate::<Row<2>>();
    let error = app().aggregate::<Row<3>>().start().await.unwrap_err();
    let StartError::SharedCategory { category: "row", types: [two, three] } = error else { panic!("{error:?}") };
    assert!(two.ends_with("Row<2>") && three.ends_with("Row<3>"), "{two} {three}");
    assert!(app().start().await.is_ok());
}

#[test]
fn a_block_may_be_for_one_instantiation() {
    #[derive(Event, Debug, PartialEq)]
    enum ChestEvent<C: Currency> {
        Opened { currency: PhantomData<C> },
    }

    #[aggregate(id = u64, event = ChestEvent<C>, category = C::CATEGORY)]
    #[derive(Clone, Debug, Default)]
    struct Chest<C: Currency>(PhantomData<C>);

    #[aggregate]
    impl Chest<Usd> {
        #[command(Open)]
        fn open(&self) -> Result<Multi<Self>, Infallible> {
            Multi::of(self)
                .then(|_| Ok([ChestEvent::Opened { currency: PhantomData }, ChestEvent::Opened { currency: PhantomData }]))
        }

        #[cfg(any())]
        #[command(Close)]
        fn close(&self) -> Result<ChestEvent<Usd>, Infallible> {}

        #[event]
        fn evolve(&mut self, _event: &ChestEvent<Usd>) {}
    }

    #[aggregate]
    impl Chest<Eur> {
        #[event]
        fn evolve(&mut self, _event: &ChestEvent<Eur>) {}
    }

    let opened = || ChestEvent::Opened { currency: PhantomData };
    Given::<Chest<Usd>>::nothing().when(Open::new(7)).then([opened(), opened()]);
    assert_eq!((Chest::<Usd>::COMMANDS.len(), Chest::<Eur>::COMMANDS.len()), (1, 0));
}

#[test]
fn a_command_under_a_condition_and_one_of_several_events() {
    #[derive(Event, Debug, PartialEq)]
    enum PileEvent<T> {
        Put { item: T },
    }

    #[aggregate(id = String, event = PileEvent<T>, category = "pile")]
    #[derive(Clone, Debug)]
    struct Pile<T>(Vec<T>);

    impl<T> Default for Pile<T> {
        fn default() -> Self {
            Self(Vec::new())
        }
    }

    #[aggregate]
    impl<T: Clone + annals::Content> Pile<T> {
        /// Puts it there twice.
        #[command(PutTwice)]
        fn put_twice(&self, item: T) -> Result<Multi<Self>, Infallible> {
            Multi::of(self)
                .then(|_| Ok::<_, Infallible>(PileEvent::Put { item: item.clone() }))?
                .then(|pile| Ok(PileEvent::Put { item: pile.0[0].clone() }))
        }

        #[cfg(any())]
        #[command(Burn)]
        fn burn(&self, item: Gone<T>) -> Result<PileEvent<T>, Infallible> {}

        #[event]
        fn evolve(&mut self, event: &PileEvent<T>) {
            let PileEvent::Put { item } = event;
            self.0.push(item.clone());
        }
    }

    let put = || PileEvent::Put { item: "a".to_owned() };
    Given::<Pile<String>>::nothing().when(PutTwice::new("A".into(), "a".to_owned())).then([put(), put()]);
    assert_eq!(Pile::<u8>::COMMANDS.len(), 1);
}
