//! Appending: what is refused before anything is sent, and what is waited for afterwards.

use std::time::Duration;

use annals_core::LogId;
use annals_core::store::{Append, AppendError, Appended};
use sqlx::PgConnection;

use crate::connection::within;
use crate::error::{Fault, Result};
use crate::unit::Unit;
use crate::verdict::{Verdict, Verdicts};
use crate::{NAME, PostgresStore, batch, effects, outcome};

/// How long a decider that met a conflict waits for readers to see what it conflicts with.
const CATCH_UP: Duration = Duration::from_secs(1);

/// Refuses what no attempt could store.
fn check(store: &PostgresStore, append: &Append) -> Result<(), AppendError> {
    append.check(&store.info.limits)?;
    if let Some(effect) = effects::unsupported(append) {
        return Err(AppendError::Unsupported { store: NAME, capability: effect.capability() });
    }
    let asks_elsewhere = append.condition.as_ref().is_some_and(|condition| condition.after.log != LogId::MAIN);
    if let Some(condition) = append.condition.as_ref().filter(|_| asks_elsewhere) {
        return Err(AppendError::UnknownLog(condition.after.log));
    }
    Ok(())
}

pub(crate) async fn append(store: &PostgresStore, append: Append) -> Result<Appended, AppendError> {
    check(store, &append)?;
    let appended = store.committer.append(append).await;
    if let Err(AppendError::ConditionFailed { at }) = &appended {
        // Who decides again reads up to the horizon: before it has passed the conflict, that would come to the same.
        // If it does not for long, or cannot be read, that is what comes of it.
        let _ = within(CATCH_UP, store.horizon.wait(at.position.previous())).await;
    }
    appended
}

/// Appends in a transaction of the caller, alone.
pub(crate) async fn append_in(
    store: &PostgresStore,
    connection: &mut PgConnection,
    append: &Append,
) -> Result<Appended, AppendError> {
    check(store, append)?;
    let failed = |fault: Fault| AppendError::NotStored(fault.failure(&format!("append to {}", store.place)));
    let unit = Unit::new(append.clone());
    let send = async {
        let row = batch::query(&store.statements.append, std::iter::once(&unit), true).fetch_one(&mut *connection).await?;
        match Verdicts::read(&row)?.of(std::iter::once(append))?.pop() {
            Some(Verdict::Done(appended)) => {
                store.horizon.appended(appended.last);
                Ok(Ok(appended))
            }
            Some(Verdict::Refused(error)) => Ok(Err(error)),
            Some(Verdict::Known) | None => match outcome::find(&mut *connection, &store.statements, append.id).await? {
                Some(appended) => Ok(Ok(appended)),
                None => Err(Fault::corrupt("an event that was there is gone")),
            },
        }
    };
    send.await.unwrap_or_else(|fault| Err(failed(fault)))
}
