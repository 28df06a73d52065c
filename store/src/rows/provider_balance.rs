//! Disputes with what they moved, and payouts.

use super::super::schema::{dispute_movements, disputes, payouts};
use diesel::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = disputes, treat_none_as_default_value = false)]
pub struct Dispute {
    pub id: String,
    pub connection: String,
    pub provider_id: String,
    pub charge_id: String,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    pub reason: Option<String>,
    pub refundable: bool,
    pub evidence_due_at: Option<i64>,
    pub lost: i64,
    pub created_at: i64,
    pub told_at: i64,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = dispute_movements, treat_none_as_default_value = false)]
pub struct DisputeMovement {
    pub connection: String,
    pub provider_id: String,
    pub dispute_id: String,
    pub direction: String,
    pub amount: i64,
    pub fee: i64,
    pub fee_currency: String,
    pub moved_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = payouts, treat_none_as_default_value = false)]
pub struct Payout {
    pub connection: String,
    pub provider_id: String,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    /// A calendar day, `2026-10-28`.
    pub arrival_date: String,
    pub automatic: bool,
    pub reconciliation: String,
    pub trace_id: Option<String>,
    pub statement_descriptor: Option<String>,
    pub failure_code: Option<String>,
    pub original: Option<String>,
    pub reversed_by: Option<String>,
    pub created_at: i64,
    pub told_at: i64,
    pub version: String,
    /// When the provider is asked next what it is made of.
    pub members_due_at: Option<i64>,
}
