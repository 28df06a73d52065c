//! Wakes the background work, so that it need not poll to be quick; and what one round of it remembers for the next.

use super::process_events::Frontier;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// One bell for each kind of background work.
#[derive(Clone, Default)]
pub struct Signals {
    pub inbox: Bell,
    pub cancellations: Bell,
    pub refunds: Bell,
    pub links: Bell,
    pub sealer: Bell,
    pub mail: Bell,
    pub sync: Bell,
    pub payouts: Bell,
    pub bodies: Bell,
    pub company: Company,
    pub backlog: Backlog,
    pub frontier: Frontier,
}

/// Rounds of a backlog for which another process is believed to go on.
const REMEMBERED: u32 = 16;

/// Whether another process works on the backlog too, as far as was seen in the last rounds.
#[derive(Clone, Default)]
pub struct Company(Arc<AtomicU32>);

impl Company {
    pub fn seen(&self) {
        self.0.store(REMEMBERED, Ordering::Relaxed);
    }

    /// Whether another is expected in the round that begins.
    pub fn is_expected(&self) -> bool {
        let fewer = |rounds: u32| rounds.checked_sub(1);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer)
            .is_ok()
    }
}

/// Whether more waits than one transaction takes, as far as is known. Where it is known that it does not, nobody has to look
/// before each one: a transaction that takes as much as it may tells.
#[derive(Clone)]
pub struct Backlog(Arc<AtomicBool>);

impl Default for Backlog {
    /// Nobody has looked.
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Backlog {
    pub fn may_be(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub fn seen(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn none(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Rings for whoever waits; a ring that nobody waits for is kept.
#[derive(Clone, Default)]
pub struct Bell {
    inner: Arc<(Mutex<bool>, Condvar)>,
}

impl Bell {
    pub fn ring(&self) {
        *self.inner.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.inner.1.notify_all();
    }

    /// Waits for a ring, `at_most` that long.
    pub fn wait(&self, at_most: Duration) {
        let rung = self.inner.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut rung, _) = self
            .inner
            .1
            .wait_timeout_while(rung, at_most, |rung| !*rung)
            .unwrap_or_else(PoisonError::into_inner);
        *rung = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn company_is_expected_for_some_rounds_after_it_was_seen() {
        let company = Company::default();
        assert!(!company.is_expected());
        company.seen();
        assert!((0..REMEMBERED).all(|_| company.is_expected()));
        assert!(!company.is_expected());
    }
}
