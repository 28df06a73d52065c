//! What a month comes to: journals, postings, and the totals of every account.

use super::super::Failure;
use super::super::books::money;
use super::Closing;
use crate::store::ReadTx;
use crate::store::rows::{ChainHead, Journal};
use avstem_domain::ledger::closing::AccountTotal;
use avstem_domain::money::MoneyError;
use avstem_domain::revenue::Month;
use std::collections::BTreeMap;

/// Journals in one page.
const PAGE: i64 = 2_000;

/// A month of the books, all of it sealed.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    pub journals: u64,
    pub postings: u64,
    /// Of which the closing recognised revenue.
    pub charges: u64,
    pub head: ChainHead,
    pub totals: Vec<AccountTotal>,
}

/// Sums of one account in one currency, in minor units.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    pub opening: i128,
    pub debits: i128,
    pub credits: i128,
}

impl Sums {
    pub fn add(&mut self, amount: i64) {
        if amount >= 0 {
            self.debits = self.debits.saturating_add(i128::from(amount));
        } else {
            self.credits = self.credits.saturating_sub(i128::from(amount));
        }
    }

    /// Adds what others come to.
    pub const fn join(&mut self, others: Self) {
        self.opening = self.opening.saturating_add(others.opening);
        self.debits = self.debits.saturating_add(others.debits);
        self.credits = self.credits.saturating_add(others.credits);
    }
}

/// Measures a month in a snapshot; `None` when some of it is not sealed.
pub(super) fn measure(tx: &mut ReadTx<'_>, closing: Closing) -> Result<Option<Measured>, Failure> {
    let month = closing.month;
    let head = tx.chain_head()?;
    if !is_sealed(tx, &head, month)? {
        return Ok(None);
    }
    let mut sums = BTreeMap::<(String, String), Sums>::new();
    let first_day = month.first_day().to_string();
    for day in tx.daily_balances()? {
        if day.booked_on < first_day {
            let sum = sums.entry((day.currency, day.account)).or_default();
            sum.opening = sum.opening.saturating_add(i128::from(day.amount));
        }
    }
    let mut measured = Measured {
        journals: 0,
        postings: 0,
        charges: u64::try_from(tx.charges_recognised(closing.number)?).unwrap_or_default(),
        totals: Vec::new(),
        head,
    };
    walk(tx, month, &mut measured, &mut sums)?;
    measured.totals = totals(sums)?;
    Ok(Some(measured))
}

/// Whether no journal of the month or before it comes after the chain's head.
fn is_sealed(tx: &mut ReadTx<'_>, head: &ChainHead, month: Month) -> Result<bool, Failure> {
    let last_day = month.last_day().to_string();
    let mut position = head.position;
    loop {
        let page = tx.journals_after(position, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(true);
        };
        position = last.position;
        if page.iter().any(|journal| journal.booked_on <= last_day) {
            return Ok(false);
        }
    }
}

fn walk(
    tx: &mut ReadTx<'_>,
    month: Month,
    measured: &mut Measured,
    sums: &mut BTreeMap<(String, String), Sums>,
) -> Result<(), Failure> {
    let (first, last) = (month.first_day().to_string(), month.last_day().to_string());
    let days = (Some(first.as_str()), Some(last.as_str()));
    let mut after = (first.clone(), 0i64);
    loop {
        let page = tx.journals_by_day(days, measured.head.position, (&after.0, after.1), PAGE)?;
        let Some(end) = page.last() else {
            return Ok(());
        };
        after = (end.booked_on.clone(), end.position);
        let ids: Vec<String> = page
            .iter()
            .map(|journal: &Journal| journal.id.clone())
            .collect();
        measured.journals = more(measured.journals, page.len());
        let postings = tx.postings_of(&ids)?;
        measured.postings = more(measured.postings, postings.len());
        for posting in postings {
            let sum = sums.entry((posting.currency, posting.account)).or_default();
            sum.add(posting.amount);
        }
    }
}

/// By currency and account, those that were ever posted to.
pub fn totals(sums: BTreeMap<(String, String), Sums>) -> Result<Vec<AccountTotal>, Failure> {
    let mut totals = Vec::with_capacity(sums.len());
    for ((currency, account), sum) in sums {
        let amount = |minor: i128| {
            let minor = i64::try_from(minor).map_err(|_| MoneyError::Overflow)?;
            money(minor, &currency)
        };
        totals.push(AccountTotal {
            account,
            opening: amount(sum.opening)?,
            debits: amount(sum.debits)?,
            credits: amount(sum.credits)?,
        });
    }
    Ok(totals)
}

fn more(count: u64, rows: usize) -> u64 {
    count.saturating_add(u64::try_from(rows).unwrap_or(u64::MAX))
}
