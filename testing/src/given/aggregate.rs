use std::marker::PhantomData;

use annals_core::{
    Aggregate, Category, Command, CommandId, Context, CorrelationId, Handle, Metadata, PrepareError, Services, StreamId, Tenant,
    Timestamp, Version,
};

use super::Then;
use crate::ManualClock;
use crate::story::{Story, Told, chain, shown};

/// What has happened to an aggregate before a test gives it a command.
///
/// ```
/// # use std::convert::Infallible;
/// # use annals_core::*;
/// # #[derive(Default)] struct Counter(u64);
/// # #[derive(Clone)] enum CounterEvent { Added(u64) }
/// # impl Event for CounterEvent {
/// #     const KINDS: &'static [EventKind] = &[EventKind { name: "counter.added", version: 1, aliases: &[], upcasters: &[] }];
/// #     fn kind(&self) -> &'static EventKind { &Self::KINDS[0] }
/// #     fn encode(&self) -> Result<Payload, EncodeError> { let Self::Added(by) = self; Payload::json(by) }
/// #     fn from_payload(_: &'static EventKind, payload: &Payload) -> Result<Self, PayloadError> { payload.read().map(Self::Added) }
/// # }
/// # struct Double { counter: String }
/// # impl Command for Double {
/// #     type Id = String; const NAME: &'static str = "double";
/// #     fn id(&self) -> &String { &self.counter }
/// #     fn duplicate(&self) -> Self { Self { counter: self.counter.clone() } }
/// #     fn encode(&self) -> Result<Payload, EncodeError> { Payload::json(&self.counter) }
/// #     fn decode(payload: &Payload) -> Result<Self, PayloadError> { payload.read().map(|counter| Self { counter }) }
/// # }
/// # impl Aggregate for Counter { type Id = String; type Event = CounterEvent; const CATEGORY: &'static str = "counter"; }
/// # impl Evolve for Counter { fn evolve(&mut self, event: &CounterEvent) { let CounterEvent::Added(by) = event; self.0 += by; } }
/// # impl Handle<Double> for Counter {
/// #     type Error = Infallible; type Facts = ();
/// #     async fn prepare(_: &Double, _: &Services) -> Result<(), PrepareError<Infallible>> { Ok(()) }
/// #     fn decide(&self, _: Double, _: &(), _: &Context) -> Result<Vec<CounterEvent>, Infallible> { Ok(vec![CounterEvent::Added(self.0)]) }
/// # }
/// use annals_testing::Given;
///
/// Given::<Counter>::events([CounterEvent::Added(3)])
///     .when(Double { counter: "C-1".to_owned() })
///     .then([CounterEvent::Added(3)])
///     .then_state(|counter| assert_eq!(counter.0, 6));
/// ```
///
/// Events are written and read the way a store keeps them, so that a test also checks the format. Each command is
/// decided twice: deciding must be pure.
#[must_use = "give it a command: `.when(…)`"]
pub struct Given<A: Aggregate> {
    history: Vec<Told>,
    tenant: Tenant,
    metadata: Metadata,
    aggregate: PhantomData<fn() -> A>,
}

impl<A: Aggregate> Given<A> {
    /// Nothing has happened.
    pub fn nothing() -> Self {
        let metadata = Metadata::new(ManualClock::START, CorrelationId::from_bytes([1; 16]));
        Self { history: Vec::new(), tenant: Tenant::NONE, metadata, aggregate: PhantomData }
    }

    /// This has happened so far.
    pub(super) fn told_so_far(history: Vec<Told>, tenant: Tenant, metadata: Metadata) -> Self {
        Self { history, tenant, metadata, aggregate: PhantomData }
    }

    /// These events have happened.
    #[track_caller]
    pub fn events(events: impl IntoIterator<Item = A::Event>) -> Self {
        Self::nothing().and(events)
    }

    /// And then these.
    #[track_caller]
    pub fn and(mut self, events: impl IntoIterator<Item = A::Event>) -> Self {
        for event in events {
            let told = Told::of(&event, self.history.len(), self.metadata.occurred_at);
            self.history.push(told);
        }
        self
    }

    /// The command is given at this moment.
    pub fn at(mut self, now: Timestamp) -> Self {
        self.metadata.occurred_at = now;
        self
    }

    /// The command is given for this tenant.
    pub fn tenant(self, tenant: Tenant) -> Self {
        Self { tenant, ..self }
    }

    /// The command carries this metadata.
    pub fn metadata(self, metadata: Metadata) -> Self {
        Self { metadata, ..self }
    }

    /// Gives the aggregate a command that prepares nothing.
    #[track_caller]
    #[must_use = "say what should come of it: `.then(…)`"]
    pub fn when<C: Command>(self, command: C) -> Then<A, <A as Handle<C>>::Error>
    where
        A: Handle<C, Facts = ()>,
    {
        self.when_with(command, ())
    }

    /// Gives the aggregate a command, with the facts that its preparation would have fetched.
    #[track_caller]
    #[must_use = "say what should come of it: `.then(…)`"]
    pub fn when_with<C: Command>(self, command: C, facts: A::Facts) -> Then<A, <A as Handle<C>>::Error>
    where
        A: Handle<C>,
    {
        let stream = self.stream(&command);
        let metadata = self.metadata.clone();
        let (story, state) = self.told(&stream, &command);
        let version = Version::new(story.given.len() as u64).unwrap_or(Version::MAX);
        let context = Context::new(CommandId::from_bytes([2; 16]), stream, version, metadata);
        let again = state.decide(command.duplicate(), &facts, &context);
        let decided = state.decide(command, &facts, &context);
        let then = Then::new(story, state, context, decided);
        then.assert_decided_again(again);
        then
    }

    /// Gives the aggregate a command, and lets its preparation fetch what it needs from `services`.
    #[must_use = "say what should come of it: `.then(…)`"]
    pub async fn when_prepared<C: Command>(self, command: C, services: &Services) -> Then<A, <A as Handle<C>>::Error>
    where
        A: Handle<C>,
    {
        match A::prepare(&command, services).await {
            Ok(facts) => self.when_with(command, facts),
            Err(PrepareError::Service(missing)) => panic!("{missing}"),
            Err(PrepareError::Rejected(error)) => {
                let stream = self.stream(&command);
                let context = Context::new(CommandId::from_bytes([2; 16]), stream, Version::ZERO, self.metadata.clone());
                let (story, state) = self.told(&context.stream, &command);
                Then::new(story, state, context, Err(error))
            }
        }
    }

    #[track_caller]
    fn stream<C: Command>(&self, command: &C) -> StreamId {
        let category = Category::new(A::CATEGORY).unwrap_or_else(|error| panic!("{error}"));
        let stream = StreamId::of(self.tenant.clone(), category, command.id().to_string());
        stream.unwrap_or_else(|error| panic!("{error}"))
    }

    /// The story up to the command, and the state that the history leads to.
    #[track_caller]
    fn told<C: Command>(self, stream: &StreamId, command: &C) -> (Story, A)
    where
        A: Handle<C>,
    {
        let mut state = A::default();
        for (told, version) in self.history.iter().zip(1..) {
            let record = told.recorded(stream, version, version, self.metadata.occurred_at);
            state.evolve(&read::<A>(&record));
        }
        let body = command.encode().unwrap_or_else(|error| panic!("{}", chain(&error)));
        let at = self.metadata.occurred_at;
        (Story { given: self.history, at, when: format!("{} {}", C::NAME, shown(&body)) }, state)
    }
}

/// Reads an event the way the engine does.
#[track_caller]
pub(super) fn read<A: Aggregate>(record: &annals_core::RecordedEvent) -> A::Event {
    record.decode().unwrap_or_else(|error| panic!("an event cannot be read back: {}", chain(&error)))
}

impl<A: Aggregate> std::fmt::Debug for Given<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Given").field("events", &self.history.len()).finish_non_exhaustive()
    }
}
