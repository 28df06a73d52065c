//! Working on a backlog that others work on too: each takes what no other has taken, until its transaction ends.

use super::super::{App, Failure};
use super::write::{Lag, is_of_charge, write};
use super::{BATCHES_MAX, Batch, Processed, Read, count, is_about_data, limit, one_by_one};
use crate::store::WriteTx;
use avstem_domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Threads that work on a backlog: one writes, and meanwhile the others read and decode. A fourth adds little.
const THREADS: usize = 3;
/// Batches that each of them takes in one round.
const BATCHES_EACH: usize = BATCHES_MAX / THREADS;

/// Processes what is due now, or some batches of it. Of a backlog several threads take one batch each.
pub(super) fn process_due(app: &App) -> Result<Processed, Failure> {
    let (mut total, is_full) = process_batch(app)?;
    if is_full {
        let rounds = std::thread::scope(|scope| {
            let others = [(); THREADS - 1].map(|()| scope.spawn(|| process_batches(app)));
            let own = process_batches(app);
            let others = others.map(std::thread::ScopedJoinHandle::join);
            others
                .map(|other| other.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .into_iter()
                .chain([own])
                .collect::<Result<Vec<_>, _>>()
        })?;
        rounds.into_iter().for_each(|round| total.add(round));
    }
    Ok(total)
}

fn process_batches(app: &App) -> Result<Processed, Failure> {
    let mut total = Processed::default();
    for _ in 0..BATCHES_EACH {
        let (done, is_full) = process_batch(app)?;
        total.add(done);
        if !is_full {
            break;
        }
    }
    Ok(total)
}

/// Processes one batch; says also whether more may wait.
fn process_batch(app: &App) -> Result<(Processed, bool), Failure> {
    let (done, is_full) = match claim_batch(app) {
        Ok(claimed) => claimed,
        Err(Failure::Store(error)) if !is_about_data(&error) => return Err(error.into()),
        Err(Failure::Stopped(stopped)) => return Err(stopped.into()),
        // One delivery cannot be applied: each goes by itself, and only that one fails.
        Err(_) => {
            let batch = Batch::next(app, None)?;
            (
                one_by_one(app, &batch.events, &batch.read)?,
                batch.is_full(),
            )
        }
    };
    count(app, done);
    Ok((done, is_full))
}

/// Takes what waits and writes what follows, in one transaction; says also whether more may wait.
fn claim_batch(app: &App) -> Result<(Processed, bool), Failure> {
    let written = app.store.write_claimed(
        |tx| {
            let events = tx.claim_waiting(app.clock.now().as_micros(), limit())?;
            if events.is_empty() {
                return Ok(None);
            }
            app.seams.cross("tx:process:before")?;
            let batch = Batch::of(app, events);
            // Who has a backlog most likely waits for another writer now, and does then what needs no turn.
            let marked = if batch.is_full() {
                mark(tx, app.clock.now(), &batch)?
            } else {
                BTreeSet::new()
            };
            Ok::<_, Failure>(Some((batch, marked)))
        },
        |tx, (batch, marked)| {
            let events = batch.events.iter().zip(&batch.read);
            let written = write(tx, app, events, marked)?;
            let lagged = Lag::of(&batch.events, &written);
            Ok::<_, Failure>((written.done, batch.is_full(), lagged))
        },
    )?;
    let Some((done, full, lagged)) = written else {
        return Ok((Processed::default(), false));
    };
    app.seams.cross("tx:process:after")?;
    lagged.measure(app);
    Ok((done, full))
}

/// Marks what will be done with for certain if the transaction is committed: all but money, which may have to
/// wait for its charge, and what cannot be read.
fn mark(tx: &mut WriteTx<'_>, now: Timestamp, batch: &Batch) -> Result<BTreeSet<String>, Failure> {
    let mut ids: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for (event, read) in batch.events.iter().zip(&batch.read) {
        let state = match read {
            Read::Facts(facts) if !is_of_charge(facts) => "processed",
            Read::Ignored => "ignored",
            Read::Facts(_) | Read::Foreign(_) | Read::Unreadable(_) => continue,
        };
        ids.entry(state).or_default().push(event.id.clone());
    }
    for (state, ids) in &ids {
        tx.finish_events(ids, state, now.as_micros())?;
    }
    Ok(ids.into_values().flatten().collect())
}
