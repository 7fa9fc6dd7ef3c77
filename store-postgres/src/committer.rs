//! Group commit: appends that are in flight together share transactions.
//!
//! An append that finds a lane idle is sent at once. While all lanes are busy, appends wait; a lane that comes back takes
//! what waits, up to the limits of a batch. So batches are as small as the load allows, and grow with it.
//!
//! Appends that would be in each other's way in the database never travel in different batches at the same time, and
//! follow one another in the order in which they came.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use annals_core::store::{Append, AppendError, Appended};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::effects;
use crate::error::Fault;
use crate::footprint::{Footprint, Touched};
use crate::lane::Lane;

/// Events of a batch, at most, besides those of its last append.
const EVENTS: usize = 4_096;

/// Bytes of a batch, at most, besides its last append.
const BYTES: usize = 8 << 20;

/// Appends that a lane passes over, because they have to wait, before it is content with what it has.
const PASSED_OVER: usize = 1_024;

/// An append on its way, with the place where the answer goes.
pub(crate) struct Job {
    pub(crate) append: Append,
    pub(crate) footprint: Arc<Footprint>,
    reply: oneshot::Sender<Result<Appended, AppendError>>,
    /// Its place in the queue, which is free again when this is dropped.
    _place: OwnedSemaphorePermit,
}

impl Job {
    /// Tells the outcome. Who has stopped waiting is not told.
    pub(crate) fn answer(self, outcome: Result<Appended, AppendError>) {
        // Then nobody is left to tell.
        let _ = self.reply.send(outcome);
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn events(&self) -> usize {
        self.append.streams.iter().map(|part| part.events.len()).sum()
    }

    fn bytes(&self) -> usize {
        let events = self.append.events().map(|(_, event)| event.payload.len() + event.metadata.as_bytes().len());
        events.sum::<usize>() + self.append.effects.iter().map(effects::bytes).sum::<usize>()
    }
}

/// How much travels together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measures {
    /// Batches in flight.
    pub(crate) lanes: usize,
    /// Appends of a batch.
    pub(crate) batch: usize,
    /// Appends that wait, those in flight included. Who comes later waits for a place.
    pub(crate) queue: usize,
}

/// The way of appends to the server.
pub(crate) struct Committer {
    queue: Arc<Queue>,
    places: Arc<Semaphore>,
    runtime: Handle,
}

struct Queue {
    state: Mutex<State>,
    lane: Lane,
    measures: Measures,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    in_flight: Touched,
    lanes: usize,
}

impl Committer {
    pub(crate) fn new(lane: Lane, measures: Measures, runtime: Handle) -> Self {
        let places = Arc::new(Semaphore::new(measures.queue));
        Self { queue: Arc::new(Queue { state: Mutex::default(), lane, measures }), places, runtime }
    }

    /// Refuses what comes later.
    pub(crate) fn close(&self) {
        self.places.close();
    }

    pub(crate) async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let doing = "append";
        let footprint = Arc::new(Footprint::of(&append));
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| AppendError::NotStored(Fault::Closed.failure(doing)))?;
        let (reply, outcome) = oneshot::channel();
        if self.queue.push(Job { append, footprint, reply, _place: place }) {
            // The lane is open from here on, also if the runtime has ended and drops what it should run.
            let lane = OpenLane::new(Arc::clone(&self.queue));
            self.runtime.spawn(lane.serve());
        }
        // The runtime ended while the append was on its way: nobody can say how far it came.
        outcome.await.unwrap_or_else(|_| Err(AppendError::Unknown(Fault::Closed.failure(doing))))
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds it can panic halfway through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an append. Says whether a lane has to be opened for it.
    fn push(&self, job: Job) -> bool {
        self.state().push(job, self.measures.lanes)
    }
}

/// A lane that is open. However it ends, what it had in flight is given free.
struct OpenLane {
    queue: Arc<Queue>,
    touched: Vec<Arc<Footprint>>,
    is_closed: bool,
}

impl OpenLane {
    fn new(queue: Arc<Queue>) -> Self {
        Self { queue, touched: Vec::new(), is_closed: false }
    }

    /// Sends batches until nothing is left to send.
    async fn serve(mut self) {
        let mut connection = None;
        while let Some(batch) = self.take() {
            self.queue.lane.run(batch, &mut connection).await;
            self.done();
        }
    }

    /// Takes the next batch. None: there is nothing to send, and the lane is closed.
    fn take(&mut self) -> Option<Vec<Job>> {
        let batch = self.queue.state().take_or_close(self.queue.measures.batch);
        match &batch {
            Some(batch) => self.touched = batch.iter().map(|job| Arc::clone(&job.footprint)).collect(),
            None => self.is_closed = true,
        }
        batch
    }

    fn done(&mut self) {
        let mut state = self.queue.state();
        self.touched.drain(..).for_each(|footprint| state.in_flight.remove(&footprint));
    }
}

impl Drop for OpenLane {
    /// Where the runtime ended, or by a bug of ours, a lane ends before its work. If it was the last one, nobody would serve
    /// what waits: then whoever waits is told, by the end of the way of the answer.
    fn drop(&mut self) {
        if !self.is_closed {
            self.done();
            let mut state = self.queue.state();
            state.lanes -= 1;
            let left = if state.lanes == 0 { std::mem::take(&mut state.waiting) } else { VecDeque::new() };
            // Not under the lock: who is told may append at once.
            drop(state);
            drop(left);
        }
    }
}

impl State {
    /// Queues an append. Says whether a lane has been opened for it, which then has to be served.
    fn push(&mut self, job: Job, lanes: usize) -> bool {
        self.waiting.push_back(job);
        let is_free = self.lanes < lanes;
        if is_free {
            self.lanes += 1;
        }
        is_free
    }

    /// Takes the next batch, or closes the lane. Both under one lock: an append that came between them would be left lying,
    /// because it would find the lane still open.
    fn take_or_close(&mut self, most: usize) -> Option<Vec<Job>> {
        let batch = self.take(most);
        if batch.is_empty() {
            self.lanes -= 1;
            return None;
        }
        Some(batch)
    }

    /// Takes appends that can travel together, in the order in which they came.
    fn take(&mut self, most: usize) -> Vec<Job> {
        let mut batch: Vec<Job> = Vec::new();
        // What stays behind must not be overtaken by what would follow it.
        let (mut taken, mut behind, mut left) = (Touched::default(), Touched::default(), Vec::new());
        let (mut events, mut bytes) = (0, 0);
        while batch.len() < most && events < EVENTS && bytes < BYTES && left.len() < PASSED_OVER {
            let Some(job) = self.waiting.pop_front() else { break };
            if job.is_abandoned() {
                continue;
            }
            let footprint = &job.footprint;
            let waits =
                self.in_flight.is_in_the_way_of(footprint) || behind.is_in_the_way_of(footprint) || taken.keeps_apart(footprint);
            if waits {
                behind.add(footprint);
                left.push(job);
            } else {
                taken.add(footprint);
                events += job.events();
                bytes += job.bytes();
                batch.push(job);
            }
        }
        left.into_iter().rev().for_each(|job| self.waiting.push_front(job));
        batch.iter().for_each(|job| self.in_flight.add(&job.footprint));
        batch
    }
}

#[cfg(test)]
mod tests {
    use annals_core::store::{Condition, Criterion, Effect, ReservedKeyName};
    use annals_core::{
        AppendId, EncodedMetadata, Encoding, EventId, EventName, ExpectedVersion, NewEvent, Payload, StreamId, Tag, Tenant,
    };
    use annals_core::{LogId, LogPosition, Position};
    use uuid::Uuid;

    use super::*;

    type Answer = oneshot::Receiver<Result<Appended, AppendError>>;

    fn append(number: u128, stream: &str, tags: &[&str]) -> Append {
        let event = NewEvent {
            id: EventId::from_uuid(Uuid::from_u128(number)),
            name: EventName::new("order.placed").unwrap(),
            schema_version: 1,
            payload: Payload { encoding: Encoding::JSON, data: b"{}"[..].into() },
            metadata: EncodedMetadata::from_bytes(&b"{}"[..]),
            tags: tags.iter().map(|tag| Tag::parse(tag).unwrap()).collect(),
        };
        let stream = StreamId::new("order", stream).unwrap();
        Append::new(AppendId::from_uuid(Uuid::from_u128(number))).stream(stream, ExpectedVersion::Any, vec![event])
    }

    fn on_condition(append: Append, tag: &str) -> Append {
        let criterion = Criterion::new().tag(Tag::parse(tag).unwrap());
        append.condition(Condition::new(criterion.into(), LogPosition::new(LogId::MAIN, Position::ZERO)))
    }

    fn job(append: Append) -> (Job, Answer) {
        let (reply, answer) = oneshot::channel();
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        (Job { footprint: Arc::new(Footprint::of(&append)), append, reply, _place: place }, answer)
    }

    /// A queue with these appends in it, one lane open, and those who wait for answers.
    fn waiting(appends: Vec<Append>) -> (State, Vec<Answer>) {
        let mut state = State::default();
        let answers = appends.into_iter().map(job).map(|(job, answer)| (state.push(job, 1), answer).1).collect();
        (state, answers)
    }

    fn numbers(batch: &[Job]) -> Vec<u128> {
        batch.iter().map(|job| job.append.id.as_uuid().as_u128()).collect()
    }

    fn done(state: &mut State, batch: &[Job]) {
        batch.iter().for_each(|job| state.in_flight.remove(&job.footprint));
    }

    #[test]
    fn what_waits_travels_together_in_its_order() {
        let (mut state, _answers) = waiting(vec![append(1, "a", &[]), append(2, "b", &[]), append(3, "a", &[])]);
        assert_eq!(numbers(&state.take(512)), [1, 2, 3]);
    }

    #[test]
    fn a_lane_closes_with_the_look_that_finds_nothing() {
        let (mut state, _answers) = waiting(vec![append(1, "a", &[])]);
        assert_eq!(state.lanes, 1);
        let batch = state.take_or_close(512).unwrap();
        // While the lane is open it takes what comes, and the next append opens it again once it has closed.
        assert!(!state.push(job(append(2, "b", &[])).0, 1));
        done(&mut state, &batch);
        // The one who waited for it is gone already.
        assert!(state.take_or_close(512).is_none());
        assert_eq!(state.lanes, 0);
        assert!(state.push(job(append(3, "c", &[])).0, 1));
    }

    #[test]
    fn a_stream_in_flight_holds_up_its_own_appends_only_and_none_is_overtaken() {
        let (mut state, _answers) = waiting(vec![append(1, "a", &[])]);
        let first = state.take(512);
        let mut both = append(3, "a", &[]);
        both.streams.extend(append(4, "b", &[]).streams);
        let later = [append(2, "a", &[]), both, append(5, "b", &[]), append(6, "c", &[])];
        let _answers: Vec<_> = later.into_iter().map(job).map(|(job, answer)| (state.push(job, 1), answer)).collect();
        // 5 shares a stream with 3, which waits for 1.
        assert_eq!(numbers(&state.take(512)), [6]);
        done(&mut state, &first);
        assert_eq!(numbers(&state.take(512)), [2, 3, 5]);
    }

    #[test]
    fn a_condition_never_travels_with_what_it_asks_for() {
        let conditional = on_condition(append(1, "a", &[]), "seat:1");
        let (mut state, _answers) =
            waiting(vec![conditional, append(2, "b", &["seat:1"]), append(3, "c", &["seat:2"]), append(4, "b", &[])]);
        let batch = state.take(512);
        assert_eq!(numbers(&batch), [1, 3], "4 follows 2 on its stream");
        done(&mut state, &batch);
        assert_eq!(numbers(&state.take(512)), [2, 4]);
    }

    #[test]
    fn one_id_travels_once_at_a_time() {
        let (mut state, _answers) = waiting(vec![append(1, "a", &[]), append(1, "b", &[])]);
        assert_eq!(state.take(512).len(), 1);
        assert!(state.take(512).is_empty());
    }

    #[test]
    fn one_key_is_asked_for_in_one_batch_at_a_time() {
        let reserve = |number, stream: &str| {
            let key = ReservedKeyName::new(Tenant::default(), "email", "a@b").unwrap();
            append(number, stream, &[]).effect(Effect::ReserveKey { key, owner: StreamId::new("order", stream).unwrap() })
        };
        let (mut state, _answers) = waiting(vec![reserve(1, "a"), reserve(2, "b")]);
        let batch = state.take(1);
        assert_eq!(numbers(&batch), [1]);
        assert!(state.take(1).is_empty());
        done(&mut state, &batch);
        assert_eq!(numbers(&state.take(1)), [2]);
    }

    #[test]
    fn who_has_stopped_waiting_is_left_out() {
        let (mut state, mut answers) = waiting(vec![append(1, "a", &[]), append(2, "b", &[])]);
        drop(answers.remove(0));
        assert_eq!(numbers(&state.take(512)), [2]);
    }

    #[test]
    fn a_batch_ends_at_its_limits() {
        let (mut state, _answers) = waiting((1..=5).map(|number| append(number, &number.to_string(), &[])).collect());
        assert_eq!(numbers(&state.take(2)), [1, 2]);
        let (mut large, _answer) = job(append(9, "large", &[]));
        large.append.streams[0].events[0].payload.data = vec![b' '; BYTES].into();
        state.waiting.push_front(large);
        assert_eq!(numbers(&state.take(512)), [9]);
        assert_eq!(numbers(&state.take(512)), [3, 4, 5]);
    }
}
