use std::time::Duration;

use annals_core::dispatch::{IdentifiedCommand, NoDecision};
use annals_core::{AppendId, Payload, ScheduleEvent, StreamId};

use super::record::Record;
use super::timer;
use crate::bus::{self, BusError};
use crate::engine::{Join, Origin, Request, RequestError, Work};
use crate::error::{ScheduleError, full};
use crate::shared::{Shared, patience};

/// The longest wait before a command that cannot be sent is tried again.
const LONGEST: Duration = Duration::from_secs(600);

/// What an attempt came to.
enum Attempt {
    /// It was sent, and its stream says so.
    Sent,
    /// It is to be recorded.
    Record(ScheduleEvent),
    /// Something else has happened meanwhile.
    Superseded,
}

/// Sends a command that is due. Whatever happens, its timer says when to look again.
pub(crate) async fn deliver(shared: &Shared, stream: StreamId) {
    let mut failures = 0;
    while let Err(error) = try_deliver(shared, &stream).await {
        tracing::warn!(%stream, %error, failures, "a command for later cannot be sent, trying again");
        if !shared.pause(patience(failures)).await {
            return;
        }
        failures = failures.saturating_add(1);
    }
}

async fn try_deliver(shared: &Shared, stream: &StreamId) -> Result<(), ScheduleError> {
    loop {
        let Some(record) = Record::read(shared, stream.clone()).await? else { return Ok(()) };
        if record.ended {
            return Ok(());
        }
        match attempt(shared, &record).await? {
            Attempt::Sent => return Ok(()),
            Attempt::Record(event) if record.store(shared, &event).await? => return Ok(()),
            Attempt::Record(_) | Attempt::Superseded => {}
        }
    }
}

/// Sends the command. Its events and the end of its schedule are stored in one append: it cannot be sent twice, and not
/// once it is called off.
async fn attempt(shared: &Shared, record: &Record) -> Result<Attempt, ScheduleError> {
    let command = match command(shared, record) {
        Ok(command) => command,
        Err(reason) => return Ok(Attempt::Record(failed(shared, record, reason))),
    };
    let part = record.part(shared, &ScheduleEvent::Sent {})?;
    let request = Request {
        id: AppendId::from(record.id),
        tenant: record.stream.tenant().clone(),
        metadata: record.next_metadata(shared.env().now()),
        commands: vec![IdentifiedCommand { id: record.id, command }],
        origin: Origin::Schedule,
        env: shared.env().clone(),
        work: Work::Join(Join { part, effects: vec![timer(&record.stream, None)] }),
    };
    Ok(match bus::send(&shared.bus, request).await {
        // Somebody has sent the same command under the same id by hand.
        Ok(outcome) if outcome.repeated => Attempt::Record(ScheduleEvent::Sent {}),
        Ok(_) => Attempt::Sent,
        Err(BusError::Request(RequestError::Superseded)) => Attempt::Superseded,
        Err(BusError::Request(RequestError::NoDecision(NoDecision::Rejected(reason)))) => {
            Attempt::Record(ScheduleEvent::Rejected { reason: reason.to_string() })
        }
        Err(BusError::Refused(refused)) => Attempt::Record(ScheduleEvent::Rejected { reason: full(&refused) }),
        Err(BusError::Request(error)) => Attempt::Record(failed(shared, record, error.to_string())),
        Err(BusError::Layer(error)) => Attempt::Record(failed(shared, record, full(&*error))),
    })
}

fn command(shared: &Shared, record: &Record) -> Result<Box<dyn annals_core::dispatch::AnyCommand>, String> {
    let ScheduleEvent::Set { category, command, body, .. } = &record.set else {
        return Err("its stream does not begin with what was set".into());
    };
    let read = shared.commands.get(&(category.clone(), command.clone()));
    let read = read.ok_or_else(|| format!("the application has no command `{command}` of `{category}`"))?;
    let payload = Payload::json(body).map_err(|error| error.to_string())?;
    read(&payload).map_err(|error| format!("the stored command `{command}` cannot be read: {error}"))
}

/// It is tried again, at growing intervals and for ever: what cannot be sent stays visible in its stream.
fn failed(shared: &Shared, record: &Record, error: String) -> ScheduleEvent {
    let attempt = record.failed.saturating_add(1);
    let wait = Duration::from_secs(1 << attempt.min(10)).min(LONGEST);
    ScheduleEvent::AttemptFailed { attempt, error, retry_at: shared.env().now().after(wait) }
}
