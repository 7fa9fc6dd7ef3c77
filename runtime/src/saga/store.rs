//! Storing what was decided for an instance.

use annals_core::AppendId;
use annals_core::saga::engine::Moment;
use annals_core::saga::{Definition, SagaEvent};
use annals_core::store::{Append, AppendError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::live::Live;
use crate::error::SagaError;
use crate::shared::Shared;

/// Whether what was decided is stored.
pub(super) enum Stored {
    Yes,
    /// The instance has moved on: it must be read and decided anew.
    Moved,
}

/// Stores what was decided for an instance, unless it has moved on.
pub(super) async fn store<S>(
    saga: &Definition<S>,
    shared: &Shared,
    live: &mut Live<S>,
    events: Vec<SagaEvent>,
) -> Result<Stored, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let prepared = live.append(saga, &events, shared.env())?;
    // One identity a transition: who decides second is answered with what the first decided, and reads it.
    let id = AppendId::from_uuid(Definition::<S>::instance_id(&live.stream)).derive(&format!("after {}", live.version));
    let append = Append { id, streams: vec![prepared.part.clone()], condition: None, effects: prepared.effects.clone() };
    match shared.store().append(append).await {
        Ok(appended) if appended.repeated => Ok(Stored::Moved),
        Ok(_) => {
            live.stored(saga, events, &prepared)?;
            Ok(Stored::Yes)
        }
        Err(AppendError::WrongExpectedVersion { .. }) => Ok(Stored::Moved),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn moment(shared: &Shared) -> Moment {
    Moment { now: shared.env().now(), random: shared.env().random() }
}
