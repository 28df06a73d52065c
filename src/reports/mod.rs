//! Reports for people: what each says as a value, and how it is drawn.
//!
//! One file for each report: a value that is made from sums and rows, and its picture. A picture is rows of
//! bars with a label and a figure each; `svg` writes it for a page, `terminal` for a terminal. All of it is
//! pure: the same value in the same language gives the same bytes.

pub mod aging;
pub mod picture;
pub mod reconciliation;
pub mod refunds;
pub mod revenue;
pub mod svg;
pub mod terminal;
pub mod waterfall;

use crate::i18n::Speech;
use avstem_domain::money::{Currency, Money};
use chrono::NaiveDate;

/// Calendar days, both included; `None` is no bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl Span {
    /// `2026-10-01 – 2026-10-31`, or what bounds there are.
    fn told(self, speech: Speech) -> String {
        match (self.from, self.to) {
            (Some(from), Some(to)) => format!("{from} – {to}"),
            (Some(from), None) => speech.with("report-from", &[("day", &from.to_string())]),
            (None, Some(to)) => speech.with("report-to", &[("day", &to.to_string())]),
            (None, None) => speech.text("report-all-time"),
        }
    }
}

/// The connection that a report is narrowed to, for a heading.
fn of_connection(connection: Option<&str>, speech: Speech) -> String {
    connection.map_or_else(|| speech.text("report-all-connections"), str::to_owned)
}

/// An amount with its currency, where a panel holds several.
fn named(amount: Money, speech: Speech) -> String {
    format!("{}\u{a0}{}", speech.figure(amount), amount.currency())
}

/// Currencies in the order in which panels stand.
fn in_order(mut currencies: Vec<Currency>) -> Vec<Currency> {
    currencies.sort_unstable();
    currencies.dedup();
    currencies
}
