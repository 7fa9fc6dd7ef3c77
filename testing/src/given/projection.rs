use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use annals_core::{Aggregate, Document, Event, Json, Payload, Projection, RecordedEvent, StreamId, Tenant, Timestamp};

use super::recording::Recording;
use crate::story::{LEGEND, chain, changed_lines, for_reader, lines, shown};

/// Starts the test of a projection.
///
/// ```
/// # use annals::prelude::*;
/// # use annals_testing::given_projection;
/// # #[derive(Event)] enum OrderEvent { Placed { total: u64 }, Paid }
/// # #[aggregate(id = String, event = OrderEvent)] #[derive(Default)] struct Order;
/// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Revenue { placed: u64, paid: u64 }
/// # #[projection] impl Revenue {
/// #     #[on] fn order(&mut self, event: &OrderEvent) {
/// #         match event { OrderEvent::Placed { total } => self.placed += total, OrderEvent::Paid => self.paid = self.placed }
/// #     }
/// # }
/// given_projection::<Revenue>()
///     .events_of::<Order>(&"A-17".to_owned(), [OrderEvent::Placed { total: 10 }, OrderEvent::Paid])
///     .then_single(|revenue| assert_eq!(revenue.paid, 10))
///     .then_is("", &Revenue { placed: 10, paid: 10 });
/// ```
pub fn given_projection<P: Projection>() -> GivenProjection<P> {
    GivenProjection { recording: Recording::new(), documents: BTreeMap::new(), projection: PhantomData }
}

/// A projection and what it has made of the events so far.
///
/// Events and documents are written and read the way a store keeps them, so that a test also checks their format. Events
/// that the filter of the projection does not match are left out, as the engine does.
pub struct GivenProjection<P> {
    recording: Recording,
    documents: BTreeMap<String, Payload>,
    projection: PhantomData<fn() -> P>,
}

impl<P: Projection> GivenProjection<P> {
    /// What follows is recorded at this moment.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.recording.now = now;
        self
    }

    /// Events of a stream.
    ///
    /// # Panics
    /// If one cannot be written, read or taken in.
    #[track_caller]
    #[must_use = "say what should come of it: `.then_document(…)`"]
    pub fn events<E: Event>(mut self, stream: StreamId, events: impl IntoIterator<Item = E>) -> Self {
        for event in events {
            self.take_in(&stream, &event);
        }
        self
    }

    /// Events of an aggregate without tenant.
    ///
    /// # Panics
    /// If the id cannot be that of a stream, or an event cannot be written, read or taken in.
    #[track_caller]
    #[must_use = "say what should come of it: `.then_document(…)`"]
    pub fn events_of<A: Aggregate>(self, id: &A::Id, events: impl IntoIterator<Item = A::Event>) -> Self {
        let stream = A::stream(&Tenant::NONE, id).unwrap_or_else(|error| panic!("{error}"));
        self.events(stream, events)
    }

    #[track_caller]
    fn take_in<E: Event>(&mut self, stream: &StreamId, event: &E) {
        let record = self.recording.record(stream, event);
        if !P::filter().matches(&record) {
            return self.recording.became(": left out, the projection does not take it in");
        }
        let keys = P::keys(&record).unwrap_or_else(|error| panic!("{}", chain(&error)));
        if keys.is_empty() {
            return self.recording.became(": left out, it has no key");
        }
        for key in keys {
            self.fold(&record, key);
        }
    }

    #[track_caller]
    fn fold(&mut self, record: &RecordedEvent, key: String) {
        let mut document = self.documents.get(&key).map_or_else(P::default, read::<P>);
        match document.apply(record, &key).unwrap_or_else(|error| panic!("{}", chain(&error))) {
            Document::Keep => {
                let document = written(&key, &document);
                self.documents.insert(key, document);
            }
            Document::Delete => drop(self.documents.remove(&key)),
        }
    }

    /// There is a document with this key, which `check` looks at.
    ///
    /// # Panics
    /// If there is none, or `check` panics.
    #[track_caller]
    pub fn then_document(self, key: &str, check: impl FnOnce(&P)) -> Self {
        let Some(document) = self.documents.get(key) else { self.fail(&format!("there is no document `{key}`")) };
        let document = read(document);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(&document))) {
            eprint!("\n{}", self.story("this is what was looked at:"));
            resume_unwind(panic);
        }
        self
    }

    /// There is the one document of a projection that is not split by keys, which `check` looks at.
    ///
    /// # Panics
    /// If there is none, because it has taken in nothing, or `check` panics.
    #[track_caller]
    pub fn then_single(self, check: impl FnOnce(&P)) -> Self {
        self.then_document("", check)
    }

    /// There is a document with this key, and it is this one. A projection of one document has the empty key.
    ///
    /// # Panics
    /// If there is none, or one that is written differently; with the fields that differ.
    #[track_caller]
    pub fn then_is(self, key: &str, expected: &P) -> Self {
        let Some(document) = self.documents.get(key) else { self.fail(&format!("there is no document `{key}`")) };
        let json = |document: &Payload| document.read::<Json>().unwrap_or_default();
        let expected = json(&written(key, expected));
        let differing = changed_lines(&expected, &json(document));
        if !differing.is_empty() {
            let story = self.story(&format!("the document `{key}` is not the one that was expected"));
            panic!("{}", story + "then\n" + &for_reader(&(differing + LEGEND)));
        }
        self
    }

    /// There is no document with this key: there never was one, or it was deleted.
    ///
    /// # Panics
    /// If there is one.
    #[track_caller]
    pub fn then_no_document(self, key: &str) -> Self {
        if self.documents.contains_key(key) {
            self.fail(&format!("there is a document `{key}`"));
        }
        self
    }

    /// These are the keys of all documents, in any order.
    ///
    /// # Panics
    /// If they are others.
    #[track_caller]
    pub fn then_keys<'a>(self, expected: impl IntoIterator<Item = &'a str>) -> Self {
        let mut expected: Vec<_> = expected.into_iter().collect();
        expected.sort_unstable();
        let actual: Vec<_> = self.documents.keys().map(String::as_str).collect();
        if actual != expected {
            self.fail(&format!("the documents have other keys than {expected:?}"));
        }
        self
    }

    #[track_caller]
    fn fail(&self, headline: &str) -> ! {
        panic!("{}", self.story(headline))
    }

    /// What was given, and what has become of it.
    fn story(&self, headline: &str) -> String {
        let documents = self.documents.iter().map(|(key, document)| format!("`{key}` {}", shown(document)));
        let documents = lines("    ", &documents.collect::<Vec<_>>());
        format!("{headline}\n\ngiven\n{}there is\n{documents}", lines("    ", &self.recording.lines))
    }
}

#[track_caller]
fn written(key: &str, document: &impl serde::Serialize) -> Payload {
    Payload::json(document).unwrap_or_else(|error| panic!("the document `{key}` cannot be written: {}", chain(&error)))
}

#[track_caller]
fn read<P: Projection>(document: &Payload) -> P {
    document.read().unwrap_or_else(|error| panic!("a document cannot be read back: {}", chain(&error)))
}

impl<P> fmt::Debug for GivenProjection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivenProjection").field("documents", &self.documents).finish_non_exhaustive()
    }
}
