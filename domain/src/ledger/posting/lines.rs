//! Lines of a journal in the making, and what a charge, its refunds, its disputes and the month ends
//! come to in them.

use super::super::account::Account;
use super::super::journal::Posting;
use super::{BookedCharge, Classification, Income, PostingError, RefundOfCharge};
use crate::money::{Money, MoneyError};

/// Postings in the making, one for each account and currency, in the order of first mention. May hold
/// zeros.
#[derive(Default)]
pub(super) struct Lines(Vec<Posting>);

/// What went back to the customer of one charge, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct GivenBack {
    /// By refunds that stand: 0 to the charge's gross.
    pub refunded: Money,
    /// By disputes that were lost: ≥ 0.
    pub lost: Money,
    /// What month ends have recognised of the charge: ≥ 0. It is not in deferred revenue any more.
    pub recognised: Money,
}

impl Lines {
    pub(super) fn debit(&mut self, account: Account, amount: Money) -> Result<(), MoneyError> {
        let same = |posting: &&mut Posting| {
            posting.account == account && posting.amount.currency() == amount.currency()
        };
        match self.0.iter_mut().find(same) {
            Some(posting) => posting.amount = posting.amount.checked_add(amount)?,
            None => self.0.push(Posting { account, amount }),
        }
        Ok(())
    }

    pub(super) fn credit(&mut self, account: Account, amount: Money) -> Result<(), MoneyError> {
        self.debit(account, amount.checked_neg()?)
    }

    /// Turns every line of `other` and adds it.
    pub(super) fn take_back(&mut self, other: Self) -> Result<(), MoneyError> {
        for posting in other.0 {
            self.credit(posting.account, posting.amount)?;
        }
        Ok(())
    }

    pub(super) fn are_nothing(&self) -> bool {
        self.0.iter().all(|posting| posting.amount.is_zero())
    }

    pub(super) fn into_postings(self) -> Vec<Posting> {
        let mut postings = self.0;
        postings.retain(|posting| !posting.amount.is_zero());
        postings
    }

    /// Everything but the money itself: where a charge belongs, what is recognised and given back of it.
    pub(super) fn of_charge(charge: &BookedCharge) -> Result<Self, PostingError> {
        let BookedCharge {
            gross,
            refunded,
            lost,
            recognised,
            classification,
        } = *charge;
        let mut lines = Self::default();
        lines.credit_charge(gross, &classification)?;
        if classification.income == Income::Deferred {
            let earned = recognised_of(gross, &classification, recognised)?;
            lines.debit(Account::DeferredRevenue, earned)?;
            lines.credit(Account::IncomeSubscriptions, earned)?;
        }
        let given = GivenBack {
            refunded,
            lost,
            recognised,
        };
        lines.debit_given_back(gross, &classification, given)?;
        Ok(lines)
    }

    pub(super) fn credit_charge(
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
    pub(super) fn debit_refund(&mut self, refund: &RefundOfCharge) -> Result<(), PostingError> {
        let RefundOfCharge {
            amount,
            decided_before,
            lost,
            gross,
            classification,
            recognised,
        } = *refund;
        let after = decided_before.checked_add(positive(amount)?)?;
        let given = |refunded| GivenBack {
            refunded,
            lost,
            recognised,
        };
        self.debit_given_back(gross, &classification, given(after))?;
        let mut before = Self::default();
        before.debit_given_back(gross, &classification, given(decided_before))?;
        Ok(self.take_back(before)?)
    }

    /// Everything that refunds and lost disputes took back of a charge.
    ///
    /// The VAT of what was refunded is `vat × refunded / gross`, rounded once half up, so that the
    /// refunds of a charge together give back exactly its VAT. The net amount is taken from what is
    /// deferred of the charge, and when nothing is left there, from what was recognised: it goes to
    /// refunds of income. What a dispute took comes after the refunds: its share of deferred revenue is
    /// what is left there of the net amount. The rest, VAT included, is lost (the posting table's row),
    /// and so is whatever exceeds the charge.
    pub(super) fn debit_given_back(
        &mut self,
        gross: Money,
        classification: &Classification,
        given: GivenBack,
    ) -> Result<(), PostingError> {
        let vat = vat_within(gross, classification)?;
        let GivenBack {
            refunded,
            lost,
            recognised,
        } = given;
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
                let earned = recognised_of(gross, classification, recognised)?;
                let deferred = gross.checked_sub(vat)?.checked_sub(earned)?;
                let refunded_there = net_refunded.min(deferred)?;
                self.debit(Account::DeferredRevenue, refunded_there)?;
                let refunded_income = net_refunded.checked_sub(refunded_there)?;
                self.debit(Account::IncomeRefunds, refunded_income)?;
                let within = lost.min(left)?;
                let vat_lost = vat_of(refunded.checked_add(within)?)?.checked_sub(vat_refunded)?;
                let net_lost = within.checked_sub(vat_lost)?;
                let lost_there = net_lost.min(deferred.checked_sub(refunded_there)?)?;
                self.debit(Account::DeferredRevenue, lost_there)?;
                all_lost = lost.checked_sub(lost_there)?;
            }
            Income::Subscriptions | Income::Orders => {
                self.debit(Account::IncomeRefunds, net_refunded)?;
            }
        }
        self.debit(Account::Vat, vat_refunded)?;
        self.debit(Account::DisputeLosses, all_lost)?;
        Ok(())
    }
}

pub(super) fn positive(amount: Money) -> Result<Money, PostingError> {
    if amount.is_positive() {
        Ok(amount)
    } else {
        Err(PostingError::NotPositive(amount))
    }
}

/// What is recognised of a charge: no more than its net amount, which its VAT, learned late, may have
/// made less.
fn recognised_of(
    gross: Money,
    classification: &Classification,
    recognised: Money,
) -> Result<Money, PostingError> {
    if recognised.minor() < 0 {
        return Err(PostingError::RecognisedBelowZero(recognised));
    }
    let net = gross.checked_sub(vat_within(gross, classification)?)?;
    Ok(recognised.min(net)?)
}

/// The VAT of a charge that can be booked: 0 ≤ vat ≤ gross, gross > 0.
fn vat_within(gross: Money, classification: &Classification) -> Result<Money, PostingError> {
    let vat = classification.vat;
    if vat.minor() < 0 || vat.checked_sub(positive(gross)?)?.is_positive() {
        return Err(PostingError::VatOutsideCharge { vat, gross });
    }
    Ok(vat)
}
