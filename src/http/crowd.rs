//! Connections that are open. A server that holds as many as it takes lets nobody in until one of them goes, and
//! senders of webhooks keep theirs: where it becomes crowded, each of them leaves after its answer, so that people
//! and programs that use the API come in soon.

use super::{CONNECTIONS_MAX, WORKERS};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// From here on senders of webhooks leave after each answer. More than deliveries that may be under way: senders
/// that are told to come again keep their connections for it.
const CROWDED_FROM: usize = CONNECTIONS_MAX * WORKERS / 4 * 3;

/// How many connections are open, counted.
#[derive(Clone, Default)]
pub struct Crowd(Arc<AtomicUsize>);

/// An open connection; it is counted until it is dropped.
pub struct Guest(Crowd);

impl Crowd {
    pub fn enter(&self) -> Guest {
        self.0.fetch_add(1, Ordering::Relaxed);
        Guest(self.clone())
    }

    pub fn is_crowded(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= CROWDED_FROM
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_crowded_from_three_quarters_of_the_connections_on() {
        let crowd = Crowd::default();
        let mut guests: Vec<Guest> = (1..CROWDED_FROM).map(|_| crowd.enter()).collect();
        assert!(!crowd.is_crowded());
        guests.push(crowd.enter());
        assert!(crowd.is_crowded());
        drop(guests.pop());
        assert!(!crowd.is_crowded());
    }
}
