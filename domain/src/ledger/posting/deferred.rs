//! What a charge and what was given back of it come to on deferred revenue.

use super::super::account::Account;
use super::lines::{GivenBack, Lines};
use super::{BookedCharge, PostingError};
use crate::money::Money;

/// What a charge brought to deferred revenue, less what its refunds and lost disputes took from there. ≥ 0;
/// zero for a charge that was earned at once. As if no month had been closed: what month ends have recognised
/// of it, and taken back again, is part of it.
///
/// Made by the same code as the journals, so that the sum over all charges is what the account has held.
pub fn deferred_by(charge: &BookedCharge) -> Result<Money, PostingError> {
    let mut lines = Lines::default();
    lines.credit_charge(charge.gross, &charge.classification)?;
    let given = GivenBack {
        refunded: charge.refunded,
        lost: charge.lost,
        recognised: Money::zero(charge.gross.currency()),
    };
    lines.debit_given_back(charge.gross, &charge.classification, given)?;
    let mut sum = Money::zero(charge.gross.currency());
    for posting in lines.into_postings() {
        if posting.account == Account::DeferredRevenue {
            sum = sum.checked_sub(posting.amount)?;
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::super::{Classification, Income};
    use super::*;
    use crate::money::Currency;

    fn sek(minor: i64) -> Money {
        Money::from_minor(minor, Currency::parse("SEK").unwrap())
    }

    fn left(refunded: i64, lost: i64, income: Income) -> i64 {
        let charge = BookedCharge {
            gross: sek(24_900),
            refunded: sek(refunded),
            lost: sek(lost),
            recognised: sek(0),
            classification: Classification {
                vat: sek(4_980),
                income,
            },
        };
        deferred_by(&charge).unwrap().minor()
    }

    #[test]
    fn a_charge_defers_its_net_amount_less_what_went_back() {
        assert_eq!(left(0, 0, Income::Deferred), 19_920);
        assert_eq!(left(12_450, 0, Income::Deferred), 9_960);
        assert_eq!(left(24_900, 0, Income::Deferred), 0);
        // A lost dispute takes its net share of what refunds left; more than that is a loss.
        assert_eq!(left(12_450, 6_225, Income::Deferred), 4_980);
        assert_eq!(left(12_450, 24_900, Income::Deferred), 0);
    }

    #[test]
    fn what_was_earned_at_once_defers_nothing() {
        assert_eq!(left(0, 0, Income::Orders), 0);
        assert_eq!(left(0, 0, Income::Subscriptions), 0);
    }
}
