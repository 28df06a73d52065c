//! Months of the books, and what was recognised at their ends.

use super::super::schema::{closing_statements, closing_totals, period_events, recognised_revenue};
use diesel::prelude::*;

/// A month was closed or opened. The one with the highest number says how the books stand.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = period_events, treat_none_as_default_value = false)]
pub struct PeriodEvent {
    pub number: i64,
    pub month: String,
    pub kind: String,
    /// The last day that is closed, inclusive.
    pub locked_through: Option<String>,
    /// The last of the ledger then.
    pub position: i64,
    pub reason: Option<String>,
    pub done_by: String,
    pub done_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = closing_statements, treat_none_as_default_value = false)]
pub struct ClosingStatement {
    pub number: i64,
    pub month: String,
    pub time_zone: String,
    pub closed_at: i64,
    pub journals: i64,
    pub postings: i64,
    pub charges: i64,
    pub chain_count: i64,
    pub chain_head: String,
    pub previous: String,
    pub key: Option<String>,
    pub hash: String,
    pub signature: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = closing_totals, treat_none_as_default_value = false)]
pub struct ClosingTotal {
    pub number: i64,
    pub currency: String,
    pub account: String,
    pub opening: i64,
    pub debits: i64,
    pub credits: i64,
}

/// A charge's part of a month end's journal.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = recognised_revenue, treat_none_as_default_value = false)]
pub struct RecognisedRevenue {
    pub charge_id: String,
    /// Of the event that the closing began with.
    pub number: i64,
    pub month: String,
    pub amount: i64,
    pub journal_id: String,
}
