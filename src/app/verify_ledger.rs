//! Audits the whole ledger: every journal balances, the chain of seals is unbroken, effects and
//! journals agree both ways, the cached balances are the sums of their postings, and every closing
//! statement says what the books said then.
//!
//! Reads in pages inside one snapshot, so that memory does not grow with the books. Nothing stops it
//! but the database: a row that cannot be read is a finding.

pub mod audit;
pub mod finding;
pub mod months;

use super::progress::Progress;
use super::{App, Failure};
use crate::store::ReadTx;
use crate::store::rows::{Effect, Journal, Posting, Seal};
use audit::{Audit, Counts, Later};
use finding::Finding;
use months::{Months, Statements};
use std::collections::{BTreeMap, VecDeque};

/// Journals, seals or orphans in one page.
const PAGE: i64 = 2_000;

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
        let mut audit = Audit::new(tx.chain_head_if_any()?);
        let mut months = Months::new(tx, app)?;
        walk(tx, &mut audit, &mut months, progress)?;
        months.finish(tx, &mut audit)?;
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

/// Journals by position, side by side with their seals.
fn walk(
    tx: &mut ReadTx<'_>,
    audit: &mut Audit,
    months: &mut Months<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Failure> {
    let total = u64::try_from(tx.last_position()?).ok();
    let mut seals = Seals {
        page: VecDeque::new(),
        last: i64::MIN,
        end: End::NotSeen,
    };
    let mut position = i64::MIN;
    loop {
        let journals = tx.journals_after(position, PAGE)?;
        let Some(last) = journals.last() else { break };
        position = last.position;
        let ids: Vec<String> = journals.iter().map(|journal| journal.id.clone()).collect();
        let mut postings = by_journal(tx.postings_of(&ids)?, |posting: &Posting| {
            &posting.journal_id
        });
        let mut effects = by_journal(tx.effects_by_journals(&ids)?, |effect: &Effect| {
            &effect.journal_id
        });
        for journal in &journals {
            let lines = postings.remove(&journal.id).unwrap_or_default();
            let done = effects.remove(&journal.id).unwrap_or_default();
            audit.journal(journal, &lines, &done);
            seal_of(tx, audit, &mut seals, journal, &lines)?;
            months.link(audit.last_link());
            months.journal(tx, audit, journal, &lines)?;
        }
        progress(Progress {
            done: audit.counts.journals,
            total,
        });
    }
    while let Some(seal) = seals.take(tx)? {
        audit.seal_without_journal(&seal);
    }
    Ok(())
}

fn seal_of(
    tx: &mut ReadTx<'_>,
    audit: &mut Audit,
    seals: &mut Seals,
    journal: &Journal,
    lines: &[Posting],
) -> Result<(), Failure> {
    while seals
        .next_position(tx)?
        .is_some_and(|position| position < journal.position)
    {
        if let Some(seal) = seals.take(tx)? {
            audit.seal_without_journal(&seal);
        }
    }
    match seals.next_position(tx)? {
        Some(position) if position == journal.position => {
            if let Some(seal) = seals.take(tx)? {
                audit.sealed(&seal, journal, lines);
            }
        }
        Some(_) => audit.unsealed(journal, Later::Sealed),
        None => audit.unsealed(journal, Later::NotSealed),
    }
    Ok(())
}

/// Postings and effects of journals that do not exist.
fn orphans(tx: &mut ReadTx<'_>, audit: &mut Audit) -> Result<(), Failure> {
    let mut after = String::new();
    loop {
        let page = tx.orphan_postings(&after, PAGE)?;
        let Some(last) = page.last() else { break };
        after.clone_from(last);
        for journal in page {
            audit.found(Finding::OrphanPostings { journal });
        }
    }
    after.clear();
    loop {
        let page = tx.orphan_effects(&after, PAGE)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.journal_id);
        for effect in page {
            audit.effect_without_journal(effect);
        }
    }
    Ok(())
}

fn by_journal<T>(rows: Vec<T>, id: impl Fn(&T) -> &String) -> BTreeMap<String, Vec<T>> {
    let mut grouped = BTreeMap::<String, Vec<T>>::new();
    for row in rows {
        grouped.entry(id(&row).clone()).or_default().push(row);
    }
    grouped
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

    fn take(&mut self, tx: &mut ReadTx<'_>) -> Result<Option<Seal>, Failure> {
        self.fill(tx)?;
        Ok(self.page.pop_front())
    }
}

#[cfg(test)]
mod tests;
