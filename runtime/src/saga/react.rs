//! The engine under sagas that react: events that were kept, and commands that are to be sent.

use annals_core::dispatch::{AnyRejection, IdentifiedCommand, NoDecision};
use annals_core::saga::engine::Next;
use annals_core::saga::{Definition, Outgoing, SagaEvent, Way};
use annals_core::store::{PageSize, ReadLog};
use annals_core::{AppendId, CommandId, Filter, Payload, Position, RecordedEvent};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::hear::reaction;
use super::live::Live;
use super::store::{Stored, moment, store};
use crate::bus::{self, BusError};
use crate::engine::{Join, Origin, Request, RequestError, Work};
use crate::error::{SagaError, full};
use crate::shared::Shared;

/// What is to be done about an instance after an attempt.
enum Then {
    /// It is stored together with the events of the command.
    Stored,
    /// The instance has moved on.
    Read,
    Store(Vec<SagaEvent>),
}

/// Does what an instance has before it, as far as it is due. `None` says that nothing is left to do for now; otherwise the
/// instance must be read anew.
pub(super) async fn go_on<S>(saga: &Definition<S>, shared: &Shared, live: &mut Live<S>, next: Next) -> Result<bool, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let then = match next {
        Next::React { at } => match event_at(shared, at).await? {
            Some(record) => match reaction(saga, live, &record, moment(shared))? {
                Some(events) => Then::Store(events),
                None => Then::Read,
            },
            None => Then::Store(suspended("", format!("the event at position {at} is not in the log"))),
        },
        Next::Send { command } => match live.instance.reacting.outgoing.iter().find(|it| it.id == command).cloned() {
            Some(outgoing) => send(saga, shared, live, outgoing).await?,
            None => Then::Read,
        },
        _ => return Ok(false),
    };
    match then {
        Then::Stored => Ok(true),
        Then::Read => Ok(false),
        Then::Store(events) => Ok(matches!(store(saga, shared, live, events).await?, Stored::Yes)),
    }
}

fn suspended(step: &str, reason: String) -> Vec<SagaEvent> {
    vec![SagaEvent::Suspended { step: step.into(), way: Way::Do, reason }]
}

/// The event at a position of the main log.
async fn event_at(shared: &Shared, at: Position) -> Result<Option<RecordedEvent>, SagaError> {
    let before = Position::new(at.get().saturating_sub(1)).unwrap_or_default();
    let read = ReadLog::new(Filter::everything()).after(before).size(PageSize::events(1));
    let page = shared.store().read_log(read).await?;
    Ok(page.events.into_iter().find(|record| record.position == at))
}

/// Sends a command. Its events and the record that it was sent are stored in one append, which the instance having moved
/// on makes impossible.
async fn send<S>(saga: &Definition<S>, shared: &Shared, live: &mut Live<S>, outgoing: Outgoing) -> Result<Then, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let command = match read(shared, &outgoing) {
        Ok(command) => command,
        Err(reason) => return Ok(Then::Store(suspended(&outgoing.name, reason))),
    };
    let events = saga.sent(&live.instance, outgoing.id);
    let prepared = live.append(saga, &events, shared.env())?;
    let request = Request {
        id: AppendId::from(outgoing.id),
        tenant: live.stream.tenant().clone(),
        metadata: live.next_metadata(shared.env().now()),
        commands: vec![command],
        origin: Origin::Saga { instance: live.stream.clone() },
        env: shared.env().clone(),
        work: Work::Join(Join { part: prepared.part.clone(), effects: prepared.effects.clone() }),
    };
    let error = match bus::send(&shared.bus, request).await {
        Ok(outcome) if outcome.repeated => return Ok(Then::Read),
        Ok(_) => {
            live.stored(saga, events, &prepared)?;
            return Ok(Then::Stored);
        }
        Err(error) => error,
    };
    let error = match error {
        // It is not the aggregate that says no: what then is for somebody to decide who can change the rules.
        BusError::Refused(refused) => {
            let reason = format!("`{}` was refused: {}", outgoing.name, full(&refused));
            return Ok(Then::Store(suspended(&outgoing.name, reason)));
        }
        BusError::Layer(error) => {
            return Ok(Then::Store(saga.not_sent(&live.instance, &outgoing, full(&*error), moment(shared))));
        }
        BusError::Request(error) => error,
    };
    Ok(match error {
        RequestError::Superseded => Then::Read,
        RequestError::NoDecision(NoDecision::Rejected(rejection)) => {
            Then::Store(rejected(saga, shared, live, &outgoing, &rejection)?)
        }
        RequestError::Conflict { .. } | RequestError::Read(_) => Then::Store(not_sent(saga, shared, live, &outgoing, &error)),
        RequestError::Append(ref cause) if cause.is_transient() => Then::Store(not_sent(saga, shared, live, &outgoing, &error)),
        _ => Then::Store(suspended(&outgoing.name, full(&error))),
    })
}

fn not_sent<S>(saga: &Definition<S>, shared: &Shared, live: &Live<S>, outgoing: &Outgoing, error: &RequestError) -> Vec<SagaEvent>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    saga.not_sent(&live.instance, outgoing, full(error), moment(shared))
}

fn rejected<S>(
    saga: &Definition<S>,
    shared: &Shared,
    live: &Live<S>,
    outgoing: &Outgoing,
    rejection: &AnyRejection,
) -> Result<Vec<SagaEvent>, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    Ok(saga.rejected(&live.stream, &live.state, &live.instance, outgoing, rejection, moment(shared))?)
}

fn read(shared: &Shared, outgoing: &Outgoing) -> Result<IdentifiedCommand, String> {
    let Outgoing { id, aggregate, name, body, .. } = outgoing;
    let read = shared.commands.get(&(aggregate.clone(), name.clone())).ok_or_else(|| {
        format!("the application does not have the command `{name}` of `{aggregate}`: add the aggregate with `.aggregate::<…>()`")
    })?;
    let payload = Payload::json(body).map_err(|error| full(&error))?;
    let command = read(&payload).map_err(|error| format!("`{name}` cannot be read: {}", full(&error)))?;
    Ok(IdentifiedCommand { id: CommandId::from_uuid(id.as_uuid()), command })
}
