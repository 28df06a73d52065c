//! A webhook, taken in: verified, stored durably, answered. What it means is found out later.
//!
//! Intake is a group commit. A thread writes whatever has gathered while the last commit ran, in one
//! transaction, and then answers everyone in it. Nobody waits for a timer. SQLite has one such thread, for it
//! has one writer; PostgreSQL has two, so that one gathers while the other waits for the disk.

use super::{App, lane};
use crate::config::Connection;
use crate::store::Appended;
use crate::store::rows::Event;
use avstem_domain::id::EventId;
use avstem_webhooks::signature::SignatureError;
use avstem_webhooks::{Envelope, Provider, RawWebhook, SameEvent, providers};
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// Why a delivery is not taken in. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(
        "there is no connection {0:?}; webhooks go to /webhooks/ and the name of a connection in the settings"
    )]
    UnknownConnection(String),
    #[error(transparent)]
    InvalidSignature(SignatureError),
}

/// Headers that are worth keeping. Credentials never are.
const HEADERS_KEPT: [&str; 5] = [
    "content-type",
    "date",
    "stripe-signature",
    "user-agent",
    "x-request-id",
];

/// What stands in the place of headers where there was no delivery. No sender's headers can look like it:
/// only those above are kept.
const FETCHED: &str = r#"[["avstem-source","events list"]]"#;

/// Verifies a delivery and makes the row to store. Names of headers are in lower case.
pub fn admit(
    app: &App,
    connection: &str,
    headers: &[(String, String)],
    body: Vec<u8>,
) -> Result<Event, Refused> {
    let unknown = || Refused::UnknownConnection(connection.to_owned());
    let settings = app.config.connections.get(connection).ok_or_else(unknown)?;
    let provider = providers::by_name(settings.provider).ok_or_else(unknown)?;
    let now = app.clock.now();
    let raw = RawWebhook {
        headers,
        body: &body,
    };
    let verified = provider
        .verify(raw, &settings.webhook_secrets, now)
        .map_err(Refused::InvalidSignature)?;
    let kept: Vec<&(String, String)> = headers.iter().filter(|(name, _)| is_kept(name)).collect();
    let kept = serde_json::to_string(&kept).unwrap_or_default();
    Ok(row(app, settings, provider, verified.into_body(), kept))
}

/// The row of an event that the provider's API gave us: as if its webhook had come late.
pub fn fetched(
    app: &App,
    connection: &Connection,
    provider: &dyn Provider,
    document: Vec<u8>,
) -> Event {
    row(app, connection, provider, document, FETCHED.to_owned())
}

fn row(
    app: &App,
    connection: &Connection,
    provider: &dyn Provider,
    body: Vec<u8>,
    headers: String,
) -> Event {
    let (dedupe_key, event, kind, customer) = match provider.envelope(&body) {
        Envelope::Readable {
            event,
            kind,
            customer,
        } => (
            event.to_string(),
            Some(event.to_string()),
            Some(kind),
            customer,
        ),
        Envelope::Unreadable => (format!("sha256:{}", sha256(&body)), None, None, None),
    };
    let now = app.clock.now().as_micros();
    Event {
        id: EventId::from_uuid(app.clock.uuid()).to_string(),
        connection: connection.name.clone(),
        dedupe_key,
        provider_event_id: event,
        kind,
        state: "received".to_owned(),
        attempts: 0,
        error: None,
        conflict: None,
        received_at: now,
        processed_at: None,
        due_at: now,
        lane: lane::of(&connection.name, customer.as_deref()),
        headers,
        body,
    }
}

/// Whether a header, its name in lower case, is kept with a delivery.
#[must_use]
pub fn is_kept(name: &str) -> bool {
    HEADERS_KEPT.contains(&name)
}

fn sha256(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)])
        .collect()
}

/// What the inbox made of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    New,
    Duplicate,
}

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
/// Deliveries in one commit.
const BATCH_MAX: usize = 256;

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
    /// No longer than there are places.
    queue: mpsc::UnboundedSender<Waiting>,
    under_way: Arc<UnderWay>,
}

/// Its other end, where nobody writes yet.
pub struct Writers {
    app: Arc<App>,
    waiting: mpsc::UnboundedReceiver<Waiting>,
}

impl Writers {
    /// Starts the threads that write. They end when the last handle of the intake is dropped.
    pub fn start(self) {
        let waiting = Arc::new(Mutex::new(self.waiting));
        for _ in 0..self.app.store.appenders() {
            let (app, waiting) = (Arc::clone(&self.app), Arc::clone(&waiting));
            std::thread::spawn(move || write_batches(&app, &waiting));
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
        let (queue, waiting) = mpsc::unbounded_channel();
        let intake = Self {
            queue,
            under_way: Arc::default(),
        };
        (intake, Writers { app, waiting })
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
        // Where nobody writes any more, the answer is dropped with what waits for it.
        let _ = self.queue.send(Waiting {
            event,
            answer,
            place,
        });
        receiver
    }
}

fn write_batches(app: &App, waiting: &Mutex<mpsc::UnboundedReceiver<Waiting>>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while gather(waiting, &mut batch) > 0 {
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
    }
}

/// Waits for the first that waits, and takes everyone who waits with it. 0 when nobody will come any more.
fn gather(waiting: &Mutex<mpsc::UnboundedReceiver<Waiting>>, batch: &mut Vec<Waiting>) -> usize {
    let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.blocking_recv_many(batch, BATCH_MAX)
}

/// Stores deliveries in one commit. The service's intake does this in batches.
pub fn store(app: &App, events: &[Event]) -> Result<Vec<Intake>, crate::store::StoreError> {
    let appended = app.store.append_events(events)?;
    let mut outcomes = Vec::with_capacity(events.len());
    for (event, appended) in events.iter().zip(appended) {
        outcomes.push(match appended {
            Appended::New => Intake::New,
            Appended::Duplicate { kept } => {
                note_conflict(app, &kept, event)?;
                Intake::Duplicate
            }
        });
    }
    Ok(outcomes)
}

/// The first body is kept. One that says something else is noted on it, for a person to see.
fn note_conflict(app: &App, kept: &Event, again: &Event) -> Result<(), crate::store::StoreError> {
    if kept.body == again.body || kept.conflict.is_some() || !kept.has_bytes() {
        return Ok(());
    }
    // The API writes an event in the account's version, and a webhook in its endpoint's.
    if kept.headers == FETCHED || again.headers == FETCHED {
        return Ok(());
    }
    let provider = app
        .config
        .connections
        .get(&kept.connection)
        .and_then(|c| providers::by_name(c.provider));
    let same = provider.map(|provider| provider.same_event(&kept.body, &again.body));
    match same {
        Some(SameEvent::Same) => Ok(()),
        Some(SameEvent::Conflict) | None => {
            let conflict = format!(
                "another body came under this event id (sha256 {}); the first is kept",
                sha256(&again.body)
            );
            tracing::warn!(event.id = %kept.id, "Another body came for event {}", kept.id);
            app.store.write(|tx| tx.note_conflict(&kept.id, &conflict))
        }
    }
}
