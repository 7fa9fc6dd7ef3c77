use annals_core::store::{Direction, Filter, LogPage, PageSize, ReadLog, ReadStream, StreamPage};
use annals_core::{Position, RecordedEvent};

use crate::state::{State, index_of, position_at, version_at};

/// How many events one page of a log looks at, so that a reader whose filter matches little never holds the lock for
/// long.
const MAX_SCAN: usize = 4_096;

impl State {
    /// Reads a page of a stream.
    pub(crate) fn read_stream(&self, read: &ReadStream) -> StreamPage {
        let positions = self.streams.get(&read.stream).map_or(&[][..], Vec::as_slice);
        let at_version = |version: usize| (version, self.event(positions[version - 1]));
        let from = usize::try_from(read.from.get()).unwrap_or(usize::MAX);
        let mut page = Page::new(read.size);
        let next = match read.direction {
            Direction::Forward => page.fill((from.max(1)..=positions.len()).map(at_version)),
            Direction::Backward => page.fill((1..=from.min(positions.len())).rev().map(at_version)),
        };
        StreamPage { events: page.events, next: next.map(version_at) }
    }

    /// Reads a page of the log.
    pub(crate) fn read_log(&self, read: &ReadLog) -> LogPage {
        let (positions, horizon) = self.to_scan(&read.filter, read.after);
        let mut page = Page::new(read.size);
        let matching = positions.into_iter().map(|position| self.event(position)).filter(|event| read.filter.matches(event));
        let next = page.fill(matching.map(|event| (event.position, event)));
        let scanned_to = match (next, page.events.last()) {
            (Some(_), Some(last)) => last.position,
            _ => horizon,
        };
        LogPage { log: read.log, events: page.events, scanned_to, at_end: scanned_to >= self.end() }
    }

    /// The positions that one page looks at, and how far it has scanned when it has looked at all of them.
    fn to_scan(&self, filter: &Filter, after: Position) -> (Vec<Position>, Position) {
        let horizon = self.end().max(after);
        let criteria = filter.criteria();
        if criteria.is_empty() || criteria.iter().any(|criterion| criterion.tags().is_empty()) {
            let from = index_of(after).min(self.log.len());
            let to = self.log.len().min(from + MAX_SCAN);
            return ((from + 1..=to).map(position_at).collect(), if to == self.log.len() { horizon } else { position_at(to) });
        }
        let candidates = criteria.iter().flat_map(|criterion| self.candidates(criterion, after).iter().take(MAX_SCAN + 1));
        let mut positions: Vec<_> = candidates.copied().collect();
        positions.sort_unstable();
        positions.dedup();
        let rest = positions.len() > MAX_SCAN;
        positions.truncate(MAX_SCAN);
        let scanned_to = if rest { positions[MAX_SCAN - 1] } else { horizon };
        (positions, scanned_to)
    }
}

/// A page that is being filled.
struct Page {
    size: PageSize,
    events: Vec<RecordedEvent>,
    bytes: usize,
}

impl Page {
    const fn new(size: PageSize) -> Self {
        Self { size, events: Vec::new(), bytes: 0 }
    }

    /// Takes events until the page is full, and tells the place of the first one that was left out.
    fn fill<'a, P>(&mut self, events: impl Iterator<Item = (P, &'a RecordedEvent)>) -> Option<P> {
        for (place, event) in events {
            if self.size.is_full(self.events.len(), self.bytes) {
                return Some(place);
            }
            self.bytes += event.payload.len() + event.metadata.as_bytes().len();
            self.events.push(event.clone());
        }
        None
    }
}
