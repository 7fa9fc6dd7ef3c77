//! How large events have been lately, and so whether a page may be asked for by its number of events alone.
//!
//! The server can stop where a page is full by its bytes, but to find out where that is it looks at each event twice. So it
//! is asked to where that may happen, as far as one knows: it costs pages of small events nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use annals_core::store::PageSize;

use crate::row::limit;

/// The size of the largest event that was read lately. Before the first one, there may be any.
pub(crate) struct Sizes(AtomicUsize);

impl Sizes {
    pub(crate) fn new() -> Self {
        Self(AtomicUsize::new(usize::MAX))
    }

    /// The bytes at which the server should stop, if so many events can be more.
    pub(crate) fn bound(&self, size: PageSize, so_far: usize) -> Option<i64> {
        let left = size.max_bytes().saturating_sub(so_far).max(1);
        let most = self.0.load(Ordering::Relaxed).saturating_mul(size.max_events());
        (most > left).then(|| limit(left))
    }

    /// Takes in the size of the largest event of a page. What was larger is forgotten little by little.
    pub(crate) fn learn(&self, largest: usize) {
        let faded = |before: usize| if before == usize::MAX { 0 } else { before - before / 8 };
        if largest > 0 {
            let before = self.0.load(Ordering::Relaxed);
            // Of two who learn at the same time one may be in vain.
            self.0.store(largest.max(faded(before)), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_bounded_until_its_events_are_known_to_be_small() {
        let (sizes, page) = (Sizes::new(), PageSize::events(100).and_bytes(10_000));
        assert_eq!(sizes.bound(page, 0), Some(10_000), "nothing is known");
        sizes.learn(100);
        assert_eq!(sizes.bound(page, 0), None);
        assert_eq!(sizes.bound(page, 9_000), Some(1_000), "little is left of the page");
        sizes.learn(101);
        assert_eq!(sizes.bound(page, 0), Some(10_000));
        (0..9).for_each(|_| sizes.learn(10));
        assert_eq!(sizes.bound(page, 0), None, "that was long ago");
        assert_eq!(sizes.bound(page.and_bytes(0), 0), Some(1), "a page holds an event");
    }
}
