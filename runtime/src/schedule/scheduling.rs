use std::fmt;
use std::future::IntoFuture;

use annals_core::store::AppendError;
use annals_core::{CommandId, ScheduleEvent, Timestamp};
use futures_util::future::BoxFuture;

use super::record::Record;
use super::stream;
use crate::bus::{self, BusError};
use crate::engine::{RequestError, Work};
use crate::error::ScheduleError;
use crate::send::{Sending, request};

/// What was put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scheduled {
    /// The identity of the command: by it the command can be called off.
    pub command_id: CommandId,
    /// When it is sent.
    pub due: Timestamp,
    /// Whether it was put off before under this id: then the first moment holds, and `due` is that one.
    pub repeated: bool,
}

/// A command that is put off. Await it to store it.
#[must_use = "a command is put off when it is awaited"]
pub struct Scheduling<E> {
    sending: Sending<E>,
    due: Timestamp,
}

impl<E> Scheduling<E> {
    pub(crate) const fn new(sending: Sending<E>, due: Timestamp) -> Self {
        Self { sending, due }
    }
}

impl<E: 'static> IntoFuture for Scheduling<E> {
    type Output = Result<Scheduled, ScheduleError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { sending, due } = self;
            let (shared, command, id, tenant, metadata) = sending.into_parts();
            let Some(alarm) = &shared.schedule else {
                return Err(ScheduleError::NoTimers { store: shared.store().info().name });
            };
            if shared.life.stop.is_cancelled() {
                return Err(ScheduleError::ShuttingDown);
            }
            let (aggregate, name) = (command.category(), command.name());
            let is_own = shared.aggregates.contains(&command.aggregate());
            if !is_own || !shared.commands.contains_key(&(aggregate.to_owned(), name.to_owned())) {
                return Err(ScheduleError::UnknownCommand { aggregate, command: name });
            }
            let body = command.encode()?.read()?;
            let set = ScheduleEvent::Set { category: aggregate.into(), command: name.into(), body, due };
            let stream = stream(&tenant, id)?;
            let request = request(&shared, id, tenant, metadata, command, Work::PutOff(set));
            match bus::send(&shared.bus, request).await {
                Ok(outcome) if !outcome.repeated => {
                    alarm.nudge();
                    Ok(Scheduled { command_id: id, due, repeated: false })
                }
                Ok(_) | Err(BusError::Request(RequestError::Append(AppendError::WrongExpectedVersion { .. }))) => {
                    let first = Record::read(&shared, stream).await?.ok_or(ScheduleError::NotScheduled(id))?;
                    let due = if let ScheduleEvent::Set { due, .. } = first.set { due } else { due };
                    Ok(Scheduled { command_id: id, due, repeated: true })
                }
                Err(error) => Err(error.into()),
            }
        })
    }
}

impl<E> fmt::Debug for Scheduling<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduling").field("sending", &self.sending).field("due", &self.due).finish()
    }
}
