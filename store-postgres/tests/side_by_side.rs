//! Random appends side by side with the store in memory: sent one after another both answer the same; sent all at once,
//! from two processes' worth of stores, what was acknowledged comes to the same when memory is told it in order of
//! positions.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use annals_core::store::{
    Append, AppendError, Appended, Condition, Criterion, Effect, Filter, Message, QueueName, ReadLog, ReservedKeyName, Timer,
};
use annals_core::{
    AppendId, EncodedMetadata, Encoding, EventName, EventStore, ExpectedVersion, LogId, LogPosition, MessageId, NewEvent,
    Payload, Position, StreamId, Tag, Tenant, Timestamp, Version,
};
use annals_store_memory::MemoryStore;
use annals_testing::SeededRandom;
use futures_util::future::join_all;
use support::{Schema, stream_of, unique};
use uuid::Uuid;

const STREAMS: [&str; 5] = ["a", "b", "c", "d", "e"];
const TAGS: [&str; 4] = ["k:1", "k:2", "k:3", "j:1"];
const NAMES: [&str; 2] = ["order.placed", "order.gone"];
const MESSAGES: usize = 40;
const KEYS: [&str; 3] = ["x", "y", "z"];

fn queue() -> QueueName {
    QueueName::new("letters").unwrap()
}

fn key(name: &str) -> ReservedKeyName {
    ReservedKeyName::new(Tenant::NONE, "email", name).unwrap()
}

fn message(number: usize) -> MessageId {
    Uuid::from_u128(number as u128).into()
}

/// What is known of the log: whoever makes up appends guesses from it.
#[derive(Default)]
struct Known {
    versions: BTreeMap<StreamId, Version>,
    appends: Vec<Append>,
    end: Position,
}

impl Known {
    fn take_in(&mut self, append: &Append, appended: &Appended) {
        self.appends.push(append.clone());
        self.end = self.end.max(appended.last);
        for outcome in &appended.streams {
            let version = self.versions.entry(outcome.stream.clone()).or_default();
            *version = (*version).max(outcome.last);
        }
    }
}

struct Dice(SeededRandom);

impl Dice {
    fn stream(&self) -> StreamId {
        stream_of(self.0.pick(&STREAMS))
    }

    fn events(&self, least: usize) -> Vec<NewEvent> {
        let event = || {
            let mut event = unique("any").streams.remove(0).events.remove(0);
            event.name = EventName::new(self.0.pick(&NAMES)).unwrap();
            event.tags = TAGS.into_iter().filter(|_| self.0.one_in(4)).map(|tag| Tag::parse(tag).unwrap()).collect();
            event
        };
        (0..least + self.0.below(3)).map(|_| event()).collect()
    }

    fn expected(&self, known: &Known, stream: &StreamId) -> ExpectedVersion {
        let actual = known.versions.get(stream).copied().unwrap_or_default();
        match self.0.below(12) {
            0 => ExpectedVersion::NoStream,
            1 => ExpectedVersion::Exists,
            2 | 3 if actual > Version::ZERO => ExpectedVersion::Exact(actual),
            4 => ExpectedVersion::Exact(actual.next().unwrap()),
            _ => ExpectedVersion::Any,
        }
    }

    fn effect(&self) -> Effect {
        let owner = self.stream();
        let name = self.0.pick(&["deadline", "reminder"]).to_owned();
        match self.0.below(6) {
            0 => Effect::SetTimer(Timer { owner, name, due: Timestamp::from_micros(1 + self.0.below(9) as i64) }),
            1 => Effect::CancelTimer { owner, name },
            2 => Effect::MarkInbox { consumer: queue(), message: message(self.0.below(MESSAGES)) },
            3 => Effect::ReserveKey { key: key(self.0.pick(&KEYS)), owner },
            4 => Effect::ReleaseKey { key: key(self.0.pick(&KEYS)), owner },
            _ => Effect::Enqueue(Message {
                id: message(self.0.below(MESSAGES)),
                queue: queue(),
                key: String::new(),
                payload: Payload { encoding: Encoding::JSON, data: b"{}"[..].into() },
                metadata: EncodedMetadata::from_bytes(&b"{}"[..]),
            }),
        }
    }

    fn append(&self, known: &Known) -> Append {
        if !known.appends.is_empty() && self.0.one_in(12) {
            return self.0.pick(&known.appends);
        }
        let stream = self.stream();
        let mut append = Append::new(unique("any").id).stream(stream.clone(), self.expected(known, &stream), self.events(1));
        for _ in 0..self.0.below(3) {
            let stream = self.stream();
            if append.streams.iter().all(|part| part.stream != stream) {
                append = append.stream(stream.clone(), self.expected(known, &stream), self.events(0));
            }
        }
        if self.0.one_in(3) {
            let tag = |index: usize| Tag::parse(TAGS[index]).unwrap();
            let mut filter = Filter::from(Criterion::new().tag(tag(self.0.below(4))).name(EventName::new(NAMES[1]).unwrap()));
            if self.0.one_in(2) {
                filter = filter.or(Criterion::new().tag(tag(self.0.below(4))).tag(tag(self.0.below(4))));
            }
            let back = self.0.below(8) as u64;
            let after = Position::new(known.end.get().saturating_sub(back)).unwrap();
            append = append.condition(Condition::new(filter, LogPosition::new(LogId::MAIN, after)));
        }
        for _ in 0..self.0.below(3) {
            append = append.effect(self.effect());
        }
        append
    }
}

/// An outcome as far as two stores must agree on it; where a condition failed they may tell different events.
fn told(outcome: &Result<Appended, AppendError>) -> String {
    match outcome {
        Ok(Appended { streams, repeated, .. }) => format!("{repeated} {streams:?}"),
        Err(AppendError::ConditionFailed { .. }) => "the condition failed".to_owned(),
        Err(error @ (AppendError::NotStored(_) | AppendError::Unknown(_))) => panic!("{error:?}"),
        Err(error) => error.to_string(),
    }
}

/// All that is left behind besides the log, as a text.
async fn left(store: &dyn EventStore) -> String {
    let mut left = Vec::new();
    for stream in STREAMS.map(stream_of) {
        left.push(format!("{:?}", store.timers().unwrap().of(&stream).await.unwrap()));
    }
    for name in KEYS {
        left.push(format!("{name} {:?}", store.keys().unwrap().owner(&key(name)).await.unwrap()));
    }
    for number in 0..MESSAGES {
        left.push(format!("{number} {}", store.inbox().unwrap().is_marked(&queue(), message(number)).await.unwrap()));
    }
    let pending = store.outbox().unwrap().pending(&queue(), 1_000).await.unwrap();
    left.push(format!("{:?}", pending.iter().map(|message| message.id).collect::<BTreeSet<_>>()));
    left.join("\n")
}

/// The log as streams, versions and names.
async fn log(store: &dyn EventStore) -> Vec<String> {
    let (mut log, mut read) = (Vec::new(), ReadLog::new(Filter::everything()));
    loop {
        let page = store.read_log(read.clone()).await.unwrap();
        log.extend(page.events.iter().map(|it| format!("{} {} {} {:?} {}", it.stream, it.version, it.name, it.tags, it.id)));
        if page.at_end {
            return log;
        }
        read = read.after(page.scanned_to);
    }
}

#[tokio::test]
async fn one_after_another_both_stores_answer_the_same() {
    let schema = Schema::new();
    let (memory, postgres) = (MemoryStore::new(), schema.open().await);
    let (dice, mut known, mut kinds) = (Dice(SeededRandom::from_environment()), Known::default(), BTreeMap::new());
    // Where events are on the server: what was repeated or refused may leave gaps there.
    let mut places = vec![Position::ZERO];
    for step in 0..800 {
        let append = dice.append(&known);
        let mut moved = append.clone();
        if let Some(condition) = &mut moved.condition {
            condition.after.position = places[usize::try_from(condition.after.position.get()).unwrap()];
        }
        let (one, other) = (memory.append(append.clone()).await, postgres.append(moved).await);
        assert_eq!(told(&other), told(&one), "step {step}: {append:?}");
        if let (Ok(one), Ok(other)) = (&one, &other) {
            if !one.repeated {
                let (first, last) = (other.first.get(), other.last.get());
                assert_eq!(last - first, one.last.get() - one.first.get(), "step {step}");
                places.extend((first..=last).map(|place| Position::new(place).unwrap()));
            }
            known.take_in(&append, one);
        }
        let kind = match one {
            Ok(Appended { repeated: false, .. }) => "stored",
            Ok(_) => "repeated",
            Err(AppendError::WrongExpectedVersion { .. }) => "wrong version",
            Err(AppendError::ConditionFailed { .. }) => "condition failed",
            Err(AppendError::DuplicateMessage { .. }) => "marked before",
            Err(AppendError::KeyTaken { .. }) => "key taken",
            Err(other) => panic!("{other:?}"),
        };
        *kinds.entry(kind).or_insert(0) += 1;
    }
    assert_eq!(log(&postgres).await, log(&memory).await);
    assert_eq!(left(&postgres).await, left(&memory).await);
    println!("{kinds:?}");
    assert!(kinds.len() == 6 && kinds.values().all(|count| *count > 5), "something hardly ever happened: {kinds:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_at_once_what_was_acknowledged_comes_to_the_same_in_order_of_positions() {
    let schema = Schema::new();
    let stores = [schema.open().await, schema.open().await];
    let (dice, mut known) = (Dice(SeededRandom::from_environment()), Known::default());
    let (mut stored, mut again, mut refused) = (BTreeMap::new(), 0, 0);
    for _ in 0..40 {
        let batch: Vec<_> = (0..1 + dice.0.below(32)).map(|_| dice.append(&known)).collect();
        // Some of them more than once, at the same moment.
        let batch: Vec<_> = batch.iter().chain(batch.iter().filter(|_| dice.0.one_in(8))).cloned().collect();
        let outcomes = join_all(batch.iter().zip(stores.iter().cycle()).map(|(append, store)| store.append(append.clone())));
        let mut repeated = Vec::new();
        for (append, outcome) in batch.iter().zip(outcomes.await) {
            told(&outcome);
            match outcome {
                Ok(appended) if appended.repeated => repeated.push((append.id, appended)),
                Ok(appended) => {
                    known.take_in(append, &appended);
                    let before = stored.insert(appended.first, (append.clone(), appended));
                    assert!(before.is_none(), "two appends have one position");
                }
                Err(_) => refused += 1,
            }
        }
        for (id, outcome) in repeated {
            again += 1;
            let first = stored.values().find(|(append, _)| append.id == id).map(|(_, appended)| appended);
            assert_eq!(Some(outcome), first.map(|first| Appended { repeated: true, ..first.clone() }));
        }
    }
    let ids: BTreeSet<AppendId> = stored.values().map(|(append, _)| append.id).collect();
    assert_eq!(ids.len(), stored.len(), "an append was stored twice");

    let memory = MemoryStore::new();
    // Memory leaves no gaps: the position of an event there is how many come before it here.
    let positions = support::positions(&stores[0]).await;
    let before = |position: Position| positions.iter().filter(|it| **it <= position.get()).count() as u64;
    for (mut append, appended) in stored.values().cloned() {
        if let Some(condition) = &mut append.condition {
            condition.after.position = Position::new(before(condition.after.position)).unwrap();
        }
        let replayed = memory.append(append.clone()).await;
        assert_eq!(told(&replayed), told(&Ok(appended)), "{append:?}");
    }
    let sorted = |mut log: Vec<String>| {
        log.sort();
        log
    };
    assert_eq!(sorted(log(&stores[0]).await), sorted(log(&memory).await));
    assert_eq!(left(&stores[0]).await, left(&memory).await);
    println!("{} appends stored, {again} answered again, {refused} refused", stored.len());
    assert!(stored.len() > 50 && again > 10 && refused > 50);
}
