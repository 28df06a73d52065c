//! From stored deliveries to state and journals, in batches, with exactly-once effects.
//!
//! A batch is whatever waits, up to a bound: a delivery that comes alone is processed at once, and of a
//! backlog thousands share a transaction. While one batch is written, the next one is read and decoded.

use super::books::Books;
use super::{App, Failure};
use crate::store::WriteTx;
use crate::store::rows::Event;
use avstem_domain::event::Fact;
use avstem_domain::time::Timestamp;
use avstem_webhooks::{Contents, Delivery, Livemode, Observation, providers};
use std::collections::{BTreeMap, BTreeSet};

/// Deliveries in one transaction. The more there are, the more changes of one page of the database are written
/// as one; but the inbox waits for as long on SQLite, and twice as many are in memory.
const BATCH_MAX: usize = 2048;
/// Batches in one round: whoever stops the service waits for it.
const BATCHES_MAX: usize = 16;
/// A parked delivery is looked at again after this, even if nothing woke it.
const PARKED_RETRY_S: i64 = 60;

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
    let mut total = Processed::default();
    let mut batch = Batch::next(app, None)?;
    for _ in 1..BATCHES_MAX {
        if !batch.is_full() {
            break;
        }
        let (done, next) = std::thread::scope(|scope| {
            let next = scope.spawn(|| Batch::next(app, batch.events.last()));
            (process(app, &batch), next.join())
        });
        total.add(done?);
        batch = next.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    }
    total.add(process(app, &batch)?);
    Ok(total)
}

/// Deliveries of one transaction, and what each says.
struct Batch {
    events: Vec<Event>,
    read: Vec<Read>,
}

impl Batch {
    /// What waits after a delivery, or from the first.
    fn next(app: &App, after: Option<&Event>) -> Result<Self, Failure> {
        let now = app.clock.now().as_micros();
        let after = after.map_or((i64::MIN, ""), |event| (event.due_at, event.id.as_str()));
        let limit = i64::try_from(BATCH_MAX).unwrap_or(i64::MAX);
        let events = app.store.read_first(|tx| {
            tx.events_waiting_after(now, after, limit)
                .map_err(Failure::from)
        })?;
        let read = events.iter().map(|event| read(app, event)).collect();
        Ok(Self { events, read })
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
    app.meters.processed(done);
    app.signals.sealer.ring();
    app.signals.cancellations.ring();
    Ok(done)
}

/// Applies deliveries in one transaction, if that can be done with all of them.
pub(super) fn apply(app: &App, events: &[Event], read: &[Read]) -> Result<Processed, Failure> {
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
}

pub(super) fn read(app: &App, event: &Event) -> Read {
    let Some(connection) = app.config.connections.get(&event.connection) else {
        return Read::Unreadable(format!(
            "connection {:?} is not in the settings any more",
            event.connection
        ));
    };
    let Some(provider) = providers::by_name(connection.provider) else {
        return Read::Unreadable(format!("no adapter for provider {:?}", connection.provider));
    };
    if !event.has_bytes() {
        return Read::Unreadable("its bytes are not here, or not any more".to_owned());
    }
    let delivery = match provider.decode(&event.body) {
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

fn write_batch(app: &App, events: &[Event], read: &[Read]) -> Result<Processed, Failure> {
    app.seams.cross("tx:process:before")?;
    let (done, finished) = app.store.write(|tx| {
        let now = app.clock.now();
        let ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
        let waiting: BTreeSet<String> = tx.events_still_waiting(&ids)?.into_iter().collect();
        let mut batch = Writing {
            app,
            now,
            done: Processed::default(),
            finished: BTreeMap::new(),
        };
        let mut by_connection: BTreeMap<&str, Vec<(&Event, &Vec<Observation>)>> = BTreeMap::new();
        for (event, read) in events
            .iter()
            .zip(read)
            .filter(|(event, _)| waiting.contains(&event.id))
        {
            match read {
                Read::Facts(facts) => by_connection
                    .entry(&event.connection)
                    .or_default()
                    .push((event, facts)),
                Read::Ignored => batch.finish(event, "ignored"),
                Read::Foreign(why) => batch.set_aside(tx, event, "foreign", why, now)?,
                Read::Unreadable(why) => batch.set_aside(tx, event, "failed", why, now)?,
            }
        }
        for (connection, events) in by_connection {
            batch.apply(tx, connection, &events)?;
        }
        for (state, ids) in &batch.finished {
            tx.finish_events(ids, state, now.as_micros())?;
        }
        Ok::<_, Failure>((batch.done, batch.finished))
    })?;
    app.seams.cross("tx:process:after")?;
    measure_lag(app, events, finished.into_values().flatten());
    Ok(done)
}

/// A replay, which a person asks for days later, says nothing of how fast we are.
fn measure_lag(app: &App, events: &[Event], finished: impl Iterator<Item = String>) {
    let finished: BTreeSet<String> = finished.collect();
    let now = app.clock.now().as_micros();
    let is_replay = |event: &Event| event.state == "received" && event.attempts > 0;
    for event in events.iter().filter(|event| !is_replay(event)) {
        if finished.contains(&event.id) {
            app.meters.lag(now.saturating_sub(event.received_at));
        }
    }
}

struct Writing<'a> {
    app: &'a App,
    now: Timestamp,
    done: Processed,
    /// Ids by final state.
    finished: BTreeMap<&'static str, Vec<String>>,
}

impl Writing<'_> {
    fn apply(
        &mut self,
        tx: &mut WriteTx<'_>,
        connection: &str,
        events: &[(&Event, &Vec<Observation>)],
    ) -> Result<(), Failure> {
        let all = events.iter().flat_map(|(_, facts)| facts.iter());
        let mut books = Books::open(tx, self.app.keeping(), connection, all)?;
        // Charges first, so that a refund or dispute in the same batch finds its charge.
        let (of_charges, others): (Vec<_>, Vec<_>) = events
            .iter()
            .partition(|(_, facts)| facts.iter().any(|o| o.fact.money_of().is_some()));
        for (event, facts) in others {
            books.apply(facts.clone())?;
            self.finish(event, "processed");
        }
        for (event, facts) in of_charges {
            let orphan = facts.iter().map(|o| &o.fact).find(|fact| {
                !books.knows_charge_of(fact) && !facts.iter().any(|o| is_charge_of(&o.fact, fact))
            });
            match orphan {
                Some(fact) => self.park(tx, event, fact)?,
                None => {
                    books.apply(facts.clone())?;
                    self.finish(event, "processed");
                }
            }
        }
        books.close(tx)?;
        Ok(())
    }

    fn finish(&mut self, event: &Event, state: &'static str) {
        match state {
            "ignored" => self.done.ignored += 1,
            _ => self.done.processed += 1,
        }
        self.finished
            .entry(state)
            .or_default()
            .push(event.id.clone());
    }

    /// Money whose charge is unknown waits for it, and fails when it never comes.
    fn park(&mut self, tx: &mut WriteTx<'_>, event: &Event, fact: &Fact) -> Result<(), Failure> {
        let charge = fact
            .money_of()
            .and_then(|of| of.charge)
            .map_or_else(|| "unknown".to_owned(), ToString::to_string);
        let subject = fact.subject();
        match parked_until(self.app, event, self.now) {
            None => {
                let why = format!(
                    "{subject} is of charge {charge}, which never came; replay when it has"
                );
                self.set_aside(tx, event, "failed", &why, self.now)
            }
            Some(again) => {
                let why = format!("waits for charge {charge} of {subject}");
                tx.set_event_aside(&event.id, "parked", &why, again.as_micros())?;
                self.done.parked += 1;
                Ok(())
            }
        }
    }

    fn set_aside(
        &mut self,
        tx: &mut WriteTx<'_>,
        event: &Event,
        state: &str,
        why: &str,
        due_at: Timestamp,
    ) -> Result<(), Failure> {
        tx.set_event_aside(&event.id, state, why, due_at.as_micros())?;
        if state == "foreign" {
            self.done.foreign += 1;
        } else {
            tracing::warn!(event.id = %event.id, "Set event {} aside as {state}", event.id);
            self.done.failed += 1;
        }
        Ok(())
    }
}

/// Whether `charge` is the charge that the money of `fact` is of.
fn is_charge_of(charge: &Fact, fact: &Fact) -> bool {
    let wanted = fact.money_of().and_then(|of| of.charge);
    charge
        .as_charge()
        .is_some_and(|charge| Some(&charge.id) == wanted)
}

/// When a parked delivery is looked at again; None once it has waited for as long as it may.
fn parked_until(app: &App, event: &Event, now: Timestamp) -> Option<Timestamp> {
    let park_for = i64::try_from(app.config.park_for.as_micros()).unwrap_or(i64::MAX);
    let gives_up = Timestamp::from_micros(event.received_at)
        .ok()?
        .saturating_add_micros(park_for);
    let again = now.saturating_add_seconds(PARKED_RETRY_S);
    (now < gives_up).then(|| again.min(gives_up))
}

/// A poisoned batch, delivery by delivery: the ones that can be applied are, the others fail alone.
fn one_by_one(app: &App, events: &[Event], read: &[Read]) -> Result<Processed, Failure> {
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
                app.store.write(|tx| {
                    tx.set_event_aside(&event.id, "failed", &why, now)
                        .map_err(Failure::from)
                })?;
                total.failed += 1;
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
fn is_about_data(error: &crate::store::StoreError) -> bool {
    error.is_about_data()
}
