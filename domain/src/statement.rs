//! What settlement reports and bank statements say, line by line.
//!
//! Importers make these values; matching compares them with the ledger. Every line has an identity that is
//! the same in every file and every format that tells it, so that overlapping files count it once.

pub mod allotment;
pub mod bank;
pub mod bank_id;

use crate::id::{ProviderChargeId, ProviderMovementId, ProviderObjectId, ProviderPayoutId};
use crate::money::{Money, MoneyError};
use crate::time::Timestamp;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// One movement of our balance at a provider, as a report tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderLine {
    /// Where it stands in its file; the header is row 1.
    pub row: u64,
    pub id: ProviderMovementId,
    pub kind: LineKind,
    /// In the currency that the account settles in.
    pub amounts: LineAmounts,
    /// What the customer saw, in the currency of the charge; signed as the gross amount is.
    pub customer_facing: Option<Money>,
    pub exchange_rate: Option<Decimal>,
    /// The object that moved the money: the charge, refund, dispute or payout itself.
    pub source: Option<ProviderObjectId>,
    /// The charge that it goes back to.
    pub charge: Option<ProviderChargeId>,
    /// The payout that took the net amount to the bank; for a payout, itself. Not yet known: `None`.
    pub payout: Option<ProviderPayoutId>,
    /// What the bank shows to tell the payout by.
    pub trace_id: Option<String>,
    /// What we called it when we asked: an order or invoice number.
    pub merchant_reference: Option<String>,
    /// To the second; some exports only know the minute.
    pub occurred_at: Timestamp,
    /// The day on which the provider lets us have the money.
    pub available_on: Option<NaiveDate>,
    /// The provider's own words, for people.
    pub text: String,
}

/// What a line did to the balance: `net = gross − fee`, all in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineAmounts {
    gross: Money,
    fee: Money,
    net: Money,
}

/// Why a line's amounts were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineAmountsError {
    #[error("{gross} less a fee of {fee} is {computed}, not {net}")]
    DoesNotAddUp {
        gross: Money,
        fee: Money,
        net: Money,
        computed: Money,
    },
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl LineAmounts {
    /// Errors unless `net` is `gross − fee` to the minor unit.
    pub fn new(gross: Money, fee: Money, net: Money) -> Result<Self, LineAmountsError> {
        let computed = gross.checked_sub(fee)?;
        if computed == net {
            Ok(Self { gross, fee, net })
        } else {
            Err(LineAmountsError::DoesNotAddUp {
                gross,
                fee,
                net,
                computed,
            })
        }
    }

    /// For lines that name the net amount and the fee, but not their sum.
    pub fn from_net(net: Money, fee: Money) -> Result<Self, LineAmountsError> {
        let gross = net.checked_add(fee)?;
        Ok(Self { gross, fee, net })
    }

    /// For lines without a fee of their own.
    #[must_use]
    pub const fn without_fee(net: Money) -> Self {
        Self {
            gross: net,
            fee: Money::zero(net.currency()),
            net,
        }
    }

    #[must_use]
    pub const fn gross(&self) -> Money {
        self.gross
    }

    /// What the provider kept, ≥ 0 as a rule; below zero when it gave a fee back.
    #[must_use]
    pub const fn fee(&self) -> Money {
        self.fee
    }

    /// What the balance changed by.
    #[must_use]
    pub const fn net(&self) -> Money {
        self.net
    }
}

/// Why the balance moved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LineKind {
    Charge,
    Refund,
    /// A refund that came back.
    RefundFailure,
    DisputeWithdrawn,
    DisputeReinstated,
    /// The line is a fee: its gross amount is below zero, or above when the fee was given back.
    Fee,
    Payout,
    /// A payout that the bank sent back.
    PayoutReturned,
    ReserveHeld,
    ReserveReleased,
    /// From one of our balances to another, in another currency.
    Conversion,
    TopUp,
    Adjustment,
    /// Told, and moves no money: a step in a payment's life, something pending. The provider's word for it.
    Memo(String),
    /// The provider's word for what we have none for.
    Other(String),
}

impl LineKind {
    /// A word that [`Self::parse`] reads: `charge`, `other:transfer`.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Memo(word) => format!("memo:{word}"),
            Self::Other(word) => format!("other:{word}"),
            Self::Charge
            | Self::Refund
            | Self::RefundFailure
            | Self::DisputeWithdrawn
            | Self::DisputeReinstated
            | Self::Fee
            | Self::Payout
            | Self::PayoutReturned
            | Self::ReserveHeld
            | Self::ReserveReleased
            | Self::Conversion
            | Self::TopUp
            | Self::Adjustment => self.word().to_owned(),
        }
    }

    /// Reads what [`Self::to_text`] writes; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(word) = text.strip_prefix("memo:") {
            return Some(Self::Memo(word.to_owned()));
        }
        if let Some(word) = text.strip_prefix("other:") {
            return Some(Self::Other(word.to_owned()));
        }
        Self::NAMED.into_iter().find(|kind| kind.word() == text)
    }

    /// The kinds that carry no word of a provider.
    pub const NAMED: [Self; 13] = [
        Self::Charge,
        Self::Refund,
        Self::RefundFailure,
        Self::DisputeWithdrawn,
        Self::DisputeReinstated,
        Self::Fee,
        Self::Payout,
        Self::PayoutReturned,
        Self::ReserveHeld,
        Self::ReserveReleased,
        Self::Conversion,
        Self::TopUp,
        Self::Adjustment,
    ];

    /// The kind alone, without a provider's word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::RefundFailure => "refund_failure",
            Self::DisputeWithdrawn => "dispute_withdrawn",
            Self::DisputeReinstated => "dispute_reinstated",
            Self::Fee => "fee",
            Self::Payout => "payout",
            Self::PayoutReturned => "payout_returned",
            Self::ReserveHeld => "reserve_held",
            Self::ReserveReleased => "reserve_released",
            Self::Conversion => "conversion",
            Self::TopUp => "top_up",
            Self::Adjustment => "adjustment",
            Self::Memo(_) => "memo",
            Self::Other(_) => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn sek(minor: i64) -> Money {
        Money::from_minor(minor, Currency::parse("SEK").unwrap())
    }

    #[test]
    fn a_line_whose_fee_does_not_lead_to_its_net_is_refused() {
        let amounts = LineAmounts::new(sek(12_500), sek(368), sek(12_132)).unwrap();
        assert_eq!(
            (amounts.gross(), amounts.fee(), amounts.net()),
            (sek(12_500), sek(368), sek(12_132))
        );
        assert!(matches!(
            LineAmounts::new(sek(12_500), sek(368), sek(12_133)),
            Err(LineAmountsError::DoesNotAddUp { computed, .. }) if computed == sek(12_132)
        ));
        assert_eq!(
            LineAmounts::from_net(sek(12_132), sek(368)).unwrap(),
            amounts
        );
        let eur = Money::from_minor(368, Currency::parse("EUR").unwrap());
        assert!(LineAmounts::new(sek(12_500), eur, sek(12_132)).is_err());
    }

    #[test]
    fn each_kind_reads_and_prints_as_one_word() {
        let worded = [
            LineKind::Memo("Authorised".to_owned()),
            LineKind::Other("transfer".to_owned()),
        ];
        for kind in LineKind::NAMED.into_iter().chain(worded) {
            assert_eq!(LineKind::parse(&kind.to_text()), Some(kind));
        }
        assert_eq!(LineKind::parse("chargeback"), None);
    }
}
