//! The outbox and the inbox.

use annals_core::store::{AppendError, Effect, Message, Outbox};
use annals_core::{EncodedMetadata, Encoding, MessageId, Payload};
use bytes::Bytes;
use tokio::task::JoinSet;

use super::Subject;
use super::effects::{mark, message, queue, with};
use super::sample::*;

async fn pending(outbox: &dyn Outbox, of: &str, limit: usize) -> Vec<MessageId> {
    let messages = outbox.pending(&queue(of), limit).await.expect("the outbox can be read");
    messages.iter().map(|message| message.id).collect()
}

pub(super) async fn messages_are_pending_in_the_order_in_which_they_were_enqueued(subject: Subject) {
    let store = subject.store();
    let Some(outbox) = store.outbox() else { return };
    let mut expected = Vec::new();
    for turn in 0..10 {
        let messages: Vec<_> = (0..=turn % 3).map(|_| message("out")).collect();
        expected.extend(messages.iter().map(|message| message.id));
        let other = Effect::Enqueue(message("other"));
        stored(store, with(messages.into_iter().map(Effect::Enqueue).chain([other]))).await;
    }
    assert_eq!(pending(outbox, "out", 1_000).await, expected);
    assert_eq!(pending(outbox, "out", 4).await, expected[..4]);
    assert_eq!(pending(outbox, "out", 0).await, []);
    assert_eq!(pending(outbox, "other", 1_000).await.len(), 10);
    assert_eq!(pending(outbox, "nobody", 1_000).await, []);
}

pub(super) async fn a_message_comes_back_byte_for_byte(subject: Subject) {
    let store = subject.store();
    let Some(outbox) = store.outbox() else { return };
    let longest = "k".repeat(255);
    let keys = ["", "k", "' \u{202e}🦀", &longest];
    let difficult = |number: usize| Message {
        key: keys[number].to_owned(),
        payload: Payload {
            encoding: Encoding::from_number([0, 1, 77, u16::MAX][number]),
            data: Bytes::from_static([&b""[..], b"{ \"b\":1, \"a\":2 }", b"\xff\0\x80", b"null"][number]),
        },
        metadata: EncodedMetadata::from_bytes([&b""[..], b"{ }", b"\0\xff", b"{\"a\":1,\"a\":2}"][number]),
        ..message("out")
    };
    let messages: Vec<_> = (0..4).map(difficult).collect();
    stored(store, with(messages.iter().cloned().map(Effect::Enqueue))).await;
    assert_eq!(outbox.pending(&queue("out"), 10).await.expect("the outbox can be read"), messages);
}

pub(super) async fn a_message_is_enqueued_once(subject: Subject) {
    let store = subject.store();
    let Some(outbox) = store.outbox() else { return };
    let (first, second) = (message("out"), message("out"));
    let changed = Message { key: "changed".into(), ..first.clone() };
    stored(store, with([Effect::Enqueue(first.clone()), Effect::Enqueue(second.clone())])).await;
    stored(store, with([Effect::Enqueue(changed), Effect::Enqueue(first.clone())])).await;
    let elsewhere = Message { queue: queue("other"), ..first.clone() };
    stored(store, with([Effect::Enqueue(elsewhere.clone())])).await;

    assert_eq!(outbox.pending(&queue("out"), 10).await.expect("the outbox can be read"), [first, second]);
    assert_eq!(outbox.pending(&queue("other"), 10).await.expect("the outbox can be read"), [elsewhere]);
}

pub(super) async fn a_settled_message_is_gone_and_no_other(subject: Subject) {
    let store = subject.store();
    let Some(outbox) = store.outbox() else { return };
    let messages: Vec<_> = (0..4).map(|_| message("out")).collect();
    stored(store, with(messages.iter().cloned().map(Effect::Enqueue))).await;
    let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
    let settle = async |of: &str, ids: &[MessageId]| outbox.settle(&queue(of), ids).await.expect("the outbox can be written");

    settle("other", &ids).await;
    settle("out", &[]).await;
    assert_eq!(pending(outbox, "out", 10).await, ids);
    settle("out", &[ids[1], message_id()]).await;
    settle("out", &[ids[1]]).await;
    assert_eq!(pending(outbox, "out", 10).await, [ids[0], ids[2], ids[3]]);
    settle("out", &[ids[3], ids[0]]).await;
    assert_eq!(pending(outbox, "out", 10).await, [ids[2]]);

    let later = message("out");
    stored(store, with([Effect::Enqueue(later.clone())])).await;
    assert_eq!(pending(outbox, "out", 10).await, [ids[2], later.id]);
}

pub(super) async fn no_message_is_lost_while_many_enqueue_and_one_settles(subject: Subject) {
    if subject.store().outbox().is_none() {
        return;
    }
    let mut writers = JoinSet::new();
    for writer in 0..6 {
        let store = subject.handle(writer);
        writers.spawn(async move {
            let messages: Vec<_> = (0..20).map(|_| message("out")).collect();
            for message in &messages {
                stored(&*store, with([Effect::Enqueue(message.clone())])).await;
            }
            messages.iter().map(|message| message.id).collect::<Vec<_>>()
        });
    }
    let mut relay = JoinSet::new();
    let store = subject.handle(1);
    relay.spawn(async move {
        let outbox = store.outbox().expect("every handle has the outbox");
        let mut sent = Vec::new();
        while sent.len() < 120 {
            let messages = pending(outbox, "out", 7).await;
            outbox.settle(&queue("out"), &messages).await.expect("the outbox can be written");
            sent.extend(messages);
            tokio::task::yield_now().await;
        }
        sent
    });
    let mut enqueued = writers.join_all().await.concat();
    let mut sent = super::runner::soon("the arrival of every message", relay.join_all()).await.concat();
    enqueued.sort_unstable();
    sent.sort_unstable();
    assert_eq!(sent, enqueued);
}

pub(super) async fn a_message_is_marked_once_for_each_consumer(subject: Subject) {
    let store = subject.store();
    let Some(inbox) = store.inbox() else { return };
    let (first, second) = (message_id(), message_id());
    let marked = async |consumer: &str, message| inbox.is_marked(&queue(consumer), message).await.expect("the inbox can be read");
    assert!(!marked("a", first).await);

    stored(store, with([mark("a", first)])).await;

    match store.append(with([mark("a", first)])).await {
        Err(AppendError::DuplicateMessage { consumer, message }) => assert_eq!((consumer, message), (queue("a"), first)),
        other => panic!("expected a duplicate message, got {other:?}"),
    }
    assert!(marked("a", first).await && !marked("b", first).await && !marked("a", second).await);
    stored(store, with([mark("b", first), mark("a", second)])).await;
    assert!(marked("b", first).await && marked("a", second).await);
}

pub(super) async fn of_racers_who_mark_one_message_exactly_one_wins(subject: Subject) {
    if subject.store().inbox().is_none() {
        return;
    }
    for round in 0..15 {
        let message = message_id();
        let mut racers = JoinSet::new();
        for racer in 0..8 {
            let store = subject.handle(racer);
            let append = to(&stream(&format!("{round} {racer}")), events(1)).effect(mark("a", message));
            racers.spawn(async move { store.append(append).await });
        }
        let mut winners = 0;
        for result in racers.join_all().await {
            match result {
                Ok(_) => winners += 1,
                Err(AppendError::DuplicateMessage { .. }) => {}
                Err(other) => panic!("expected a duplicate message, got {other:?}"),
            }
        }
        assert_eq!(winners, 1);
    }
    assert_eq!(log(subject.store(), &annals_core::Filter::all()).await.len(), 15);
}
