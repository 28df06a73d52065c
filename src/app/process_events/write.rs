//! One transaction of deliveries: what follows from them, and that they are done with.

use super::super::books::Books;
use super::super::{App, Failure};
use super::{Processed, Read};
use crate::store::rows::Due;
use crate::store::{Turn, WriteTx};
use avstem_domain::event::Fact;
use avstem_domain::time::Timestamp;
use avstem_webhooks::Observation;
use std::collections::BTreeMap;

/// A parked delivery is looked at again after this, even if nothing woke it.
const PARKED_RETRY_S: i64 = 60;

pub(super) fn write_batch(app: &App, events: &[Due], read: &[Read]) -> Result<Processed, Failure> {
    app.seams.cross("tx:process:before")?;
    let ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
    let written = app.store.write_claimed(
        Turn::Alone,
        |tx| {
            let claimed = tx.claim_events(&ids)?;
            Ok::<_, Failure>((!claimed.is_empty()).then_some(claimed))
        },
        |tx, claimed| {
            // They come in the order in which they were asked for.
            let mut claimed = claimed.iter().peekable();
            let events = events.iter().zip(read);
            let claimed =
                events.filter(|(event, _)| claimed.next_if(|id| **id == event.id).is_some());
            write(tx, app, claimed, Marked::None)
        },
    )?;
    let Some(written) = written else {
        return Ok(Processed::default());
    };
    app.seams.cross("tx:process:after")?;
    written.lag.measure(app);
    Ok(written.done)
}

/// Which deliveries say already that they are done with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Marked {
    None,
    /// Those of which it is certain, [`Read::is_certain_to_be`].
    Certain,
}

/// What a transaction came to.
pub(super) struct Written {
    pub(super) done: Processed,
    pub(super) lag: Lag,
}

/// Writes what follows from deliveries.
pub(super) fn write<'e>(
    tx: &mut WriteTx<'_>,
    app: &App,
    events: impl Iterator<Item = (&'e Due, &'e Read)>,
    marked: Marked,
) -> Result<Written, Failure> {
    let now = app.clock.now();
    let mut batch = Writing {
        app,
        now,
        marked,
        done: Processed::default(),
        lag: Lag::default(),
        finished: BTreeMap::new(),
    };
    let mut by_connection: BTreeMap<&str, Vec<(&Due, &Read)>> = BTreeMap::new();
    for (event, read) in events {
        match read {
            Read::Facts(_) => by_connection
                .entry(&event.connection)
                .or_default()
                .push((event, read)),
            Read::Ignored => batch.finish(event, read, "ignored"),
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
    Ok(Written {
        done: batch.done,
        lag: batch.lag,
    })
}

/// When deliveries were received with which we are done now.
#[derive(Default)]
pub(super) struct Lag(Vec<i64>);

impl Lag {
    /// A replay, which a person asks for days later, says nothing of how fast we are.
    fn add(&mut self, event: &Due) {
        let is_replay = event.state == "received" && event.attempts > 0;
        if !is_replay {
            self.0.push(event.received_at);
        }
    }

    pub(super) fn measure(self, app: &App) {
        let now = app.clock.now().as_micros();
        for received_at in self.0 {
            app.meters.lag(now.saturating_sub(received_at));
        }
    }
}

struct Writing<'a> {
    app: &'a App,
    now: Timestamp,
    marked: Marked,
    done: Processed,
    lag: Lag,
    /// Ids by final state, of those that do not say it yet.
    finished: BTreeMap<&'static str, Vec<String>>,
}

impl Writing<'_> {
    fn apply(
        &mut self,
        tx: &mut WriteTx<'_>,
        connection: &str,
        events: &[(&Due, &Read)],
    ) -> Result<(), Failure> {
        let all = events.iter().flat_map(|(_, read)| read.facts());
        let mut books = Books::open(tx, self.app.keeping(), connection, all)?;
        // Charges first, so that a refund or dispute in the same batch finds its charge.
        let (of_charges, others): (Vec<_>, Vec<_>) = events
            .iter()
            .partition(|(_, read)| is_of_charge(read.facts()));
        for (event, read) in others {
            books.apply(read.facts())?;
            self.finish(event, read, "processed");
        }
        for (event, read) in of_charges {
            let facts = read.facts();
            let orphan = facts.iter().map(|o| &o.fact).find(|fact| {
                !books.knows_charge_of(fact) && !facts.iter().any(|o| is_charge_of(&o.fact, fact))
            });
            match orphan {
                Some(fact) => self.park(tx, event, fact)?,
                None => {
                    books.apply(facts)?;
                    self.finish(event, read, "processed");
                }
            }
        }
        books.close(tx)?;
        Ok(())
    }

    fn finish(&mut self, event: &Due, read: &Read, state: &'static str) {
        self.lag.add(event);
        match state {
            "ignored" => self.done.ignored += 1,
            _ => self.done.processed += 1,
        }
        let is_marked = self.marked == Marked::Certain && read.is_certain_to_be().is_some();
        if !is_marked {
            let ids = self.finished.entry(state).or_default();
            ids.push(event.id.clone());
        }
    }

    /// Money whose charge is unknown waits for it, and fails when it never comes.
    fn park(&mut self, tx: &mut WriteTx<'_>, event: &Due, fact: &Fact) -> Result<(), Failure> {
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
        event: &Due,
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
fn parked_until(app: &App, event: &Due, now: Timestamp) -> Option<Timestamp> {
    let park_for = i64::try_from(app.config.park_for.as_micros()).unwrap_or(i64::MAX);
    let gives_up = Timestamp::from_micros(event.received_at)
        .ok()?
        .saturating_add_micros(park_for);
    let again = now.saturating_add_seconds(PARKED_RETRY_S);
    (now < gives_up).then(|| again.min(gives_up))
}

pub(super) fn is_of_charge(facts: &[Observation]) -> bool {
    facts.iter().any(|told| told.fact.money_of().is_some())
}
