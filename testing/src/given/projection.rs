use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use annals_core::{Aggregate, Event, Payload, Projection, StreamId, Tenant, Timestamp};

use super::story::{Told, chain, lines, shown};
use crate::ManualClock;

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
///     .then_document("", |revenue| assert_eq!(revenue.paid, 10));
/// ```
pub fn given_projection<P: Projection>() -> GivenProjection<P> {
    GivenProjection {
        events: 0,
        versions: BTreeMap::new(),
        documents: BTreeMap::new(),
        now: ManualClock::START,
        projection: PhantomData,
    }
}

/// A projection and what it has made of the events so far.
///
/// Events and documents are written and read the way a store keeps them, so that a test also checks their format. Events
/// that the filter of the projection does not match are left out, as the engine does.
pub struct GivenProjection<P> {
    events: usize,
    versions: BTreeMap<StreamId, usize>,
    documents: BTreeMap<String, Payload>,
    now: Timestamp,
    projection: PhantomData<fn() -> P>,
}

impl<P: Projection> GivenProjection<P> {
    /// What follows is recorded at this moment.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self { now, ..self }
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
        let version = self.versions.entry(stream.clone()).or_default();
        *version += 1;
        self.events += 1;
        let record = Told::of(event, self.events, self.now).recorded(stream, *version, self.events, self.now);
        if !P::filter().matches(&record) {
            return;
        }
        let key = P::key(&record).unwrap_or_else(|error| panic!("{}", chain(&error)));
        let Some(key) = key else { return };
        let mut document = self.documents.get(&key).map_or_else(P::default, read::<P>);
        document.apply(&record).unwrap_or_else(|error| panic!("{}", chain(&error)));
        let written = Payload::json(&document).unwrap_or_else(|error| panic!("the document `{key}`: {}", chain(&error)));
        self.documents.insert(key, written);
    }

    /// There is a document with this key, which `check` looks at.
    ///
    /// # Panics
    /// If there is none, or `check` panics.
    #[track_caller]
    pub fn then_document(self, key: &str, check: impl FnOnce(&P)) -> Self {
        match self.documents.get(key) {
            Some(document) => check(&read(document)),
            None => panic!("there is no document `{key}`\n\nthere is\n{}", self.shown()),
        }
        self
    }

    /// There is no document with this key.
    ///
    /// # Panics
    /// If there is one.
    #[track_caller]
    pub fn then_no_document(self, key: &str) -> Self {
        assert!(!self.documents.contains_key(key), "there is a document `{key}`\n\nthere is\n{}", self.shown());
        self
    }

    /// These are the keys of all documents, in byte order.
    ///
    /// # Panics
    /// If they are others.
    #[track_caller]
    pub fn then_keys<'a>(self, expected: impl IntoIterator<Item = &'a str>) -> Self {
        let expected: Vec<_> = expected.into_iter().collect();
        let actual: Vec<_> = self.documents.keys().map(String::as_str).collect();
        assert_eq!(actual, expected, "the keys of the documents are others\n\nthere is\n{}", self.shown());
        self
    }

    fn shown(&self) -> String {
        let documents = self.documents.iter().map(|(key, document)| format!("`{key}` {}", shown(document)));
        lines("    ", &documents.collect::<Vec<_>>())
    }
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
