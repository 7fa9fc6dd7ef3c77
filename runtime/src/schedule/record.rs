use annals_core::store::{Append, AppendError, ReadStream, StreamAppend};
use annals_core::{
    AppendId, CausationId, CommandId, EventId, ExpectedVersion, Metadata, NewEvent, ScheduleEvent, StreamId, Timestamp, Version,
};

use super::timer;
use crate::error::ScheduleError;
use crate::shared::Shared;

/// A command for later, as its stream has it.
pub(super) struct Record {
    pub(super) stream: StreamId,
    pub(super) id: CommandId,
    pub(super) version: Version,
    /// What was set.
    pub(super) set: ScheduleEvent,
    pub(super) metadata: Metadata,
    /// How many attempts have failed.
    pub(super) failed: u32,
    /// Whether nothing happens to it any more.
    pub(super) ended: bool,
    last: EventId,
}

impl Record {
    /// Reads a command for later; none if there is none.
    pub(super) async fn read(shared: &Shared, stream: StreamId) -> Result<Option<Self>, ScheduleError> {
        let Ok(id) = stream.id().parse::<CommandId>() else { return Ok(None) };
        let mut found: Option<Self> = None;
        let mut next = Some(Version::FIRST);
        while let Some(from) = next {
            let page = shared.store().read_stream(ReadStream::forward(stream.clone()).from(from)).await?;
            for record in &page.events {
                let event: ScheduleEvent = record.decode()?;
                match &mut found {
                    None => {
                        let (stream, metadata) = (stream.clone(), record.metadata()?);
                        let (version, last) = (record.version, record.id);
                        found = Some(Self { stream, id, version, set: event, metadata, failed: 0, ended: false, last });
                    }
                    Some(found) => {
                        found.version = record.version;
                        found.last = record.id;
                        found.ended |= event.is_end();
                        if let ScheduleEvent::AttemptFailed { attempt, .. } = event {
                            found.failed = attempt;
                        }
                    }
                }
            }
            next = page.next;
        }
        Ok(found)
    }

    /// What happens next is caused by what happened last.
    pub(super) fn next_metadata(&self, now: Timestamp) -> Metadata {
        self.metadata.caused_by(CausationId::from(self.last), now)
    }

    /// The part of an append that records what happens next.
    pub(super) fn part(&self, shared: &Shared, event: &ScheduleEvent) -> Result<StreamAppend, ScheduleError> {
        let env = shared.env();
        let new = NewEvent::new(EventId::generate(env), event, &self.next_metadata(env.now()).encode())?;
        Ok(StreamAppend::new(self.stream.clone(), ExpectedVersion::Exact(self.version), vec![new]))
    }

    /// Records what happens next. Returns `false` if something else has happened meanwhile.
    pub(super) async fn store(&self, shared: &Shared, event: &ScheduleEvent) -> Result<bool, ScheduleError> {
        let due = match event {
            ScheduleEvent::AttemptFailed { retry_at, .. } => Some(*retry_at),
            _ => None,
        };
        // One identity a transition: who comes second is answered with what came first, and reads it.
        let id = AppendId::from(self.id).derive(&format!("after {}", self.version));
        let mut append = Append::new(id).effect(timer(&self.stream, due));
        append.streams.push(self.part(shared, event)?);
        match shared.store().append(append).await {
            Ok(appended) => Ok(!appended.repeated),
            Err(AppendError::WrongExpectedVersion { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
