//! Lifecycles on their way to a server: signed when they are sent, every answer counted and logged.

use crate::acknowledged::{Log, Outcome};
use crate::lifecycles::{Event, Lifecycles, Signed, in_world, signature};
use crate::load::write_request;
use crate::sender::{self, Pace, Traffic};
use avstem::clock::Clock;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const TARGET: &str = "/webhooks/stripe";

/// Sends lifecycles from the one after the last on, however often it is asked.
pub struct Generator {
    lifecycles: Arc<Lifecycles>,
    clock: Clock,
    /// The first request of the next sending.
    next: usize,
    log: Arc<Mutex<Log>>,
}

/// What a server made of what was sent to it.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub taken: usize,
    pub duplicates: usize,
    pub overloaded: usize,
    pub uncertain: usize,
    pub refused: usize,
    /// Due, but never sent.
    pub dropped: usize,
    /// Until each 200, the shortest first.
    pub waited: Vec<Duration>,
}

impl Tally {
    /// Answered with 200.
    pub fn accepted(&self) -> usize {
        self.taken + self.duplicates
    }

    pub fn sent(&self) -> usize {
        self.accepted() + self.overloaded + self.uncertain + self.refused
    }

    pub fn percentile(&self, per_cent: usize) -> Duration {
        let last = self.waited.len().saturating_sub(1);
        self.waited
            .get(last * per_cent / 100)
            .copied()
            .unwrap_or_default()
    }
}

impl Generator {
    pub fn new(lifecycles: Arc<Lifecycles>, log: &Path) -> Self {
        Self {
            lifecycles,
            clock: Clock::system(),
            next: 0,
            log: Arc::new(Mutex::new(Log::create(log))),
        }
    }

    /// Sends at this pace; `see` hears of each event that was stored, and its world, when its answer came.
    pub fn send(
        &mut self,
        address: SocketAddr,
        connections: usize,
        pace: Pace,
        see: impl Fn(&Event, usize) + Send + Sync + 'static,
    ) -> Tally {
        let under_way = Arc::new(UnderWay {
            lifecycles: Arc::clone(&self.lifecycles),
            clock: self.clock.clone(),
            first: self.next,
            log: Arc::clone(&self.log),
            tally: Mutex::default(),
            see,
        });
        let sent = sender::send(&under_way, address, connections, pace);
        let mut tally = std::mem::take(&mut *under_way.tally());
        tally.dropped = sent.dropped;
        tally.waited.sort();
        self.next += tally.sent();
        tally
    }

    /// Ends the log.
    pub fn close(self) {
        let log = Arc::try_unwrap(self.log)
            .ok()
            .expect("nobody sends any more");
        log.into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .close();
    }
}

struct UnderWay<S> {
    lifecycles: Arc<Lifecycles>,
    clock: Clock,
    first: usize,
    log: Arc<Mutex<Log>>,
    tally: Mutex<Tally>,
    see: S,
}

impl<S> UnderWay<S> {
    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Fn(&Event, usize) + Send + Sync + 'static> Traffic for UnderWay<S> {
    fn write(&self, number: usize, request: &mut Vec<u8>) -> bool {
        let mut body = Vec::with_capacity(4_096);
        let signed = self.lifecycles.body(self.first + number, &mut body);
        let signature = signature(signed, self.clock.now(), &body);
        let headers = [
            ("content-type", "application/json; charset=utf-8"),
            (
                "user-agent",
                "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            ),
            ("stripe-signature", signature.as_str()),
        ];
        write_request(request, TARGET, headers.into_iter(), &body);
        true
    }

    fn answered(&self, number: usize, answer: Option<&[u8]>, waited: Duration) {
        let (event, world, signed) = self.lifecycles.event(self.first + number);
        let id = in_world(&event.id, world);
        let outcome = Outcome::of(answer);
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(&id, outcome);
        let mut tally = self.tally();
        match (outcome, signed) {
            (Outcome::Taken, Signed::Well) => {
                tally.taken += 1;
                tally.waited.push(waited);
                (self.see)(event, world);
            }
            (Outcome::Duplicate, Signed::Well) => {
                tally.duplicates += 1;
                tally.waited.push(waited);
            }
            (Outcome::Overloaded, Signed::Well | Signed::Badly) => tally.overloaded += 1,
            (Outcome::Uncertain, Signed::Well | Signed::Badly) => tally.uncertain += 1,
            (Outcome::Refused, Signed::Badly) => tally.refused += 1,
            (Outcome::Refused, Signed::Well)
            | (Outcome::Taken | Outcome::Duplicate, Signed::Badly) => {
                panic!("{id} was signed {signed:?}, and the answer is {outcome:?}")
            }
        }
    }
}
