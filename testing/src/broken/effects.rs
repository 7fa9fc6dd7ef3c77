use annals_core::store::{Append, AppendError, Appended, StreamAppend};
use annals_core::{EventId, EventStore, ExpectedVersion, NewEvent, StreamId};
use async_trait::async_trait;

use super::Flaw;

/// The effects of an append as one of their own, on a stream that no check looks at.
fn effects_alone(append: &Append) -> Option<Append> {
    let (_, event) = append.events().next()?;
    let event = NewEvent { id: EventId::from_uuid(append.id.as_uuid()), tags: Vec::new(), ..event.clone() };
    let stream = StreamId::new("$broken", "effects").ok()?;
    let part = StreamAppend::new(stream, ExpectedVersion::Any, vec![event]);
    let id = append.id.derive("effects");
    (!append.effects.is_empty()).then(|| Append { id, streams: vec![part], condition: None, effects: append.effects.clone() })
}

/// Writes the events first and the effects afterwards: an effect that fails leaves the events.
#[derive(Clone, Copy, Debug, Default)]
pub struct EffectsAfterwards;

#[async_trait]
impl Flaw for EffectsAfterwards {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Appended, AppendError> {
        append.check(&store.info().limits)?;
        let effects = effects_alone(&append);
        let appended = store.append(Append { effects: Vec::new(), ..append }).await?;
        if let Some(effects) = effects {
            store.append(effects).await?;
        }
        Ok(appended)
    }
}

/// Writes the effects first and the events afterwards: an append that fails leaves its effects.
#[derive(Clone, Copy, Debug, Default)]
pub struct EffectsBeforehand;

#[async_trait]
impl Flaw for EffectsBeforehand {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Appended, AppendError> {
        append.check(&store.info().limits)?;
        if let Some(effects) = effects_alone(&append) {
            store.append(effects).await?;
        }
        store.append(Append { effects: Vec::new(), ..append }).await
    }
}
