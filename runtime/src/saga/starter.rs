use annals_core::saga::{Definition, Instance};
use annals_core::store::{Append, AppendError};
use annals_core::{AppendId, EventId, ExpectedVersion, Metadata, NewEvent, Tenant};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::live::timers;
use crate::error::SagaError;
use crate::shared::Shared;

/// Starts an instance, once a business key. Returns whether it is a new one.
pub(super) async fn start<S>(
    saga: &Definition<S>,
    shared: &Shared,
    tenant: &Tenant,
    key: &str,
    state: &S,
    metadata: &Metadata,
) -> Result<bool, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let env = shared.env();
    let now = env.now();
    let start = saga.start(tenant, key, state, now)?;
    let encoded = metadata.encode();
    let mut instance = Instance::new(saga.plan());
    let mut events = Vec::with_capacity(start.events.len());
    for event in &start.events {
        instance.evolve(saga.plan(), event, now);
        events.push(NewEvent::new(EventId::generate(env), event, &encoded)?);
    }
    let id = AppendId::from_uuid(Definition::<S>::instance_id(&start.stream)).derive("start");
    let effects = timers(&start.stream, saga.plan(), instance.wake(saga.plan(), now));
    let append = Append::new(id).stream(start.stream.clone(), ExpectedVersion::NoStream, events);
    match shared.store().append(Append { effects, ..append }).await {
        Ok(appended) => Ok(!appended.repeated),
        Err(AppendError::WrongExpectedVersion { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
