//! One batch on its way: sent, and sent again where it failed.
//!
//! A batch is one transaction, so what one append does wrong would undo the others: then the batch is sent again, and
//! in halves, until what fails is alone. What another process was quicker with is visible to the second attempt. Where
//! the connection was lost, the same batch is sent again under the same ids, which settles what became of the first.

use std::sync::Arc;
use std::time::Duration;

use annals_core::store::{AppendError, Appended, FailureKind, StoreFailure};
use annals_core::{AppendId, ExpectedVersion};
use sqlx::pool::PoolConnection;
use sqlx::{Connection, PgPool, Postgres};

use crate::committer::Batch;
use crate::connection::{pause, within};
use crate::error::{Fault, Result};
use crate::horizon::Horizon;
use crate::job::Job;
use crate::sql::Statements;
use crate::verdict::{Verdict, Verdicts};
use crate::{batch, connection, outcome};

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

/// How long a server may take to say that it is there.
const PING: Duration = Duration::from_secs(5);

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
    batch: Batch,
    /// How often somebody was quicker.
    races: u32,
    /// How often the connection was lost.
    losses: usize,
}

impl Lane {
    pub(crate) async fn run(&self, batch: Batch, kept: &mut Kept) {
        let mut attempts = vec![Attempt { batch, races: 0, losses: 0 }];
        while let Some(attempt) = attempts.pop() {
            match self.send(&attempt, kept).await {
                Ok(verdicts) => self.answer(attempt, verdicts, kept).await,
                Err(fault) => self.again(attempt, fault, &mut attempts).await,
            }
            if let Some(attempt) = attempts.last() {
                attempt.batch.let_others_go();
            }
        }
    }

    async fn send(&self, attempt: &Attempt, kept: &mut Kept) -> Result<Vec<Verdict>> {
        let look_for_known = attempt.races > 0 || attempt.losses > 0;
        let connection = match kept {
            Some(connection) => connection,
            None => kept.insert(self.connect(attempt.losses > 0).await?),
        };
        let jobs = attempt.batch.jobs();
        let single = match jobs {
            [job] if !look_for_known => batch::single(&self.statements.append_one, &job.unit),
            _ => None,
        };
        let is_single = single.is_some();
        let query =
            single.unwrap_or_else(|| batch::query(&self.statements.append, jobs.iter().map(|job| &job.unit), look_for_known));
        let answered = query.fetch_one(&mut **connection).await.map_err(Fault::from);
        if matches!(answered, Err(Fault::Lost(_))) {
            *kept = None;
        }
        let row = answered?;
        let verdicts = if is_single { Verdicts::read_single(&row) } else { Verdicts::read(&row) };
        let verdicts = verdicts.and_then(|verdicts| verdicts.of(jobs.iter().map(|job| &job.unit.append)));
        // It is committed, whatever keeps us from reading what was answered.
        verdicts.map_err(|fault| match fault {
            Fault::Corrupt(what) => Fault::Unread(what),
            fault => fault,
        })
    }

    /// A connection. After one was lost, others may be broken too: then it is one that answers.
    async fn connect(&self, is_wary: bool) -> Result<PoolConnection<Postgres>> {
        loop {
            let mut connection = match self.pool.acquire().await {
                Ok(connection) => connection,
                Err(error) => return Err(connection::missing(&self.pool, error).await),
            };
            let mut answers = !is_wary;
            if is_wary {
                within(PING, async { answers = connection.ping().await.is_ok() }).await;
            }
            if answers {
                return Ok(connection);
            }
            // There are as many broken ones as the pool has, at most.
            drop(connection.detach());
        }
    }

    /// Decides what comes after a failure.
    async fn again(&self, mut attempt: Attempt, fault: Fault, attempts: &mut Vec<Attempt>) {
        let is_alone = attempt.batch.jobs().len() == 1;
        if matches!(fault, Fault::NoConnection(_)) && fault.kind() == FailureKind::Unavailable {
            // Whoever waits would wait for the same, one batch after the other.
            self.refuse(attempt.batch.take_waiting(), &fault);
        }
        match &fault {
            Fault::Lost(_) | Fault::NoConnection(_) if attempt.losses > 0 || matches!(fault, Fault::Lost(_)) => {
                attempt.losses += 1;
                match PAUSES.get(attempt.losses - 1) {
                    Some(duration) => {
                        attempt.batch.leave_caller().await;
                        pause(*duration).await;
                        // One of them may be what ends the session of the server, if it was sent at all.
                        let may_be_one = attempt.losses > WHOLE_LOSSES && matches!(fault, Fault::Lost(_));
                        if may_be_one && !is_alone { split(attempt, attempts) } else { attempts.push(attempt) }
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
        // After a loss, a failure says nothing of what the lost attempt came to.
        if attempt.losses > 0 || matches!(fault, Fault::Lost(_) | Fault::Unread(_)) {
            self.horizon.may_have_appended();
            let failure = || fault.failure(&self.doing());
            attempt.batch.arrive().into_iter().for_each(|job| job.answer(Err(AppendError::Unknown(failure()))));
        } else {
            self.refuse(attempt.batch.arrive(), fault);
        }
    }

    /// Tells that nothing was stored.
    fn refuse(&self, jobs: Vec<Job>, fault: &Fault) {
        let failure = || fault.failure(&self.doing());
        jobs.into_iter().for_each(|job| job.answer(Err(AppendError::NotStored(failure()))));
    }

    fn doing(&self) -> String {
        format!("append to {}", self.place)
    }

    async fn answer(&self, attempt: Attempt, verdicts: Vec<Verdict>, kept: &mut Kept) {
        let last = verdicts.iter().filter_map(|verdict| match verdict {
            Verdict::Done(appended) => Some(appended.last),
            Verdict::Refused(_) | Verdict::Known => None,
        });
        if let Some(last) = last.max() {
            self.horizon.appended(last);
        }
        let (shared, mut known) = (attempt.batch.shared(), Vec::new());
        for (job, verdict) in attempt.batch.arrive().into_iter().zip(verdicts) {
            match verdict {
                Verdict::Done(appended) => job.answer(Ok(appended)),
                Verdict::Refused(error) if attempt.losses > 0 && !is_final(&error) => {
                    let failure = StoreFailure::new(FailureKind::Unavailable, self.doing(), error);
                    job.answer(Err(AppendError::Unknown(failure)));
                }
                Verdict::Refused(error) => job.answer(Err(error)),
                Verdict::Known => known.push(job),
            }
        }
        if !known.is_empty() {
            shared.open();
            self.look_up(known, kept).await;
        }
    }

    /// Answers appends that were stored before with their first outcomes.
    async fn look_up(&self, known: Vec<Job>, kept: &mut Kept) {
        let doing = format!("read what became of an append to {}", self.place);
        self.horizon.may_have_appended();
        let mut jobs = known.into_iter();
        while let Some(job) = jobs.next() {
            match self.known(job.unit.append.id, kept).await {
                Ok(appended) => job.answer(Ok(appended)),
                // It is stored; only what it came to is not known here.
                Err(fault) => {
                    let is_lasting = !matches!(fault, Fault::Corrupt(_));
                    let failure = || Err(AppendError::Unknown(fault.failure(&doing)));
                    job.answer(failure());
                    if is_lasting {
                        jobs.by_ref().for_each(|job| job.answer(failure()));
                    }
                }
            }
        }
    }

    /// The first outcome of an append that was stored before.
    async fn known(&self, id: AppendId, kept: &mut Kept) -> Result<Appended> {
        let found = match kept {
            Some(connection) => outcome::find(&mut **connection, &self.statements, id).await,
            None => outcome::find(&self.pool, &self.statements, id).await,
        };
        if found.is_err() {
            *kept = None;
        }
        found?.ok_or_else(|| Fault::corrupt("an event that was there is gone"))
    }
}

/// Puts the halves of a batch in its place.
fn split(attempt: Attempt, attempts: &mut Vec<Attempt>) {
    let Attempt { mut batch, losses, .. } = attempt;
    let second = batch.split_off();
    // The first half is sent first: of appends to one stream, the first comes first.
    attempts.extend([second, batch].map(|batch| Attempt { batch, races: 1, losses }));
}

/// Whether what refused an append will refuse it for ever.
///
/// Who sends again what was lost does not know whether the server has even begun with the first attempt: its bytes may
/// lie there, and it may come after the second. What the second is refused for holds for the first too only if it can
/// not change any more: a stream keeps its last version, marks are never removed, and events only when they are long in an
/// archive. A stream that is too short may grow, though, and a key may be given back: then the first attempt would be
/// stored after all.
fn is_final(refusal: &AppendError) -> bool {
    match refusal {
        AppendError::WrongExpectedVersion { expected: ExpectedVersion::Exact(version), actual, .. } => actual > version,
        AppendError::WrongExpectedVersion { expected, .. } => *expected == ExpectedVersion::NoStream,
        AppendError::ConditionFailed { .. } | AppendError::DuplicateMessage { .. } => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use annals_core::store::ReservedKeyName;
    use annals_core::{LogId, LogPosition, Position, StreamId, Tenant, Version};

    use super::*;

    #[test]
    fn what_cannot_change_is_final_and_nothing_else() {
        let stream = StreamId::new("order", "a").unwrap();
        let wrong = |expected, actual| AppendError::WrongExpectedVersion {
            stream: stream.clone(),
            expected,
            actual: Version::new(actual).unwrap(),
        };
        let exact = |version| ExpectedVersion::Exact(Version::new(version).unwrap());
        for refusal in [
            wrong(ExpectedVersion::NoStream, 1),
            wrong(exact(3), 4),
            AppendError::ConditionFailed { at: LogPosition::new(LogId::MAIN, Position::ZERO) },
        ] {
            assert!(is_final(&refusal), "{refusal}");
        }
        let key = ReservedKeyName::new(Tenant::default(), "email", "a@b").unwrap();
        for refusal in
            [wrong(exact(3), 2), wrong(ExpectedVersion::Exists, 0), AppendError::KeyTaken { key, owner: stream.clone() }]
        {
            assert!(!is_final(&refusal), "{refusal}");
        }
    }
}
