//! What can be exported.

mod breaks;
mod charges;
mod decisions;
mod journal;
mod payouts;
mod refunds;
mod subscriptions;
mod trial_balance;

use super::ExportError;
use super::table::{Column, Value};
use crate::store::ReadTx;
use crate::store::rows::Charge;
use avstem_domain::charge::ChargeKind;
use avstem_domain::money::Money;
use avstem_domain::time::{BillingPeriod, Timestamp};
use chrono::NaiveDate;

/// Every kind, in the order in which messages name them.
pub const KINDS: &[&Kind] = &[
    &journal::KIND,
    &trial_balance::KIND,
    &charges::KIND,
    &refunds::KIND,
    &subscriptions::KIND,
    &decisions::KIND,
    &payouts::KIND,
    &breaks::KIND,
];

/// The kind that formats of accounting programs are for.
pub const JOURNAL: &Kind = &journal::KIND;

/// Rows in one page.
const PAGE: i64 = 2_000;

/// A table that can be exported.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    pub columns: &'static [Column],
    pub(crate) rows: fn(&mut ReadTx<'_>, &Scope<'_>, &mut Sink<'_>) -> Result<(), ExportError>,
}

/// Takes rows; each has a value for every column.
pub type Sink<'a> = dyn FnMut(&[Value]) -> Result<(), ExportError> + 'a;

/// What is asked for.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Calendar days, both included, for what is booked on days.
    pub days: Days,
    /// The same as instants in microseconds, from inclusive to exclusive, for what happens at instants.
    pub from: Option<i64>,
    pub to: Option<i64>,
    pub answers: Answers<'a>,
}

/// Calendar days, both included; `None` is no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl Days {
    #[must_use]
    pub fn contain(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// What only `app` can work out, which exports must not know.
#[derive(Clone, Copy)]
pub struct Answers<'a> {
    pub charges: &'a DescribeCharges<'a>,
    pub balances: &'a Balances<'a>,
}

/// Describes charges, in their order.
pub type DescribeCharges<'a> =
    dyn Fn(&mut ReadTx<'_>, &[Charge]) -> Result<Vec<ChargeDescription>, ExportError> + 'a;

/// The balance of every account at the end of a day, by currency and account.
pub type Balances<'a> =
    dyn Fn(&mut ReadTx<'_>, Option<NaiveDate>) -> Result<Vec<AccountBalance>, ExportError> + 'a;

/// What a charge was for.
#[derive(Debug, Clone, Default)]
pub struct ChargeDescription {
    /// Our id and the provider's; `None` without a subscription, or when one invoice billed several.
    pub subscription: Option<(String, String)>,
    pub kind: Option<ChargeKind>,
    /// When it was paid; `None` while no money was taken.
    pub paid_at: Option<Timestamp>,
    pub period: Option<BillingPeriod>,
    /// In minor units.
    pub refunded: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountBalance {
    pub account: String,
    /// Debit positive.
    pub balance: Money,
}

impl Kind {
    /// The kind of that name, or an error that names those there are.
    pub fn parse(name: &str) -> Result<&'static Self, ExportError> {
        if let Some(kind) = KINDS.iter().find(|kind| kind.name == name) {
            return Ok(kind);
        }
        let known = KINDS
            .iter()
            .map(|kind| kind.name)
            .collect::<Vec<_>>()
            .join(", ");
        Err(ExportError::UnknownKind {
            given: name.chars().take(40).collect(),
            known,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_unknown_kind_is_answered_with_the_known_ones() {
        let message = Kind::parse("ledger").unwrap_err().to_string();
        assert!(
            message.starts_with("\"ledger\" is not a kind of export"),
            "{message}"
        );
        for kind in KINDS {
            assert!(message.contains(kind.name));
            assert_eq!(Kind::parse(kind.name).unwrap().name, kind.name);
        }
    }

    #[test]
    fn the_journal_has_the_columns_that_others_rely_on() {
        let names: Vec<&str> = journal::KIND
            .columns
            .iter()
            .map(|column| column.name)
            .collect();
        assert_eq!(
            names.join(","),
            "journal_id,booked_on,occurred_at,account,amount,currency,event,reference,description"
        );
    }

    #[test]
    fn no_table_has_two_columns_of_one_name() {
        for kind in KINDS {
            let names: BTreeSet<&str> = kind.columns.iter().map(|column| column.name).collect();
            assert_eq!(names.len(), kind.columns.len(), "{}", kind.name);
        }
    }
}
