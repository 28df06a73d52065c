//! Disputes: withdrawn, reinstated, lost.

use super::super::account::Account;
use super::super::journal::{Journal, JournalEvent};
use super::lines::{GivenBack, Lines, positive};
use super::{Classification, Occasion, PostingError};
use crate::money::Money;

/// A change of what disputes took of a charge for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LossOfCharge {
    pub gross: Money,
    /// The total of its refunds that were decided and not abandoned.
    pub refunded: Money,
    pub lost_before: Money,
    pub lost_after: Money,
    /// What month ends have recognised of the charge.
    pub recognised: Money,
    /// What the charge is booked as now.
    pub classification: Classification,
}

/// Debit disputed, and dispute fees for what the provider takes for it. Credit provider. The fee may be
/// of another currency than the amount, and is not negative.
pub fn dispute_withdrawn(
    occasion: Occasion<'_>,
    amount: Money,
    fee: Money,
) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit(
        Account::Disputed(occasion.connection.clone()),
        positive(amount)?,
    )?;
    lines.debit(Account::DisputeFees, fee)?;
    lines.credit(Account::Provider(occasion.connection.clone()), amount)?;
    lines.credit(Account::Provider(occasion.connection.clone()), fee)?;
    let text = "Dispute: withdrawn by the provider";
    occasion.journal(JournalEvent::DisputeWithdrawn, text, lines)
}

/// Debit provider. Credit disputed, and dispute fees for a fee given back. `fee` is what the provider
/// took for it: below zero when it gave one back.
pub fn dispute_reinstated(
    occasion: Occasion<'_>,
    amount: Money,
    fee: Money,
) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit(
        Account::Provider(occasion.connection.clone()),
        positive(amount)?,
    )?;
    lines.credit(Account::Provider(occasion.connection.clone()), fee)?;
    lines.credit(Account::Disputed(occasion.connection.clone()), amount)?;
    lines.debit(Account::DisputeFees, fee)?;
    let text = "Dispute: reinstated by the provider";
    occasion.journal(JournalEvent::DisputeReinstated, text, lines)
}

/// Debit deferred revenue (what is left there of the charge's share) and dispute losses (the rest).
/// Credit disputed. The other way round when less is lost than before. `None` when nothing changes.
pub fn dispute_loss(
    occasion: Occasion<'_>,
    loss: LossOfCharge,
) -> Result<Option<Journal>, PostingError> {
    let change = loss.lost_after.checked_sub(loss.lost_before)?;
    if change.is_zero() {
        return Ok(None);
    }
    let taken_back = |lost: Money| {
        let mut lines = Lines::default();
        let given = GivenBack {
            refunded: loss.refunded,
            lost,
            recognised: loss.recognised,
        };
        lines.debit_given_back(loss.gross, &loss.classification, given)?;
        Ok::<Lines, PostingError>(lines)
    };
    let mut lines = taken_back(loss.lost_after)?;
    lines.take_back(taken_back(loss.lost_before)?)?;
    lines.credit(Account::Disputed(occasion.connection.clone()), change)?;
    let (event, text) = if change.is_positive() {
        (JournalEvent::DisputeLost, "Dispute lost")
    } else {
        (
            JournalEvent::DisputeLossReversed,
            "Dispute: the loss does not stand",
        )
    };
    occasion.journal(event, text, lines).map(Some)
}
