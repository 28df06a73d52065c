//! Money: an integer of minor units with its currency. Never a float, never a silent rounding.

mod currencies;

use currencies::CURRENCIES;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// An ISO 4217 currency with its number of decimals.
///
/// Exponents follow ISO 4217, not any provider: adapters convert where a provider counts otherwise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: [u8; 3],
    exponent: u8,
}

/// Why an amount or a currency was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("{0:?} is not an ISO 4217 currency code; write three letters such as SEK")]
    UnknownCurrency(String),
    #[error("cannot combine {left} with {right}; convert one of them first")]
    CurrencyMismatch { left: Currency, right: Currency },
    #[error("the amount does not fit in 64 bits of minor units")]
    Overflow,
    #[error("{text:?} is not an amount in {currency}; write digits with exactly {digits} decimals, such as {example}", digits = .currency.exponent(), example = .currency.example())]
    NotAnAmount { text: String, currency: Currency },
    #[error("an amount cannot be split over weights that are negative or sum to zero")]
    BadWeights,
}

impl Currency {
    /// Reads a three-letter code in any case. Errors with [`MoneyError::UnknownCurrency`] for codes
    /// that ISO 4217 does not list as money in circulation.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        // Three bytes are compared at once, and no text is made: this is asked for every amount there is.
        <[u8; 3]>::try_from(code.as_bytes())
            .ok()
            .map(|code| code.map(|letter| letter.to_ascii_uppercase()))
            .and_then(|code| {
                CURRENCIES
                    .iter()
                    .find(|(known, _)| known.as_bytes() == code)
                    .map(|(_, exponent)| Self {
                        code,
                        exponent: *exponent,
                    })
            })
            .ok_or_else(|| MoneyError::UnknownCurrency(code.chars().take(16).collect()))
    }

    /// The upper-case three-letter code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("XXX")
    }

    /// Number of decimals ISO 4217 gives the currency: 0 to 4.
    #[must_use]
    pub fn exponent(&self) -> u32 {
        u32::from(self.exponent)
    }

    fn example(self) -> String {
        Money::from_minor(24_900, self).to_decimal_string()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::parse(s)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).map_err(de::Error::custom)
    }
}

/// An amount in minor units (öre, cents) of one currency. May be negative.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    #[must_use]
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::from_minor(0, currency)
    }

    #[must_use]
    pub const fn minor(&self) -> i64 {
        self.minor
    }

    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.minor == 0
    }

    #[must_use]
    pub const fn is_positive(&self) -> bool {
        self.minor > 0
    }

    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self
            .minor
            .checked_add(other.minor)
            .ok_or(MoneyError::Overflow)?;
        Ok(Self::from_minor(minor, self.currency))
    }

    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self
            .minor
            .checked_sub(other.minor)
            .ok_or(MoneyError::Overflow)?;
        Ok(Self::from_minor(minor, self.currency))
    }

    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_neg().ok_or(MoneyError::Overflow)?;
        Ok(Self::from_minor(minor, self.currency))
    }

    /// The smaller of two amounts of one currency.
    pub fn min(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Ok(if other.minor < self.minor {
            other
        } else {
            self
        })
    }

    /// `self × numerator / denominator`, computed exactly and rounded once, half away from zero
    /// ("half up" for the non-negative amounts it is used on).
    pub fn share_half_up(self, numerator: i64, denominator: i64) -> Result<Self, MoneyError> {
        if denominator <= 0 || numerator < 0 {
            return Err(MoneyError::BadWeights);
        }
        let product = i128::from(self.minor)
            .checked_mul(i128::from(numerator))
            .ok_or(MoneyError::Overflow)?;
        let rounded =
            divide_half_away(product, i128::from(denominator)).ok_or(MoneyError::Overflow)?;
        let minor = i64::try_from(rounded).map_err(|_| MoneyError::Overflow)?;
        Ok(Self::from_minor(minor, self.currency))
    }

    /// Splits the amount in proportion to `weights` (each ≥ 0, sum > 0). The parts always sum to the
    /// whole: what rounding down leaves goes, one minor unit each, to the largest remainders, ties to
    /// the earlier part.
    pub fn allocate(self, weights: &[i64]) -> Result<Vec<Self>, MoneyError> {
        let parts = allocate_minor(self.minor, weights)?;
        Ok(parts
            .into_iter()
            .map(|minor| Self::from_minor(minor, self.currency))
            .collect())
    }

    /// The amount as a decimal string with exactly the currency's digits: `249.00`, `-0.05`, `1200`.
    #[must_use]
    pub fn to_decimal_string(&self) -> String {
        self.to_decimal().to_string()
    }

    /// The amount in major units with the currency's scale.
    #[must_use]
    pub fn to_decimal(&self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }

    /// Reads what [`Self::to_decimal_string`] writes: a sign, digits, and exactly the currency's
    /// decimals. Nothing is rounded: other digits are an error.
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let bad = || MoneyError::NotAnAmount {
            text: text.chars().take(40).collect(),
            currency,
        };
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let decimals = u32::try_from(fraction.len()).map_err(|_| bad())?;
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let shaped = !whole.is_empty() && plain(whole) && plain(fraction);
        if !shaped || decimals != currency.exponent() || digits.ends_with('.') {
            return Err(bad());
        }
        let sign = if text.starts_with('-') { "-" } else { "" };
        let minor = format!("{sign}{whole}{fraction}")
            .parse()
            .map_err(|_| MoneyError::Overflow)?;
        Ok(Self::from_minor(minor, currency))
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch {
                left: self.currency,
                right: other.currency,
            })
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn divide_half_away(product: i128, denominator: i128) -> Option<i128> {
    let quotient = product.checked_div(denominator)?;
    let remainder = product.checked_rem(denominator)?;
    if remainder.checked_abs()?.checked_mul(2)? >= denominator {
        quotient.checked_add(product.signum())
    } else {
        Some(quotient)
    }
}

fn allocate_minor(total: i64, weights: &[i64]) -> Result<Vec<i64>, MoneyError> {
    let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    if sum <= 0 || weights.iter().any(|w| *w < 0) {
        return Err(MoneyError::BadWeights);
    }
    let magnitude = i128::from(total).abs();
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = magnitude;
    for (index, weight) in weights.iter().enumerate() {
        let product = magnitude
            .checked_mul(i128::from(*weight))
            .ok_or(MoneyError::Overflow)?;
        let floor = product.checked_div(sum).ok_or(MoneyError::Overflow)?;
        let remainder = product.checked_rem(sum).ok_or(MoneyError::Overflow)?;
        left = left.checked_sub(floor).ok_or(MoneyError::Overflow)?;
        parts.push(floor);
        remainders.push((remainder, index));
    }
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let extra = usize::try_from(left).map_err(|_| MoneyError::Overflow)?;
    for (_, index) in remainders.into_iter().take(extra) {
        if let Some(part) = parts.get_mut(index) {
            *part = part.checked_add(1).ok_or(MoneyError::Overflow)?;
        }
    }
    let sign = i128::from(total.signum());
    parts
        .into_iter()
        .map(|part| {
            part.checked_mul(sign)
                .and_then(|p| i64::try_from(p).ok())
                .ok_or(MoneyError::Overflow)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sek(minor: i64) -> Money {
        Money::from_minor(minor, Currency::parse("sek").unwrap())
    }

    #[test]
    fn amounts_print_with_exactly_the_currency_s_digits() {
        let cases = [
            ("SEK", 24_900, "249.00"),
            ("JPY", 1_200, "1200"),
            ("KWD", 5, "0.005"),
            ("USD", -5, "-0.05"),
            ("CLF", 10_000, "1.0000"),
        ];
        for (code, minor, text) in cases {
            let currency = Currency::parse(code).unwrap();
            let money = Money::from_minor(minor, currency);
            assert_eq!(money.to_decimal_string(), text);
            assert_eq!(Money::parse_decimal(text, currency).unwrap(), money);
        }
    }

    #[test]
    fn amounts_with_other_digits_are_refused_not_rounded() {
        let sek = Currency::parse("SEK").unwrap();
        for text in [
            "249", "249.0", "249.000", "1e5", "1,50", "", "-", ".50", "1.", "+1.00", " 1.00",
            "٣.00",
        ] {
            assert!(
                matches!(
                    Money::parse_decimal(text, sek),
                    Err(MoneyError::NotAnAmount { .. })
                ),
                "{text}"
            );
        }
        assert_eq!(
            Money::parse_decimal("92233720368547758.08", sek),
            Err(MoneyError::Overflow)
        );
        assert!(Currency::parse("XYZ").is_err());
    }

    #[test]
    fn currencies_never_mix_and_nothing_wraps() {
        let usd = Money::from_minor(1, Currency::parse("USD").unwrap());
        assert!(matches!(
            sek(1).checked_add(usd),
            Err(MoneyError::CurrencyMismatch { .. })
        ));
        assert_eq!(sek(i64::MAX).checked_add(sek(1)), Err(MoneyError::Overflow));
        assert_eq!(sek(i64::MIN).checked_neg(), Err(MoneyError::Overflow));
    }

    #[test]
    fn a_share_is_rounded_once_half_up() {
        assert_eq!(sek(24_900).share_half_up(1, 3).unwrap(), sek(8_300));
        assert_eq!(sek(1).share_half_up(1, 2).unwrap(), sek(1));
        assert_eq!(sek(99).share_half_up(1, 200).unwrap(), sek(0));
        assert_eq!(sek(100).share_half_up(1, 200).unwrap(), sek(1));
        assert_eq!(
            sek(i64::MAX).share_half_up(i64::MAX, i64::MAX).unwrap(),
            sek(i64::MAX)
        );
        assert!(sek(1).share_half_up(1, 0).is_err());
    }

    proptest! {
        #[test]
        fn parts_always_sum_to_the_whole(total in any::<i32>(), weights in proptest::collection::vec(0i64..10_000, 1..12)) {
            prop_assume!(weights.iter().sum::<i64>() > 0);
            let parts = sek(i64::from(total)).allocate(&weights).unwrap();
            prop_assert_eq!(parts.iter().map(Money::minor).sum::<i64>(), i64::from(total));
        }

        #[test]
        fn printing_and_reading_are_inverse(minor in any::<i64>(), which in 0usize..CURRENCIES.len()) {
            let currency = Currency::parse(CURRENCIES[which].0).unwrap();
            let money = Money::from_minor(minor, currency);
            prop_assert_eq!(Money::parse_decimal(&money.to_decimal_string(), currency).unwrap(), money);
        }
    }
}
