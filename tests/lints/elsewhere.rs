//! The facade under another path, deprecated types, and types with parameters, under the lints of the crate.

use core::convert::Infallible;
use core::marker::PhantomData;

use annals::sqlite::{Error as SqlError, SqliteProjection, Transaction};
use annals::{Aggregate, Behaviour, Command, Context, Event, EventContext, Evolve, Handle, Projection, aggregate, projection};
use serde::{Deserialize, Serialize};

/// Where the facade is.
pub(crate) use annals as framework;

/// What a ledger is kept in.
pub trait Currency: Default + Send + Sync + 'static {
    /// The category of its ledgers.
    const CATEGORY: &'static str;
}

/// What happened to a ledger.
#[derive(Clone, Debug, Event)]
#[event(crate = crate::elsewhere::framework, name = C::CATEGORY)]
#[non_exhaustive]
pub enum LedgerEvent<C: Currency> {
    /// It was paid into.
    Paid {
        /// In what.
        currency: PhantomData<C>,
    },
}

/// Pays what is no longer paid.
#[deprecated(note = "is no longer used")]
#[derive(Clone, Copy, Debug, Command)]
#[non_exhaustive]
pub struct PayOnce<C: Currency> {
    /// Into which.
    #[id]
    pub ledger: u64,
    /// In what.
    pub currency: PhantomData<C>,
}

/// A ledger.
#[aggregate(id = u64, event = LedgerEvent<C>, category = C::CATEGORY, crate = crate::elsewhere::framework)]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Ledger<C: Currency> {
    /// In what.
    pub currency: PhantomData<C>,
}

#[aggregate(crate = crate::elsewhere::framework)]
impl<C: Currency> Ledger<C> {
    /// Pays into a ledger.
    #[command(pub Pay, derive(Clone, Copy, Debug))]
    #[non_exhaustive]
    fn pay(&self, id: &u64, _amount: u32, _context: &Context) -> Result<Option<LedgerEvent<C>>, Infallible> {
        Ok((*id > 0).then_some(LedgerEvent::Paid { currency: self.currency }))
    }

    #[expect(deprecated, reason = "it is still there")]
    #[command]
    fn pay_once(&self, _command: PayOnce<C>) -> Result<[LedgerEvent<C>; 0], Infallible> {
        Ok([])
    }

    #[event]
    fn evolve(&mut self, _event: &LedgerEvent<C>) {}
}

/// What happened once.
#[deprecated(note = "is no longer used")]
#[derive(Clone, Copy, Debug, Event)]
#[non_exhaustive]
pub enum ChestEvent {
    /// It happened.
    Opened,
}

/// What there was once.
#[aggregate(id = u64, event = ChestEvent, crate = crate::elsewhere::framework)]
#[deprecated(note = "is no longer used")]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Chest;

#[expect(deprecated, reason = "it is still there")]
#[aggregate(crate = crate::elsewhere::framework)]
impl Chest {
    /// Opens it.
    #[command(Open)]
    fn open(&self) -> Result<ChestEvent, Infallible> {
        Ok(ChestEvent::Opened)
    }

    #[event]
    fn evolve(&mut self, _event: &ChestEvent) {}
}

/// How often it happened.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Openings;

#[projection(crate = crate::elsewhere::framework)]
impl Openings {
    #[expect(deprecated, reason = "it is still there")]
    #[on]
    fn chest(&mut self, _event: &ChestEvent, _context: &EventContext<'_>) {}
}

/// The same in SQL.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OpeningsInSql;

#[projection(sqlite, crate = crate::elsewhere::framework)]
impl OpeningsInSql {
    #[setup]
    fn tables(_tx: &Transaction<'_>) -> Result<(), SqlError> {
        Ok(())
    }

    #[expect(deprecated, reason = "it is still there")]
    #[on]
    fn chest(&self, _event: &ChestEvent, _tx: &Transaction<'_>) -> Result<(), SqlError> {
        Ok(())
    }
}

/// What is imported above has the names of what expansions write with another path.
pub const fn named<A: Aggregate + Evolve + Behaviour + Handle<C>, C: Command, P: Projection + SqliteProjection>() {}
