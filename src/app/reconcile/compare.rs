//! Compares all lines about something with all booked charges of a connection, in stretches of the provider's ids, each
//! walked through by a thread that only reads. Most lines agree with their charge; those are kept as runs of
//! numbers. What does not agree is left to `lines`, and charges that no line is about to `records`, which say why.

use super::super::Failure;
use super::super::progress::Progress;
use super::scope::Scope;
use super::walk::{Found, Stretch, Walk, runs_of};
use crate::store::rows::MatchRun;
use avstem_domain::matching::PROVIDER_OBJECT;
use avstem_domain::runs::Runs;
use std::ops::Range;
use std::sync::mpsc::{Receiver, sync_channel};

/// Threads that read.
const STRETCHES: usize = 2;
/// Lines that are looked at to find where a stretch of the ids is to end.
const SAMPLES: usize = 64;
/// What may be found ahead of what is told.
const FOUND_AHEAD: usize = 2;
/// Runs that are written in one transaction.
const RUNS_PAGE: usize = 5_000;

/// What the walk found, by the numbers of lines.
#[derive(Default)]
pub struct Compared {
    /// Lines that agree with their charge, and that nothing says so of yet.
    pub agreeing: Vec<i64>,
    /// Lines that need all passes.
    pub to_judge: Vec<i64>,
    /// Lines that had a counterpart before, of those that are due.
    pub matched: u64,
}

/// Charges that were made in this time, in microseconds, and which of them no line is about.
pub struct Unreported<'f> {
    pub made: Range<i64>,
    pub tell: &'f mut dyn FnMut(&[String]) -> Result<(), Failure>,
}

/// Walks through a connection.
pub fn walk(
    scope: &Scope<'_>,
    connection: &str,
    unreported: Unreported<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Compared, Failure> {
    let Unreported { made, tell } = unreported;
    let (sender, receiver) = sync_channel(FOUND_AHEAD);
    let stretches = stretches(scope, connection)?;
    std::thread::scope(|threads| {
        let mut readers = Vec::with_capacity(stretches.len());
        for stretch in &stretches {
            let (sender, made) = (sender.clone(), made.clone());
            readers.push(
                threads.spawn(move || Walk::through(scope, connection, stretch, made, sender)),
            );
        }
        drop(sender);
        // What is told here is written while the others read on; they end when this does.
        let told = hear(receiver, tell, progress);
        let mut compared = Compared::default();
        for reader in readers {
            match reader.join() {
                Ok(read) => compared.add(read?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        told.map(|()| compared)
    })
}

fn hear(
    found: Receiver<Found>,
    tell: &mut dyn FnMut(&[String]) -> Result<(), Failure>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Failure> {
    let mut done = 0u64;
    for one in found {
        match one {
            Found::Lines(lines) => {
                done = done.saturating_add(u64::try_from(lines).unwrap_or(u64::MAX));
                progress(Progress { done, total: None });
            }
            Found::WithoutLine(charges) => tell(&charges)?,
        }
    }
    Ok(())
}

/// Stretches of about as many lines each: by the ids in some lines that are evenly spread over the order in which they
/// came. A bad guess costs time and nothing else.
fn stretches(scope: &Scope<'_>, connection: &str) -> Result<Vec<Stretch>, Failure> {
    let mut ids = scope.app.store.read(|tx| {
        let last = tx.last_line_seq()?;
        let samples = i64::try_from(SAMPLES).unwrap_or(1);
        let sample = |number: i64| last.saturating_mul(number) / samples;
        let seqs: Vec<i64> = (1..=samples).map(sample).collect();
        Ok::<_, Failure>(tx.sources_by_seqs(connection, &seqs)?)
    })?;
    ids.sort_unstable();
    let mut stretches = Vec::with_capacity(STRETCHES);
    let mut after = String::new();
    for number in 1..STRETCHES {
        if let Some(last) = ids.get(ids.len().saturating_mul(number) / STRETCHES)
            && *last > after
        {
            let after = std::mem::replace(&mut after, last.clone());
            stretches.push(Stretch {
                after,
                last: Some(last.clone()),
            });
        }
    }
    stretches.push(Stretch { after, last: None });
    Ok(stretches)
}

impl Compared {
    fn add(&mut self, mut other: Self) {
        self.agreeing.append(&mut other.agreeing);
        self.to_judge.append(&mut other.to_judge);
        self.matched = self.matched.saturating_add(other.matched);
    }

    /// Makes it last that lines agree, and returns how many of the connection's have a counterpart now. Runs that
    /// another process has made since are left as they are.
    pub fn pair(self, scope: &Scope<'_>, connection: &str) -> Result<u64, Failure> {
        let found = u64::try_from(self.agreeing.len()).unwrap_or(u64::MAX);
        let runs = Runs::of(self.agreeing);
        for page in runs.as_slice().chunks(RUNS_PAGE) {
            scope.app.store.write(|tx| {
                let made = runs_of(tx, connection)?;
                let new = Runs::made(page.iter().copied()).without(&made);
                let rows: Vec<MatchRun> = new
                    .as_slice()
                    .iter()
                    .map(|run| MatchRun {
                        connection: connection.to_owned(),
                        last_seq: run.last,
                        first_seq: run.first,
                        pass: PROVIDER_OBJECT.to_owned(),
                        reconciliation_id: scope.id.clone(),
                    })
                    .collect();
                Ok::<_, Failure>(tx.add_match_runs(&rows)?)
            })?;
        }
        Ok(self.matched.saturating_add(found))
    }
}
