//! The queue of appends: which of those that wait may travel together, and which have to wait.
//!
//! Appends that would be in each other's way in the database never travel in different batches at the same time, and
//! follow one another in the order in which they came.

use std::collections::VecDeque;
use std::sync::Arc;

use sqlx::Postgres;
use sqlx::pool::PoolConnection;

use crate::footprint::{Footprint, Touched};
use crate::job::Job;
use crate::led::Led;

/// Events of a batch, at most, besides those of its last append.
const EVENTS: usize = 4_096;

/// How much a batch holds.
#[derive(Clone, Copy)]
pub(crate) struct Most {
    pub(crate) appends: usize,
    /// As they are sent. An append that is larger travels alone.
    pub(crate) bytes: usize,
}

/// Appends that wait, and what is known of those that are on their way.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: VecDeque<Job>,
    /// Those that came before all that are `waiting`, and have to wait for something that is in flight.
    blocked: VecDeque<Job>,
    /// What the `blocked` ones touch: nothing of that may overtake them.
    behind: Touched,
    in_flight: Touched,
    /// How many lanes are open.
    pub(crate) lanes: usize,
    /// How many of them are about to take what waits.
    pub(crate) gathering: usize,
    /// Work of lanes that is with callers, perhaps.
    pub(crate) led: Vec<Arc<Led>>,
    /// Connections of lanes that are closed, for the next ones.
    pub(crate) parked: Vec<PoolConnection<Postgres>>,
    /// How often one was taken from there.
    pub(crate) reused: u64,
    /// Somebody looks after what is parked.
    pub(crate) is_swept: bool,
    /// The store is closed.
    pub(crate) is_closed: bool,
}

impl Queue {
    /// Queues an append. Says whether a lane has been opened for it, which then has to be served.
    pub(crate) fn push(&mut self, job: Job, lanes: usize) -> bool {
        self.waiting.push_back(job);
        self.open(lanes)
    }

    /// Opens a lane, if there is something that it could take.
    pub(crate) fn open(&mut self, lanes: usize) -> bool {
        let opens = self.may_open(lanes) && !self.waiting.is_empty();
        if opens {
            self.lanes += 1;
        }
        opens
    }

    /// Whether there may be one more lane.
    pub(crate) fn may_open(&self, lanes: usize) -> bool {
        self.lanes < lanes && self.gathering == 0
    }

    /// Notes that a lane is about to take what waits. Says how many that are.
    pub(crate) fn gather(&mut self) -> usize {
        self.gathering += 1;
        self.waiting()
    }

    /// How many appends wait for a lane.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether an append can be on its way at once, without a look at others.
    pub(crate) fn is_free_for(&self, footprint: &Footprint) -> bool {
        self.waiting.is_empty() && !self.in_flight.is_in_the_way_of(footprint) && !self.behind.is_in_the_way_of(footprint)
    }

    /// A connection for a lane, if one is parked.
    pub(crate) fn reuse(&mut self) -> Option<PoolConnection<Postgres>> {
        let parked = self.parked.pop();
        self.reused += u64::from(parked.is_some());
        parked
    }

    /// Puts an append on its way.
    pub(crate) fn depart(&mut self, footprint: &Footprint) {
        self.in_flight.add(footprint);
    }

    /// Gives free what appends had touched that are not on their way any more.
    pub(crate) fn arrive<'a>(&mut self, footprints: impl Iterator<Item = &'a Footprint>) {
        for footprint in footprints {
            self.in_flight.remove(footprint);
            if !self.blocked.is_empty() && self.behind.is_in_the_way_of(footprint) {
                self.unblock();
            }
        }
    }

    /// Looks at all again that wait, in the order in which they came.
    fn unblock(&mut self) {
        self.behind = Touched::default();
        self.blocked.append(&mut self.waiting);
        std::mem::swap(&mut self.blocked, &mut self.waiting);
    }

    /// Takes the next batch, or closes the lane. Both under one lock: an append that came between them would be left lying,
    /// because it would find the lane still open.
    pub(crate) fn take_or_close(&mut self, most: Most) -> Option<Vec<Job>> {
        let batch = self.take(most);
        if batch.is_empty() {
            self.lanes -= 1;
            return None;
        }
        Some(batch)
    }

    /// Takes appends that can travel together, in the order in which they came.
    fn take(&mut self, most: Most) -> Vec<Job> {
        // Nobody waits for those who have gone.
        if self.blocked.iter().any(Job::is_abandoned) {
            self.unblock();
        }
        let mut batch: Vec<Job> = Vec::new();
        let mut taken = Touched::default();
        let (mut events, mut bytes) = (0, 0);
        while batch.len() < most.appends && events < EVENTS {
            let Some(job) = self.waiting.pop_front() else { break };
            if job.is_abandoned() {
                continue;
            }
            let footprint = &job.unit.footprint;
            let waits = self.in_flight.is_in_the_way_of(footprint)
                || self.behind.is_in_the_way_of(footprint)
                || taken.keeps_apart(footprint);
            if waits {
                // What would follow it must not overtake it. It is not looked at again before something moves.
                self.behind.add(footprint);
                self.blocked.push_back(job);
                continue;
            }
            bytes += job.unit.bytes();
            if bytes > most.bytes && !batch.is_empty() {
                self.waiting.push_front(job);
                break;
            }
            taken.add(footprint);
            events += job.unit.events();
            batch.push(job);
        }
        batch.iter().for_each(|job| self.in_flight.add(&job.unit.footprint));
        batch
    }

    /// Takes all that waits, to tell who waits for it.
    pub(crate) fn clear(&mut self) -> Vec<Job> {
        self.behind = Touched::default();
        self.blocked.drain(..).chain(self.waiting.drain(..)).collect()
    }
}

#[cfg(test)]
mod tests {
    use annals_core::store::{Append, Condition, Criterion, Effect, ReservedKeyName};
    use annals_core::{
        AppendId, EncodedMetadata, Encoding, EventId, EventName, ExpectedVersion, NewEvent, Payload, StreamId, Tag, Tenant,
    };
    use annals_core::{LogId, LogPosition, Position};
    use uuid::Uuid;

    use tokio::sync::Semaphore;

    use super::*;
    use crate::job::Outcome;
    use crate::unit::Unit;

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

    fn job(append: Append) -> (Job, Outcome) {
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        Job::new(Unit::new(append), place)
    }

    /// A queue with these appends in it, one lane open, and those who wait for answers.
    fn waiting(appends: Vec<Append>) -> (Queue, Vec<Outcome>) {
        let mut queue = Queue::default();
        let answers = appends.into_iter().map(job).map(|(job, answer)| (queue.push(job, 1), answer).1).collect();
        (queue, answers)
    }

    fn most(appends: usize) -> Most {
        Most { appends, bytes: 8 << 20 }
    }

    fn numbers(batch: &[Job]) -> Vec<u128> {
        batch.iter().map(|job| job.unit.append.id.as_uuid().as_u128()).collect()
    }

    fn done(queue: &mut Queue, batch: &[Job]) {
        queue.arrive(batch.iter().map(|job| &job.unit.footprint));
    }

    #[test]
    fn what_waits_travels_together_in_its_order() {
        let (mut queue, _answers) = waiting(vec![append(1, "a", &[]), append(2, "b", &[]), append(3, "a", &[])]);
        assert_eq!(numbers(&queue.take(most(512))), [1, 2, 3]);
    }

    #[test]
    fn a_lane_closes_with_the_look_that_finds_nothing() {
        let (mut queue, _answers) = waiting(vec![append(1, "a", &[])]);
        assert_eq!(queue.lanes, 1);
        let batch = queue.take_or_close(most(512)).unwrap();
        // While the lane is open it takes what comes, and the next append opens it again once it has closed.
        assert!(!queue.push(job(append(2, "b", &[])).0, 1));
        done(&mut queue, &batch);
        // The one who waited for it is gone already.
        assert!(queue.take_or_close(most(512)).is_none());
        assert_eq!(queue.lanes, 0);
        assert!(queue.push(job(append(3, "c", &[])).0, 1));
    }

    #[test]
    fn a_stream_in_flight_holds_up_its_own_appends_only_and_none_is_overtaken() {
        let (mut queue, _answers) = waiting(vec![append(1, "a", &[])]);
        let first = queue.take(most(512));
        let mut both = append(3, "a", &[]);
        both.streams.extend(append(4, "b", &[]).streams);
        let later = [append(2, "a", &[]), both, append(5, "b", &[]), append(6, "c", &[])];
        let _answers: Vec<_> = later.into_iter().map(job).map(|(job, answer)| (queue.push(job, 1), answer)).collect();
        // 5 shares a stream with 3, which waits for 1.
        assert_eq!(numbers(&queue.take(most(512))), [6]);
        done(&mut queue, &first);
        assert_eq!(numbers(&queue.take(most(512))), [2, 3, 5]);
    }

    #[test]
    fn a_condition_never_travels_with_what_it_asks_for() {
        let conditional = on_condition(append(1, "a", &[]), "seat:1");
        let (mut queue, _answers) =
            waiting(vec![conditional, append(2, "b", &["seat:1"]), append(3, "c", &["seat:2"]), append(4, "b", &[])]);
        let batch = queue.take(most(512));
        assert_eq!(numbers(&batch), [1, 3], "4 follows 2 on its stream");
        done(&mut queue, &batch);
        assert_eq!(numbers(&queue.take(most(512))), [2, 4]);
    }

    #[test]
    fn one_id_travels_once_at_a_time() {
        let (mut queue, _answers) = waiting(vec![append(1, "a", &[]), append(1, "b", &[])]);
        assert_eq!(queue.take(most(512)).len(), 1);
        assert!(queue.take(most(512)).is_empty());
    }

    #[test]
    fn one_key_is_asked_for_in_one_batch_at_a_time() {
        let reserve = |number, stream: &str| {
            let key = ReservedKeyName::new(Tenant::default(), "email", "a@b").unwrap();
            append(number, stream, &[]).effect(Effect::ReserveKey { key, owner: StreamId::new("order", stream).unwrap() })
        };
        let (mut queue, _answers) = waiting(vec![reserve(1, "a"), reserve(2, "b")]);
        let batch = queue.take(most(1));
        assert_eq!(numbers(&batch), [1]);
        assert!(queue.take(most(1)).is_empty());
        done(&mut queue, &batch);
        assert_eq!(numbers(&queue.take(most(1))), [2]);
    }

    #[test]
    fn who_has_stopped_waiting_is_left_out() {
        let (mut queue, mut answers) = waiting(vec![append(1, "a", &[]), append(2, "b", &[])]);
        drop(answers.remove(0));
        assert_eq!(numbers(&queue.take(most(512))), [2]);
    }

    #[test]
    fn a_batch_ends_at_its_limits() {
        let (mut queue, _answers) = waiting((1..=5).map(|number| append(number, &number.to_string(), &[])).collect());
        assert_eq!(numbers(&queue.take(most(2))), [1, 2]);
        assert_eq!(numbers(&queue.take(most(512))), [3, 4, 5]);
    }

    #[test]
    fn a_batch_is_no_larger_as_it_is_sent_than_it_may_be_and_a_larger_append_travels_alone() {
        let large = || {
            let mut large = append(9, "large", &[]);
            large.streams[0].events[0].payload.data = vec![b' '; 20_000].into();
            large
        };
        let small = |number: u128| append(number, &number.to_string(), &[]);
        let (mut queue, _answers) = waiting((1..=4).map(small).chain([large()]).chain((5..=6).map(small)).collect());
        let three = Most { appends: 512, bytes: 3 * Unit::new(small(1)).bytes() };
        assert_eq!(numbers(&queue.take(three)), [1, 2, 3]);
        assert_eq!(numbers(&queue.take(three)), [4]);
        assert_eq!(numbers(&queue.take(three)), [9]);
        assert_eq!(numbers(&queue.take(three)), [5, 6]);
    }

    #[test]
    fn thousands_that_wait_for_one_stream_hold_up_nobody_else_and_keep_their_order() {
        let hot = (1..=3_000).map(|number| append(number, "hot", &[]));
        let (mut queue, _answers) = waiting(hot.chain([append(4_000, "b", &[])]).collect());
        let first = queue.take(most(10));
        assert_eq!(numbers(&queue.take(most(512))), [4_000]);
        // Who comes now comes after those that wait.
        let (late, _answer) = job(append(4_001, "hot", &[]));
        assert!(!queue.is_free_for(&late.unit.footprint));
        queue.push(late, 1);
        assert!(queue.take(most(512)).is_empty());
        done(&mut queue, &first);
        assert_eq!(numbers(&queue.take(most(5_000))), (11..=3_000).chain([4_001]).collect::<Vec<_>>());
    }
}
