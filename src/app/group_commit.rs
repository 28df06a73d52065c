//! Deliveries on their way into the inbox: many are stored with one commit.
//!
//! A thread writes whatever has gathered while the last commit ran, in one transaction, and then answers everyone
//! in it. Nobody waits for a timer. SQLite has one such thread, for it has one writer; PostgreSQL has two, of which one
//! stores while the other waits for the disk, where so much comes that both have enough.

use super::App;
use super::receive_webhook::{Intake, store};
use crate::store::rows::Event;
use gathering::{Entrance, Taker};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::oneshot;

mod gathering;

/// It is not certain that the delivery was stored: the sender must try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uncertain;

/// More deliveries are under way than can be stored soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overloaded;

/// Deliveries that may be under way in this process, from their last byte until they are stored. As many are
/// stored in a quarter of a second; more would wait longer, and be no sooner there.
pub const UNDER_WAY_MAX: usize = 1024;
/// Their bytes, all together. An ordinary delivery has 3 KB, and the longest a thousand.
pub const BYTES_UNDER_WAY_MAX: usize = 64 * 1024 * 1024;

struct Waiting {
    event: Event,
    answer: oneshot::Sender<Result<Intake, Uncertain>>,
    place: Place,
}

/// What is under way, counted.
#[derive(Default)]
struct UnderWay {
    deliveries: AtomicUsize,
    bytes: AtomicUsize,
}

/// A delivery's place among those under way, free again when it is dropped.
pub struct Place {
    under_way: Arc<UnderWay>,
    bytes: usize,
}

impl Place {
    /// Counts first and looks afterwards: of two who want the last place, at most one gets it.
    fn take(under_way: &Arc<UnderWay>, bytes: usize) -> Result<Self, Overloaded> {
        let others = under_way.deliveries.fetch_add(1, Ordering::Relaxed);
        let bytes_of_others = under_way.bytes.fetch_add(bytes, Ordering::Relaxed);
        let place = Self {
            under_way: Arc::clone(under_way),
            bytes,
        };
        let fits =
            others < UNDER_WAY_MAX && bytes_of_others.saturating_add(bytes) <= BYTES_UNDER_WAY_MAX;
        if fits { Ok(place) } else { Err(Overloaded) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.under_way.deliveries.fetch_sub(1, Ordering::Relaxed);
        self.under_way
            .bytes
            .fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The way to the inbox in this process.
#[derive(Clone)]
pub struct GroupCommit {
    /// Where no more wait than there are places.
    entrance: Arc<Entrance<Waiting>>,
    under_way: Arc<UnderWay>,
}

/// Its other end, where nobody writes yet.
pub struct Writers {
    app: Arc<App>,
    takers: Vec<Taker<Waiting>>,
}

impl Writers {
    /// Starts the threads that write. They end when the last handle of the intake is dropped.
    pub fn start(self) {
        for taker in self.takers {
            let app = Arc::clone(&self.app);
            std::thread::spawn(move || write_batches(&app, &taker));
        }
    }
}

impl GroupCommit {
    #[must_use]
    pub fn start(app: Arc<App>) -> Self {
        let (intake, writers) = Self::prepare(app);
        writers.start();
        intake
    }

    /// An intake that takes deliveries before anybody writes them.
    #[must_use]
    pub fn prepare(app: Arc<App>) -> (Self, Writers) {
        let (entrance, takers) = gathering::open(app.store.appenders());
        let intake = Self {
            entrance: Arc::new(entrance),
            under_way: Arc::default(),
        };
        (intake, Writers { app, takers })
    }

    /// A place for a delivery of so many bytes. Taken before anything is worked out about it, so that
    /// saying no costs little.
    pub fn place(&self, bytes: usize) -> Result<Place, Overloaded> {
        Place::take(&self.under_way, bytes)
    }

    /// Hands a delivery to the writer. The receiver answers once it is durably stored; a receiver that
    /// is dropped without an answer means the same as [`Uncertain`].
    #[must_use]
    pub fn enqueue(
        &self,
        place: Place,
        event: Event,
    ) -> oneshot::Receiver<Result<Intake, Uncertain>> {
        let (answer, receiver) = oneshot::channel();
        self.entrance.enter(Waiting {
            event,
            answer,
            place,
        });
        receiver
    }
}

fn write_batches(app: &App, taker: &Taker<Waiting>) {
    let mut batch = Vec::new();
    while let Some(at_work) = taker.gather(&mut batch) {
        // Writers who meet the same events go through them in one order: none waits for one that waits for it.
        batch.sort_by(|a, b| a.event.dedupe_key.cmp(&b.event.dedupe_key));
        let mut events = Vec::with_capacity(batch.len());
        let mut answers = Vec::with_capacity(batch.len());
        for waiting in batch.drain(..) {
            events.push(waiting.event);
            answers.push((waiting.answer, waiting.place));
        }
        let begun = app.clock.now();
        match store(app, &events) {
            Ok(outcomes) => {
                let took = app.clock.now().micros_since(begun);
                app.meters.stored(events.len(), took);
                app.signals.inbox.ring();
                for ((answer, place), outcome) in answers.into_iter().zip(outcomes) {
                    drop(place);
                    // A sender that hung up does not change what was stored.
                    let _ = answer.send(Ok(outcome));
                }
            }
            Err(error) => {
                tracing::error!(error = %error, events = events.len(), "Could not store webhooks; senders will try again");
                for (answer, place) in answers {
                    drop(place);
                    let _ = answer.send(Err(Uncertain));
                }
            }
        }
        drop(at_work);
    }
}
