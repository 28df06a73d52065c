//! Audits the whole ledger: every journal balances, the chain of seals is unbroken, effects and
//! journals agree both ways, the cached balances are the sums of their postings, and every closing
//! statement says what the books said then.
//!
//! Reads in pages inside one snapshot, so that memory does not grow with the books. Nothing stops it
//! but the database: a row that cannot be read is a finding.

pub mod audit;
pub mod finding;
mod form;
mod met;
pub mod months;
mod texts;

use super::progress::Progress;
use super::{App, Failure};
use crate::store::ReadTx;
use crate::store::rows::{Journal, Seal};
use audit::{Audit, Counts};
use finding::Finding;
use met::{Later, Met, Sealing, Walked};
use months::{Months, Statements};
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Journals, seals or orphans in one page.
const PAGE: i64 = 2_000;
/// Pages that are read and not looked at yet.
const PAGES_AHEAD: usize = 2;
/// Seals without a journal that are handed over at once.
const ALONE_MAX: usize = 2_000;

/// What an audit looked at, and what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    pub counts: Counts,
    pub statements: Statements,
    /// At most [`audit::FINDINGS_MAX`] of them.
    pub findings: Vec<Finding>,
    /// All of them.
    pub findings_total: u64,
}

/// Errors only when the database cannot be read.
pub fn verify(app: &App, progress: &mut dyn FnMut(Progress)) -> Result<Verification, Failure> {
    app.store.snapshot(|tx| {
        let audit = Audit::new(tx.chain_head_if_any()?);
        let mut months = Months::new(tx, app)?;
        let mut audit = walked(tx, audit, &mut months, progress)?;
        for finding in months.finish(tx)? {
            audit.found(finding);
        }
        orphans(tx, &mut audit)?;
        audit.head();
        audit.balances(tx.daily_balances()?);
        Ok(Verification {
            counts: audit.counts,
            statements: months.looked_at,
            findings: audit.findings,
            findings_total: audit.findings_total,
        })
    })
}

/// Reads on this thread and checks on another: each takes about as long, the one for the database's answers and
/// the other for hashes.
fn walked(
    tx: &mut ReadTx<'_>,
    audit: Audit,
    months: &mut Months<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Audit, Failure> {
    std::thread::scope(|scope| {
        let (pages, met) = sync_channel(PAGES_AHEAD);
        let checking = scope.spawn(move || checked(audit, &met));
        let walked = walk(tx, months, &pages, progress);
        drop(pages);
        let audit = checking
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        walked.map(|()| audit)
    })
}

fn checked(mut audit: Audit, pages: &Receiver<Vec<Met>>) -> Audit {
    for page in pages {
        for met in page {
            audit.take(met);
        }
    }
    audit
}

/// Journals by position, side by side with their seals.
fn walk(
    tx: &mut ReadTx<'_>,
    months: &mut Months<'_>,
    pages: &SyncSender<Vec<Met>>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Failure> {
    let total = u64::try_from(tx.last_position()?).ok();
    let mut seals = Seals {
        page: VecDeque::new(),
        last: i64::MIN,
        end: End::NotSeen,
    };
    let mut position = i64::MIN;
    let mut done = 0u64;
    loop {
        let journals = tx.journals_after(position, PAGE)?;
        let Some(last) = journals.last() else { break };
        position = last.position;
        done = done.saturating_add(u64::try_from(journals.len()).unwrap_or(u64::MAX));
        let lines = tx.postings_of_page(&journals)?;
        let effects = tx.effects_of_page(&journals)?;
        let mut met = Vec::with_capacity(journals.len());
        for ((journal, lines), effects) in journals.into_iter().zip(lines).zip(effects) {
            let sealing = sealing_of(tx, months, &mut seals, &journal, &mut met)?;
            let found = months.journal(tx, &journal, &lines)?;
            met.push(Met::Journal(Box::new(Walked {
                journal,
                lines,
                effects,
                sealing,
            })));
            met.extend(found.into_iter().map(Met::Found));
        }
        if pages.send(met).is_err() {
            // Whoever checks has panicked, and that is told when it is waited for.
            return Ok(());
        }
        progress(Progress { done, total });
    }
    let mut alone = Vec::new();
    while let Some(seal) = seals.take(tx, months)? {
        alone.push(Met::SealAlone(seal));
        if alone.len() >= ALONE_MAX && pages.send(std::mem::take(&mut alone)).is_err() {
            return Ok(());
        }
    }
    // The same holds here.
    pages.send(alone).unwrap_or_default();
    Ok(())
}

/// The seal of a journal; those before it that sealed none are met on the way.
fn sealing_of(
    tx: &mut ReadTx<'_>,
    months: &mut Months<'_>,
    seals: &mut Seals,
    journal: &Journal,
    met: &mut Vec<Met>,
) -> Result<Sealing, Failure> {
    while let Some(position) = seals.next_position(tx)? {
        if position > journal.position {
            return Ok(Sealing::None(Later::Sealed));
        }
        let Some(seal) = seals.take(tx, months)? else {
            break;
        };
        if position == journal.position {
            return Ok(Sealing::By(seal));
        }
        met.push(Met::SealAlone(seal));
    }
    Ok(Sealing::None(Later::NotSealed))
}

/// Postings and effects of journals that do not exist: those that no journal had.
fn orphans(tx: &mut ReadTx<'_>, audit: &mut Audit) -> Result<(), Failure> {
    let (postings, effects) = tx.rows_booked()?;
    let met = |count: u64, stored: i64| u64::try_from(stored).is_ok_and(|stored| stored == count);
    if !met(audit.counts.postings, postings) {
        orphan_postings(tx, audit)?;
    }
    if !met(audit.counts.effects, effects) {
        orphan_effects(tx, audit)?;
    }
    Ok(())
}

fn orphan_postings(tx: &mut ReadTx<'_>, audit: &mut Audit) -> Result<(), Failure> {
    let mut after = String::new();
    loop {
        let page = tx.orphan_postings(&after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(last);
        for journal in page {
            audit.found(Finding::OrphanPostings { journal });
        }
    }
}

fn orphan_effects(tx: &mut ReadTx<'_>, audit: &mut Audit) -> Result<(), Failure> {
    let mut after = String::new();
    loop {
        let page = tx.orphan_effects(&after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.journal_id);
        for effect in page {
            audit.effect_without_journal(effect);
        }
    }
}

/// All seals by number, a page at a time.
struct Seals {
    page: VecDeque<Seal>,
    last: i64,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    NotSeen,
    Seen,
}

impl Seals {
    fn fill(&mut self, tx: &mut ReadTx<'_>) -> Result<(), Failure> {
        if self.page.is_empty() && self.end == End::NotSeen {
            self.page = tx.seals_after(self.last, PAGE)?.into();
            match self.page.back() {
                Some(seal) => self.last = seal.seq,
                None => self.end = End::Seen,
            }
        }
        Ok(())
    }

    fn next_position(&mut self, tx: &mut ReadTx<'_>) -> Result<Option<i64>, Failure> {
        self.fill(tx)?;
        Ok(self.page.front().map(|seal| seal.position))
    }

    fn take(
        &mut self,
        tx: &mut ReadTx<'_>,
        months: &mut Months<'_>,
    ) -> Result<Option<Seal>, Failure> {
        self.fill(tx)?;
        let seal = self.page.pop_front();
        if let Some(seal) = &seal {
            months.link(seal);
        }
        Ok(seal)
    }
}

#[cfg(test)]
mod tests;
