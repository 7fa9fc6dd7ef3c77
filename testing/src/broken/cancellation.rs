use annals_core::EventStore;
use annals_core::store::{Append, AppendError, Appended};
use async_trait::async_trait;
use tokio::task::yield_now;

use super::Flaw;

/// Writes stream after stream, with an `await` in between: whoever drops the append leaves half of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct HalfCancelledAppend;

#[async_trait]
impl Flaw for HalfCancelledAppend {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Appended, AppendError> {
        let writes = append.streams.iter().filter(|part| !part.events.is_empty()).count();
        if writes < 2 || append.condition.is_some() || matches!(store.appended(append.id).await, Ok(Some(_))) {
            return store.append(append).await;
        }
        append.check(&store.info().limits)?;
        let Append { id, streams, condition, effects } = append;
        let (mut outcome, mut effects) = (None::<Appended>, Some(effects));
        for (number, part) in streams.into_iter().enumerate() {
            let id = if number == 0 { id } else { id.derive(&number.to_string()) };
            let effects = effects.take().unwrap_or_default();
            let part = Append { id, streams: vec![part], condition: condition.clone(), effects };
            let appended = store.append(part).await?;
            match &mut outcome {
                Some(outcome) => {
                    outcome.last = appended.last;
                    outcome.streams.extend(appended.streams);
                }
                None => outcome = Some(appended),
            }
            yield_now().await;
        }
        outcome.map_or_else(|| Err(annals_core::store::InvalidAppend::Empty.into()), Ok)
    }
}
