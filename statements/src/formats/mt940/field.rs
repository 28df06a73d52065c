//! Fields: a tag, its text, and the two kinds that are read alike wherever they stand.

use crate::amount;
use crate::dates;
use crate::error::ReadError;
use avstem_domain::money::{Currency, Money};
use avstem_domain::statement::bank_id::BankAccount;
use chrono::NaiveDate;

/// A field while it is gathered: `:86:` and the lines that follow it.
#[derive(Default)]
pub struct Field {
    pub row: u64,
    pub tag: String,
    pub text: String,
}

/// Splits `:60F:C261001…` into `60F` and the rest.
pub fn tag(line: &str) -> Option<(String, &str)> {
    let (tag, rest) = line.strip_prefix(':')?.split_once(':')?;
    let digits = tag.get(..2)?.bytes().all(|b| b.is_ascii_digit());
    let letter = match tag.get(2..)?.as_bytes() {
        [] => true,
        [letter] => letter.is_ascii_uppercase(),
        _ => false,
    };
    (digits && letter).then(|| (tag.to_owned(), rest))
}

/// An IBAN, or a number behind the bank's own code: `ESSESESS/58398257466`. A currency may stand behind it.
pub fn account(text: &str) -> Option<BankAccount> {
    let first = text.lines().next().unwrap_or_default().trim();
    let number = match first.rsplit_once('/') {
        Some((bank, number)) if bank.bytes().any(|b| b.is_ascii_alphabetic()) => number,
        Some(_) | None => first,
    };
    let number = match number.split_at_checked(number.len().saturating_sub(3)) {
        Some((digits, currency)) if digits.len() >= 4 && Currency::parse(currency).is_ok() => {
            digits
        }
        Some(_) | None => number,
    };
    BankAccount::parse(number).ok()
}

/// `C261001SEK50000,00`
pub fn balance(field: &Field) -> Result<(Money, NaiveDate), ReadError> {
    let read = || {
        let (mark, rest) = field.text.trim().split_at_checked(1)?;
        let (day, rest) = rest.split_at_checked(6)?;
        let (currency, amount) = rest.split_at_checked(3)?;
        let currency = Currency::parse(currency).ok()?;
        let minor = amount::comma_unsigned(amount, currency)?;
        let minor = match mark {
            "C" => minor,
            "D" => minor.checked_neg()?,
            _ => return None,
        };
        let day = dates::two_digit_year(day)?;
        Some((Money::from_minor(minor, currency), day))
    };
    read().ok_or_else(|| malformed(field, "it is not a balance such as C261001SEK50000,00"))
}

pub fn malformed(field: &Field, what: &str) -> ReadError {
    let text: String = field.text.chars().take(40).collect();
    ReadError::Malformed {
        row: field.row,
        column: format!(":{}:", field.tag),
        what: format!("{text:?}: {what}"),
    }
}
