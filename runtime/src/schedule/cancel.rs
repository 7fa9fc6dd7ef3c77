use annals_core::{CommandId, ScheduleEvent, Tenant};

use super::record::Record;
use super::stream;
use crate::error::ScheduleError;
use crate::shared::Shared;

/// Calls a command for later off. Returns whether it will not be sent because of that.
pub(crate) async fn cancel(shared: &Shared, tenant: &Tenant, id: CommandId) -> Result<bool, ScheduleError> {
    loop {
        let Some(record) = Record::read(shared, stream(tenant, id)?).await? else {
            return Err(ScheduleError::NotScheduled(id));
        };
        if record.ended {
            return Ok(false);
        }
        if record.store(shared, &ScheduleEvent::Cancelled {}).await? {
            return Ok(true);
        }
    }
}
