//! Which journal follows from which business event: the rows of the posting table, as pure functions.
//! Here those of charges and refunds; `dispute`, `recognition`, `payout`, `report` and `bank` have the
//! others.
//!
//! What a charge, its standing refunds, its lost disputes and the month ends have done to every account
//! depends only on the charge's gross, the totals refunded, lost and recognised, and the classification,
//! never on the order of events. So a charge whose invoice is learned late ends in the same books as one
//! whose invoice was known at once.

mod bank;
mod deferred;
mod dispute;
mod lines;
mod payout;
mod recognition;
mod report;

pub use bank::{bank_fee_taken, bank_line_matched, resolution_reversed, written_off};
pub use deferred::deferred_by;
pub use dispute::{LossOfCharge, dispute_loss, dispute_reinstated, dispute_withdrawn};
pub use payout::{payout_failed, payout_sent};
pub use recognition::{revenue_given_back, revenue_recognised};
pub use report::{
    SuspenseChange, balance_converted, found_at_provider, missing_at_provider, provider_fee,
    reserve_changed, settled_in_other_currency, suspense_changed,
};

use super::account::{Account, Connection};
use super::journal::{Journal, JournalEntry, JournalError, JournalEvent};
use crate::money::{Money, MoneyError};
use crate::time::Timestamp;
use lines::{Lines, positive};

/// What a charge was for, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Classification {
    /// VAT contained in the charge: 0 to gross. Zero while no invoice is known.
    pub vat: Money,
    pub income: Income,
}

/// Where the charge's net amount belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Income {
    /// Paid for a period of a subscription: earned as the period passes.
    Deferred,
    /// A subscription's, without a period: earned at once.
    Subscriptions,
    /// Of no subscription: earned at once.
    Orders,
}

/// What happened, where and when: common to all journals here.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    pub connection: &'a Connection,
    /// The provider's id of the charge or refund, or our refund's id.
    pub reference: &'a str,
    pub occurred_at: Timestamp,
}

/// One refund among those of its charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundOfCharge {
    /// What this refund gives back. > 0.
    pub amount: Money,
    /// What other refunds of the charge that still stand have given back. Abandoned ones do not stand.
    pub decided_before: Money,
    /// What lost disputes have taken of the charge.
    pub lost: Money,
    /// The charge's own amount.
    pub gross: Money,
    /// What the charge is booked as now.
    pub classification: Classification,
    /// What month ends have recognised of the charge.
    pub recognised: Money,
}

/// A charge as it stands in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookedCharge {
    pub gross: Money,
    /// The total of its refunds that were decided and not abandoned.
    pub refunded: Money,
    /// What lost disputes have taken of it.
    pub lost: Money,
    /// What month ends have recognised of it.
    pub recognised: Money,
    /// What it is booked as now.
    pub classification: Classification,
}

/// Why an event cannot be booked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostingError {
    #[error("{0} is not an amount that can be booked as a charge or refund; it must be above zero")]
    NotPositive(Money),
    #[error("the VAT of {vat} is not between zero and the charge's {gross}")]
    VatOutsideCharge { vat: Money, gross: Money },
    #[error("refunds of {refunded} exceed the charge of {gross}")]
    RefundsExceedCharge { refunded: Money, gross: Money },
    #[error("{0} cannot be recognised of a charge; it must not be below zero")]
    RecognisedBelowZero(Money),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Debit provider, gross. Credit vat, and deferred revenue or income for the rest.
pub fn charge_succeeded(
    occasion: Occasion<'_>,
    gross: Money,
    classification: &Classification,
) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit(Account::Provider(occasion.connection.clone()), gross)?;
    lines.credit_charge(gross, classification)?;
    occasion.journal(JournalEvent::ChargeSucceeded, "Charge succeeded", lines)
}

/// Moves a booked charge, with what its refunds gave back, to another classification; `None` when that
/// changes no account.
pub fn reclassified(
    occasion: Occasion<'_>,
    charge: BookedCharge,
    new: &Classification,
) -> Result<Option<Journal>, PostingError> {
    let mut lines = Lines::of_charge(&BookedCharge {
        classification: *new,
        ..charge
    })?;
    lines.take_back(Lines::of_charge(&charge)?)?;
    if lines.are_nothing() {
        return Ok(None);
    }
    let text = "Charge reclassified: what it paid for became known";
    occasion
        .journal(JournalEvent::ChargeReclassified, text, lines)
        .map(Some)
}

/// Debit vat, and what the net amount is taken from. Credit refunds payable.
pub fn refund_decided(
    occasion: Occasion<'_>,
    refund: &RefundOfCharge,
) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit_refund(refund)?;
    lines.credit(Account::RefundsPayable, refund.amount)?;
    occasion.journal(JournalEvent::RefundDecided, "Refund decided", lines)
}

/// The decision taken back: nothing is owed to the customer any more. The same as
/// [`refund_decided`] with every sign turned.
///
/// It is computed from the charge as it is booked now (`decided_before` without this refund), not
/// copied from the decision's journal: the charge may have been reclassified, or refunded again, since.
pub fn refund_abandoned(
    occasion: Occasion<'_>,
    refund: &RefundOfCharge,
) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit(Account::RefundsPayable, refund.amount)?;
    let mut decided = Lines::default();
    decided.debit_refund(refund)?;
    lines.take_back(decided)?;
    occasion.journal(JournalEvent::RefundAbandoned, "Refund abandoned", lines)
}

/// Debit refunds payable. Credit provider.
pub fn refund_succeeded(occasion: Occasion<'_>, amount: Money) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit(Account::RefundsPayable, positive(amount)?)?;
    lines.credit(Account::Provider(occasion.connection.clone()), amount)?;
    occasion.journal(
        JournalEvent::RefundSucceeded,
        "Refund paid out by the provider",
        lines,
    )
}

/// Debit provider. Credit refunds payable: a refund that had succeeded came back, and the customer is
/// still owed.
pub fn refund_failed(occasion: Occasion<'_>, amount: Money) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit(
        Account::Provider(occasion.connection.clone()),
        positive(amount)?,
    )?;
    lines.credit(Account::RefundsPayable, amount)?;
    let text = "Refund came back to the provider; still owed to the customer";
    occasion.journal(JournalEvent::RefundFailed, text, lines)
}

impl Occasion<'_> {
    fn journal(
        &self,
        event: JournalEvent,
        description: &str,
        lines: Lines,
    ) -> Result<Journal, PostingError> {
        Ok(Journal::new(JournalEntry {
            event,
            reference: self.reference.to_owned(),
            description: description.to_owned(),
            occurred_at: self.occurred_at,
            postings: lines.into_postings(),
        })?)
    }
}

impl Income {
    /// Where the net amount of a charge is credited.
    const fn earned_in(self) -> Account {
        match self {
            Self::Deferred => Account::DeferredRevenue,
            Self::Subscriptions => Account::IncomeSubscriptions,
            Self::Orders => Account::IncomeOrders,
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_disputes;
#[cfg(test)]
mod tests_recognition;
#[cfg(test)]
mod tests_reports;
