//! Noticing that the horizon is held up: by a transaction that has drawn positions and does not end.
//!
//! Whoever reads or waits looks at the horizon anyway. Only where it has not moved for a while is the server asked who
//! holds it, and whoever is found at the same place for too long is told of once, and once more when it is over. A store in
//! which nothing happens has a horizon that does not move either, and nobody who holds it.

use std::sync::Weak;
use std::time::Duration;

use annals_core::Position;
use tokio::time::Instant;

use crate::health::Blocker;
use crate::horizon::Horizon;

/// What is known of a horizon that does not move. It asks nobody, and is told what time it is.
pub(crate) struct Stall {
    /// How long the horizon may be held up before somebody is told.
    patience: Duration,
    horizon: Position,
    /// When the horizon was first seen where it is, and when somebody last asked who holds it.
    since: Option<Instant>,
    asked: Option<Instant>,
    held: Option<Held>,
    /// How often it was held up for too long.
    pub(crate) count: u64,
}

/// The place where the horizon is held.
struct Held {
    after: Position,
    since: Instant,
    is_told: bool,
}

/// What there is to tell.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News {
    Stalled,
    /// After so long.
    Over(Duration),
}

impl Stall {
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience, horizon: Position::ZERO, since: None, asked: None, held: None, count: 0 }
    }

    /// Takes in where the horizon is. Says whether it is time to ask who holds it.
    pub(crate) fn see(&mut self, horizon: Position, now: Instant) -> bool {
        if horizon > self.horizon {
            self.horizon = horizon;
            self.since = Some(now);
        }
        let since = *self.since.get_or_insert(now);
        let is_told_and_over = self.held.as_ref().is_some_and(|held| held.is_told && horizon > held.after);
        // Twice in the time that it may take, so that one who is found twice was there in between.
        let rested = |since: Instant| now.saturating_duration_since(since) >= self.patience / 2;
        let is_due = is_told_and_over || (rested(since) && self.asked.is_none_or(rested));
        if is_due {
            self.asked = Some(now);
        }
        is_due
    }

    /// Takes in who holds the horizon.
    pub(crate) fn examine(&mut self, blockers: &[Blocker], now: Instant) -> Option<News> {
        let lowest = blockers.first().map(|blocker| blocker.after);
        match &mut self.held {
            Some(held) if Some(held.after) == lowest => {
                if held.is_told || now.saturating_duration_since(held.since) < self.patience {
                    return None;
                }
                held.is_told = true;
                self.count += 1;
                Some(News::Stalled)
            }
            _ => {
                let before = self.held.take();
                self.held = lowest.map(|after| Held { after, since: now, is_told: false });
                let told = before.filter(|held| held.is_told);
                told.map(|held| News::Over(now.saturating_duration_since(held.since)))
            }
        }
    }

    /// For how long the horizon has been held at its place.
    pub(crate) fn held_up_for(&self, now: Instant) -> Option<Duration> {
        self.held.as_ref().map(|held| now.saturating_duration_since(held.since))
    }
}

/// Asks who holds the horizon whenever it is time to, for as long as the store is open.
pub(crate) async fn guard(horizon: Weak<Horizon>) {
    while let Some(horizon) = horizon.upgrade().filter(|horizon| !horizon.is_closed()) {
        horizon.suspicion.notified().await;
        // Where the server cannot be asked, readers are told.
        let _ = horizon.examine().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::Holder;

    const SECOND: Duration = Duration::from_secs(1);

    fn place(number: u64) -> Position {
        Position::new(number).unwrap()
    }

    fn holding(after: u64) -> Vec<Blocker> {
        vec![Blocker { after: place(after), holder: Holder::Gone, transaction_age: None }]
    }

    #[test]
    fn the_server_is_asked_where_the_horizon_has_rested_and_not_at_each_look() {
        let (mut stall, start) = (Stall::new(4 * SECOND), Instant::now());
        assert!(!stall.see(place(1), start));
        assert!(!stall.see(place(2), start + SECOND));
        assert!(!stall.see(place(2), start + 2 * SECOND), "it moved a second ago");
        assert!(stall.see(place(2), start + 3 * SECOND));
        assert!(!stall.see(place(2), start + 4 * SECOND), "somebody asked a second ago");
        assert!(stall.see(place(2), start + 5 * SECOND));
    }

    #[test]
    fn who_holds_it_for_too_long_is_told_of_once_and_once_more_when_it_is_over() {
        let (mut stall, start) = (Stall::new(4 * SECOND), Instant::now());
        assert_eq!(stall.examine(&holding(2), start), None);
        assert_eq!(stall.examine(&holding(2), start + 3 * SECOND), None);
        assert_eq!(stall.examine(&holding(2), start + 4 * SECOND), Some(News::Stalled));
        assert_eq!(stall.examine(&holding(2), start + 9 * SECOND), None);
        assert_eq!(stall.held_up_for(start + 9 * SECOND), Some(9 * SECOND));
        assert_eq!(stall.examine(&[], start + 10 * SECOND), Some(News::Over(10 * SECOND)));
        assert_eq!((stall.held_up_for(start), stall.count), (None, 1));
        assert_eq!(stall.examine(&[], start + 20 * SECOND), None);
    }

    #[test]
    fn one_append_after_another_is_no_stall() {
        let (mut stall, start) = (Stall::new(4 * SECOND), Instant::now());
        for step in 0..9 {
            assert_eq!(stall.examine(&holding(u64::from(step)), start + step * 3 * SECOND), None);
        }
    }

    #[test]
    fn a_horizon_that_moves_after_a_stall_is_examined_at_once() {
        let (mut stall, start) = (Stall::new(4 * SECOND), Instant::now());
        stall.see(place(2), start);
        stall.examine(&holding(2), start);
        stall.examine(&holding(2), start + 4 * SECOND);
        assert!(stall.see(place(3), start + 4 * SECOND));
    }
}
