//! Which bank line is which, over files and formats.

use super::bank::EntryState;
use crate::money::Money;
use chrono::{Datelike, NaiveDate};
use std::fmt::{self, Write};

/// A bank account by its IBAN or number: upper-case letters and digits only, so that
/// `SE45 5000 …` and `SE455000…` are one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BankAccount(String);

/// Why an account was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a bank account; write its IBAN or number, 4 to 34 letters and digits")]
pub struct BankAccountError(String);

impl BankAccount {
    /// Spaces, dots, dashes and slashes are dropped; what is left must be 4 to 34 letters and digits.
    pub fn parse(text: &str) -> Result<Self, BankAccountError> {
        let kept: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '\u{a0}' | '.' | '-' | '/'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let fits =
            (4..=34).contains(&kept.len()) && kept.chars().all(|c| c.is_ascii_alphanumeric());
        if fits {
            Ok(Self(kept))
        } else {
            Err(BankAccountError(text.chars().take(40).collect()))
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both name one account: they are equal, or one is an IBAN that ends with the other, the
    /// number that the bank gives it in its own country (MT940 often writes that one).
    #[must_use]
    pub fn is_same_account(&self, other: &Self) -> bool {
        self == other || self.ends_with_number(other) || other.ends_with_number(self)
    }

    fn is_iban(&self) -> bool {
        let mut characters = self.0.chars();
        let country = characters.by_ref().take(2).all(|c| c.is_ascii_uppercase());
        let check = characters.by_ref().take(2).all(|c| c.is_ascii_digit());
        country && check && self.0.len() >= 15
    }

    /// Seven digits are the fewest of any account number; a shorter tail would be chance.
    fn ends_with_number(&self, number: &Self) -> bool {
        let plain = number.0.len() >= 7 && number.0.chars().all(|c| c.is_ascii_digit());
        self.is_iban() && plain && self.0.ends_with(&number.0)
    }
}

impl fmt::Display for BankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The identity of a bank line: account, booked day, signed amount, the bank's own reference as far as every
/// format carries it, and its number among lines that are alike in all of that.
///
/// Text is left out on purpose: MT940 loses letters and details that camt keeps.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BankLineId(String);

/// How much of a reference MT940 has room for.
const REFERENCE_CHARS_MAX: usize = 16;

/// A reference with at least so many digits is told by them alone: banks put letters and dashes around
/// the number in one format and not in another.
const TELLING_DIGITS: usize = 6;

impl BankLineId {
    /// `occurrence` counts from 1 the lines of one statement that are alike in all the rest.
    #[must_use]
    pub fn new(
        account: &BankAccount,
        booked_on: NaiveDate,
        amount: Money,
        bank_reference: Option<&str>,
        occurrence: u32,
    ) -> Self {
        let mut id = String::with_capacity(96);
        id.push_str(account.as_str());
        id.push('/');
        push_day(booked_on, &mut id);
        // Writing to a String cannot fail.
        let _ = write!(id, "/{}{}/", amount.minor(), amount.currency().code());
        if let Some(reference) = bank_reference {
            push_told_by_every_format(reference, &mut id);
        }
        let _ = write!(id, "/{occurrence}");
        Self(id)
    }

    /// From the text of an identity that was made before.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// What is not booked yet is another line than the booking that may follow.
    #[must_use]
    pub fn in_state(mut self, state: EntryState) -> Self {
        match state {
            EntryState::Booked => {}
            EntryState::Pending | EntryState::Information => {
                self.0.push('/');
                self.0.push_str(state.as_str());
            }
        }
        self
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BankLineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BankLineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `2026-10-05`, without the machinery of formats: statements have many lines.
fn push_day(day: NaiveDate, id: &mut String) {
    let digits = |number: u32, units: &[u32], id: &mut String| {
        for unit in units {
            let digit = number.checked_div(*unit).unwrap_or(0).checked_rem(10);
            id.extend(digit.and_then(|digit| char::from_digit(digit, 10)));
        }
    };
    digits(day.year_ce().1, &[1000, 100, 10, 1], id);
    id.push('-');
    digits(day.month(), &[10, 1], id);
    id.push('-');
    digits(day.day(), &[10, 1], id);
}

fn push_told_by_every_format(reference: &str, id: &mut String) {
    let digits = reference.chars().filter(char::is_ascii_digit);
    if digits.clone().count() >= TELLING_DIGITS {
        id.extend(digits.take(REFERENCE_CHARS_MAX));
        return;
    }
    let kept = reference.chars().filter(char::is_ascii_alphanumeric);
    id.extend(
        kept.map(|c| c.to_ascii_uppercase())
            .take(REFERENCE_CHARS_MAX),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn id(reference: Option<&str>, occurrence: u32) -> BankLineId {
        let account = BankAccount::parse("SE45 5000 0000 0583 9825 7466").unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 10, 5).unwrap();
        let amount = Money::from_minor(143_905, Currency::parse("SEK").unwrap());
        BankLineId::new(&account, day, amount, reference, occurrence)
    }

    #[test]
    fn a_reference_is_one_however_a_format_writes_it() {
        assert_eq!(
            id(Some("BK20261005-001"), 1).as_str(),
            "SE4550000000058398257466/2026-10-05/143905SEK/20261005001/1"
        );
        assert_eq!(id(Some("BK20261005-001"), 1), id(Some("20261005001"), 1));
        assert_eq!(
            id(Some("20261005123456789012"), 1),
            id(Some("2026100512345678"), 1)
        );
        assert_ne!(id(Some("BK20261005-001"), 1), id(Some("BK20261005-002"), 1));
        assert_ne!(id(Some("AB-12"), 1), id(Some("CD-12"), 1));
        assert_ne!(id(None, 1), id(None, 2));
    }

    #[test]
    fn an_account_is_one_by_its_iban_and_by_its_number() {
        let account = |text| BankAccount::parse(text).unwrap();
        let iban = account("SE4550000000058398257466");
        assert_eq!(iban, account("se45 5000 0000 0583 9825 7466"));
        assert!(iban.is_same_account(&account("5839-8257466")));
        assert!(account("5839 825 7466").is_same_account(&iban));
        assert!(!iban.is_same_account(&account("257466")));
        assert!(!iban.is_same_account(&account("5839-8257467")));
        assert!(!account("1234567").is_same_account(&account("34567")));
        for bad in ["", "12", "SE45ÅÄÖ0000", &"1".repeat(35)] {
            assert!(BankAccount::parse(bad).is_err(), "{bad:?}");
        }
    }
}
