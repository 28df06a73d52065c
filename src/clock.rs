//! The only place that reads the clock and makes ids and secrets.

use avstem_domain::time::Timestamp;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// Where time and ids come from. A clone tells the same time.
#[derive(Clone)]
pub struct Clock {
    source: Source,
    ids: Arc<Mutex<Ids>>,
}

#[derive(Clone)]
enum Source {
    System,
    /// Microseconds since 1970, set by a test.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    #[must_use]
    pub fn system() -> Self {
        Self::from(Source::System)
    }

    /// A clock that stands at `now` until it is moved.
    #[must_use]
    pub fn manual(now: Timestamp) -> Self {
        Self::from(Source::Manual(Arc::new(AtomicI64::new(now.as_micros()))))
    }

    fn from(source: Source) -> Self {
        Self {
            source,
            ids: Arc::default(),
        }
    }

    /// Moves a manual clock; the system's clock is not ours to move.
    pub fn set(&self, now: Timestamp) {
        if let Source::Manual(micros) = &self.source {
            micros.store(now.as_micros(), Ordering::SeqCst);
        }
    }

    /// Lets time pass: a manual clock is moved, so that nobody waits in a test.
    pub fn pause(&self, wait: Duration) {
        match &self.source {
            Source::System => std::thread::sleep(wait),
            Source::Manual(micros) => {
                let wait = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
                micros.fetch_add(wait, Ordering::SeqCst);
            }
        }
    }

    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the clock"
    )]
    pub fn now(&self) -> Timestamp {
        let micros = match &self.source {
            Source::System => chrono::Utc::now().timestamp_micros(),
            Source::Manual(micros) => micros.load(Ordering::SeqCst),
        };
        Timestamp::from_micros(micros.max(0)).unwrap_or(Timestamp::EPOCH)
    }

    /// A new UUIDv7: sorts by time, and within a millisecond by the order of asking.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        let millis = self.now().as_micros().div_euclid(1_000);
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let millis = u64::try_from(millis).unwrap_or(0);
        // Where the system has no randomness, the crate asks it again, and gives up: better no id than another's.
        let asks_again = || Uuid::new_v7(uuid::Timestamp::from_unix_time(millis / 1_000, 0, 0, 0));
        ids.next(millis).unwrap_or_else(asks_again)
    }

    /// 256 random bits in hexadecimal. Errors when the system has no randomness to give.
    pub fn secret(&self) -> std::io::Result<String> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// What ids are made of: 48 bits of time, 42 that count within a millisecond from a random number on, and 32 random
/// ones. The system is asked for randomness once for many ids: each webhook takes two.
#[derive(Default)]
struct Ids {
    millis: u64,
    count: u64,
    random: Vec<u8>,
}

const COUNT_BITS: u32 = 42;
/// Of the count, below the bits that say which variant of an id it is.
const LOW_BITS: u32 = 30;
const RANDOM_BYTES: usize = 1_024;

impl Ids {
    fn next(&mut self, millis: u64) -> Option<Uuid> {
        if millis > self.millis {
            self.millis = millis;
            // Half of what it can count to is left to count.
            self.count = u64::from_be_bytes(self.random()?) >> (u64::BITS - COUNT_BITS + 1);
        } else {
            self.count += 1;
        }
        let [.., version, high] = (self.count >> LOW_BITS).to_be_bytes();
        let [.., variant, b, c, d] = (self.count & ((1 << LOW_BITS) - 1)).to_be_bytes();
        let [e, f, g, h] = self.random()?;
        let bytes = [version, high, variant, b, c, d, e, f, g, h];
        Some(uuid::Builder::from_unix_timestamp_millis(self.millis, &bytes).into_uuid())
    }

    /// Bytes that were given to nobody else. None: the system has none.
    fn random<const N: usize>(&mut self) -> Option<[u8; N]> {
        if self.random.len() < N {
            let mut fresh = vec![0; RANDOM_BYTES];
            getrandom::fill(&mut fresh).ok()?;
            self.random = fresh;
        }
        let (rest, taken) = self.random.split_last_chunk()?;
        let (rest, taken) = (rest.len(), *taken);
        self.random.truncate(rest);
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_the_order_of_asking_and_never_the_same() {
        let clock = Clock::manual(Timestamp::from_micros(1_764_000_000_123_000).unwrap());
        let ids: Vec<Uuid> = (0..10_000).map(|_| clock.uuid()).collect();
        assert!(ids.is_sorted_by(|one, other| one < other));
        for id in &ids {
            assert_eq!(id.get_version_num(), 7);
            assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
            let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
            assert_eq!((seconds, nanos), (1_764_000_000, 123_000_000));
        }
        let tails: std::collections::HashSet<&[u8]> =
            ids.iter().map(|id| &id.as_bytes()[12..]).collect();
        assert!(tails.len() > 9_990, "what is random is random each time");
    }

    #[test]
    fn a_clock_that_goes_back_does_not_make_an_id_that_sorts_before() {
        let clock = Clock::manual(Timestamp::from_micros(2_000_000).unwrap());
        let one = clock.uuid();
        clock.set(Timestamp::from_micros(1_000_000).unwrap());
        assert!(clock.uuid() > one);
    }

    #[test]
    fn two_processes_in_one_millisecond_do_not_make_the_same_ids() {
        let now = Timestamp::from_micros(2_000_000).unwrap();
        assert_ne!(Clock::manual(now).uuid(), Clock::manual(now).uuid());
    }
}
