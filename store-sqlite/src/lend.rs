//! Lending a connection that reads to queries of the user's.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::QueryError;
use crate::reader::Reader;

/// What a query came to: an answer, an error, or a panic that is the caller's.
pub(crate) type Answer<T> = thread::Result<Result<T, QueryError>>;

/// Runs a query. All of its statements see the file as it is when it starts.
pub(crate) fn lend<T>(reader: &Reader, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Answer<T> {
    let transaction = match Transaction::new_unchecked(&reader.connection, TransactionBehavior::Deferred) {
        Ok(transaction) => transaction,
        Err(error) => return Ok(Err(error.into())),
    };
    let guest = reader.guard.admit();
    let answer = catch_unwind(AssertUnwindSafe(|| query(&transaction)));
    let refused = guest.refused();
    // Whatever the query did, the next one starts from the file as it is then.
    drop((guest, transaction));
    answer.map(|answer| {
        answer.map_err(|source| match refused {
            Some(what) => QueryError::Refused { what, source },
            None => source.into(),
        })
    })
}

/// Hands the answer to who asked, on whose thread a panic goes on.
pub(crate) fn take<T>(answer: Answer<T>) -> Result<T, QueryError> {
    answer.unwrap_or_else(|panic| resume_unwind(panic))
}
