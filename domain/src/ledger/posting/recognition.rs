//! Month end: what was deferred becomes income.

use super::super::account::Account;
use super::super::journal::{Journal, JournalEvent};
use super::lines::{Lines, positive};
use super::{BookedCharge, Income, Occasion, PostingError};
use crate::money::Money;

/// Debit deferred revenue. Credit income from subscriptions: what a month earned of many charges
/// together. How much of it is whose is kept beside the journal.
pub fn revenue_recognised(occasion: Occasion<'_>, amount: Money) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit(Account::DeferredRevenue, positive(amount)?)?;
    lines.credit(Account::IncomeSubscriptions, amount)?;
    let text = "Month end: revenue recognised";
    occasion.journal(JournalEvent::RevenueRecognised, text, lines)
}

/// What else follows for a charge when `recognised_after` is recognised of it instead of
/// `charge.recognised`, beside [`revenue_recognised`]; `None` for nothing.
///
/// A month that is closed late may earn what was given back since. It was taken from deferred revenue
/// then, where it is not any more: debit refunds of income or dispute losses, credit deferred revenue.
/// Of a charge that is not booked as deferred, nothing is earned at a month end: it is taken back.
pub fn revenue_given_back(
    occasion: Occasion<'_>,
    charge: BookedCharge,
    recognised_after: Money,
) -> Result<Option<Journal>, PostingError> {
    let more = recognised_after.checked_sub(charge.recognised)?;
    let mut lines = Lines::of_charge(&BookedCharge {
        recognised: recognised_after,
        ..charge
    })?;
    lines.take_back(Lines::of_charge(&charge)?)?;
    lines.credit(Account::DeferredRevenue, more)?;
    lines.debit(Account::IncomeSubscriptions, more)?;
    if lines.are_nothing() {
        return Ok(None);
    }
    let text = match charge.classification.income {
        Income::Deferred => "Month end: recognised, and given back by then",
        Income::Subscriptions | Income::Orders => "Month end: recognised of what was not deferred",
    };
    occasion
        .journal(JournalEvent::RevenueGivenBack, text, lines)
        .map(Some)
}
