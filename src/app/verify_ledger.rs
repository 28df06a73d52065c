//! Audits the whole ledger: every journal balances, the chain of seals is unbroken, effects and
//! journals agree both ways, the cached balances are the sums of their postings, and every closing
//! statement says what the books said then.
//!
//! Reads in pages, on several threads where there are many, so that memory does not grow with the books. Nothing
//! stops it but the database: a row that cannot be read is a finding.

pub mod audit;
mod booked;
mod calendar;
pub mod finding;
mod form;
mod met;
pub mod months;
mod texts;
mod together;
mod walk;

use super::progress::Progress;
use super::{App, Failure};
use crate::store::ReadTx;
use audit::{Audit, Counts};
use calendar::Calendar;
use finding::Finding;
use months::{Months, Statements};
use together::Joined;
use walk::{PAGE, Rules};

/// Seals that one thread checks at a time: some pages, so that all threads end at about the same time.
const SEALS_EACH: i64 = 5 * PAGE;

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
    verify_by(app, SEALS_EACH, progress)
}

/// The same in parts of so many seals, which changes nothing of what is found.
pub fn verify_by(
    app: &App,
    seals_each: i64,
    progress: &mut dyn FnMut(Progress),
) -> Result<Verification, Failure> {
    app.store.snapshot_in_bulk(|tx| {
        let head = tx.chain_head_if_any()?;
        let statements = tx.closing_statements()?;
        let calendar = Calendar::new(tx.period_events()?, &statements);
        let mut months = Months::new(app, &calendar, statements);
        let rules = Rules {
            head: head.as_ref(),
            calendar: &calendar,
        };
        let mut joined = Joined {
            audit: Audit::new(head.clone()),
            months: &mut months,
        };
        let parts = together::parts(tx, seals_each)?;
        together::walked(app, tx, &rules, &parts, &mut joined, progress)?;
        let mut audit = joined.audit;
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

#[cfg(test)]
mod tests;
