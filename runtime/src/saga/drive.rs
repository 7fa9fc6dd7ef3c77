use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use annals_core::dispatch::NoDecision;
use annals_core::saga::engine::{ActivityOutcome, Input, Next};
use annals_core::saga::{Call, Definition, Fault, SagaEvent, Way};
use annals_core::store::{Append, AppendError, PageSize, ReadStream};
use annals_core::{AppendId, CorrelationId, EventId, ExpectedVersion, Json, Metadata, NewEvent, Payload, StreamId, Timestamp};
use futures_util::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::live::{Live, mark, unset};
use super::store::{Stored, moment, store};
use super::{IDLE, TIMER, react};
use crate::bus::{self, BusError};
use crate::engine::{Join, Origin, Request, RequestError, Work, panic_message};
use crate::error::{SagaError, full};
use crate::shared::{Shared, patience};

/// What came of taking a step.
enum Taken {
    /// It is settled together with the events of its commands.
    Settled,
    /// It is still to be decided on.
    Decide(Input),
    /// Somebody else has moved the instance on.
    Superseded,
}

/// Drives an instance until there is nothing to do for now. Whatever happens, its timer says when to look again.
pub(super) async fn drive<S>(saga: &Definition<S>, shared: &Shared, stream: StreamId)
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let mut failures = 0;
    loop {
        let driven = AssertUnwindSafe(go_on(saga, shared, &stream)).catch_unwind().await;
        let failed = match driven {
            Ok(Ok(())) => return,
            Ok(Err(error)) if may_pass(&error) => Err(error),
            Ok(Err(error)) => suspend(shared, &stream, full(&error)).await,
            Err(panic) => suspend(shared, &stream, format!("it panicked: {}", panic_message(&*panic))).await,
        };
        let Err(error) = failed else { return };
        tracing::warn!(instance = %stream, error = full(&error), failures, "cannot go on, trying again");
        if !shared.pause(patience(failures)).await {
            return;
        }
        failures += 1;
    }
}

/// Whether it is the store that fails for now. Anything else would fail again, and nobody would see it.
fn may_pass(error: &SagaError) -> bool {
    matches!(error, SagaError::Read(_) | SagaError::Append(AppendError::NotStored(_) | AppendError::Unknown(_)))
}

async fn go_on<S>(saga: &Definition<S>, shared: &Shared, stream: &StreamId) -> Result<(), SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let mut live = match Live::read(saga, shared.store(), stream.clone()).await? {
        Some(live) if live.instance.phase.is_terminal() || live.instance.suspended.is_some() => return Ok(()),
        Some(live) => live,
        None => return Ok(()),
    };
    if live.instance.definition != saga.plan().version {
        return Err(Fault::OtherVersion { started: live.instance.definition, known: saga.plan().version }.into());
    }
    loop {
        if shared.life.stop.is_cancelled() {
            return Ok(());
        }
        let input = match live.instance.next(saga.plan(), shared.env().now()) {
            Next::Ended | Next::Suspended | Next::Await { .. } => return Ok(()),
            Next::Lost => return Err(Fault::Lost.into()),
            Next::Wait { until } if is_soon(shared, until) => {
                tokio::select! {
                    () = shared.life.stop.cancelled() => return Ok(()),
                    () = shared.env().sleep_until(until) => continue,
                }
            }
            Next::Wait { .. } => return Ok(()),
            next @ (Next::React { .. } | Next::Send { .. }) => {
                if !react::go_on(saga, shared, &mut live, next).await? {
                    live.renew(saga, shared.store()).await?;
                }
                continue;
            }
            Next::Tick => Input::Tick,
            Next::Run { step, way, attempt, until } => match take(saga, shared, &mut live, step, way, attempt, until).await? {
                Taken::Settled => continue,
                Taken::Decide(input) => input,
                Taken::Superseded => {
                    live.renew(saga, shared.store()).await?;
                    continue;
                }
            },
        };
        // Something else may have happened to the instance meanwhile, such as an event that a later step waits for. What the
        // step came to still counts, as long as the instance is at the step.
        while let Decided::Moved = decide(saga, shared, &mut live, input.clone()).await? {
            live.renew(saga, shared.store()).await?;
        }
    }
}

/// Suspends an instance that cannot be read, or not by this definition, without reading it.
async fn suspend(shared: &Shared, stream: &StreamId, reason: String) -> Result<(), SagaError> {
    tracing::error!(instance = %stream, reason, "suspended");
    let last = shared.store().read_stream(ReadStream::backward(stream.clone()).size(PageSize::events(1))).await?;
    let Some(last) = last.events.first() else { return Ok(()) };
    let env = shared.env();
    let metadata = Metadata::new(env.now(), CorrelationId::generate(env)).caused_by(last.id.into(), env.now());
    let suspended = SagaEvent::Suspended { step: String::new(), way: Way::Do, reason };
    let event = NewEvent::new(EventId::generate(env), &suspended, &metadata.encode())?;
    let append = Append::new(AppendId::generate(env))
        .stream(stream.clone(), ExpectedVersion::Exact(last.version), vec![event])
        .effect(unset(stream, TIMER))
        .effect(unset(stream, IDLE))
        .effect(mark(stream, true));
    match shared.store().append(append).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_conflict() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whether waiting is cheaper than being woken.
fn is_soon(shared: &Shared, until: Timestamp) -> bool {
    until.since(shared.env().now()) < Duration::from_millis(20)
}

/// What became of an input.
enum Decided {
    /// It is stored, or changes nothing.
    Done,
    /// The instance has moved on.
    Moved,
}

/// Decides on an input and stores what it leads to.
async fn decide<S>(saga: &Definition<S>, shared: &Shared, live: &mut Live<S>, input: Input) -> Result<Decided, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let decided = saga.decide(&live.stream, &live.state, &live.instance, input, moment(shared));
    let decided = match decided {
        Ok(decided) => decided,
        // What the decision leads to cannot be written: suspending writes nothing of the definition's.
        Err(fault) => saga.decide(&live.stream, &live.state, &live.instance, defect(&fault), moment(shared))?,
    };
    let Ok(events) = decided else { return Ok(Decided::Done) };
    Ok(match store(saga, shared, live, events).await? {
        Stored::Yes => Decided::Done,
        Stored::Moved => Decided::Moved,
    })
}

fn defect(fault: &Fault) -> Input {
    Input::Defect { reason: fault.full() }
}

/// Takes the step that the instance is at, and gives the attempt up at `until`.
async fn take<S>(
    saga: &Definition<S>,
    shared: &Shared,
    live: &mut Live<S>,
    step: usize,
    way: Way,
    attempt: u32,
    until: Option<Timestamp>,
) -> Result<Taken, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let taking = async {
        match saga.sends_commands(step, way) {
            Ok(true) => send(saga, shared, live, step, way).await,
            Ok(false) => call(saga, shared, live, step, way, attempt, until).await,
            Err(fault) => Ok(Taken::Decide(defect(&fault))),
        }
    };
    tokio::select! {
        biased;
        taken = taking => return taken,
        () = shared.env().sleep_until(until.unwrap_or(Timestamp::MAX)), if until.is_some() => {}
    }
    Ok(Taken::Decide(match live.instance.next(saga.plan(), shared.env().now()) {
        Next::Tick => Input::Tick,
        _ => Input::Unknown { step, way, reason: "no answer in time".into() },
    }))
}

/// Sends the commands of a step. Their events and the outcome of the step are stored in one append, which the instance
/// having moved on makes impossible: a late command is refused.
async fn send<S>(saga: &Definition<S>, shared: &Shared, live: &mut Live<S>, step: usize, way: Way) -> Result<Taken, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let commands = match saga.commands(step, way, &live.intents) {
        Ok(commands) => commands,
        Err(fault) => return Ok(Taken::Decide(defect(&fault))),
    };
    let success = Input::Succeeded { step, way, outcome: Json::Null };
    if commands.is_empty() {
        return Ok(Taken::Decide(success));
    }
    let events = match saga.decide(&live.stream, &live.state, &live.instance, success, moment(shared)) {
        Ok(Ok(events)) => events,
        Ok(Err(_ignored)) => return Ok(Taken::Superseded),
        Err(fault) => return Ok(Taken::Decide(defect(&fault))),
    };
    let prepared = live.append(saga, &events, shared.env())?;
    let name = saga.plan().steps[step].name;
    let request = Request {
        id: AppendId::from(Definition::<S>::command_id(&live.stream, name, 0, way)),
        tenant: live.stream.tenant().clone(),
        metadata: live.next_metadata(shared.env().now()),
        commands,
        origin: Origin::Saga { instance: live.stream.clone() },
        env: shared.env().clone(),
        work: Work::Join(Join { part: prepared.part.clone(), effects: prepared.effects.clone() }),
    };
    match bus::send(&shared.bus, request).await {
        Ok(outcome) if outcome.repeated => Ok(Taken::Superseded),
        Ok(_) => {
            live.stored(saga, events, &prepared)?;
            Ok(Taken::Settled)
        }
        Err(error) => Ok(after_failure(error, step, way)),
    }
}

fn after_failure(error: BusError, step: usize, way: Way) -> Taken {
    let error = match error {
        BusError::Refused(refused) => return Taken::Decide(Input::Rejected { step, way, reason: full(&refused) }),
        BusError::Layer(error) => return Taken::Decide(Input::Transient { step, way, reason: full(&*error) }),
        BusError::Request(error) => error,
    };
    let reason = match &error {
        RequestError::NoDecision(NoDecision::Rejected(reason)) => reason.to_string(),
        other => other.to_string(),
    };
    match error {
        RequestError::Superseded => Taken::Superseded,
        RequestError::NoDecision(NoDecision::Rejected(_)) => Taken::Decide(Input::Rejected { step, way, reason }),
        RequestError::Conflict { .. } | RequestError::Read(_) => Taken::Decide(Input::Transient { step, way, reason }),
        RequestError::Append(error) if error.is_transient() => Taken::Decide(Input::Transient { step, way, reason }),
        _ => Taken::Decide(Input::Defect { reason }),
    }
}

/// Calls the outside world for a step.
async fn call<S>(
    saga: &Definition<S>,
    shared: &Shared,
    live: &Live<S>,
    step: usize,
    way: Way,
    attempt: u32,
    until: Option<Timestamp>,
) -> Result<Taken, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let name = saga.plan().steps[step].name;
    let key = |way| Definition::<S>::idempotency_key(&live.stream, name, way);
    let state = match Payload::json(&live.state).map(|state| state.read()) {
        Ok(Ok(state)) => Arc::new(state),
        _ => return Ok(Taken::Decide(Input::Defect { reason: "the state does not survive being written as JSON".into() })),
    };
    let calling = std::panic::catch_unwind(AssertUnwindSafe(|| {
        saga.call(step, way, Call::new(state, key(way), key(Way::Do), attempt, until), &shared.engine.services)
    }));
    let calling = match calling {
        Ok(Ok(calling)) => calling,
        Ok(Err(fault)) => return Ok(Taken::Decide(defect(&fault))),
        Err(panic) => return Ok(Taken::Decide(Input::Defect { reason: format!("it panicked: {}", panic_message(&*panic)) })),
    };
    Ok(Taken::Decide(match AssertUnwindSafe(calling).catch_unwind().await {
        Ok(ActivityOutcome::Succeeded(outcome)) => Input::Succeeded { step, way, outcome },
        Ok(ActivityOutcome::Rejected(reason)) => Input::Rejected { step, way, reason },
        Ok(ActivityOutcome::Transient(reason)) => Input::Transient { step, way, reason },
        Ok(ActivityOutcome::Unknown(reason)) => Input::Unknown { step, way, reason },
        Ok(ActivityOutcome::Defect(reason)) => Input::Defect { reason },
        Ok(other) => Input::Defect { reason: format!("{other:?}") },
        Err(panic) => Input::Defect { reason: format!("it panicked: {}", panic_message(&*panic)) },
    }))
}
