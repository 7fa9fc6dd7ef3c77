use annals_core::dispatch::NoDecision;
use annals_core::store::Append;
use annals_core::{AppendId, CommandId, EventId, ExpectedVersion, Metadata, NewEvent, ScheduleEvent, Tenant};

use super::{Engine, Outcome, RequestError};
use crate::schedule;

impl Engine {
    /// Stores a command with a timer, instead of deciding it.
    pub(super) async fn put_off(
        &self,
        id: AppendId,
        tenant: &Tenant,
        metadata: &Metadata,
        set: &ScheduleEvent,
    ) -> Result<Outcome, RequestError> {
        let stream = schedule::stream(tenant, CommandId::from_uuid(id.as_uuid()))?;
        let due = match set {
            ScheduleEvent::Set { due, .. } => Some(*due),
            _ => None,
        };
        let event = NewEvent::new(EventId::generate(&self.env), set, &metadata.encode()).map_err(NoDecision::Event)?;
        let append = Append::new(id.derive("schedule"))
            .stream(stream.clone(), ExpectedVersion::NoStream, vec![event])
            .effect(schedule::timer(&stream, due));
        let appended = self.store.append(append).await.map_err(RequestError::Append)?;
        let version = appended.stream(&stream).map(|outcome| (stream, outcome.last));
        Ok(Outcome {
            position: Some(appended.log_position()),
            streams: version.into_iter().collect(),
            repeated: appended.repeated,
        })
    }
}
