//! What the function `append` says of each append of a batch.

use annals_core::store::{Append, AppendError, Appended, Effect, StreamAppend, StreamOutcome};
use annals_core::{LogId, LogPosition, Position, StreamId, Version};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::error::{Fault, Result};
use crate::row::stream_of;

/// What became of one append.
pub(crate) enum Verdict {
    Done(Appended),
    Refused(AppendError),
    /// An earlier attempt stored it: its outcome has to be looked up.
    Known,
}

/// The answer of the function `append`.
pub(crate) struct Verdicts {
    codes: Vec<i32>,
    details: Vec<i64>,
    notes: Vec<Option<String>>,
    firsts: Vec<i64>,
    lasts: Vec<i64>,
    bases: Vec<i64>,
}

impl Verdicts {
    pub(crate) fn read(row: &PgRow) -> Result<Self> {
        Ok(Self {
            codes: row.try_get(0)?,
            details: row.try_get(1)?,
            notes: row.try_get(2)?,
            firsts: row.try_get(3)?,
            lasts: row.try_get(4)?,
            bases: row.try_get(5)?,
        })
    }

    /// The answer of the function `append_one`.
    pub(crate) fn read_single(row: &PgRow) -> Result<Self> {
        let missing = || Fault::corrupt("the function `append_one` answers with something else");
        let answer: Vec<i64> = row.try_get(0)?;
        let &[verdict, position, base] = answer.as_slice() else { return Err(missing()) };
        let code = i32::try_from(verdict).map_err(|_| missing())?;
        // What is wrong is its one part.
        let (codes, details, notes) = (vec![code], vec![1], vec![None]);
        Ok(Self { codes, details, notes, firsts: vec![position], lasts: vec![position], bases: vec![base] })
    }

    /// The verdicts of the appends, in the order in which they were sent.
    pub(crate) fn of<'a>(&self, appends: impl Iterator<Item = &'a Append>) -> Result<Vec<Verdict>> {
        let mut parts_before = 0;
        let mut verdicts = Vec::with_capacity(self.codes.len());
        for (number, append) in appends.enumerate() {
            verdicts.push(self.one(number, append, parts_before)?);
            parts_before += append.streams.len();
        }
        Ok(verdicts)
    }

    fn one(&self, number: usize, append: &Append, parts_before: usize) -> Result<Verdict> {
        let missing = || Fault::corrupt("the function `append` answers with too little");
        let detail = *self.details.get(number).ok_or_else(missing)?;
        // Parts and effects are counted from 1, parts over the whole batch.
        let index =
            |before: usize| usize::try_from(detail).ok().and_then(|place| place.checked_sub(before + 1)).ok_or_else(missing);
        Ok(match self.codes.get(number).ok_or_else(missing)? {
            0 => Verdict::Done(self.appended(number, append, parts_before)?),
            1 => {
                let place = index(parts_before)?;
                let StreamAppend { stream, expected, .. } = append.streams.get(place).ok_or_else(missing)?;
                let actual = Version::try_from(*self.bases.get(parts_before + place).ok_or_else(missing)?)?;
                Verdict::Refused(AppendError::WrongExpectedVersion { stream: stream.clone(), expected: *expected, actual })
            }
            2 => {
                let at = LogPosition::new(LogId::MAIN, Position::try_from(detail)?);
                Verdict::Refused(AppendError::ConditionFailed { at })
            }
            3 => {
                let note = self.notes.get(number).ok_or_else(missing)?.as_deref();
                Verdict::Refused(refusal(append.effects.get(index(0)?).ok_or_else(missing)?, note)?)
            }
            4 => Verdict::Known,
            5 => {
                let stream = &append.streams.get(index(parts_before)?).ok_or_else(missing)?.stream;
                let fault = Fault::corrupt(format!("the stream `{stream}` has the key of another stream"));
                Verdict::Refused(fault.append_error("append"))
            }
            _ => return Err(Fault::corrupt("the function `append` is that of another version of annals")),
        })
    }

    fn appended(&self, number: usize, append: &Append, parts_before: usize) -> Result<Appended> {
        let missing = || Fault::corrupt("the function `append` answers with too little");
        let mut streams = Vec::with_capacity(append.streams.len());
        for (StreamAppend { stream, events, .. }, place) in append.streams.iter().zip(parts_before..) {
            if events.is_empty() {
                continue;
            }
            let base = Version::try_from(*self.bases.get(place).ok_or_else(missing)?)?;
            let last = base.forward(events.len() as u64)?;
            streams.push(StreamOutcome { stream: stream.clone(), first: base.next()?, last });
        }
        Ok(Appended {
            log: LogId::MAIN,
            first: Position::try_from(*self.firsts.get(number).ok_or_else(missing)?)?,
            last: Position::try_from(*self.lasts.get(number).ok_or_else(missing)?)?,
            streams,
            repeated: false,
        })
    }
}

/// What an effect refuses an append with. `note` is who has the key.
fn refusal(effect: &Effect, note: Option<&str>) -> Result<AppendError> {
    match effect {
        Effect::MarkInbox { consumer, message } => {
            Ok(AppendError::DuplicateMessage { consumer: consumer.clone(), message: *message })
        }
        Effect::ReserveKey { key, .. } => {
            let [tenant, category, stream]: [String; 3] = serde_json::from_str(note.unwrap_or_default())?;
            let owner: StreamId = stream_of(&tenant, &category, &stream)?;
            Ok(AppendError::KeyTaken { key: key.clone(), owner })
        }
        _ => Err(Fault::corrupt("an effect refused the append that cannot refuse one")),
    }
}
