//! An aggregate with parameters: each instantiation is one of its own.

use std::convert::Infallible;
use std::fmt::Debug;
use std::marker::PhantomData;

use annals::prelude::*;
use annals::{Behaviour, EventStore, Routed};
use serde::{Deserialize, Serialize};

/// Nothing of what an aggregate has to be is said here: it is asked of the currencies.
pub(crate) trait Currency {
    const CATEGORY: &'static str;
    type Amount: Debug;

    fn add(sum: &Self::Amount, amount: &Self::Amount) -> Option<Self::Amount>;
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usd;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Eur;

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cents(pub(crate) u32);

impl Currency for Usd {
    const CATEGORY: &'static str = "ledger_usd";
    type Amount = u64;

    fn add(sum: &u64, amount: &u64) -> Option<u64> {
        sum.checked_add(*amount)
    }
}

impl Currency for Eur {
    const CATEGORY: &'static str = "ledger_eur";
    type Amount = Cents;

    fn add(sum: &Cents, amount: &Cents) -> Option<Cents> {
        sum.0.checked_add(amount.0).map(Cents)
    }
}

#[derive(Event, Debug, PartialEq)]
#[event(name = C::CATEGORY)]
pub(crate) enum LedgerEvent<C: Currency> {
    Deposited { amount: C::Amount },
    Frozen,
}

#[derive(Command)]
pub(crate) struct Deposit<C: Currency> {
    #[id]
    pub(crate) account: String,
    pub(crate) amount: C::Amount,
}

/// It does not say of which ledger.
#[derive(Command)]
pub(crate) struct Freeze {
    #[id]
    pub(crate) account: String,
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum LedgerError {
    #[error("the account is frozen")]
    Frozen,
    #[error("too much")]
    TooMuch,
}

#[aggregate(id = String, event = LedgerEvent<C>, category = C::CATEGORY)]
#[derive(Debug, PartialEq)]
pub(crate) struct Ledger<C: Currency = Usd> {
    pub(crate) sum: C::Amount,
    is_frozen: bool,
    currency: PhantomData<C>,
}

impl<C: Currency<Amount: Default>> Default for Ledger<C> {
    fn default() -> Self {
        Self { sum: C::Amount::default(), is_frozen: false, currency: PhantomData }
    }
}

pub(crate) struct Rates(pub(crate) u64);

#[aggregate]
impl<C: Currency> Ledger<C>
where
    C::Amount: Clone,
{
    #[command]
    fn deposit(&self, command: Deposit<C>) -> Result<LedgerEvent<C>, LedgerError> {
        ensure!(!self.is_frozen, LedgerError::Frozen);
        ensure!(C::add(&self.sum, &command.amount).is_some(), LedgerError::TooMuch);
        Ok(LedgerEvent::Deposited { amount: command.amount })
    }

    #[command]
    fn freeze(&self, _command: &Freeze) -> Result<Option<LedgerEvent<C>>, Infallible> {
        Ok((!self.is_frozen).then_some(LedgerEvent::Frozen))
    }

    #[prepare]
    async fn rate(command: &Exchange<C>, rates: &Rates) -> Result<u64, LedgerError> {
        ensure!(command.times > 0, LedgerError::TooMuch);
        Ok(rates.0)
    }

    /// Pays in what was exchanged.
    #[command(pub(crate) Exchange, derive(Debug))]
    fn exchange(
        &self,
        amount: C::Amount,
        times: usize,
        rate: &u64,
        _context: &Context,
    ) -> Result<Vec<LedgerEvent<C>>, LedgerError> {
        let times = times * usize::try_from(*rate).map_err(|_| LedgerError::TooMuch)?;
        Ok((0..times).map(|_| LedgerEvent::Deposited { amount: amount.clone() }).collect())
    }

    #[event]
    fn evolve(&mut self, event: &LedgerEvent<C>) {
        match event {
            LedgerEvent::Deposited { amount } => self.sum = C::add(&self.sum, amount).unwrap_or_else(|| self.sum.clone()),
            LedgerEvent::Frozen => self.is_frozen = true,
        }
    }
}

type TestResult = Result<(), Box<dyn std::error::Error>>;

async fn started(store: std::sync::Arc<dyn EventStore>) -> Result<App, annals::StartError> {
    App::new(store).aggregate::<Ledger<Usd>>().aggregate::<Ledger<Eur>>().service(Rates(2)).start().await
}

fn deposit<C: Currency>(amount: C::Amount) -> Deposit<C> {
    Deposit { account: "A".into(), amount }
}

fn freeze() -> Freeze {
    Freeze { account: "A".into() }
}

#[tokio::test]
async fn instantiations_live_side_by_side_in_each_store() -> TestResult {
    let folder = tempfile::tempdir()?;
    for url in ["memory:", &format!("sqlite:{}", folder.path().join("test.db").display())] {
        let app = started(annals::connect(url).await?).await?;
        app.send(deposit::<Usd>(5)).await?;
        app.send(Exchange::<Usd> { id: "A".into(), amount: 10, times: 1 }).await?;
        app.send(deposit::<Eur>(Cents(1))).await?;
        // Of which ledger, the command does not say.
        app.send_to::<Ledger<Eur>, _>(freeze()).await?;
        let (usd, eur) = (app.load::<Ledger<Usd>>(&"A".into()).await?, app.load::<Ledger<Eur>>(&"A".into()).await?);
        assert_eq!((usd.state.sum, usd.state.is_frozen), (25, false), "{url}");
        assert_eq!((eur.state.sum, eur.state.is_frozen), (Cents(1), true), "{url}");
        let refused = app.send(deposit::<Eur>(Cents(1))).await;
        assert!(matches!(refused, Err(SendError::Rejected(LedgerError::Frozen))), "{refused:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_instantiation_that_was_not_added_is_told() -> TestResult {
    let app = App::new(annals::connect("memory:").await?).aggregate::<Ledger>().service(Rates(2)).start().await?;
    let error = app.send(deposit::<Eur>(Cents(1))).await.unwrap_err();
    assert!(matches!(error, SendError::UnknownAggregate { aggregate: "ledger_eur" }), "{error}");
    Ok(())
}

#[test]
fn each_instantiation_has_its_own_streams_and_names() {
    fn category<C: Routed>() -> &'static str {
        C::Aggregate::CATEGORY
    }
    assert_eq!((Ledger::<Usd>::CATEGORY, Ledger::<Eur>::CATEGORY), ("ledger_usd", "ledger_eur"));
    assert_eq!((category::<Deposit<Usd>>(), category::<Exchange<Eur>>()), ("ledger_usd", "ledger_eur"));
    let names: Vec<_> = Ledger::<Eur>::COMMANDS.iter().map(|command| command.name).collect();
    assert_eq!(names, ["deposit", "freeze", "exchange"]);
}
