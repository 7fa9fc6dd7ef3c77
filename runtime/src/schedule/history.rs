use annals_core::store::ReadStream;
use annals_core::{CommandId, Recorded, ScheduleEvent, Tenant, Version};

use super::stream;
use crate::error::ScheduleError;
use crate::shared::Shared;

/// Everything that has happened to a command that was put off, oldest first.
pub(crate) async fn history(
    shared: &Shared,
    tenant: &Tenant,
    id: CommandId,
) -> Result<Vec<Recorded<ScheduleEvent>>, ScheduleError> {
    let stream = stream(tenant, id)?;
    let mut events = Vec::new();
    let mut next = Some(Version::FIRST);
    while let Some(from) = next {
        let page = shared.store().read_stream(ReadStream::forward(stream.clone()).from(from)).await?;
        for record in page.events {
            events.push(Recorded::read(record)?);
        }
        next = page.next;
    }
    if events.is_empty() { Err(ScheduleError::NotScheduled(id)) } else { Ok(events) }
}
