//! Contract 5: reading is by pages.

use annals_core::store::{Direction, PageSize, ReadError, ReadLog, ReadStream};
use annals_core::{Filter, LogId, NewEvent, Payload, Position, RecordedEvent, Version};

use super::Subject;
use super::sample::*;

/// Reads a stream from its start, or backward from its end, in pages of a size; and the number of pages.
async fn in_pages(subject: &Subject, direction: Direction, size: PageSize) -> (Vec<RecordedEvent>, usize) {
    let mut read = match direction {
        Direction::Forward => ReadStream::forward(stream("a")),
        Direction::Backward => ReadStream::backward(stream("a")),
    };
    read = read.size(size);
    let (mut events, mut pages) = (Vec::new(), 0);
    loop {
        let page = subject.store().read_stream(read.clone()).await.expect("the stream can be read");
        assert!(page.events.len() <= size.max_events());
        assert!(page.next.is_none() || !page.events.is_empty(), "a page before the end holds at least one event");
        pages += 1;
        events.extend(page.events);
        match page.next {
            Some(next) => read = read.from(next),
            None => return (events, pages),
        }
    }
}

pub(super) async fn a_stream_that_does_not_exist_is_empty(subject: Subject) {
    let store = subject.store();
    for read in
        [ReadStream::forward(stream("a")), ReadStream::backward(stream("a")), ReadStream::forward(stream("a")).from(version(5))]
    {
        let page = store.read_stream(read).await.expect("a stream without events can be read");
        assert!(page.events.is_empty() && page.next.is_none());
    }
}

pub(super) async fn a_stream_is_read_in_pages_both_ways(subject: Subject) {
    let store = subject.store();
    let append = to(&stream("a"), events(12));
    stored(store, append.clone()).await;
    stored(store, to(&stream("b"), events(3))).await;

    for size in [1, 2, 3, 5, 11, 12, 13, PageSize::MAX_EVENTS] {
        let (forward, pages) = in_pages(&subject, Direction::Forward, PageSize::events(size)).await;
        assert_eq!(ids(&forward), new_ids(&append), "in pages of {size}");
        assert!(pages >= 12_usize.div_ceil(size));
        let (mut backward, _) = in_pages(&subject, Direction::Backward, PageSize::events(size)).await;
        backward.reverse();
        assert_eq!(backward, forward, "backward, in pages of {size}");
    }
}

pub(super) async fn a_page_of_a_stream_starts_where_it_is_asked_to(subject: Subject) {
    let store = subject.store();
    stored(store, to(&stream("a"), events(5))).await;
    let versions = async |read: ReadStream| {
        let page = store.read_stream(read).await.expect("the stream can be read");
        page.events.iter().map(|event| event.version.get()).collect::<Vec<_>>()
    };
    let forward = |from| ReadStream::forward(stream("a")).from(from);
    let backward = |from| ReadStream::backward(stream("a")).from(from);

    assert_eq!(versions(forward(Version::ZERO)).await, [1, 2, 3, 4, 5]);
    assert_eq!(versions(forward(version(4))).await, [4, 5]);
    assert_eq!(versions(forward(version(6))).await, [0; 0]);
    assert_eq!(versions(forward(Version::MAX)).await, [0; 0]);
    assert_eq!(versions(backward(Version::MAX)).await, [5, 4, 3, 2, 1]);
    assert_eq!(versions(backward(version(2))).await, [2, 1]);
    assert_eq!(versions(backward(Version::ZERO)).await, [0; 0]);
    assert_eq!(versions(backward(version(3)).size(PageSize::events(2))).await, [3, 2]);
    assert_eq!(versions(forward(version(3)).size(PageSize::events(2))).await, [3, 4]);
}

const BODY: usize = 1_000;

fn large() -> NewEvent {
    let text = "x".repeat(BODY - 2);
    NewEvent { payload: Payload::json(&text).expect("a text can be written"), ..event() }
}

fn assert_within(events: &[RecordedEvent], bytes: usize) {
    let sizes: Vec<_> = events.iter().map(|event| event.payload.len() + event.metadata.as_bytes().len()).collect();
    let before_last: usize = sizes[..sizes.len().saturating_sub(1)].iter().sum();
    assert!(before_last < bytes, "a page of {bytes} bytes went on after {before_last}");
}

pub(super) async fn a_page_ends_when_its_bytes_are_reached(subject: Subject) {
    let store = subject.store();
    let append = to(&stream("a"), (0..9).map(|_| large()).collect());
    stored(store, append.clone()).await;

    for bytes in [1, BODY, 2 * BODY, 3 * BODY + 1, 100 * BODY] {
        let size = PageSize::events(100).and_bytes(bytes);
        let forward = store.read_stream(ReadStream::forward(stream("a")).size(size)).await.expect("the stream can be read");
        assert_within(&forward.events, bytes);
        let backward = store.read_stream(ReadStream::backward(stream("a")).size(size)).await.expect("the stream can be read");
        assert_within(&backward.events, bytes);
        let logged = store.read_log(ReadLog::new(Filter::all()).size(size)).await.expect("the log can be read");
        assert_within(&logged.events, bytes);

        assert_eq!(ids(&in_pages(&subject, Direction::Forward, size).await.0), new_ids(&append));
        assert_eq!(in_pages(&subject, Direction::Backward, size).await.0.len(), 9);
        assert_eq!(ids(&read_on(store, &Filter::all(), Position::ZERO, size).await.events), new_ids(&append));
    }
}

pub(super) async fn a_page_holds_one_event_however_large(subject: Subject) {
    let store = subject.store();
    stored(store, to(&stream("a"), vec![large(), large()])).await;
    let size = PageSize::events(10).and_bytes(0);
    let page = store.read_stream(ReadStream::forward(stream("a")).size(size)).await.expect("the stream can be read");
    assert_eq!(page.events.len(), 1);
    let (events, _) = in_pages(&subject, Direction::Forward, size).await;
    assert_eq!(events.len(), 2);
    assert_eq!(read_on(store, &Filter::all(), Position::ZERO, size).await.events.len(), 2);
}

pub(super) async fn the_log_is_read_in_pages(subject: Subject) {
    let store = subject.store();
    let mut expected = Vec::new();
    for turn in 0..10 {
        let append = to(&stream(&format!("{}", turn % 4)), events(1 + turn % 3));
        expected.extend(new_ids(&append));
        stored(store, append).await;
    }
    for size in [1, 2, 3, 7, expected.len(), 1_000] {
        let seen = read_on(store, &Filter::all(), Position::ZERO, PageSize::events(size)).await;
        assert_eq!(ids(&seen.events), expected, "in pages of {size}");
    }
    let all = log(store, &Filter::all()).await;
    for (index, event) in all.iter().enumerate() {
        let rest = read_on(store, &Filter::all(), event.position, PageSize::events(4)).await;
        assert_eq!(rest.events, all[index + 1..], "after position {}", event.position);
    }
}

pub(super) async fn a_reader_past_the_end_stays_where_it_is(subject: Subject) {
    let store = subject.store();
    let empty = read_on(store, &Filter::all(), Position::ZERO, PageSize::default()).await;
    assert!(empty.events.is_empty());
    let last = stored(store, to(&stream("a"), events(2))).await.last;

    for after in [last, last.forward(1).expect("in range"), last.forward(1_000).expect("in range"), Position::MAX] {
        let page = store.read_log(ReadLog::new(Filter::all()).after(after)).await.expect("the log can be read");
        assert!(page.events.is_empty() && page.at_end, "nothing is after {after}");
        assert!(page.scanned_to >= after, "a page after {after} says that it scanned to {}", page.scanned_to);
    }
}

pub(super) async fn a_page_never_scans_past_what_can_still_appear(subject: Subject) {
    let store = subject.store();
    for _ in 0..20 {
        let seen = read_on(store, &by_tag("nobody:1"), Position::ZERO, PageSize::default()).await;
        let next = stored(store, to(&stream("a"), events(1))).await;
        assert!(next.first > seen.scanned_to, "{} appeared at or below {}", next.first, seen.scanned_to);
    }
}

pub(super) async fn scanned_to_moves_on_when_nothing_matches(subject: Subject) {
    let store = subject.store();
    let mut last = Position::ZERO;
    for _ in 0..20 {
        last = stored(store, to(&stream("a"), events(100))).await.last;
    }
    for filter in [by_tag("nobody:1"), Filter::category(category("nowhere"))] {
        let seen = read_on(store, &filter, Position::ZERO, PageSize::events(10)).await;
        assert!(seen.events.is_empty());
        assert!(seen.scanned_to >= last, "the reader is still at {}, the log ends at {last}", seen.scanned_to);
    }
}

pub(super) async fn an_unknown_log_is_named(subject: Subject) {
    let store = subject.store();
    let unknown = LogId::new(u16::MAX);
    if store.info().log(unknown).is_some() {
        return;
    }
    match store.read_log(ReadLog::new(Filter::all()).log(unknown)).await {
        Err(ReadError::UnknownLog(log)) => assert_eq!(log, unknown),
        other => panic!("expected that log {unknown} is unknown, got {other:?}"),
    }
    let waited = super::runner::soon("an error", store.wait(unknown, Position::ZERO)).await;
    refused!(waited, ReadError::UnknownLog(_));
}
