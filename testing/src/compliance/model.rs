//! Random appends, compared with a model that is too simple to be wrong.

use std::collections::BTreeMap;

use annals_core::store::{Append, AppendError, Appended, ConditionModel, Criterion, PageSize, StreamOutcome};
use annals_core::{AppendId, EventId, EventName, ExpectedVersion, Filter, NewEvent, Position, StreamId, Tag, Version};

use super::Subject;
use super::conditions::nothing_since;
use super::sample::*;
use crate::SeededRandom;

/// An event as the model keeps it.
struct Kept {
    stream: StreamId,
    id: EventId,
    name: EventName,
    tags: Vec<Tag>,
    position: Position,
}

#[derive(Default)]
struct Model {
    log: Vec<Kept>,
    appends: BTreeMap<AppendId, Appended>,
}

/// What the model expects of an append.
#[derive(Debug, PartialEq)]
enum Verdict {
    Known(Appended),
    WrongVersion(StreamId, Version),
    Excluded,
    Stored(Vec<StreamOutcome>),
}

impl Model {
    fn version(&self, stream: &StreamId) -> Version {
        version(self.log.iter().filter(|event| event.stream == *stream).count() as u64)
    }

    fn judge(&self, append: &Append) -> Verdict {
        if let Some(outcome) = self.appends.get(&append.id) {
            return Verdict::Known(Appended { repeated: true, ..outcome.clone() });
        }
        for part in &append.streams {
            let actual = self.version(&part.stream);
            if !part.expected.is_met_by(actual) {
                return Verdict::WrongVersion(part.stream.clone(), actual);
            }
        }
        if let Some(condition) = &append.condition {
            let mut since = self.log.iter().filter(|event| event.position > condition.after.position);
            if since.any(|event| condition.filter.matches_parts(&event.stream, &event.name, &event.tags)) {
                return Verdict::Excluded;
            }
        }
        let written = append.streams.iter().filter(|part| !part.events.is_empty());
        let outcomes = written.map(|part| {
            let before = self.version(&part.stream).get();
            let (first, last) = (version(before + 1), version(before + part.events.len() as u64));
            StreamOutcome { stream: part.stream.clone(), first, last }
        });
        Verdict::Stored(outcomes.collect())
    }

    fn keep(&mut self, append: &Append, appended: &Appended, positions: impl IntoIterator<Item = Position>) {
        self.appends.insert(append.id, appended.clone());
        for ((stream, event), position) in append.events().zip(positions) {
            let kept =
                Kept { stream: stream.clone(), id: event.id, name: event.name.clone(), tags: event.tags.clone(), position };
            self.log.push(kept);
        }
    }
}

struct Generator(SeededRandom);

impl Generator {
    fn stream(&self) -> StreamId {
        stream_in(self.0.pick(&["order", "stock", "$saga.checkout"]), self.0.pick(&["1", "2", "3"]))
    }

    fn event(&self) -> NewEvent {
        let tags: Vec<_> = ["k:1", "k:2", "j:1"].into_iter().filter(|_| self.0.one_in(3)).collect();
        NewEvent { name: name(self.0.pick(&["x.a", "x.b"])), ..tagged(&tags) }
    }

    fn criterion(&self, with_tag: bool) -> Criterion {
        let mut criterion = Criterion::new();
        if with_tag || self.0.one_in(2) {
            criterion = criterion.tag(tag(self.0.pick(&["k:1", "k:2", "j:1"])));
        }
        if self.0.one_in(3) {
            criterion = criterion.name(name(self.0.pick(&["x.a", "x.b"])));
        }
        if self.0.one_in(3) {
            criterion = criterion.category(category(self.0.pick(&["order", "stock", "$saga.checkout"])));
        }
        criterion
    }

    fn filter(&self, with_tags: bool) -> Filter {
        let criteria = if with_tags { 1 + self.0.below(2) } else { self.0.below(3) };
        (0..criteria).fold(Filter::all(), |filter, _| filter.or(self.criterion(with_tags)))
    }

    fn append(&self, model: &Model, conditions: bool) -> Append {
        let known: Vec<_> = model.appends.keys().copied().collect();
        let id = if !known.is_empty() && self.0.one_in(10) { self.0.pick(&known) } else { append_id() };
        let mut append = Append::new(id).stream(self.stream(), ExpectedVersion::Any, vec![self.event()]);
        for _ in 0..self.0.below(3) {
            let stream = self.stream();
            if append.streams.iter().all(|part| part.stream != stream) {
                append = append.stream(stream, ExpectedVersion::Any, (0..self.0.below(3)).map(|_| self.event()).collect());
            }
        }
        for part in &mut append.streams {
            let actual = model.version(&part.stream);
            let wrong = version(actual.get() + 1 - self.0.below(2) as u64);
            let forms = [ExpectedVersion::NoStream, ExpectedVersion::Exists, ExpectedVersion::Exact(wrong)];
            if self.0.one_in(3) {
                part.expected = if self.0.one_in(3) { self.0.pick(&forms) } else { ExpectedVersion::Exact(actual) };
            }
        }
        if conditions && self.0.one_in(3) {
            // Often the end, so that the condition has a chance to hold.
            let ends = model.log.iter().rev().map(|event| event.position);
            let after = ends.take(8).nth(self.0.below(10)).unwrap_or_default();
            append = append.condition(nothing_since(self.filter(true), after));
        }
        append
    }
}

pub(super) async fn random_appends_come_to_what_a_simple_model_says(subject: Subject) {
    let store = subject.store();
    let generator = Generator(SeededRandom::from_environment());
    let mut model = Model::default();
    for step in 0..400 {
        let append = generator.append(&model, store.info().conditions != ConditionModel::Unsupported);
        let verdict = model.judge(&append);
        let answer = subject.handle(step).append(append.clone()).await;
        let said = match answer {
            Ok(appended) if appended.repeated => Verdict::Known(appended),
            Ok(appended) => {
                let end = model.log.last().map_or(Position::ZERO, |event| event.position);
                let seen = read_on(store, &everything(), end, PageSize::default()).await.events;
                assert_eq!(ids(&seen), new_ids(&append), "step {step}");
                model.keep(&append, &appended, seen.iter().map(|event| event.position));
                Verdict::Stored(appended.streams)
            }
            Err(AppendError::WrongExpectedVersion { stream, actual, .. }) => Verdict::WrongVersion(stream, actual),
            Err(AppendError::ConditionFailed { .. }) => Verdict::Excluded,
            Err(other) => panic!("step {step}: {other:?}"),
        };
        let is_marker = said == Verdict::Excluded && store.info().conditions == ConditionModel::TagMarkers;
        assert!(said == verdict || is_marker, "step {step}: {append:?}\nexpected {verdict:?}\ngot      {said:?}");
        if step % 20 == 0 {
            compare(&subject, &generator, &model).await;
        }
    }
}

/// A filter for what the model appends, whatever its category.
fn everything() -> Filter {
    let categories = ["order", "stock", "$saga.checkout"].map(category);
    categories.into_iter().fold(Criterion::new(), Criterion::category).into()
}

async fn compare(subject: &Subject, generator: &Generator, model: &Model) {
    for _ in 0..5 {
        let filter = generator.filter(false);
        let size = PageSize::events(1 + generator.0.below(20));
        let start = generator.0.below(model.log.len() + 1);
        let after = start.checked_sub(1).map_or(Position::ZERO, |index| model.log[index].position);
        let seen = read_on(subject.store(), &filter, after, size).await;
        let expected = model.log[start..].iter().filter(|event| filter.matches_parts(&event.stream, &event.name, &event.tags));
        let expected: Vec<_> = expected.map(|event| (event.position, event.id)).collect();
        let found: Vec<_> = seen.events.iter().map(|event| (event.position, event.id)).collect();
        assert_eq!(found, expected, "{filter:?} after {after} in {size:?}");
    }
    let stream = generator.stream();
    let expected = model.log.iter().filter(|event| event.stream == stream);
    assert_eq!(ids(&read(subject.store(), &stream).await), expected.map(|event| event.id).collect::<Vec<_>>());
}
