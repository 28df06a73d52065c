//! Field `:61:`, one entry: `2610051005C1439,05NTRFcustomer//bank`.

use crate::amount;
use crate::dates;
use crate::problem::{Problem, ProblemCode};
use crate::table::clean;
use avstem_domain::money::{Currency, Money};
use avstem_domain::statement::bank::{EntryState, Reversal};
use chrono::NaiveDate;

pub struct Tag61 {
    pub value_date: NaiveDate,
    pub booked_on: NaiveDate,
    pub amount: Money,
    pub state: EntryState,
    pub reversal: Reversal,
    /// `NTRF`
    pub code: String,
    pub customer_reference: Option<String>,
    pub bank_reference: Option<String>,
    /// The line beneath, which few banks use.
    pub details: String,
}

/// What the letters before the amount mean.
struct Mark {
    sign: i64,
    reversal: Reversal,
    state: EntryState,
}

pub fn read(row: u64, text: &str, currency: Currency) -> Result<Tag61, Problem> {
    let problem = |code: ProblemCode, found: &str, expected: &str| {
        Problem::new(row, ":61:", code, found, expected)
    };
    let (line, details) = text.split_once('\n').unwrap_or((text, ""));
    let (value, rest) = line.split_at_checked(6).unwrap_or((line, ""));
    let value_date = dates::two_digit_year(value)
        .ok_or_else(|| problem(ProblemCode::NotATime, value, "a value date such as 261005"))?;
    let (booked_on, rest) = entry_date(rest, value_date).ok_or_else(|| {
        let expected = "an entry date such as 1005 (month and day)";
        problem(ProblemCode::NotATime, rest, expected)
    })?;
    let (mark, rest) =
        mark(rest).ok_or_else(|| problem(ProblemCode::NotAWord, rest, "C, D, RC or RD"))?;
    // The third letter of the currency may stand here.
    let rest = rest
        .strip_prefix(|c: char| c.is_ascii_uppercase())
        .unwrap_or(rest);
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != ',')
        .unwrap_or(rest.len());
    let (digits, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let minor = amount::comma_unsigned(digits, currency).ok_or_else(|| {
        let expected = format!("an amount in {currency} such as 1439,05, with a decimal comma");
        problem(ProblemCode::NotAnAmount, digits, &expected)
    })?;
    let (code, rest) = rest.split_at_checked(4).unwrap_or((rest, ""));
    let coded = code.len() == 4 && code.bytes().all(|b| b.is_ascii_alphanumeric());
    if !coded {
        let expected = "a type such as NTRF behind the amount";
        return Err(problem(ProblemCode::NotAWord, code, expected));
    }
    let (customer, bank) = rest.split_once("//").unwrap_or((rest, ""));
    Ok(Tag61 {
        value_date,
        booked_on,
        amount: Money::from_minor(minor.saturating_mul(mark.sign), currency),
        state: mark.state,
        reversal: mark.reversal,
        code: code.to_owned(),
        customer_reference: reference(customer),
        bank_reference: reference(bank),
        details: clean(&details.replace('\n', " "), 500),
    })
}

/// Four digits, or none: then the entry was booked on its value date.
fn entry_date(rest: &str, value_date: NaiveDate) -> Option<(NaiveDate, &str)> {
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return Some((value_date, rest));
    }
    let (digits, rest) = rest.split_at_checked(4)?;
    Some((dates::month_and_day(digits, value_date)?, rest))
}

/// A reversed credit takes money out, and an expected entry is not booked yet.
fn mark(rest: &str) -> Option<(Mark, &str)> {
    const MARKS: &[(&str, i64, Reversal, EntryState)] = &[
        ("RC", -1, Reversal::Yes, EntryState::Booked),
        ("RD", 1, Reversal::Yes, EntryState::Booked),
        ("EC", 1, Reversal::No, EntryState::Pending),
        ("ED", -1, Reversal::No, EntryState::Pending),
        ("C", 1, Reversal::No, EntryState::Booked),
        ("D", -1, Reversal::No, EntryState::Booked),
    ];
    MARKS.iter().find_map(|(letters, sign, reversal, state)| {
        let mark = Mark {
            sign: *sign,
            reversal: *reversal,
            state: *state,
        };
        Some((mark, rest.strip_prefix(letters)?))
    })
}

fn reference(text: &str) -> Option<String> {
    let text = clean(text, 140);
    let none = matches!(text.as_str(), "" | "NONREF" | "NOTPROVIDED");
    (!none).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> Result<Tag61, Problem> {
        read(7, text, Currency::parse("SEK").unwrap())
    }

    #[test]
    fn an_entry_is_read_with_and_without_its_optional_parts() {
        let full = entry("2610051005CK1439,05NTRFpo_1//20261005001\nmore").unwrap();
        assert_eq!(full.amount.minor(), 143_905);
        assert_eq!(full.customer_reference.as_deref(), Some("po_1"));
        assert_eq!(full.bank_reference.as_deref(), Some("20261005001"));
        assert_eq!(
            (full.code.as_str(), full.details.as_str()),
            ("NTRF", "more")
        );
        let bare = entry("261005D2,NCHGNONREF").unwrap();
        assert_eq!(bare.amount.minor(), -200);
        assert_eq!(bare.booked_on, bare.value_date);
        assert_eq!((bare.customer_reference, bare.bank_reference), (None, None));
    }

    #[test]
    fn a_reversed_credit_takes_money_out_and_an_expected_one_is_pending() {
        let reversed = entry("2610051005RC10,00NTRFx").unwrap();
        assert_eq!(
            (reversed.amount.minor(), reversed.reversal),
            (-1_000, Reversal::Yes)
        );
        let back = entry("2610051005RD10,00NTRFx").unwrap();
        assert_eq!((back.amount.minor(), back.reversal), (1_000, Reversal::Yes));
        assert_eq!(
            entry("261005EC10,00NTRFx").unwrap().state,
            EntryState::Pending
        );
    }

    #[test]
    fn january_entries_of_december_s_value_date_are_next_year_s() {
        let turn = entry("2612310102C1,00NTRFx").unwrap();
        assert_eq!(turn.booked_on.to_string(), "2027-01-02");
    }

    #[test]
    fn what_is_wrong_is_said_with_what_was_expected() {
        let cases = [
            ("26100x", ProblemCode::NotATime),
            ("2610051305C1,00NTRFx", ProblemCode::NotATime),
            ("261005X1,00NTRFx", ProblemCode::NotAWord),
            ("261005C1.00NTRFx", ProblemCode::NotAnAmount),
            ("261005C1,001NTRFx", ProblemCode::NotAnAmount),
            ("261005C100NTRFx", ProblemCode::NotAnAmount),
            ("261005C1,00N", ProblemCode::NotAWord),
            ("", ProblemCode::NotATime),
        ];
        for (text, code) in cases {
            let problem = entry(text).err().unwrap();
            assert_eq!((problem.code, problem.row), (code, 7), "{text}");
        }
    }
}
