//! Up to where deliveries are done with, so that nobody looks for the next ones from the beginning. PostgreSQL leaves what is
//! done with in its indexes until it clears them away, a minute later or, while somebody reads for long, much later; and whoever
//! looks from the beginning goes over all of it: 12 ms where 80,000 were done with, for each batch.
//!
//! Nothing depends on it. What comes late, from a transaction that took long, a clock that is slow or a process that stopped in
//! the middle, lies behind it, and is found when all is looked at: now and then, and whenever nothing else is found.

use super::super::lane;
use crate::store::{Lanes, rows::Due};
use std::sync::{Arc, Mutex, PoisonError};

/// What is looked at from the beginning, this often.
const LOOK_BACK_US: i64 = 10_000_000;
/// What was due so much earlier than the last that was taken is still looked at. A delivery is due when it is received,
/// and stored a moment later.
const MARGIN_US: i64 = 2_000_000;
/// From the beginning.
pub(super) const BEGINNING: i64 = i64::MIN;

/// Of each lane, as far as this process knows; clones share it.
#[derive(Clone)]
pub struct Frontier(Arc<Mutex<Vec<Lane>>>);

#[derive(Clone, Copy)]
struct Lane {
    lane: i64,
    /// What was due earlier is done with, but for what comes late.
    from: i64,
    /// When all was looked at.
    looked_back_at: i64,
}

impl Default for Frontier {
    /// Nobody has looked.
    fn default() -> Self {
        let unknown = |lane| Lane {
            lane,
            from: BEGINNING,
            looked_back_at: BEGINNING,
        };
        let lanes = (lane::OF_ALL..=lane::LANES).map(unknown).collect();
        Self(Arc::new(Mutex::new(lanes)))
    }
}

impl Frontier {
    /// From which due time on (microseconds, inclusive) to look in some lanes, or in all of them.
    pub(super) fn next(&self, lanes: Option<Lanes>, now: i64) -> i64 {
        let mut from = i64::MAX;
        self.each(lanes, |lane| {
            if now.saturating_sub(lane.looked_back_at) >= LOOK_BACK_US {
                lane.from = BEGINNING;
            }
            from = from.min(lane.from);
        });
        if from == BEGINNING {
            self.each(lanes, |lane| lane.looked_back_at = now);
        }
        from
    }

    /// The same, of who only wants to know whether more waits, and looks for no late ones.
    pub(super) fn so_far(&self) -> i64 {
        let mut from = i64::MAX;
        self.each(None, |lane| from = from.min(lane.from));
        from
    }

    /// Deliveries of some lanes were taken, the first that were due, and are done with.
    pub(super) fn done(&self, lanes: Option<Lanes>, events: &[Due]) {
        let received = events.iter().filter(|event| event.state == "received");
        if let Some(last) = received.map(|event| event.due_at).max() {
            self.each(lanes, |lane| lane.from = last.saturating_sub(MARGIN_US));
        }
    }

    /// What was taken of some lanes waits again.
    pub(super) fn forget(&self, lanes: Option<Lanes>) {
        self.each(lanes, |lane| lane.from = BEGINNING);
    }

    fn each(&self, lanes: Option<Lanes>, change: impl FnMut(&mut Lane)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let named = |lane: &&mut Lane| lanes.is_none_or(|lanes| lanes.contain(lane.lane));
        all.iter_mut().filter(named).for_each(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000;

    fn due(state: &str, due_at: i64) -> Due {
        Due {
            id: String::new(),
            connection: String::new(),
            state: state.to_owned(),
            attempts: 0,
            received_at: due_at,
            due_at,
            body: None,
        }
    }

    #[test]
    fn who_has_taken_the_first_looks_from_there_on_and_a_little_before() {
        let frontier = Frontier::default();
        assert_eq!(frontier.next(None, 100 * S), BEGINNING);
        // A parked one is tried again at any time.
        let taken = [due("received", 97 * S), due("parked", 99 * S)];
        frontier.done(None, &taken);
        assert_eq!(frontier.next(None, 101 * S), 95 * S);
        assert_eq!(frontier.so_far(), 95 * S);
        frontier.done(None, &[due("parked", 99 * S)]);
        assert_eq!(frontier.next(None, 101 * S), 95 * S);
        frontier.forget(None);
        assert_eq!(frontier.next(None, 101 * S), BEGINNING);
    }

    #[test]
    fn now_and_then_all_is_looked_at() {
        let frontier = Frontier::default();
        frontier.next(None, 100 * S);
        frontier.done(None, &[due("received", 97 * S)]);
        assert_eq!(frontier.next(None, 109 * S), 95 * S);
        assert_eq!(frontier.next(None, 110 * S), BEGINNING);
        frontier.done(None, &[due("received", 98 * S)]);
        assert_eq!(frontier.next(None, 119 * S), 96 * S);
        assert_eq!(frontier.next(None, 120 * S), BEGINNING);
    }

    #[test]
    fn each_lane_has_its_own() {
        let frontier = Frontier::default();
        let (some, others) = (
            Some(Lanes { first: 1, last: 2 }),
            Some(Lanes { first: 2, last: 3 }),
        );
        assert_eq!(frontier.next(some, 100 * S), BEGINNING);
        frontier.done(some, &[due("received", 97 * S)]);
        assert_eq!(frontier.next(some, 101 * S), 95 * S);
        // Lane 3 was never looked at, and all of what is asked for is looked at from the beginning.
        assert_eq!(frontier.next(others, 101 * S), BEGINNING);
        frontier.done(others, &[due("received", 99 * S)]);
        assert_eq!(frontier.next(some, 102 * S), 95 * S);
        frontier.forget(Some(Lanes::one(1)));
        assert_eq!(frontier.next(others, 102 * S), 97 * S);
        assert_eq!(frontier.so_far(), BEGINNING);
    }
}
