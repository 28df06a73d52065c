//! Which journal follows from which business event: the rows of the posting table, as pure functions.
//! Here those of charges and refunds; `dispute`, `payout`, `report` and `bank` have the others.
//!
//! What a charge, its standing refunds and its lost disputes have done to every account depends only on
//! the charge's gross, the totals refunded and lost, and the classification, never on the order of
//! events. So a charge whose invoice is learned late ends in the same books as one whose invoice was
//! known at once.

mod bank;
mod deferred;
mod dispute;
mod payout;
mod report;

pub use bank::{bank_fee_taken, bank_line_matched, resolution_reversed, written_off};
pub use deferred::deferred_by;
pub use dispute::{LossOfCharge, dispute_loss, dispute_reinstated, dispute_withdrawn};
pub use payout::{payout_failed, payout_sent};
pub use report::{
    SuspenseChange, balance_converted, found_at_provider, missing_at_provider, provider_fee,
    reserve_changed, settled_in_other_currency, suspense_changed,
};

use super::account::{Account, Connection};
use super::journal::{Journal, JournalEntry, JournalError, JournalEvent, Posting};
use crate::money::{Money, MoneyError};
use crate::time::Timestamp;

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
    /// How much of this refund's net amount had become income already. Zero until a month end has
    /// recognised any.
    pub recognised: Money,
}

/// A charge as it stands in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookedCharge {
    pub gross: Money,
    /// The total of its refunds that were decided and not abandoned. None of it may be of income that
    /// a month end has recognised.
    pub refunded: Money,
    /// What lost disputes have taken of it.
    pub lost: Money,
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
    #[error("{recognised} cannot be recognised of a refund of net {net}")]
    RecognisedOutsideRefund { recognised: Money, net: Money },
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
    let booked_as = |classification: &Classification| {
        let mut lines = Lines::default();
        lines.credit_charge(charge.gross, classification)?;
        lines.debit_given_back(
            charge.gross,
            classification,
            GivenBack {
                refunded: charge.refunded,
                lost: charge.lost,
            },
        )?;
        Ok::<Lines, PostingError>(lines)
    };
    let mut lines = booked_as(new)?;
    lines.take_back(booked_as(&charge.classification)?)?;
    if lines.0.iter().all(|posting| posting.amount.is_zero()) {
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
        let mut postings = lines.0;
        postings.retain(|posting| !posting.amount.is_zero());
        Ok(Journal::new(JournalEntry {
            event,
            reference: self.reference.to_owned(),
            description: description.to_owned(),
            occurred_at: self.occurred_at,
            postings,
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

/// Postings in the making, one for each account and currency, in the order of first mention. May hold
/// zeros.
#[derive(Default)]
struct Lines(Vec<Posting>);

impl Lines {
    fn debit(&mut self, account: Account, amount: Money) -> Result<(), MoneyError> {
        let same = |posting: &&mut Posting| {
            posting.account == account && posting.amount.currency() == amount.currency()
        };
        match self.0.iter_mut().find(same) {
            Some(posting) => posting.amount = posting.amount.checked_add(amount)?,
            None => self.0.push(Posting { account, amount }),
        }
        Ok(())
    }

    fn credit(&mut self, account: Account, amount: Money) -> Result<(), MoneyError> {
        self.debit(account, amount.checked_neg()?)
    }

    fn credit_charge(
        &mut self,
        gross: Money,
        classification: &Classification,
    ) -> Result<(), PostingError> {
        let vat = vat_within(gross, classification)?;
        self.credit(classification.income.earned_in(), gross.checked_sub(vat)?)?;
        self.credit(Account::Vat, vat)?;
        Ok(())
    }

    /// One refund: the step from what was given back before it to what is with it.
    fn debit_refund(&mut self, refund: &RefundOfCharge) -> Result<(), PostingError> {
        let RefundOfCharge {
            amount,
            decided_before,
            lost,
            gross,
            classification,
            recognised,
        } = *refund;
        let after = decided_before.checked_add(positive(amount)?)?;
        let given = |refunded| GivenBack { refunded, lost };
        let mut lines = Self::default();
        lines.debit_given_back(gross, &classification, given(after))?;
        let mut before = Self::default();
        before.debit_given_back(gross, &classification, given(decided_before))?;
        lines.take_back(before)?;
        lines.debit_recognised(recognised, amount)?;
        for posting in lines.0 {
            self.debit(posting.account, posting.amount)?;
        }
        Ok(())
    }

    /// Of what a refund takes from deferred revenue, the part that is income already is taken there.
    fn debit_recognised(&mut self, recognised: Money, amount: Money) -> Result<(), PostingError> {
        if recognised.is_zero() {
            return Ok(());
        }
        let net = self
            .0
            .iter()
            .find(|posting| posting.account == Account::DeferredRevenue)
            .map_or(Money::zero(amount.currency()), |posting| posting.amount);
        if recognised.minor() < 0 || recognised.minor() > net.minor() {
            return Err(PostingError::RecognisedOutsideRefund { recognised, net });
        }
        self.credit(Account::DeferredRevenue, recognised)?;
        self.debit(Account::IncomeRefunds, recognised)?;
        Ok(())
    }

    /// Everything that refunds and lost disputes took back of a charge.
    ///
    /// The VAT of what was refunded is `vat × refunded / gross`, rounded once half up, so that the
    /// refunds of a charge together give back exactly its VAT. What a dispute took comes after the
    /// refunds: its share of deferred revenue is what is left there of the net amount. The rest, VAT
    /// included, is lost (the posting table's row), and so is whatever exceeds the charge.
    fn debit_given_back(
        &mut self,
        gross: Money,
        classification: &Classification,
        given: GivenBack,
    ) -> Result<(), PostingError> {
        let vat = vat_within(gross, classification)?;
        let GivenBack { refunded, lost } = given;
        let left = gross.checked_sub(refunded)?;
        if refunded.minor() < 0 || left.minor() < 0 {
            return Err(PostingError::RefundsExceedCharge { refunded, gross });
        }
        let vat_of = |back: Money| vat.share_half_up(back.minor(), gross.minor());
        let vat_refunded = vat_of(refunded)?;
        let net_refunded = refunded.checked_sub(vat_refunded)?;
        let mut all_lost = lost;
        match classification.income {
            Income::Deferred => {
                self.debit(Account::DeferredRevenue, net_refunded)?;
                // Named here for the order of the lines; what is recognised is moved there.
                self.debit(Account::IncomeRefunds, Money::zero(gross.currency()))?;
                let within = if lost.minor() > left.minor() {
                    left
                } else {
                    lost
                };
                let vat_lost = vat_of(refunded.checked_add(within)?)?.checked_sub(vat_refunded)?;
                let from_deferred = within.checked_sub(vat_lost)?;
                self.debit(Account::DeferredRevenue, from_deferred)?;
                all_lost = lost.checked_sub(from_deferred)?;
            }
            Income::Subscriptions | Income::Orders => {
                self.debit(Account::IncomeRefunds, net_refunded)?;
            }
        }
        self.debit(Account::Vat, vat_refunded)?;
        self.debit(Account::DisputeLosses, all_lost)?;
        Ok(())
    }

    /// Turns every line of `other` and adds it.
    fn take_back(&mut self, other: Self) -> Result<(), MoneyError> {
        for posting in other.0 {
            self.credit(posting.account, posting.amount)?;
        }
        Ok(())
    }
}

/// What went back to the customer of one charge, and how.
#[derive(Debug, Clone, Copy)]
struct GivenBack {
    /// By refunds that stand: 0 to the charge's gross.
    refunded: Money,
    /// By disputes that were lost: ≥ 0.
    lost: Money,
}

fn positive(amount: Money) -> Result<Money, PostingError> {
    if amount.is_positive() {
        Ok(amount)
    } else {
        Err(PostingError::NotPositive(amount))
    }
}

/// The VAT of a charge that can be booked: 0 ≤ vat ≤ gross, gross > 0.
fn vat_within(gross: Money, classification: &Classification) -> Result<Money, PostingError> {
    let vat = classification.vat;
    if vat.minor() < 0 || vat.checked_sub(positive(gross)?)?.is_positive() {
        return Err(PostingError::VatOutsideCharge { vat, gross });
    }
    Ok(vat)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_disputes;
#[cfg(test)]
mod tests_reports;
