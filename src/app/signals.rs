//! Wakes the background work, so that it need not poll to be quick.

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
