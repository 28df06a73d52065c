//! From stored deliveries to state and journals, in batches, with exactly-once effects.
//!
//! A batch is whatever waits, up to a bound: a delivery that comes alone is processed at once, and of a
//! backlog thousands share a transaction. Where several processes work on one backlog, each takes what no other has
//! taken, and decodes it while another writes (docs/decisions/0021), or writes itself, of other customers (0022). SQLite has one process: while one batch is
//! written, the next one is read and decoded.

mod claimed;
mod frontier;
mod write;

pub use frontier::Frontier;

use super::{App, Failure};
use crate::store::rows::Due;
use crate::store::{StoreError, Turn};
use avstem_webhooks::{Contents, Delivery, Livemode, Observation, providers};
use std::sync::mpsc;
use write::write_batch;

/// Deliveries in one transaction. The more there are, the more changes of one page of the database are written
/// as one; but the inbox waits for as long on SQLite, and twice as many are in memory.
const BATCH_MAX: usize = 2048;
/// Batches in one round: whoever stops the service waits for it. The first of a round is read before anything is
/// written, the others beside it.
const BATCHES_MAX: usize = 48;

/// How many deliveries came to what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Processed {
    pub processed: usize,
    pub ignored: usize,
    pub parked: usize,
    pub failed: usize,
    pub foreign: usize,
}

impl Processed {
    #[must_use]
    pub const fn total(&self) -> usize {
        self.processed + self.ignored + self.parked + self.failed + self.foreign
    }

    const fn add(&mut self, other: Self) {
        self.processed += other.processed;
        self.ignored += other.ignored;
        self.parked += other.parked;
        self.failed += other.failed;
        self.foreign += other.foreign;
    }
}

/// Processes everything that is due now.
pub fn drain(app: &App) -> Result<Processed, Failure> {
    let mut total = Processed::default();
    loop {
        let round = process_due(app)?;
        total.add(round);
        if round.total() == 0 {
            return Ok(total);
        }
    }
}

/// Processes what is due now, or some batches of it.
pub fn process_due(app: &App) -> Result<Processed, Failure> {
    if app.store.claims_early() {
        return claimed::process_due(app);
    }
    let first = Batch::next(app, None)?;
    let Some(mut last) = first.last_of_full() else {
        return process(app, &first);
    };
    let (ready, batches) = mpsc::sync_channel(1);
    let (done_with, old) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for _ in 1..BATCHES_MAX {
                // Thousands of texts, which are freed soonest where they were made.
                old.try_iter().for_each(drop::<Batch>);
                let batch = Batch::next(app, Some(&last));
                let next = batch.as_ref().ok().and_then(Batch::last_of_full);
                if ready.send(batch).is_err() {
                    return; // what was read before could not be written
                }
                match next {
                    Some(next) => last = next,
                    None => return,
                }
            }
        });
        let mut total = process(app, &first)?;
        for batch in batches {
            let batch = batch?;
            total.add(process(app, &batch)?);
            // There is nobody any more when this was the last.
            done_with.send(batch).ok();
        }
        Ok(total)
    })
}

/// Deliveries in one transaction, at most.
fn limit() -> i64 {
    i64::try_from(BATCH_MAX).unwrap_or(i64::MAX)
}

/// Where a delivery is in the queue: when it is due, and its id.
type Place = (i64, String);

/// Deliveries of one transaction, and what each says.
struct Batch {
    events: Vec<Due>,
    read: Vec<Read>,
}

impl Batch {
    /// What waits after a delivery, or from the first.
    fn next(app: &App, after: Option<&Place>) -> Result<Self, Failure> {
        let now = app.clock.now().as_micros();
        let after = after.map(|(due_at, id)| (*due_at, id.as_str()));
        let events = app
            .store
            .read_first(|tx| Ok::<_, Failure>(tx.events_waiting(now, after, limit())?))?;
        Ok(Self::of(app, events))
    }

    fn of(app: &App, events: Vec<Due>) -> Self {
        let read = events.iter().map(|event| read(app, event)).collect();
        Self { events, read }
    }

    /// Behind what more may wait.
    fn last_of_full(&self) -> Option<Place> {
        let last = self.events.last().filter(|_| self.is_full())?;
        Some((last.due_at, last.id.clone()))
    }

    /// Whether more may wait.
    const fn is_full(&self) -> bool {
        self.events.len() >= BATCH_MAX
    }
}

fn process(app: &App, batch: &Batch) -> Result<Processed, Failure> {
    if batch.events.is_empty() {
        return Ok(Processed::default());
    }
    let done = apply(app, &batch.events, &batch.read)?;
    count(app, done);
    Ok(done)
}

/// Counts what was done, and wakes who goes on from it.
fn count(app: &App, done: Processed) {
    if done.total() > 0 {
        app.meters.processed(done);
        app.signals.sealer.ring();
        app.signals.cancellations.ring();
    }
}

/// Applies deliveries in one transaction, if that can be done with all of them.
pub(super) fn apply(app: &App, events: &[Due], read: &[Read]) -> Result<Processed, Failure> {
    match write_batch(app, events, read) {
        Ok(done) => Ok(done),
        Err(Failure::Store(error)) if events.len() == 1 && !is_about_data(&error) => {
            Err(error.into())
        }
        Err(Failure::Stopped(stopped)) => Err(stopped.into()),
        // One delivery cannot be applied: each goes by itself, and only that one fails.
        Err(_) => one_by_one(app, events, read),
    }
}

/// A delivery as far as it could be read without the database.
pub(super) enum Read {
    Facts(Vec<Observation>),
    Ignored,
    Foreign(String),
    Unreadable(String),
}

impl Read {
    pub(super) fn facts(&self) -> &[Observation] {
        match self {
            Self::Facts(facts) => facts,
            Self::Ignored | Self::Foreign(_) | Self::Unreadable(_) => &[],
        }
    }

    /// What its delivery comes to, whatever is known already. Money may have to wait for its charge, and what cannot be
    /// read may be read another time.
    fn is_certain_to_be(&self) -> Option<&'static str> {
        match self {
            Self::Facts(facts) => (!write::is_of_charge(facts)).then_some("processed"),
            Self::Ignored => Some("ignored"),
            Self::Foreign(_) | Self::Unreadable(_) => None,
        }
    }
}

pub(super) fn read(app: &App, event: &Due) -> Read {
    let Some(connection) = app.config.connections.get(&event.connection) else {
        return Read::Unreadable(format!(
            "connection {:?} is not in the settings any more",
            event.connection
        ));
    };
    let Some(provider) = providers::by_name(connection.provider) else {
        return Read::Unreadable(format!("no adapter for provider {:?}", connection.provider));
    };
    let Some(body) = &event.body else {
        return Read::Unreadable("its bytes are not here, or not any more".to_owned());
    };
    let delivery = match provider.decode(body) {
        Ok(delivery) => delivery,
        Err(unreadable) => return Read::Unreadable(unreadable.to_string()),
    };
    if let Some(why) = foreign(connection, &delivery) {
        return Read::Foreign(why);
    }
    match delivery.contents {
        Contents::Facts(facts) => Read::Facts(facts),
        Contents::Unrecognised => Read::Ignored,
    }
}

/// Whether the delivery belongs to another account or mode than the connection takes.
fn foreign(connection: &crate::config::Connection, delivery: &Delivery) -> Option<String> {
    let live = delivery.livemode.map(|mode| match mode {
        Livemode::Live => true,
        Livemode::Test => false,
    });
    if let (Some(wanted), Some(found)) = (connection.livemode, live)
        && wanted != found
    {
        return Some(format!(
            "livemode is {found}, and the connection takes {wanted}"
        ));
    }
    let other = delivery
        .account
        .as_ref()
        .filter(|found| connection.account.as_ref().is_some_and(|own| own != *found));
    other.map(|found| format!("belongs to account {found}"))
}

/// A poisoned batch, delivery by delivery: the ones that can be applied are, the others fail alone.
fn one_by_one(app: &App, events: &[Due], read: &[Read]) -> Result<Processed, Failure> {
    let mut total = Processed::default();
    for (event, read) in events.iter().zip(read) {
        match write_batch(app, std::slice::from_ref(event), std::slice::from_ref(read)) {
            Ok(done) => total.add(done),
            Err(Failure::Store(error)) if !is_about_data(&error) => return Err(error.into()),
            Err(Failure::Stopped(stopped)) => return Err(stopped.into()),
            Err(error) => {
                tracing::error!(event.id = %event.id, error = ?error, "Could not process event {}", event.id);
                let why = format!("cannot be applied: {}", with_causes(&error));
                let now = app.clock.now().as_micros();
                let id = [event.id.clone()];
                let failed = app.store.write_claimed(
                    Turn::Alone,
                    |tx| Ok::<_, StoreError>(tx.claim_events(&id)?.pop()),
                    |tx, id| tx.set_event_aside(id, "failed", &why, now),
                )?;
                total.failed += usize::from(failed.is_some());
            }
        }
    }
    Ok(total)
}

/// An error and what caused it, in one line.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Whether the database objected to what was written, rather than being unable to write.
fn is_about_data(error: &StoreError) -> bool {
    error.is_about_data()
}
