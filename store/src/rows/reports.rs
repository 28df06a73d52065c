//! Sums that reports are made of, worked out by the database. No column of these is stored.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

/// Which rows a report is about.
#[derive(Debug, Clone, Copy)]
pub struct Reported<'a> {
    /// Of all connections, when it is left out.
    pub connection: Option<&'a str>,
    /// What is booked on days (`2026-11-22`, both inclusive).
    pub days: (&'a str, &'a str),
    /// What happens at instants, from inclusive to exclusive.
    pub instants: (i64, i64),
}

/// What the journals of one event did to one account.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct MovedSum {
    #[diesel(sql_type = Text)]
    pub event: String,
    #[diesel(sql_type = Text)]
    pub account: String,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
}

/// Verdicts that came out the same.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct VerdictSum {
    #[diesel(sql_type = Text)]
    pub decision: String,
    #[diesel(sql_type = Text)]
    pub clause: String,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = BigInt)]
    pub verdicts: i64,
    /// What had been charged.
    #[diesel(sql_type = BigInt)]
    pub charged: i64,
    /// What of it was to go back.
    #[diesel(sql_type = BigInt)]
    pub granted: i64,
    /// What would have gone back if the customer had not kept the paid period.
    #[diesel(sql_type = BigInt)]
    pub waived: i64,
}

/// Refunds of one origin that stand the same.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct RefundSum {
    #[diesel(sql_type = Text)]
    pub origin: String,
    /// `yes` or `no`; of ours, and of those not judged, empty.
    #[diesel(sql_type = Text)]
    pub conform: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = BigInt)]
    pub refunds: i64,
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
}

/// A charge whose net amount was booked as deferred revenue, with the period of its invoice.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct DeferredCharge {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = BigInt)]
    pub booked_vat: i64,
    /// What standing refunds give back.
    #[diesel(sql_type = BigInt)]
    pub decided: i64,
    /// What lost disputes took.
    #[diesel(sql_type = BigInt)]
    pub lost: i64,
    #[diesel(sql_type = BigInt)]
    pub created_at: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub period_start: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub period_end: Option<i64>,
}
