//! What an event of the log does to the instances that it is for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use annals_core::saga::engine::{Input, Moment, Verdict};
use annals_core::saga::{Definition, Fault, Phase, SagaEvent, Way};
use annals_core::{Json, Position, RecordedEvent, StreamId};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::live::Live;
use super::store::{Stored, moment, store};
use crate::engine::panic_message;
use crate::error::SagaError;
use crate::shared::Shared;

/// Gives an event to the instance one of whose steps waits for it. Returns whether that changed anything.
pub(super) async fn arrives<S>(
    saga: &Definition<S>,
    shared: &Shared,
    stream: StreamId,
    step: usize,
    verdict: Verdict,
    record: &RecordedEvent,
) -> Result<bool, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    to_instance(saga, shared, stream, record.position, |live, at| {
        if live.instance.definition != saga.plan().version {
            return Ok(kept_for_another_version(saga, live, step, &verdict, record));
        }
        let input = Input::Event { step, at: record.position, verdict: verdict.clone() };
        Ok(saga.decide(&live.stream, &live.state, &live.instance, input, at)?.ok())
    })
    .await
}

/// Lets an instance react to an event. Returns whether that changed anything.
pub(super) async fn reacts<S>(
    saga: &Definition<S>,
    shared: &Shared,
    stream: StreamId,
    record: &RecordedEvent,
) -> Result<bool, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    to_instance(saga, shared, stream, record.position, |live, at| reaction(saga, live, record, at)).await
}

/// What an instance does about an event. A defect keeps the event for when the instance goes on, and suspends it.
pub(super) fn reaction<S>(
    saga: &Definition<S>,
    live: &Live<S>,
    record: &RecordedEvent,
    at: Moment,
) -> Result<Option<Vec<SagaEvent>>, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let reacting = catch_unwind(AssertUnwindSafe(|| saga.react(&live.stream, &live.state, &live.instance, record, at)));
    let reason = match reacting {
        Ok(Ok(events)) => return Ok(events.ok()),
        Ok(Err(fault)) => fault.full(),
        Err(panic) => format!("it panicked: {}", panic_message(&*panic)),
    };
    let suspended = SagaEvent::Suspended { step: record.name.to_string(), way: Way::Do, reason };
    let is_kept = live.instance.reacting.kept.contains(&record.position);
    let kept = (!is_kept).then_some(SagaEvent::EventKept { at: record.position });
    Ok(Some(kept.into_iter().chain([suspended]).collect()))
}

/// Decides on an instance and stores that, until nobody came in between. Returns whether there was anything to store.
async fn to_instance<S>(
    saga: &Definition<S>,
    shared: &Shared,
    stream: StreamId,
    position: Position,
    decide: impl Fn(&Live<S>, Moment) -> Result<Option<Vec<SagaEvent>>, SagaError>,
) -> Result<bool, SagaError>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    loop {
        let Some(mut live) = Live::read(saga, shared.store(), stream.clone()).await? else { return Ok(false) };
        if live.is_before(position) {
            return Ok(false);
        }
        let Some(events) = decide(&live, moment(shared))? else { return Ok(false) };
        if let Stored::Yes = store(saga, shared, &mut live, events).await? {
            return Ok(true);
        }
    }
}

/// An instance that began under another version of the definition waits for an operator; what comes for it is not lost.
fn kept_for_another_version<S>(
    saga: &Definition<S>,
    live: &Live<S>,
    step: usize,
    verdict: &Verdict,
    record: &RecordedEvent,
) -> Option<Vec<SagaEvent>>
where
    S: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let name = saga.plan().steps.get(step)?.name;
    if live.instance.phase != Phase::Running || live.instance.taken.contains_key(&step) {
        return None;
    }
    let (outcome, refused) = match verdict {
        Verdict::Accepted(outcome) => (outcome.clone(), None),
        Verdict::Refused(reason) => (Json::Null, Some(reason.clone())),
    };
    let taken = SagaEvent::EventTaken { step: name.into(), at: record.position, outcome, refused };
    let fault = Fault::OtherVersion { started: live.instance.definition, known: saga.plan().version };
    let suspended = SagaEvent::Suspended { step: name.into(), way: Way::Do, reason: fault.full() };
    Some([taken].into_iter().chain(live.instance.suspended.is_none().then_some(suspended)).collect())
}
