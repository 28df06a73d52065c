//! Amounts from text, exactly: each format has its grammar, and nothing is rounded.

use crate::context::DecimalStyle;
use avstem_domain::money::Currency;
use rust_decimal::Decimal;

/// Digits with a dot before the decimals, `-` in front when below zero. No grouping.
pub fn dotted(text: &str, currency: Currency) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (Sign::Minus, digits),
        None => (Sign::Plus, text),
    };
    sign.apply(unsigned(digits.as_bytes(), b'.', currency)?)
}

/// As camt and Adyen write one side of an account: digits with a dot, no sign.
pub fn dotted_unsigned(text: &str, currency: Currency) -> Option<i64> {
    unsigned(text.as_bytes(), b'.', currency)
}

/// As MT940 does: digits, a comma that is always there, decimals or none.
pub fn comma_unsigned(text: &str, currency: Currency) -> Option<i64> {
    let (whole, decimals) = text.split_once(',')?;
    let digits = if decimals.is_empty() { whole } else { text };
    unsigned(digits.as_bytes(), b',', currency)
}

/// Digits only, with two implied decimals whatever the currency has.
pub fn hundredths_unsigned(text: &str, currency: Currency) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let hundredths: i64 = plain.then(|| text.parse().ok())??;
    match currency.exponent() {
        0 if hundredths % 100 == 0 => hundredths.checked_div(100),
        0 => None,
        1 if hundredths % 10 == 0 => hundredths.checked_div(10),
        1 => None,
        exponent => hundredths.checked_mul(10_i64.checked_pow(exponent.checked_sub(2)?)?),
    }
}

/// As people's programs write them: a sign in front, thousands in groups of three, decimals as `style` says.
pub fn grouped(text: &str, style: DecimalStyle, currency: Currency) -> Option<i64> {
    let (sign, digits) = sign(text);
    let (point, byte) = match style {
        DecimalStyle::Dot => ('.', b'.'),
        DecimalStyle::Comma => (',', b','),
    };
    let ungrouped = |b: u8| b.is_ascii_digit() || b == byte;
    if digits.bytes().all(ungrouped) {
        return sign.apply(unsigned(digits.as_bytes(), byte, currency)?);
    }
    let (whole, decimals) = match digits.split_once(point) {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (digits, None),
    };
    let mut plain = String::with_capacity(digits.len());
    push_whole(whole, point, &mut plain)?;
    if let Some(decimals) = decimals {
        plain.push('.');
        plain.push_str(decimals);
    }
    sign.apply(unsigned(plain.as_bytes(), b'.', currency)?)
}

/// Which style an amount is in, when its own signs settle it: the last of dot and comma with exactly two
/// digits behind it begins the decimals.
pub fn style_of(text: &str) -> Option<DecimalStyle> {
    let at = text.rfind(['.', ','])?;
    let (_, after) = text.split_at_checked(at)?;
    let decimals = after.get(1..)?;
    let two_digits = decimals.len() == 2 && decimals.bytes().all(|b| b.is_ascii_digit());
    match (after.starts_with('.'), two_digits) {
        (true, true) => Some(DecimalStyle::Dot),
        (false, true) => Some(DecimalStyle::Comma),
        (_, false) => None,
    }
}

/// A rate: digits with a dot, more than zero.
pub fn rate(text: &str) -> Option<Decimal> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.len() <= 28;
    let rate: Decimal = plain.then(|| text.parse().ok())??;
    (rate > Decimal::ZERO).then_some(rate)
}

fn sign(text: &str) -> (Sign, &str) {
    for minus in ['-', '\u{2212}'] {
        if let Some(digits) = text.strip_prefix(minus) {
            return (Sign::Minus, digits);
        }
    }
    (Sign::Plus, text.strip_prefix('+').unwrap_or(text))
}

/// The digits before the decimals: none grouped, or all in threes behind one to three.
fn push_whole(whole: &str, point: char, plain: &mut String) -> Option<()> {
    let groups = |c: char| {
        c != point
            && matches!(
                c,
                '.' | ',' | ' ' | '\u{a0}' | '\u{202f}' | '\'' | '\u{2019}'
            )
    };
    let Some(separator) = whole.chars().find(|c| groups(*c)) else {
        plain.push_str(whole);
        return Some(());
    };
    for (index, group) in whole.split(separator).enumerate() {
        let fits = if index == 0 {
            (1..=3).contains(&group.len())
        } else {
            group.len() == 3
        };
        if !fits {
            return None;
        }
        plain.push_str(group);
    }
    Some(())
}

#[derive(Clone, Copy)]
enum Sign {
    Plus,
    Minus,
}

impl Sign {
    const fn apply(self, minor: i64) -> Option<i64> {
        match self {
            Self::Plus => Some(minor),
            Self::Minus => minor.checked_neg(),
        }
    }
}

/// Reads `12`, `12.3`, `12.30` in minor units. Decimals beyond the currency's must be zeros.
fn unsigned(text: &[u8], point: u8, currency: Currency) -> Option<i64> {
    let exponent = currency.exponent();
    let mut minor = 0_i64;
    let mut whole_digits = 0_u32;
    let mut decimals: Option<u32> = None;
    for byte in text {
        if *byte == point && decimals.is_none() {
            decimals = Some(0);
            continue;
        }
        if !byte.is_ascii_digit() {
            return None;
        }
        let digit = i64::from(byte.wrapping_sub(b'0'));
        match &mut decimals {
            Some(count) => {
                *count = count.checked_add(1)?;
                if *count > exponent {
                    if digit != 0 {
                        return None;
                    }
                    continue;
                }
            }
            None => whole_digits = whole_digits.checked_add(1)?,
        }
        minor = minor.checked_mul(10)?.checked_add(digit)?;
    }
    if whole_digits == 0 || decimals == Some(0) {
        return None;
    }
    let missing = exponent.saturating_sub(decimals.unwrap_or(0));
    minor.checked_mul(10_i64.checked_pow(missing)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn plain_amounts_are_read_to_the_minor_unit_or_not_at_all() {
        let cases = [
            ("125.00", "SEK", Some(12_500)),
            ("125", "SEK", Some(12_500)),
            ("-0.05", "SEK", Some(-5)),
            ("12.5", "SEK", Some(1_250)),
            ("125.000", "SEK", Some(12_500)),
            ("125.001", "SEK", None),
            ("1200", "JPY", Some(1_200)),
            ("1200.00", "JPY", Some(1_200)),
            ("1200.50", "JPY", None),
            ("0.005", "KWD", Some(5)),
            ("92233720368547758.07", "SEK", Some(i64::MAX)),
            ("92233720368547758.08", "SEK", None),
        ];
        for (text, code, minor) in cases {
            assert_eq!(dotted(text, currency(code)), minor, "{text} {code}");
        }
        for bad in [
            "", "-", ".", ".5", "5.", "+5", "--5", "1e5", "1,250.00", "125,00", "1 250.00", "٣",
            "0x1", "NaN", "1.2.3", "5-", "(5.00)",
        ] {
            assert_eq!(dotted(bad, currency("SEK")), None, "{bad:?}");
        }
        assert_eq!(dotted_unsigned("-5", currency("SEK")), None);
    }

    #[test]
    fn mt940_always_has_a_comma_and_paypal_always_two_implied_decimals() {
        assert_eq!(comma_unsigned("1500,00", currency("SEK")), Some(150_000));
        assert_eq!(comma_unsigned("1500,", currency("SEK")), Some(150_000));
        assert_eq!(comma_unsigned("1500,5", currency("SEK")), Some(150_050));
        for bad in ["1500", "1500.00", ",", ",50", "1.500,00", "1,500,"] {
            assert_eq!(comma_unsigned(bad, currency("SEK")), None, "{bad:?}");
        }
        assert_eq!(hundredths_unsigned("10000", currency("SEK")), Some(10_000));
        assert_eq!(hundredths_unsigned("10000", currency("JPY")), Some(100));
        assert_eq!(hundredths_unsigned("10050", currency("JPY")), None);
        assert_eq!(hundredths_unsigned("10000", currency("KWD")), Some(100_000));
        assert_eq!(hundredths_unsigned("-1", currency("SEK")), None);
    }

    #[test]
    fn people_s_amounts_follow_one_style() {
        use DecimalStyle::{Comma, Dot};
        let cases = [
            ("1.234,56", Comma, Some(123_456)),
            ("1 234,56", Comma, Some(123_456)),
            ("1\u{a0}234\u{a0}567,8", Comma, Some(123_456_780)),
            ("\u{2212}1'234.56", Dot, Some(-123_456)),
            ("+1,234.56", Dot, Some(123_456)),
            ("1234", Comma, Some(123_400)),
            ("1,234", Comma, None),
            ("1.234", Comma, Some(123_400)),
            ("1.23", Comma, None),
            ("12.34,56", Comma, None),
            ("1.234.56", Dot, None),
            ("1 234.567,00", Comma, None),
            ("1,234,56", Comma, None),
            ("", Comma, None),
        ];
        for (text, style, minor) in cases {
            assert_eq!(
                grouped(text, style, currency("SEK")),
                minor,
                "{text} {style:?}"
            );
        }
        assert_eq!(style_of("1.234,56"), Some(Comma));
        assert_eq!(style_of("-7.05"), Some(Dot));
        assert_eq!(style_of("1.234"), None);
        assert_eq!(style_of("125"), None);
    }

    proptest! {
        #[test]
        fn what_was_printed_is_read_back(minor in any::<i64>()) {
            let money = avstem_domain::money::Money::from_minor(minor, currency("SEK"));
            // The one amount whose opposite does not exist cannot be read digit by digit.
            prop_assume!(minor != i64::MIN);
            prop_assert_eq!(dotted(&money.to_decimal_string(), currency("SEK")), Some(minor));
        }

        #[test]
        fn no_text_makes_a_grammar_fail(text in "\\PC{0,24}") {
            for code in ["SEK", "JPY", "KWD"] {
                let _ = dotted(&text, currency(code));
                let _ = comma_unsigned(&text, currency(code));
                let _ = hundredths_unsigned(&text, currency(code));
                let _ = grouped(&text, DecimalStyle::Comma, currency(code));
                let _ = grouped(&text, DecimalStyle::Dot, currency(code));
            }
            let _ = style_of(&text);
            let _ = rate(&text);
        }
    }
}
