use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use annals_core::Env;

use crate::SeededRandom;

/// What can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// [`EventStore::append`](annals_core::EventStore::append).
    Append,
    /// Reading a stream or a log, and asking for an outcome.
    Read,
    /// [`Views::commit`](annals_core::store::Views::commit).
    Commit,
}

impl Operation {
    pub(super) const ALL: [Self; 3] = [Self::Append, Self::Read, Self::Commit];
}

/// How something fails.
#[derive(Clone)]
#[non_exhaustive]
pub enum Fault {
    /// The store says that it is not available and does nothing: [`AppendError::NotStored`].
    ///
    /// [`AppendError::NotStored`]: annals_core::store::AppendError::NotStored
    Refuse,
    /// The request is lost on its way. An append ends with [`AppendError::Unknown`] and was not stored.
    ///
    /// [`AppendError::Unknown`]: annals_core::store::AppendError::Unknown
    LoseRequest,
    /// The reply is lost on its way. An append ends with [`AppendError::Unknown`] although it was stored.
    ///
    /// [`AppendError::Unknown`]: annals_core::store::AppendError::Unknown
    LoseReply,
    /// It takes longer, by the clock of an environment.
    Delay(Env, Duration),
    /// The process dies before: this and every later call fails, until [`FaultStore::restart`](super::FaultStore::restart).
    CrashBefore,
    /// The process dies after it was done, before anybody learns of it.
    CrashAfter,
    /// Something of the test's own happens before, such as `std::process::abort`.
    Before(Arc<dyn Fn() + Send + Sync>),
    /// Something of the test's own happens after it was done, before the reply.
    After(Arc<dyn Fn() + Send + Sync>),
}

impl Fault {
    /// Something of the test's own happens before.
    pub fn before(hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self::Before(Arc::new(hook))
    }

    /// Something of the test's own happens after it was done, before the reply.
    pub fn after(hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self::After(Arc::new(hook))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuse => f.write_str("Refuse"),
            Self::LoseRequest => f.write_str("LoseRequest"),
            Self::LoseReply => f.write_str("LoseReply"),
            Self::Delay(_, duration) => write!(f, "Delay({duration:?})"),
            Self::CrashBefore => f.write_str("CrashBefore"),
            Self::CrashAfter => f.write_str("CrashAfter"),
            Self::Before(_) => f.write_str("Before(…)"),
            Self::After(_) => f.write_str("After(…)"),
        }
    }
}

/// Which operations fail, and how: the `n`th of a kind, or each with a probability.
///
/// ```
/// use annals_testing::{Fault, FaultPlan, Operation};
///
/// // The third append is stored, but its sender does not learn of it; and one read in ten fails, the same ones in each run.
/// let plan = FaultPlan::new().on(Operation::Append, 3, Fault::LoseReply).one_in(Operation::Read, 10, Fault::Refuse).seed(7);
/// # let _ = plan;
/// ```
#[derive(Debug, Default)]
pub struct FaultPlan {
    planned: Vec<(Operation, u64, Fault)>,
    random: Vec<(Operation, usize, Fault)>,
    dice: Option<SeededRandom>,
}

impl FaultPlan {
    /// Nothing fails.
    pub fn new() -> Self {
        Self::default()
    }

    /// The `n`th operation of a kind fails, counted from 1. Later plans for the same one are ignored.
    #[must_use]
    pub fn on(mut self, operation: Operation, n: u64, fault: Fault) -> Self {
        self.planned.push((operation, n, fault));
        self
    }

    /// Each operation of a kind fails once in `n` times on average, where nothing else is planned for it.
    ///
    /// # Panics
    /// If `n` is zero.
    #[must_use]
    pub fn one_in(mut self, operation: Operation, n: usize, fault: Fault) -> Self {
        assert!(n > 0, "one in zero times is not a probability");
        self.random.push((operation, n, fault));
        self
    }

    /// Where the random numbers start; without it, as [`SeededRandom::from_environment`] says.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { dice: Some(SeededRandom::new(seed)), ..self }
    }

    /// Draws the seed, if one is needed and not given.
    pub(super) fn prepared(mut self) -> Self {
        if !self.random.is_empty() && self.dice.is_none() {
            self.dice = Some(SeededRandom::from_environment());
        }
        self
    }

    /// What happens to the `n`th operation of a kind.
    pub(super) fn fault(&self, operation: Operation, n: u64) -> Option<Fault> {
        let planned = self.planned.iter().find(|(of, at, _)| *of == operation && *at == n);
        if let Some((_, _, fault)) = planned {
            return Some(fault.clone());
        }
        let dice = self.dice.as_ref()?;
        let mut thrown = self.random.iter().filter(|(of, n, _)| *of == operation && dice.one_in(*n));
        thrown.next().map(|(_, _, fault)| fault.clone())
    }
}
