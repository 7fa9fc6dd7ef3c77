//! Contract 1, continued: effects are written with the events, or not at all.

use annals_core::store::{Append, AppendError, Capability, Effect, Message, QueueName, ReservedKeyName, Timer};
use annals_core::{
    EncodedMetadata, EventStore, ExpectedVersion, Filter, MessageId, Payload, Position, StreamId, Tenant, Timestamp,
};

use super::Subject;
use super::conditions::nothing_since;
use super::sample::*;

pub(super) fn queue(name: &str) -> QueueName {
    QueueName::new(name).expect("the name of the queue is valid")
}

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + seconds * 1_000_000)
}

pub(super) fn timer(owner: &StreamId, name: &str, due: Timestamp) -> Timer {
    Timer { owner: owner.clone(), name: name.to_owned(), due }
}

pub(super) fn message(to: &str) -> Message {
    Message {
        id: message_id(),
        queue: queue(to),
        key: "key".to_owned(),
        payload: Payload::json("a message").expect("a text can be written"),
        metadata: EncodedMetadata::from_bytes(&b"{}"[..]),
    }
}

pub(super) fn key(text: &str) -> ReservedKeyName {
    ReservedKeyName::new(Tenant::NONE, "email", text).expect("the key is valid")
}

pub(super) fn reserve(text: &str, owner: &StreamId) -> Effect {
    Effect::ReserveKey { key: key(text), owner: owner.clone() }
}

pub(super) fn release(text: &str, owner: &StreamId) -> Effect {
    Effect::ReleaseKey { key: key(text), owner: owner.clone() }
}

pub(super) fn mark(consumer: &str, message: MessageId) -> Effect {
    Effect::MarkInbox { consumer: queue(consumer), message }
}

/// An append of one event with effects.
pub(super) fn with(effects: impl IntoIterator<Item = Effect>) -> Append {
    effects.into_iter().fold(to(&stream("a"), events(1)), Append::effect)
}

/// One effect of each kind that the store keeps.
struct Each {
    owner: StreamId,
    timer: Timer,
    message: Message,
    marked: MessageId,
    key: &'static str,
}

impl Each {
    fn new() -> Self {
        let owner = stream("owner");
        Self { timer: timer(&owner, "t", at(1)), owner, message: message("out"), marked: message_id(), key: "a@b.c" }
    }

    fn effects(&self, store: &dyn EventStore) -> Vec<Effect> {
        let all = [
            Effect::SetTimer(self.timer.clone()),
            Effect::Enqueue(self.message.clone()),
            mark("consumer", self.marked),
            reserve(self.key, &self.owner),
        ];
        all.into_iter().filter(|effect| store.info().can(effect.capability())).collect()
    }

    /// Checks that each of them is there, or none is.
    async fn assert_there(&self, store: &dyn EventStore, there: bool) {
        if let Some(timers) = store.timers() {
            assert_eq!(timers.of(&self.owner).await.expect("timers can be read").contains(&self.timer), there, "the timer");
        }
        if let Some(outbox) = store.outbox() {
            let pending = outbox.pending(&queue("out"), 10).await.expect("the outbox can be read");
            assert_eq!(pending.contains(&self.message), there, "the message");
        }
        if let Some(inbox) = store.inbox() {
            let marked = inbox.is_marked(&queue("consumer"), self.marked).await.expect("the inbox can be read");
            assert_eq!(marked, there, "the mark");
        }
        if let Some(keys) = store.keys() {
            let owner = keys.owner(&key(self.key)).await.expect("keys can be read");
            assert_eq!(owner.is_some(), there, "the key");
        }
    }
}

pub(super) async fn effects_are_stored_with_their_events(subject: Subject) {
    let store = subject.store();
    let each = Each::new();
    each.assert_there(store, false).await;
    stored(store, with(each.effects(store))).await;
    each.assert_there(store, true).await;
}

pub(super) async fn an_append_that_fails_leaves_no_effect(subject: Subject) {
    let store = subject.store();
    let each = Each::new();
    stored(store, to(&stream("a"), vec![tagged(&["k:1"])])).await;

    let conflicting = Append::new(append_id()).stream(stream("a"), ExpectedVersion::NoStream, events(1));
    let conflicting = each.effects(store).into_iter().fold(conflicting, Append::effect);
    refused!(store.append(conflicting).await, AppendError::WrongExpectedVersion { .. });
    each.assert_there(store, false).await;

    let excluded = with(each.effects(store)).condition(nothing_since(by_tag("k:1"), Position::ZERO));
    assert!(store.append(excluded).await.is_err());
    each.assert_there(store, false).await;

    let malformed = each.effects(store).into_iter().fold(Append::new(append_id()), Append::effect);
    refused!(store.append(malformed).await, AppendError::Invalid(_));
    each.assert_there(store, false).await;
}

pub(super) async fn an_effect_that_fails_leaves_no_event_and_no_other_effect(subject: Subject) {
    let store = subject.store();
    let each = Each::new();
    let twice = message_id();
    let mut failing = Vec::new();
    if store.inbox().is_some() {
        stored(store, with([mark("consumer", twice)])).await;
        failing.push(mark("consumer", twice));
    }
    if store.keys().is_some() {
        stored(store, with([reserve("taken@b.c", &stream("first"))])).await;
        failing.push(reserve("taken@b.c", &stream("second")));
    }
    let before = log(store, &Filter::all()).await.len();
    for failing in failing {
        // Before it, after it, and around it.
        for place in 0..=each.effects(store).len() {
            let mut effects = each.effects(store);
            effects.insert(place, failing.clone());
            let append = with(effects).stream(stream("b"), ExpectedVersion::Any, events(3));
            refused!(store.append(append.clone()).await, AppendError::DuplicateMessage { .. } | AppendError::KeyTaken { .. });
            each.assert_there(store, false).await;
            assert_eq!(log(store, &Filter::all()).await.len(), before, "an append whose effect failed left events");
            assert_eq!(store.appended(append.id).await.expect("the outcome can be asked for"), None);
        }
    }
}

pub(super) async fn a_repeated_append_applies_its_effects_once(subject: Subject) {
    let store = subject.store();
    let each = Each::new();
    let append = with(each.effects(store));
    stored(store, append.clone()).await;
    // What the effects brought about is undone by others.
    if let Some(outbox) = store.outbox() {
        outbox.settle(&queue("out"), &[each.message.id]).await.expect("the outbox can be written");
    }
    if store.timers().is_some() {
        stored(store, with([Effect::CancelTimer { owner: each.owner.clone(), name: "t".into() }])).await;
    }
    if store.keys().is_some() {
        stored(store, with([release(each.key, &each.owner)])).await;
    }

    assert!(stored(store, append).await.repeated, "also its inbox mark does not count as a duplicate");

    if let Some(outbox) = store.outbox() {
        assert!(outbox.pending(&queue("out"), 10).await.expect("the outbox can be read").is_empty());
    }
    if let Some(timers) = store.timers() {
        assert!(timers.of(&each.owner).await.expect("timers can be read").is_empty());
    }
    if let Some(keys) = store.keys() {
        assert_eq!(keys.owner(&key(each.key)).await.expect("keys can be read"), None);
    }
}

pub(super) async fn effects_of_one_append_happen_in_their_order(subject: Subject) {
    let store = subject.store();
    let (a, b) = (stream("a"), stream("b"));
    if let Some(timers) = store.timers() {
        let cancel = || Effect::CancelTimer { owner: a.clone(), name: "t".into() };
        let set = |second| Effect::SetTimer(timer(&a, "t", at(second)));
        stored(store, with([set(1), cancel()])).await;
        assert!(timers.of(&a).await.expect("timers can be read").is_empty());
        stored(store, with([set(1), cancel(), set(2), set(3)])).await;
        assert_eq!(timers.of(&a).await.expect("timers can be read"), [timer(&a, "t", at(3))]);
    }
    if let Some(keys) = store.keys() {
        stored(store, with([reserve("k", &a), release("k", &a), reserve("k", &b)])).await;
        assert_eq!(keys.owner(&key("k")).await.expect("keys can be read"), Some(b.clone()));
        refused!(
            store.append(with([reserve("k", &a), release("k", &b)])).await,
            AppendError::KeyTaken { owner, .. } if owner == b
        );
        refused!(store.append(with([reserve("new", &a), reserve("new", &b)])).await, AppendError::KeyTaken { .. });
        assert_eq!(keys.owner(&key("new")).await.expect("keys can be read"), None);
    }
    if let Some(inbox) = store.inbox() {
        let message = message_id();
        let twice = with([mark("consumer", message), mark("consumer", message)]);
        refused!(store.append(twice).await, AppendError::DuplicateMessage { .. });
        assert!(!inbox.is_marked(&queue("consumer"), message).await.expect("the inbox can be read"));
    }
    if store.keys().is_some() && store.inbox().is_some() {
        let message = message_id();
        stored(store, with([mark("consumer", message)])).await;
        let key_first = with([reserve("k", &a), mark("consumer", message)]);
        refused!(store.append(key_first).await, AppendError::KeyTaken { .. });
        let mark_first = with([mark("consumer", message), reserve("k", &a)]);
        refused!(store.append(mark_first).await, AppendError::DuplicateMessage { .. });
    }
}

pub(super) async fn a_store_has_what_it_declares_and_refuses_the_rest(subject: Subject) {
    let store = subject.store();
    let info = store.info();
    assert!(info.log(annals_core::LogId::MAIN).is_some(), "every store has the main log");
    assert_eq!(store.timers().is_some(), info.can(Capability::Timers), "timers");
    assert_eq!(store.outbox().is_some(), info.can(Capability::Outbox), "an outbox");
    assert_eq!(store.inbox().is_some(), info.can(Capability::Inbox), "an inbox");
    assert_eq!(store.keys().is_some(), info.can(Capability::Keys), "unique keys");
    assert_eq!(store.views().is_some(), info.can(Capability::Views), "views");

    let owner = stream("owner");
    let each = [
        Effect::SetTimer(timer(&owner, "t", at(1))),
        Effect::CancelTimer { owner: owner.clone(), name: "t".into() },
        Effect::Enqueue(message("out")),
        mark("consumer", message_id()),
        reserve("k", &owner),
        release("k", &owner),
    ];
    for effect in each {
        let lacking = effect.capability();
        if !info.can(lacking) {
            let result = store.append(with([effect])).await;
            refused!(result, AppendError::Unsupported { capability, .. } if capability == lacking);
            assert_nothing_stored(store).await;
        }
    }
}
