//! The ledger as vouchers of an accounting program: grouped, in one currency, on numbered accounts, and
//! each once.
//!
//! What leaves is remembered in batches. A journal leaves with the first batch whose days and position
//! cover it; a batch that was asked for before and has nothing new to take is written again, to the byte.
//! See `docs/decisions/0007`.

mod accounts;
mod batches;
mod grouping;
mod rates;
mod translation;

pub use accounts::{Chart, NumberedAccount};
pub use grouping::{About, Row, Voucher};
pub use rates::Rates;

use super::ExportError;
use super::kinds::Days;
use super::ledger::{self, Booked, Stretch};
use crate::config::VoucherPer;
use crate::store::ReadTx;
use crate::store::rows::{TranslatedBalance, VoucherBatch};
use avstem_domain::money::Currency;
use avstem_domain::time::Timestamp;
use batches::Plan;
use grouping::Grouping;
use translation::Translator;

/// What is asked for, and how.
pub struct Wanted<'a> {
    pub days: Days,
    pub currency: Currency,
    pub rates: &'a Rates,
    /// For a batch that leaves now; one that left before stays as it was.
    pub per: VoucherPer,
    pub series: &'a str,
    pub now: Timestamp,
    /// Is told of every journal.
    pub read: &'a mut dyn FnMut(),
}

/// Vouchers as they stand in a file.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Not recorded, and without vouchers, when there was nothing to take.
    pub row: VoucherBatch,
    pub vouchers: Vec<Voucher>,
    /// Journals in the vouchers.
    pub journals: u64,
    /// Journals of these days that left with earlier batches.
    pub journals_before: u64,
    /// When the last journal was written that the batch could take: the state of the books it shows.
    pub as_of: Timestamp,
    pub news: News,
}

/// Whether a batch leaves for the first time.
#[derive(Debug, Clone)]
pub enum News {
    /// It must be recorded before the file leaves, with what accounts hold in other currencies after it.
    First(Vec<TranslatedBalance>),
    /// It left before.
    Again,
    /// There was nothing to take.
    Nothing,
}

/// The vouchers of some days: those that have not left yet, or else those that last left for the same
/// days.
pub fn vouchers(tx: &mut ReadTx<'_>, wanted: &mut Wanted<'_>) -> Result<Batch, ExportError> {
    let known = tx.voucher_batches()?;
    let last_position = tx.last_position()?;
    let plan = Plan::next(&known, wanted, last_position)?;
    let new = draw(tx, wanted, &plan)?;
    if !new.vouchers.is_empty() {
        return Ok(new);
    }
    let Some(plan) = Plan::again(&known, wanted.days)? else {
        return Ok(Batch {
            news: News::Nothing,
            ..new
        });
    };
    let again = draw(tx, wanted, &plan)?;
    if again.row != plan.row {
        let batch = plan.row.batch.to_string();
        let problem = format!(
            "it had {} vouchers, and has {} now",
            plan.row.vouchers, again.row.vouchers
        );
        return Err(ExportError::unreadable(
            "the voucher batch",
            &batch,
            problem,
        ));
    }
    Ok(Batch {
        news: News::Again,
        ..again
    })
}

fn draw(tx: &mut ReadTx<'_>, wanted: &mut Wanted<'_>, plan: &Plan) -> Result<Batch, ExportError> {
    let carried = tx.translated_balances_before(plan.row.batch)?;
    let mut translator = Translator::new(wanted.currency, wanted.rates, carried)?;
    let mut grouping = Grouping::new(plan.per);
    let stretch = Stretch {
        days: wanted.days,
        last_position: plan.row.last_position,
    };
    let (mut journals, mut journals_before) = (0u64, 0u64);
    ledger::read(tx, stretch, &mut |tx, page| {
        let (fresh, left): (Vec<Booked>, Vec<Booked>) = page
            .into_iter()
            .partition(|booked| plan.takes(booked.day, booked.journal.position));
        journals = journals.saturating_add(count(&fresh));
        journals_before = journals_before.saturating_add(count(&left));
        translator.settlements(tx, plan, &fresh)?;
        for booked in &fresh {
            let rows = translator.translate(booked)?;
            grouping.add(booked, &rows)?;
            (wanted.read)();
        }
        Ok(())
    })?;
    translator.require_rates()?;
    let vouchers = grouping.finish();
    let as_of = as_of(tx, plan.row.last_position)?;
    let mut row = plan.row.clone();
    row.vouchers = i64::try_from(vouchers.len()).unwrap_or(i64::MAX);
    Ok(Batch {
        news: News::First(translator.changed(row.batch)),
        row,
        vouchers,
        journals,
        journals_before,
        as_of,
    })
}

fn count(journals: &[Booked]) -> u64 {
    u64::try_from(journals.len()).unwrap_or(u64::MAX)
}

/// When the journal at a position was written; the beginning of time in an empty ledger.
fn as_of(tx: &mut ReadTx<'_>, position: i64) -> Result<Timestamp, ExportError> {
    match tx.journal_at(position)? {
        Some(journal) => {
            Timestamp::from_micros(journal.recorded_at).map_err(ExportError::time(&journal.id))
        }
        None => Ok(Timestamp::EPOCH),
    }
}

#[cfg(test)]
mod tests;
