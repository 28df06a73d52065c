//! Payouts: sent, and come back.

use super::super::account::Account;
use super::super::journal::{Journal, JournalEvent};
use super::{Lines, Occasion, PostingError};
use crate::money::Money;

/// Debit payouts in transit. Credit provider. The other way round for an amount below zero: the provider
/// takes money from the bank.
pub fn payout_sent(occasion: Occasion<'_>, amount: Money) -> Result<Journal, PostingError> {
    occasion.journal(
        JournalEvent::PayoutSent,
        "Payout sent by the provider",
        to_transit(&occasion, amount)?,
    )
}

/// Debit provider. Credit payouts in transit: it failed, was canceled, or was returned by the bank.
pub fn payout_failed(occasion: Occasion<'_>, amount: Money) -> Result<Journal, PostingError> {
    occasion.journal(
        JournalEvent::PayoutFailed,
        "Payout came back to the provider",
        to_transit(&occasion, amount.checked_neg()?)?,
    )
}

fn to_transit(occasion: &Occasion<'_>, amount: Money) -> Result<Lines, PostingError> {
    let mut lines = Lines::default();
    lines.debit(
        Account::PayoutsInTransit(occasion.connection.clone()),
        amount,
    )?;
    lines.credit(Account::Provider(occasion.connection.clone()), amount)?;
    Ok(lines)
}
