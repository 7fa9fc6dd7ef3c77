//! Deciding: load, decide, append, and again after a conflict.

mod attempt;
mod cache;
mod openers;
mod origin;
mod place;
mod put_off;
mod request;
mod work;

use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use annals_core::dispatch::{AnyFacts, IdentifiedCommand};
use annals_core::store::{Append, AppendError, Appended};
use annals_core::{AppendId, Env, EventStore, Metadata, Services, StreamId, Version};
use futures_util::FutureExt;

use attempt::{Attempt, Step};
use cache::Cache;
use openers::Openers;
pub use origin::Origin;
use place::Place;
pub use request::{CommandRef, Request};
pub(crate) use request::{Join, Work};
pub(crate) use work::panic_message;
pub use work::{Outcome, RequestError};

/// How often a command is decided again after a conflict.
const MAX_ATTEMPTS: u32 = 32;

/// How many conflicts there may be before a command waits for others to be done.
const UNTIL_STANDING_BACK: u32 = 2;

/// How long it waits at most after a conflict, in microseconds.
const STAND_BACK_AT_MOST: u64 = 100_000;

/// How often an append of unknown outcome is sent again.
const MAX_RESENDS: u32 = 5;

/// Executes commands on a store.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) store: Store,
    pub(crate) env: Env,
    pub(crate) services: Services,
    cache: Cache,
    openers: Openers,
}

/// A store that can be shown by its name.
#[derive(Clone)]
pub(crate) struct Store(pub(crate) Arc<dyn EventStore>);

impl std::ops::Deref for Store {
    type Target = dyn EventStore;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.0.info().name)
    }
}

/// A command whose preparation has run.
struct Prepared {
    command: IdentifiedCommand,
    stream: StreamId,
    facts: AnyFacts,
    /// The index of its stream among those of the request.
    place: usize,
}

impl Engine {
    pub(crate) fn new(store: Store, env: Env, services: Services, cached: NonZeroUsize) -> Self {
        Self { store, env, services, cache: Cache::new(cached), openers: Openers::default() }
    }

    /// Executes a request: prepares once, then decides and appends until nobody came first.
    pub(crate) async fn execute(&self, request: Request) -> Result<Outcome, RequestError> {
        let Request { id, tenant, metadata, commands, work, .. } = request;
        let streams: Vec<_> = commands.iter().map(|command| command.command.stream(&tenant)).collect::<Result<_, _>>()?;
        let join = match work {
            Work::Decide => None,
            Work::Join(join) => Some(join),
            Work::PutOff(set) => return self.put_off(id, &tenant, &metadata, &set).await,
        };
        match self.decide(id, &metadata, commands, &streams, join.as_ref()).await {
            // What is refused now may have been stored when it came for the first time.
            Err(error) if error.is_about_the_command() => match self.store.appended(id).await? {
                Some(appended) => repeated(id, appended, &streams),
                None => Err(error),
            },
            outcome => outcome,
        }
    }

    async fn decide(
        &self,
        id: AppendId,
        metadata: &Metadata,
        commands: Vec<IdentifiedCommand>,
        streams: &[StreamId],
        join: Option<&Join>,
    ) -> Result<Outcome, RequestError> {
        let mut prepared = Vec::with_capacity(commands.len());
        for (command, stream) in commands.into_iter().zip(streams) {
            let facts = self.prepare(&command).await?;
            prepared.push(Prepared { command, stream: stream.clone(), facts, place: 0 });
        }
        let mut places = self.places(&mut prepared).await;
        for attempt in 1..=MAX_ATTEMPTS {
            for place in &mut places {
                place.load(self).await?;
            }
            let mut deciding = Attempt { id, metadata, prepared: &prepared, places: &mut places, join };
            match deciding.decide(&self.env) {
                Step::Append(append) => match self.append(append).await {
                    Ok(appended) => {
                        if appended.repeated {
                            places.iter_mut().for_each(Place::forget);
                            return repeated(id, appended, streams);
                        }
                        return Ok(stored(&mut places, &appended, &prepared));
                    }
                    Err(error) => {
                        self.after_failure(error, &mut places, join).await?;
                        self.stand_back(attempt).await;
                    }
                },
                Step::Nothing(refusal) => {
                    if self.any_moved(&mut places).await? {
                        continue;
                    }
                    if let Some(refusal) = refusal {
                        return Err(refusal);
                    }
                    return match self.store.appended(id).await? {
                        Some(appended) => repeated(id, appended, streams),
                        None => Ok(Outcome { position: None, streams: versions(&places, &prepared), repeated: false }),
                    };
                }
            }
        }
        Err(RequestError::Conflict { attempts: MAX_ATTEMPTS })
    }

    async fn prepare(&self, command: &IdentifiedCommand) -> Result<AnyFacts, RequestError> {
        let name = command.command.name();
        match AssertUnwindSafe(command.command.prepare(&self.services)).catch_unwind().await {
            Ok(facts) => Ok(facts?),
            Err(panic) => Err(RequestError::Panicked { command: name, message: panic_message(&*panic) }),
        }
    }

    /// Takes the places of all streams, each once, in the order of their keys: two requests never wait for each other.
    async fn places(&self, prepared: &mut [Prepared]) -> Vec<Place> {
        let mut order: Vec<usize> = (0..prepared.len()).collect();
        order.sort_by_key(|&at| prepared[at].stream.key());
        let mut places: Vec<Place> = Vec::with_capacity(order.len());
        for at in order {
            let Prepared { command, stream, .. } = &prepared[at];
            if places.last().is_none_or(|last| last.stream != *stream) {
                let slot = self.cache.place(command.command.aggregate(), stream.key()).await;
                // A state that is in use is taken out: if the request is dropped, the next one reads it anew.
                places.push(Place::new(stream.clone(), slot, command));
            }
            prepared[at].place = places.len() - 1;
        }
        places
    }

    /// Appends, and sends an append of unknown outcome again under its id.
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let mut resends = 0;
        loop {
            match self.store.append(append.clone()).await {
                Err(AppendError::Unknown(failure)) if resends < MAX_RESENDS => {
                    resends += 1;
                    tracing::warn!(append = %append.id, resends, %failure, "append of unknown outcome, sending it again");
                    let wait = Duration::from_millis(10 << resends);
                    self.env.sleep_until(self.env.now().after(wait)).await;
                }
                // This attempt was not stored, but the one of unknown outcome may have been.
                Err(AppendError::NotStored(failure)) if resends > 0 => return Err(AppendError::Unknown(failure)),
                settled => return settled,
            }
        }
    }

    /// Makes ready to decide again, if that may help.
    async fn after_failure(&self, error: AppendError, places: &mut [Place], join: Option<&Join>) -> Result<(), RequestError> {
        // What was decided on a state that may be old is no reason to refuse.
        if matches!(error, AppendError::Invalid(_)) && self.any_moved(places).await? {
            return Ok(());
        }
        let AppendError::WrongExpectedVersion { stream, .. } = &error else {
            places.iter_mut().for_each(Place::forget);
            return Err(RequestError::Append(error));
        };
        if join.is_some_and(|join| join.part.stream == *stream) {
            for place in places {
                place.forget_if_changed();
            }
            return Err(RequestError::Superseded);
        }
        tracing::debug!(%stream, "another writer came first, deciding again");
        for place in places {
            place.forget_if_changed();
            place.catch_up(self).await?;
        }
        Ok(())
    }

    /// Waits for others to be done, after the first few conflicts: who has the state in memory already is faster each time
    /// than who has to read it first.
    async fn stand_back(&self, attempt: u32) {
        if attempt > UNTIL_STANDING_BACK {
            let longest = STAND_BACK_AT_MOST.min(1_000 << attempt.min(20));
            let wait = Duration::from_micros(self.env.random_below(longest));
            self.env.sleep_until(self.env.now().after(wait)).await;
        }
    }

    /// Reads what came since the states were read; whether there was anything.
    async fn any_moved(&self, places: &mut [Place]) -> Result<bool, RequestError> {
        let mut moved = false;
        for place in places {
            let decided_on_fresh = place.fresh;
            if place.forget_if_changed() {
                place.catch_up(self).await?;
                moved |= !decided_on_fresh;
            } else if !decided_on_fresh {
                moved |= place.catch_up(self).await?;
            }
        }
        Ok(moved)
    }
}

fn versions(places: &[Place], prepared: &[Prepared]) -> Vec<(StreamId, Version)> {
    let version = |place: &Place| place.held.as_ref().map_or(Version::ZERO, |held| held.version);
    prepared.iter().map(|command| (command.stream.clone(), version(&places[command.place]))).collect()
}

/// Notes that what the states have taken in is stored.
fn stored(places: &mut [Place], appended: &Appended, prepared: &[Prepared]) -> Outcome {
    for place in &mut *places {
        if let (Some(held), Some(outcome)) = (&mut place.held, appended.stream(&place.stream)) {
            held.version = outcome.last;
        }
        place.changed = false;
    }
    Outcome { position: Some(appended.log_position()), streams: versions(places, prepared), repeated: false }
}

/// The first outcome of a request that was stored before.
fn repeated(id: AppendId, appended: Appended, streams: &[StreamId]) -> Result<Outcome, RequestError> {
    let of = |stream: &StreamId| appended.stream(stream).map(|outcome| (stream.clone(), outcome.last));
    let known: Vec<_> = streams.iter().filter_map(of).collect();
    if known.is_empty() && !streams.is_empty() {
        return Err(RequestError::IdReused(id));
    }
    Ok(Outcome { position: Some(appended.log_position()), streams: known, repeated: true })
}
