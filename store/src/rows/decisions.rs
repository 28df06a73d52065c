//! Cancellations and everything that follows from one.

use super::super::schema::{cancellations, mails, receipts, refunds, verdicts};
use diesel::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = cancellations, treat_none_as_default_value = false)]
pub struct Cancellation {
    pub id: String,
    pub subscription_id: String,
    pub origin: String,
    pub state: String,
    pub step: String,
    pub requested_by: String,
    pub refund: String,
    pub reason: Option<String>,
    pub received_at: i64,
    pub judged_at: i64,
    pub stop_mode: Option<String>,
    pub stop_effective_at: Option<i64>,
    pub stop_done_at: Option<i64>,
    pub policy_version: Option<String>,
    pub attention: Option<String>,
    pub trouble: Option<String>,
    pub attempts: i64,
    pub due_at: Option<i64>,
    pub lease_until: i64,
    pub fence: i64,
    pub stop_asked_at: Option<i64>,
    pub undo_requested_at: Option<i64>,
    pub undone_at: Option<i64>,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = verdicts, treat_none_as_default_value = false)]
pub struct Verdict {
    pub cancellation_id: String,
    pub position: i64,
    pub charge_id: String,
    pub charge_provider_id: String,
    pub kind: String,
    pub amount: i64,
    pub currency: String,
    pub period_start: Option<i64>,
    pub period_end: Option<i64>,
    pub decision: String,
    pub refund_amount: Option<i64>,
    pub code: String,
    pub clause: String,
    pub explanation_sv: String,
    pub explanation_en: String,
    pub decided_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = refunds, treat_none_as_default_value = false)]
pub struct Refund {
    pub id: String,
    pub connection: String,
    pub provider_id: Option<String>,
    pub charge_id: String,
    pub amount: i64,
    pub currency: String,
    pub state: String,
    pub origin: String,
    pub policy_conform: Option<bool>,
    pub failure_reason: Option<String>,
    pub reason: Option<String>,
    pub cancellation_id: Option<String>,
    pub code: Option<String>,
    pub request_ref: Option<String>,
    pub idempotency_key: Option<String>,
    pub request_target: Option<String>,
    pub request_body: Option<Vec<u8>>,
    pub first_sent_at: Option<i64>,
    pub attempts: i64,
    pub due_at: Option<i64>,
    pub lease_until: i64,
    pub fence: i64,
    pub attention: Option<String>,
    pub created_at: i64,
    pub version: String,
    pub pending_reason: Option<String>,
    pub state_since: i64,
    pub decided: i64,
    pub judged_in: Option<String>,
    /// The version of the policy that judged it.
    pub judged_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = receipts, treat_none_as_default_value = false)]
pub struct Receipt {
    pub cancellation_id: String,
    pub number: i64,
    pub locale: String,
    pub subject: String,
    pub body: String,
    pub issued_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = mails, treat_none_as_default_value = false)]
pub struct Mail {
    pub dedupe_key: String,
    pub recipient: String,
    pub subject: String,
    pub body: String,
    pub state: String,
    pub attempts: i64,
    pub error: Option<String>,
    pub due_at: Option<i64>,
    pub created_at: i64,
}
