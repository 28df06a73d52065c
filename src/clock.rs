//! The only place that reads the clock and makes ids and secrets.

use avstem_domain::time::Timestamp;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use uuid::Uuid;
use uuid::timestamp::context::ContextV7;

/// Where time and ids come from. A clone tells the same time.
#[derive(Clone)]
pub struct Clock {
    source: Source,
    order: Arc<Mutex<ContextV7>>,
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
            order: Arc::new(Mutex::new(ContextV7::new())),
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
        let micros = self.now().as_micros();
        let seconds = u64::try_from(micros.div_euclid(1_000_000)).unwrap_or(0);
        let nanos = u32::try_from(micros.rem_euclid(1_000_000))
            .unwrap_or(0)
            .saturating_mul(1_000);
        let order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::new_v7(uuid::Timestamp::from_unix(&*order, seconds, nanos))
    }

    /// 256 random bits in hexadecimal. Errors when the system has no randomness to give.
    pub fn secret(&self) -> std::io::Result<String> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
