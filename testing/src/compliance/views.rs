//! Documents of read models with their checkpoints.

use annals_core::store::{Anchor, Checkpoint, ViewChange, ViewCommit, ViewEntry, ViewError, ViewName, Views};
use annals_core::{Encoding, EventId, LogId, Payload, Position};
use bytes::Bytes;
use tokio::task::JoinSet;

use super::Subject;
use super::sample::refused;

fn view(name: &str) -> ViewName {
    ViewName::new(name).expect("the name of the view is valid")
}

/// The checkpoint of a reader that has come to a position; none at zero.
fn checkpoint(subject: &Subject, position: u64) -> Option<Checkpoint> {
    let epoch = subject.store().info().logs[0].epoch;
    let position = Position::new(position).expect("the position is in range");
    let anchor = Anchor { position, event: EventId::from_bytes([7; 16]) };
    (position > Position::ZERO).then(|| Checkpoint::start(LogId::MAIN, epoch).advanced(position, Some(anchor)))
}

fn put(key: &str, data: &'static str) -> ViewChange {
    ViewChange::Put(ViewEntry { key: key.to_owned(), data: document(data) })
}

fn document(data: &'static str) -> Payload {
    Payload { encoding: Encoding::JSON, data: Bytes::from_static(data.as_bytes()) }
}

fn delete(key: &str) -> ViewChange {
    ViewChange::Delete { key: key.to_owned() }
}

fn commit(subject: &Subject, from: u64, to: u64, changes: Vec<ViewChange>) -> ViewCommit {
    let checkpoint_at = checkpoint(subject, to).expect("a commit leads somewhere");
    ViewCommit { view: view("totals"), version: 1, expected: checkpoint(subject, from), checkpoint: checkpoint_at, changes }
}

async fn committed(views: &dyn Views, commit: ViewCommit) {
    views.commit(commit).await.unwrap_or_else(|error| panic!("the commit was refused: {error:?}"));
}

async fn keys(views: &dyn Views, after: Option<&str>, limit: usize) -> Vec<String> {
    let entries = views.list(&view("totals"), 1, "", after, limit).await.expect("the view can be read");
    entries.into_iter().map(|entry| entry.key).collect()
}

async fn get(views: &dyn Views, key: &str) -> Option<Payload> {
    views.get(&view("totals"), 1, key).await.expect("the view can be read")
}

pub(super) async fn a_view_starts_empty_and_without_checkpoint(subject: Subject) {
    let Some(views) = subject.store().views() else { return };
    assert_eq!(views.checkpoint(&view("totals"), 1).await.expect("the view can be read"), None);
    assert_eq!(get(views, "a").await, None);
    assert_eq!(keys(views, None, 10).await, [""; 0]);
}

pub(super) async fn documents_and_checkpoint_are_stored_together(subject: Subject) {
    let Some(views) = subject.store().views() else { return };
    committed(views, commit(&subject, 0, 5, vec![put("a", "1"), put("b", "2"), put("a", "3"), delete("b"), delete("c")])).await;
    assert_eq!(views.checkpoint(&view("totals"), 1).await.expect("the view can be read"), checkpoint(&subject, 5));
    assert_eq!((get(views, "a").await, get(views, "b").await), (Some(document("3")), None));

    committed(views, commit(&subject, 5, 6, vec![delete("a"), put("a", "4"), put("", "all")])).await;
    committed(views, commit(&subject, 6, 7, Vec::new())).await;
    assert_eq!((get(views, "a").await, get(views, "").await), (Some(document("4")), Some(document("all"))));
    assert_eq!(views.checkpoint(&view("totals"), 1).await.expect("the view can be read"), checkpoint(&subject, 7));
}

pub(super) async fn a_commit_from_another_checkpoint_is_fenced_off(subject: Subject) {
    let Some(views) = subject.store().views() else { return };
    let fenced = async |from: u64| {
        match views.commit(commit(&subject, from, 9, vec![put("a", "wrong"), put("z", "wrong")])).await {
            Err(ViewError::Fenced { view: named, expected, actual }) => {
                assert_eq!((named, expected), (view("totals"), checkpoint(&subject, from)));
                assert_eq!(actual, views.checkpoint(&view("totals"), 1).await.expect("the view can be read"));
            }
            other => panic!("expected that the commit is fenced off, got {other:?}"),
        }
        assert_eq!(get(views, "z").await, None);
    };
    fenced(3).await;
    committed(views, commit(&subject, 0, 5, vec![put("a", "1")])).await;
    fenced(0).await;
    fenced(4).await;
    fenced(6).await;
    // The same position after another last event is another checkpoint.
    let mut other = commit(&subject, 5, 6, vec![put("a", "wrong")]);
    let anchor = Anchor { position: Position::FIRST, event: EventId::from_bytes([8; 16]) };
    other.expected = other.expected.map(|from| from.advanced(from.scanned_to, Some(anchor)));
    refused!(views.commit(other).await, ViewError::Fenced { .. });

    assert_eq!(get(views, "a").await, Some(document("1")));
    committed(views, commit(&subject, 5, 6, vec![put("a", "2")])).await;
}

pub(super) async fn a_document_that_was_deleted_is_gone_until_it_is_written_again(subject: Subject) {
    let Some(views) = subject.store().views() else { return };
    let changes = || vec![put("a", "1"), put("b", "1"), put("c", "1")];
    committed(views, commit(&subject, 0, 5, changes())).await;
    committed(views, ViewCommit { version: 2, ..commit(&subject, 0, 5, changes()) }).await;
    committed(views, ViewCommit { view: view("other"), ..commit(&subject, 0, 5, changes()) }).await;

    refused!(views.commit(commit(&subject, 4, 6, vec![delete("a"), delete("b")])).await, ViewError::Fenced { .. });
    assert_eq!(keys(views, None, 10).await, ["a", "b", "c"]);
    committed(views, commit(&subject, 5, 6, vec![delete("b"), delete("not there")])).await;

    assert_eq!(get(views, "b").await, None);
    assert_eq!((keys(views, None, 10).await, keys(views, Some("a"), 1).await), (vec!["a".into(), "c".into()], vec!["c".into()]));
    for (name, version) in [("totals", 2), ("other", 1)] {
        let kept = views.get(&view(name), version, "b").await.expect("the view can be read");
        assert_eq!(kept, Some(document("1")), "version {version} of `{name}`");
    }
    committed(views, commit(&subject, 6, 7, vec![delete("b"), put("b", "2"), delete("a")])).await;
    assert_eq!((get(views, "a").await, get(views, "b").await), (None, Some(document("2"))));
    assert_eq!(keys(views, None, 10).await, ["b", "c"]);
}

pub(super) async fn documents_are_listed_by_the_start_of_their_keys(subject: Subject) {
    let Some(views) = subject.store().views() else { return };
    let stored = ["", "a", "a/", "a/1", "a/2", "a/2/x", "a0", "b/1", "é", "é/1", "\u{10ffff}", "\u{10ffff}\u{10ffff}"];
    committed(views, commit(&subject, 0, 1, stored.map(|key| put(key, "1")).into())).await;
    let list = async |prefix: &str, after: Option<&str>, limit| {
        let entries = views.list(&view("totals"), 1, prefix, after, limit).await.expect("the view can be read");
        entries.into_iter().map(|entry| entry.key).collect::<Vec<_>>()
    };

    for prefix in ["", "a", "a/", "a/2", "a/2/x", "a/2/xy", "b", "c", "\u{e9}", "\u{10ffff}"] {
        let expected: Vec<_> = stored.into_iter().filter(|key| key.starts_with(prefix)).collect();
        assert_eq!(list(prefix, None, 100).await, expected, "what starts with `{prefix}`");
        let (mut paged, mut after) = (Vec::new(), None);
        while let Some(key) = list(prefix, after.as_deref(), 1).await.pop() {
            after = Some(key.clone());
            paged.push(key);
        }
        assert_eq!(paged, expected, "what starts with `{prefix}`, one by one");
    }
    assert_eq!(list("a/", Some("a/1"), 100).await, ["a/2", "a/2/x"]);
    assert_eq!(list("a/", Some(""), 2).await, ["a/", "a/1"], "a page starts with the prefix, wherever the one before ended");
    assert_eq!(list("a/", Some("a0"), 100).await, [""; 0]);
    assert_eq!(list("a/", None, 0).await, [""; 0]);
}

pub(super) async fn documents_are_listed_in_byte_order_page_by_page(subject: Subject) {
    let Some(views) = subject.store().views() else { return };
    let longest = "z".repeat(255);
    let mut expected =
        ["", "A", "B", "a", "a ", "a/1", "a1", "a10", "a2", "ab", "b", "é", "e\u{301}", "한", "🦀", "\u{fffd}", &longest];
    committed(views, commit(&subject, 0, 1, expected.map(|key| put(key, "1")).into())).await;
    expected.sort_unstable();

    assert_eq!(keys(views, None, 100).await, expected);
    assert_eq!(keys(views, None, 0).await, [""; 0]);
    assert_eq!(keys(views, Some(""), 2).await, expected[1..3]);
    assert_eq!(keys(views, Some("a3"), 100).await, expected[expected.partition_point(|key| *key <= "a3")..]);
    assert_eq!(keys(views, Some("\u{10ffff}"), 100).await, [""; 0]);
    for limit in [1, 3, 16, 17] {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page = keys(views, after.as_deref(), limit).await;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            listed.extend(page);
        }
        assert_eq!(listed, expected, "in pages of {limit}");
    }
}

pub(super) async fn a_document_comes_back_byte_for_byte(subject: Subject) {
    let Some(views) = subject.store().views() else { return };
    let bytes: [&'static [u8]; 4] = [b"", b"{ \"b\":1, \"a\":2 }", b"\xff\0\x80", b"null"];
    let entries: Vec<_> = (0_u16..)
        .zip(bytes)
        .map(|(number, data)| ViewEntry {
            key: format!("{number}"),
            data: Payload { encoding: Encoding::from_number(number * 20_000), data: Bytes::from_static(data) },
        })
        .collect();
    committed(views, commit(&subject, 0, 1, entries.iter().cloned().map(ViewChange::Put).collect())).await;
    assert_eq!(views.list(&view("totals"), 1, "", None, 10).await.expect("the view can be read"), entries);
    for entry in entries {
        assert_eq!(get(views, &entry.key).await, Some(entry.data));
    }
}

pub(super) async fn a_key_that_is_too_long_is_refused(subject: Subject) {
    let Some(views) = subject.store().views() else { return };
    let too_long = "k".repeat(256);
    let result = views.commit(commit(&subject, 0, 1, vec![put("a", "1"), put(&too_long, "1")])).await;
    refused!(result, ViewError::KeyTooLong { len: 256, .. });
    assert_eq!(get(views, "a").await, None);
    assert_eq!(views.checkpoint(&view("totals"), 1).await.expect("the view can be read"), None);
}

pub(super) async fn versions_and_views_are_kept_apart(subject: Subject) {
    let Some(views) = subject.store().views() else { return };
    let of = |name: &str, version| ViewCommit { view: view(name), version, ..commit(&subject, 0, 5, vec![put("a", "1")]) };
    committed(views, of("totals", 1)).await;
    assert_eq!(views.checkpoint(&view("totals"), 2).await.expect("the view can be read"), None);
    assert_eq!(views.get(&view("totals"), 2, "a").await.expect("the view can be read"), None);
    assert_eq!(views.get(&view("total"), 1, "a").await.expect("the view can be read"), None);
    committed(views, of("totals", 2)).await;
    committed(views, of("total", 1)).await;
    committed(views, of("$annals.totals", u32::MAX)).await;
    committed(views, ViewCommit { version: 2, ..commit(&subject, 5, 6, vec![delete("a")]) }).await;
    assert_eq!(get(views, "a").await, Some(document("1")));
}

pub(super) async fn a_view_that_is_reset_starts_anew(subject: Subject) {
    let Some(views) = subject.store().views() else { return };
    let changes = || vec![put("a", "1"), put("b", "1")];
    committed(views, commit(&subject, 0, 5, changes())).await;
    committed(views, ViewCommit { version: 2, ..commit(&subject, 0, 5, changes()) }).await;

    views.reset(&view("totals"), 1).await.expect("the view can be reset");
    views.reset(&view("totals"), 1).await.expect("an empty view can be reset");

    assert_eq!(views.checkpoint(&view("totals"), 1).await.expect("the view can be read"), None);
    assert_eq!(keys(views, None, 10).await, [""; 0]);
    assert_eq!(views.list(&view("totals"), 2, "", None, 10).await.expect("the view can be read").len(), 2);
    refused!(views.commit(commit(&subject, 5, 6, changes())).await, ViewError::Fenced { actual: None, .. });
    committed(views, commit(&subject, 0, 1, changes())).await;
}

pub(super) async fn of_racers_who_commit_from_one_checkpoint_exactly_one_wins(subject: Subject) {
    let Some(views) = subject.store().views() else { return };
    for round in 0..20 {
        let mut racers = JoinSet::new();
        for racer in 0..8 {
            let store = subject.handle(racer);
            let own = format!("{round} {racer}");
            let commit = commit(&subject, round, round + 1, vec![put(&own, "1"), put(&format!("{own} too"), "1")]);
            racers.spawn(async move { store.views().expect("every handle has views").commit(commit).await });
        }
        let mut winners = 0;
        for result in racers.join_all().await {
            match result {
                Ok(()) => winners += 1,
                Err(ViewError::Fenced { .. }) => {}
                Err(other) => panic!("expected that the commit is fenced off, got {other:?}"),
            }
        }
        assert_eq!(winners, 1);
    }
    assert_eq!(keys(views, None, 1_000).await.len(), 40, "the losers of the races left documents");
}
