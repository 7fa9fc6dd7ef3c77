//! One batch on its way: sent, and sent again where it failed.
//!
//! A batch is one transaction, so what one append does wrong would undo the others: then the batch is sent again, and
//! in halves, until what fails is alone. What another process was quicker with is visible to the second attempt. Where
//! the connection was lost, the same batch is sent again under the same ids, which settles what became of the first.

use std::sync::Arc;
use std::time::Duration;

use annals_core::store::{AppendError, Appended};
use sqlx::pool::PoolConnection;
use sqlx::{Connection, PgPool, Postgres};

use crate::batch;
use crate::committer::Job;
use crate::connection::pause;
use crate::error::{Fault, Result};
use crate::horizon::Horizon;
use crate::outcome;
use crate::sql::Statements;
use crate::verdict::{Verdict, Verdicts};

/// How often a batch is sent as it is, before it is split.
const WHOLE: u32 = 2;

/// How often a batch that lost its connection is sent as it is, before it is split.
const WHOLE_LOSSES: usize = 2;

/// How often an append that is alone is sent again because somebody was quicker.
const ALONE: u32 = 20;

/// How long a batch of which the outcome is unknown waits before it is sent again, at each attempt.
const PAUSES: [Duration; 7] = [
    Duration::ZERO,
    Duration::from_millis(50),
    Duration::from_millis(150),
    Duration::from_millis(400),
    Duration::from_millis(1_000),
    Duration::from_millis(2_000),
    Duration::from_millis(4_000),
];

/// The connection that a lane keeps while it has work.
pub(crate) type Kept = Option<PoolConnection<Postgres>>;

/// What sends batches.
pub(crate) struct Lane {
    pub(crate) pool: PgPool,
    pub(crate) statements: Arc<Statements>,
    pub(crate) horizon: Arc<Horizon>,
    /// Which store, for errors.
    pub(crate) place: String,
}

/// Appends that are sent together, and what happened to them so far.
struct Attempt {
    jobs: Vec<Job>,
    /// How often somebody was quicker.
    races: u32,
    /// How often the connection was lost.
    losses: usize,
}

impl Lane {
    pub(crate) async fn run(&self, jobs: Vec<Job>, kept: &mut Kept) {
        let mut attempts = vec![Attempt { jobs, races: 0, losses: 0 }];
        while let Some(attempt) = attempts.pop() {
            match self.send(&attempt, kept).await {
                Ok(verdicts) => self.answer(attempt.jobs, verdicts, kept).await,
                Err(fault) => self.again(attempt, fault, &mut attempts).await,
            }
        }
    }

    async fn send(&self, attempt: &Attempt, kept: &mut Kept) -> Result<Vec<Verdict>> {
        let look_for_known = attempt.races > 0 || attempt.losses > 0;
        let connection = match kept {
            Some(connection) => connection,
            None => kept.insert(self.connect(attempt.losses > 0).await?),
        };
        let appends = attempt.jobs.iter().map(|job| (&job.append, &*job.footprint));
        let query = batch::query(&self.statements.append, appends, look_for_known);
        let answered = query.fetch_one(&mut **connection).await.map_err(Fault::from);
        if matches!(answered, Err(Fault::Lost(_))) {
            *kept = None;
        }
        let row = answered?;
        let verdicts = Verdicts::read(&row).and_then(|verdicts| verdicts.of(attempt.jobs.iter().map(|job| &job.append)));
        // It is committed, whatever keeps us from reading what was answered.
        verdicts.map_err(|fault| match fault {
            Fault::Corrupt(what) => Fault::Unread(what),
            fault => fault,
        })
    }

    /// A connection. After one was lost, others may be broken too: then it is one that answers.
    async fn connect(&self, is_wary: bool) -> Result<PoolConnection<Postgres>> {
        loop {
            let mut connection = self.pool.acquire().await.map_err(no_connection)?;
            if !is_wary || connection.ping().await.is_ok() {
                return Ok(connection);
            }
            // There are as many broken ones as the pool has, at most.
            drop(connection.detach());
        }
    }

    /// Decides what comes after a failure.
    async fn again(&self, mut attempt: Attempt, fault: Fault, attempts: &mut Vec<Attempt>) {
        let is_alone = attempt.jobs.len() == 1;
        match &fault {
            Fault::Lost(_) | Fault::NoConnection(_) if attempt.losses > 0 || matches!(fault, Fault::Lost(_)) => {
                attempt.losses += 1;
                match PAUSES.get(attempt.losses - 1) {
                    Some(duration) => {
                        pause(*duration).await;
                        // One of them may be what ends the session of the server.
                        if attempt.losses > WHOLE_LOSSES && !is_alone { split(attempt, attempts) } else { attempts.push(attempt) }
                    }
                    None => self.fail(attempt, &fault),
                }
            }
            _ if fault.is_race() && attempt.races < if is_alone { ALONE } else { WHOLE } => {
                attempt.races += 1;
                attempts.push(attempt);
            }
            Fault::Refused(_) | Fault::Corrupt(_) if !is_alone => {
                split(attempt, attempts);
            }
            _ => self.fail(attempt, &fault),
        }
    }

    fn fail(&self, attempt: Attempt, fault: &Fault) {
        let doing = format!("append to {}", self.place);
        for job in attempt.jobs {
            let failure = fault.failure(&doing);
            // After a loss, a failure says nothing of what the lost attempt came to.
            let is_unknown = attempt.losses > 0 || matches!(fault, Fault::Lost(_) | Fault::Unread(_));
            job.answer(Err(if is_unknown { AppendError::Unknown(failure) } else { AppendError::NotStored(failure) }));
        }
    }

    async fn answer(&self, jobs: Vec<Job>, verdicts: Vec<Verdict>, kept: &mut Kept) {
        let last = verdicts.iter().filter_map(|verdict| match verdict {
            Verdict::Done(appended) => Some(appended.last),
            Verdict::Refused(_) | Verdict::Known => None,
        });
        if let Some(last) = last.max() {
            self.horizon.committed(last);
        }
        for (job, verdict) in jobs.into_iter().zip(verdicts) {
            match verdict {
                Verdict::Done(appended) => job.answer(Ok(appended)),
                Verdict::Refused(error) => job.answer(Err(error)),
                Verdict::Known => {
                    let outcome = self.known(&job, kept).await;
                    job.answer(outcome);
                }
            }
        }
    }

    /// The first outcome of an append that was stored before.
    async fn known(&self, job: &Job, kept: &mut Kept) -> Result<Appended, AppendError> {
        let found = match kept {
            Some(connection) => outcome::find(&mut **connection, &self.statements, job.append.id).await,
            None => outcome::find(&self.pool, &self.statements, job.append.id).await,
        };
        let doing = format!("read what became of an append to {}", self.place);
        if found.is_err() {
            *kept = None;
        }
        match found {
            Ok(Some(appended)) => Ok(appended),
            // It is stored; only what it came to is not known here.
            Ok(None) => Err(AppendError::Unknown(Fault::corrupt("an event that was there is gone").failure(&doing))),
            Err(fault) => Err(AppendError::Unknown(fault.failure(&doing))),
        }
    }
}

/// Puts the halves of a batch in its place.
fn split(attempt: Attempt, attempts: &mut Vec<Attempt>) {
    let Attempt { mut jobs, losses, .. } = attempt;
    let second = jobs.split_off(jobs.len() / 2);
    // The first half is sent first: of appends to one stream, the first comes first.
    attempts.extend([second, jobs].map(|jobs| Attempt { jobs, races: 1, losses }));
}

/// Without a connection nothing was sent.
fn no_connection(error: sqlx::Error) -> Fault {
    match Fault::from(error) {
        Fault::Lost(error) | Fault::Refused(error) => Fault::NoConnection(error),
        fault => fault,
    }
}
