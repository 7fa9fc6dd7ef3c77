//! How the store is doing: how far behind readers are held, and by whom.

use std::fmt;
use std::time::Duration;

use annals_core::Position;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use crate::error::Result;
use crate::row::place;
use crate::sql::Statements;
use crate::stall::News;

/// How many positions readers are behind, while somebody holds them up.
const BEHIND: &str = "annals_horizon_behind";

/// For how many seconds they have been held up at one place.
const HELD_UP_FOR: &str = "annals_horizon_held_up_seconds";

/// How often that was for too long.
const STALLS: &str = "annals_horizon_stalls_total";

/// How a store is doing, as [`PostgresStore::health`](crate::PostgresStore::health) found it.
///
/// Its numbers go to the recorder of the crate `metrics` too, if the application has installed one: the gauges
/// `annals_horizon_behind` (positions) and `annals_horizon_held_up_seconds`, and the counter `annals_horizon_stalls_total`, each
/// with the label `store`. They are taken when the horizon has rested for a while, and at each call of
/// [`health`](crate::PostgresStore::health).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreHealth {
    /// How far readers get.
    pub horizon: Position,
    /// The last position that was given out.
    pub drawn: Position,
    /// Who holds the horizon up at this moment, the lowest first; at most 16. One that is young is an append on its way.
    pub blockers: Vec<Blocker>,
    /// For how long this process has found the horizon held up at one place; none: it is not.
    pub held_up_for: Option<Duration>,
    /// How often this process has found it held up for longer than
    /// [`PostgresOptions::stall_after`](crate::PostgresOptions::stall_after).
    pub stalls: u64,
    /// Whether other processes tell this one of commits: a notification has arrived over the connection that listens now. Never
    /// without [`PostgresOptions::notify`](crate::PostgresOptions::notify).
    pub notified: bool,
}

impl StoreHealth {
    /// How many positions readers are behind. What was rolled back counts until the next event is stored, so this says
    /// something only while there are [`blockers`](Self::blockers).
    pub const fn behind(&self) -> u64 {
        self.drawn.get().saturating_sub(self.horizon.get())
    }

    /// Tells the recorder of `metrics` that the application has installed, if it has.
    pub(crate) fn measure(&self, store: &str, news: Option<&News>) {
        let behind = if self.blockers.is_empty() { 0 } else { self.behind() };
        metrics::gauge!(BEHIND, "store" => store.to_owned()).set(behind as f64);
        let held_up_for = self.held_up_for.unwrap_or_default().as_secs_f64();
        metrics::gauge!(HELD_UP_FOR, "store" => store.to_owned()).set(held_up_for);
        let stalls = metrics::counter!(STALLS, "store" => store.to_owned());
        if news == Some(&News::Stalled) {
            stalls.increment(1);
        }
    }

    /// Tells the log that readers are held up.
    pub(crate) fn warn(&self, store: &str) {
        let blockers = self.blockers.iter().map(Blocker::to_string).collect::<Vec<_>>().join("; ");
        tracing::warn!(
            store,
            horizon = self.horizon.get(),
            behind = self.behind(),
            held_up_for = ?self.held_up_for.unwrap_or_default(),
            blockers,
            "readers are held up by a transaction that has appended and does not end"
        );
    }
}

/// A transaction that has drawn positions and has not ended: readers get no event above [`after`](Self::after).
///
/// Its text says how to end it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Blocker {
    /// The position that the horizon cannot pass.
    pub after: Position,
    /// What the transaction belongs to.
    pub holder: Holder,
    /// How long the transaction has been open, or prepared. None: the account of the store may not see it.
    pub transaction_age: Option<Duration>,
}

/// What a transaction belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Holder {
    /// A session of the server. Of one of another role, an account without the role `pg_read_all_stats` sees the process
    /// and the name of the application only.
    Session {
        /// Its process on the server.
        pid: i32,
        /// What it is doing: `active`, `idle in transaction` …
        state: Option<String>,
        /// The name that its application has given.
        application: Option<String>,
        /// How long ago its last statement began.
        query_age: Option<Duration>,
        /// The beginning of its last statement, without the values that were bound to it.
        query: Option<String>,
    },
    /// Nobody: the transaction is prepared (`PREPARE TRANSACTION`), and waits for whoever prepared it, also over a restart.
    Prepared {
        /// Its name.
        gid: String,
    },
    /// A transaction that ended while it was looked for.
    Gone,
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.holder {
            Holder::Session { pid, state, application, query_age, query } => {
                write!(f, "process {pid}")?;
                if let Some(application) = application {
                    write!(f, " of `{application}`")?;
                }
                if let Some(state) = state {
                    write!(f, ", {state}")?;
                }
                if let Some(age) = self.transaction_age {
                    write!(f, ", in a transaction for {age:.1?}")?;
                }
                if let (Some(query), Some(age)) = (query, query_age) {
                    write!(f, ", {age:.1?} after the beginning of `{query}`")?;
                }
                write!(f, ": `select pg_terminate_backend({pid})` ends it")
            }
            Holder::Prepared { gid } => {
                write!(f, "the prepared transaction `{gid}`")?;
                if let Some(age) = self.transaction_age {
                    write!(f, ", for {age:.1?}")?;
                }
                write!(f, ": `commit prepared` or `rollback prepared` ends it")
            }
            Holder::Gone => write!(f, "a transaction that has just ended"),
        }
    }
}

/// What the server says of its horizon: how far it is, what was drawn, and who holds it up.
pub(crate) async fn ask(pool: &PgPool, statements: &Statements) -> Result<(Position, Position, Vec<Blocker>)> {
    let blockers = statements.find_blockers.query().fetch_all(pool).await?;
    let row = statements.read_health.query().fetch_one(pool).await?;
    Ok((place(row.try_get(0)?)?, place(row.try_get(1)?)?, blockers.iter().map(blocker).collect::<Result<_>>()?))
}

fn blocker(row: &PgRow) -> Result<Blocker> {
    let holder = match (row.try_get::<Option<i32>, _>(1)?, row.try_get::<Option<String>, _>(2)?) {
        (Some(pid), _) => Holder::Session {
            pid,
            state: row.try_get(3)?,
            application: row.try_get(6)?,
            query_age: age(row.try_get(5)?),
            query: row.try_get(7)?,
        },
        (None, Some(gid)) => Holder::Prepared { gid },
        (None, None) => Holder::Gone,
    };
    Ok(Blocker { after: place(row.try_get(0)?)?, holder, transaction_age: age(row.try_get(4)?) })
}

fn age(micros: Option<i64>) -> Option<Duration> {
    // A clock that was set back makes nothing older than now.
    micros.map(|micros| Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
}
