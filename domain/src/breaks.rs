//! Breaks: what a person must look at because two sources disagree.

use std::fmt;

/// What disagrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BreakKind {
    /// A report tells of money that no event told us of.
    MissingInLedger,
    /// Our records have money that the provider's reports, which cover its time, do not.
    MissingAtProvider,
    AmountMismatch,
    /// Two sources name different fees for one object.
    FeeMismatch,
    CurrencyMismatch,
    /// A report moves the money of one object twice.
    DuplicateAtProvider,
    PayoutNotInBank,
    PayoutAmountMismatch,
    /// A bank line that names a provider, and no payout that it could be.
    BankLineUnmatched,
    StatusMismatch,
    RefundOutsidePolicy,
    ChargedAfterCancellation,
}

impl BreakKind {
    pub const ALL: [Self; 12] = [
        Self::MissingInLedger,
        Self::MissingAtProvider,
        Self::AmountMismatch,
        Self::FeeMismatch,
        Self::CurrencyMismatch,
        Self::DuplicateAtProvider,
        Self::PayoutNotInBank,
        Self::PayoutAmountMismatch,
        Self::BankLineUnmatched,
        Self::StatusMismatch,
        Self::RefundOutsidePolicy,
        Self::ChargedAfterCancellation,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingInLedger => "missing_in_ledger",
            Self::MissingAtProvider => "missing_at_provider",
            Self::AmountMismatch => "amount_mismatch",
            Self::FeeMismatch => "fee_mismatch",
            Self::CurrencyMismatch => "currency_mismatch",
            Self::DuplicateAtProvider => "duplicate_at_provider",
            Self::PayoutNotInBank => "payout_not_in_bank",
            Self::PayoutAmountMismatch => "payout_amount_mismatch",
            Self::BankLineUnmatched => "bank_line_unmatched",
            Self::StatusMismatch => "status_mismatch",
            Self::RefundOutsidePolicy => "refund_outside_policy",
            Self::ChargedAfterCancellation => "charged_after_cancellation",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What to do about it, for whoever has it before them.
    #[must_use]
    pub const fn suggestion(self) -> &'static str {
        match self {
            Self::MissingInLedger => {
                "Look the object up at the provider and let its webhook be sent again, or fetch it: the suspense account is cleared by itself when it comes. What no event ever tells, such as an adjustment, explain or write off."
            }
            Self::MissingAtProvider => {
                "Look the object up at the provider. If it is not there, the money never moved: the customer may still be owed. If it is there, import the report that has it."
            }
            Self::AmountMismatch => {
                "Compare the object with the provider's own page. The difference is on the suspense account."
            }
            Self::FeeMismatch => {
                "Compare both with the provider's invoice, and ask the provider about the difference."
            }
            Self::CurrencyMismatch => {
                "Compare the object with the provider's own page: two sources name different currencies."
            }
            Self::DuplicateAtProvider => {
                "Ask the provider why it moved the same money twice. The second time is on the suspense account."
            }
            Self::PayoutNotInBank => {
                "Import the bank's statement up to today. If the money is not on it, ask the provider to trace the payout."
            }
            Self::PayoutAmountMismatch => {
                "If the bank kept a fee, resolve as bank_fee. If another line brings the rest, wait for it."
            }
            Self::BankLineUnmatched => {
                "Import the provider's report that has this payout. If the line is none of a provider's, explain it."
            }
            Self::StatusMismatch => {
                "Fetch the object from the provider: what our records say of it is not what happened. Where a refund came back, the customer is still owed."
            }
            Self::RefundOutsidePolicy => "Ask who made the refund, and record why it was made.",
            Self::ChargedAfterCancellation => "Refund the charge: billing had ended by then.",
        }
    }
}

impl fmt::Display for BreakKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where the difference of a break stands in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holding {
    Suspense,
    /// Payouts in transit.
    Transit,
}

impl Holding {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suspense => "suspense",
            Self::Transit => "transit",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Suspense, Self::Transit]
            .into_iter()
            .find(|holding| holding.as_str() == text)
    }
}

/// What a person, or a rule that a person set, decides about a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// The bank kept the difference.
    BankFee,
    WriteOff,
    /// It will settle by itself; asked again when it has not after as many days as a payout may take.
    Wait,
    /// It is as it should be; nothing is booked.
    Explained,
}

impl Resolution {
    pub const ALL: [Self; 4] = [Self::BankFee, Self::WriteOff, Self::Wait, Self::Explained];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BankFee => "bank_fee",
            Self::WriteOff => "write_off",
            Self::Wait => "wait",
            Self::Explained => "explained",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }

    /// Whether a break of this kind, whose difference stands there, can be resolved so.
    #[must_use]
    pub fn fits(self, kind: BreakKind, holding: Option<Holding>) -> bool {
        match self {
            Self::BankFee => {
                kind == BreakKind::PayoutAmountMismatch && holding == Some(Holding::Transit)
            }
            Self::WriteOff => holding.is_some(),
            Self::Wait | Self::Explained => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_every_kind_says_what_to_do() {
        for kind in BreakKind::ALL {
            assert_eq!(BreakKind::parse(kind.as_str()), Some(kind));
            assert!(kind.suggestion().ends_with('.'), "{kind}");
        }
        for resolution in Resolution::ALL {
            assert_eq!(Resolution::parse(resolution.as_str()), Some(resolution));
        }
        for holding in [Holding::Suspense, Holding::Transit] {
            assert_eq!(Holding::parse(holding.as_str()), Some(holding));
        }
        assert_eq!(BreakKind::parse("lost"), None);
        assert_eq!(Resolution::parse("forget"), None);
    }

    #[test]
    fn money_is_only_moved_from_where_it_stands() {
        let mismatch = BreakKind::PayoutAmountMismatch;
        assert!(Resolution::BankFee.fits(mismatch, Some(Holding::Transit)));
        assert!(!Resolution::BankFee.fits(mismatch, None));
        assert!(!Resolution::BankFee.fits(BreakKind::PayoutNotInBank, Some(Holding::Transit)));
        assert!(Resolution::WriteOff.fits(BreakKind::MissingInLedger, Some(Holding::Suspense)));
        assert!(!Resolution::WriteOff.fits(BreakKind::BankLineUnmatched, None));
        for resolution in [Resolution::Wait, Resolution::Explained] {
            assert!(resolution.fits(BreakKind::BankLineUnmatched, None));
        }
    }
}
