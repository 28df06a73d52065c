//! Several threads walk over parts of the ledger at a time, and what they come to is joined in order.
//!
//! Each part begins at a seal and ends with one, and is checked from the hash that is stored where it begins: that is
//! what the part before it ends with, which is checked there. Behind a seal nothing is written any more, so that what is
//! read of such parts is the same in every snapshot that is younger. The last part, and all that is of no part, is
//! read in the first one.

use super::super::progress::Progress;
use super::super::{App, Failure};
use super::audit::Audit;
use super::months::Months;
use super::walk::{Outcome, Part, Rules, walk};
use crate::store::bulk::BulkTx;
use crate::store::rows::Seal;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

/// With connections of their own, of which neither database has fewer.
const THREADS_MAX: usize = 4;

/// The number of a part, and what it came to.
type Done = (usize, Outcome);

/// Parts of so many seals each; the last one has the rest, and what is not sealed.
pub fn parts(tx: &mut BulkTx<'_>, seals_each: i64) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::new();
    let mut after: Option<Seal> = None;
    let mut sought = seals_each;
    while let Some(seal) = tx.seals_after(sought.saturating_sub(1), 1)?.pop() {
        sought = seal.seq.saturating_add(seals_each);
        // Seals that are not in order part nothing: whoever walks over them finds them.
        let is_later = |after: &Seal| seal.position > after.position;
        if after.as_ref().is_none_or(is_later) {
            parts.push(Part {
                after: after.replace(seal.clone()),
                through: Some(seal),
            });
        }
    }
    parts.push(Part {
        after,
        through: None,
    });
    Ok(parts)
}

/// Walks over all parts, this thread over the last one first.
pub fn walked(
    app: &App,
    tx: &mut BulkTx<'_>,
    rules: &Rules<'_>,
    parts: &[Part],
    joined: &mut Joined<'_, '_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Failure> {
    let work = Work {
        rules,
        parts,
        total: u64::try_from(tx.last_position()?).ok(),
        taken: AtomicUsize::new(0),
        journals: AtomicU64::new(0),
    };
    std::thread::scope(|scope| {
        let (done, outcomes) = channel();
        for _ in 1..threads(app).min(parts.len()) {
            let (work, done) = (&work, done.clone());
            scope.spawn(move || help(app, work, &done));
        }
        drop(done);
        lead(tx, &work, outcomes, joined, progress)
    })
}

/// As many as there are cores; twice as many where a server works while a thread waits for it.
fn threads(app: &App) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let busy = if app.store.has_server() {
        cores.saturating_mul(2)
    } else {
        cores
    };
    busy.min(THREADS_MAX)
}

/// Parts, and how far they have come.
struct Work<'a> {
    rules: &'a Rules<'a>,
    parts: &'a [Part],
    /// Of journals.
    total: Option<u64>,
    /// Parts that somebody has taken, without the last one.
    taken: AtomicUsize,
    journals: AtomicU64,
}

impl Work<'_> {
    fn last(&self) -> usize {
        self.parts.len().saturating_sub(1)
    }

    fn next(&self) -> Option<usize> {
        let next = self.taken.fetch_add(1, Ordering::Relaxed);
        (next < self.last()).then_some(next)
    }

    fn walk(
        &self,
        tx: &mut BulkTx<'_>,
        part: usize,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Option<Done>, Failure> {
        let Some(of) = self.parts.get(part) else {
            return Ok(None);
        };
        let outcome = walk(tx, self.rules, of, &mut |journals| {
            let more = u64::try_from(journals).unwrap_or(u64::MAX);
            let before = self.journals.fetch_add(more, Ordering::Relaxed);
            progress(Progress {
                done: before.saturating_add(more),
                total: self.total,
            });
        })?;
        Ok(Some((part, outcome)))
    }
}

/// Takes one part after the other; ends early where nobody listens, which is after an error.
fn help(app: &App, work: &Work<'_>, done: &Sender<Result<Done, Failure>>) {
    let helped = app.store.snapshot_in_bulk(|tx| {
        while let Some(part) = work.next() {
            let walked = work.walk(tx, part, &mut |_| {})?;
            if walked.is_some_and(|walked| done.send(Ok(walked)).is_err()) {
                break;
            }
        }
        Ok::<_, Failure>(())
    });
    if let Err(failure) = helped {
        done.send(Err(failure)).unwrap_or_default();
    }
}

fn lead(
    tx: &mut BulkTx<'_>,
    work: &Work<'_>,
    outcomes: Receiver<Result<Done, Failure>>,
    joined: &mut Joined<'_, '_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Failure> {
    let mut waiting = BTreeMap::new();
    waiting.extend(work.walk(tx, work.last(), progress)?);
    let mut next = 0usize;
    while next < work.parts.len() {
        match work.next() {
            Some(part) => waiting.extend(work.walk(tx, part, progress)?),
            // Nobody answers any more when a thread has panicked, which the scope tells.
            None if !waiting.contains_key(&next) => match outcomes.recv() {
                Ok(outcome) => waiting.extend([outcome?]),
                Err(_) => return Ok(()),
            },
            None => {}
        }
        for outcome in outcomes.try_iter() {
            waiting.extend([outcome?]);
        }
        while let Some(outcome) = waiting.remove(&next) {
            joined.join(tx, outcome)?;
            next = next.saturating_add(1);
        }
    }
    Ok(())
}

/// What the parts so far have come to.
pub struct Joined<'m, 'a> {
    pub audit: Audit,
    pub months: &'m mut Months<'a>,
}

impl Joined<'_, '_> {
    fn join(&mut self, tx: &mut BulkTx<'_>, outcome: Outcome) -> Result<(), Failure> {
        for stretch in outcome.stretches {
            for finding in self.months.come_to(tx, stretch.reached)? {
                self.audit.found(finding);
            }
            self.months.links(stretch.links);
            self.months.booked(&stretch.booked);
            self.audit.add_booked(&stretch.booked);
        }
        self.audit.join(outcome.audit);
        Ok(())
    }
}
