//! Stripe's amounts and ours. Stripe counts most currencies as ISO 4217 does; these it does not:
//!
//! | currency | ISO 4217 decimals | Stripe's API |
//! |---|---|---|
//! | ISK, UGX | 0 | two decimals, which must be `00` |
//! | MGA | 2 | none |
//!
//! Source: docs.stripe.com/currencies, "Special cases" and "Zero-decimal currencies". (UGX also stands
//! in the zero-decimal list there; the special cases say what the API does.)

use avstem_domain::money::{Currency, Money};

/// How many of Stripe's units make one of ours, or the other way round.
enum Unit {
    Same,
    /// 100 of Stripe's are one of ours.
    Finer,
    /// One of Stripe's is 100 of ours.
    Coarser,
}

fn unit(currency: Currency) -> Unit {
    match currency.code() {
        "ISK" | "UGX" => Unit::Finer,
        "MGA" => Unit::Coarser,
        _ => Unit::Same,
    }
}

/// Exact, or an error that says what is wrong: nothing is rounded.
pub(super) fn from_stripe(amount: i64, currency: Currency) -> Result<Money, String> {
    let minor = match unit(currency) {
        Unit::Same => Some(amount),
        Unit::Finer if amount % 100 == 0 => amount.checked_div(100),
        Unit::Finer => {
            return Err(format!(
                "is not a multiple of 100, as Stripe's amounts in {currency} must be"
            ));
        }
        Unit::Coarser => amount.checked_mul(100),
    };
    let minor = minor.ok_or_else(|| "does not fit in 64 bits of minor units".to_owned())?;
    Ok(Money::from_minor(minor, currency))
}

/// The `amount` parameter for Stripe. An amount that Stripe cannot express (a fraction of an ariary) is
/// written with its decimals, which Stripe refuses: better no refund than another amount.
pub(super) fn to_stripe(money: Money) -> String {
    let minor = i128::from(money.minor());
    match unit(money.currency()) {
        Unit::Same => minor.to_string(),
        Unit::Finer => (minor * 100).to_string(),
        Unit::Coarser if minor % 100 == 0 => (minor / 100).to_string(),
        Unit::Coarser => money.to_decimal_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::from_minor(minor, Currency::parse(code).unwrap())
    }

    #[test]
    fn amounts_are_counted_as_stripe_does_and_as_iso_does() {
        let cases = [
            ("sek", 24_900, 24_900, "249.00"),
            ("jpy", 1_200, 1_200, "1200"),
            ("isk", 50_000, 500, "500"),
            ("ugx", 500, 5, "5"),
            ("mga", 500, 50_000, "500.00"),
            ("kwd", 1_230, 1_230, "1.230"),
        ];
        for (code, stripe, minor, text) in cases {
            let ours = from_stripe(stripe, Currency::parse(code).unwrap()).unwrap();
            assert_eq!(
                (ours, ours.to_decimal_string()),
                (money(minor, code), text.to_owned())
            );
            assert_eq!(to_stripe(ours), stripe.to_string());
        }
    }

    #[test]
    fn what_cannot_be_converted_exactly_is_refused_not_rounded() {
        assert!(
            from_stripe(501, Currency::parse("isk").unwrap())
                .unwrap_err()
                .contains("multiple of 100")
        );
        assert!(
            from_stripe(i64::MAX, Currency::parse("mga").unwrap())
                .unwrap_err()
                .contains("64 bits")
        );
        assert_eq!(to_stripe(money(i64::MAX, "ISK")), "922337203685477580700");
        assert_eq!(to_stripe(money(150, "MGA")), "1.50");
    }

    proptest! {
        #[test]
        fn every_amount_that_is_read_is_written_back_as_it_was(amount in any::<i64>(), code in "sek|isk|ugx|mga|jpy|kwd") {
            if let Ok(ours) = from_stripe(amount, Currency::parse(&code).unwrap()) {
                prop_assert_eq!(to_stripe(ours), amount.to_string());
            }
        }
    }
}
