//! Rows as they are stored: one struct a table, shared by both databases.
//!
//! Rows are plain data. What their texts mean is decided where they are read (`app`), never here.

use super::schema::*;
use diesel::prelude::*;

/// Rows in one statement: SQLite takes 32,766 bound values, PostgreSQL 65,535, and the widest row has
/// fewer than 30 columns.
pub(super) const CHUNK: usize = 500;

/// A stored delivery. Times are microseconds since 1970 UTC, here and in every row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub struct Event {
    pub id: String,
    pub connection: String,
    pub dedupe_key: String,
    pub provider_event_id: Option<String>,
    pub kind: Option<String>,
    pub state: String,
    pub attempts: i64,
    pub error: Option<String>,
    pub conflict: Option<String>,
    pub received_at: i64,
    pub processed_at: Option<i64>,
    pub due_at: i64,
    pub headers: String,
    pub body: Vec<u8>,
    pub body_sha256: String,
}

/// A stored delivery without its bytes, for lists.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct EventSummary {
    pub id: String,
    pub connection: String,
    pub provider_event_id: Option<String>,
    pub kind: Option<String>,
    pub state: String,
    pub attempts: i64,
    pub error: Option<String>,
    pub conflict: Option<String>,
    pub received_at: i64,
    pub processed_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = customers, treat_none_as_default_value = false)]
pub struct Customer {
    pub id: String,
    pub connection: String,
    pub provider_id: String,
    pub email: Option<String>,
    pub name: Option<String>,
    pub locale: Option<String>,
    pub status: String,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = subscriptions, treat_none_as_default_value = false)]
pub struct Subscription {
    pub id: String,
    pub connection: String,
    pub provider_id: String,
    pub customer_id: String,
    pub status: String,
    pub plan: Option<String>,
    pub price: Option<i64>,
    pub currency: Option<String>,
    pub interval_unit: Option<String>,
    pub interval_count: Option<i64>,
    pub period_start: Option<i64>,
    pub period_end: Option<i64>,
    pub trial_end: Option<i64>,
    pub renewal: String,
    pub cancel_at: Option<i64>,
    pub canceled_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub created_at: i64,
    pub version: String,
    pub seen_renewing_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = invoices, treat_none_as_default_value = false)]
pub struct Invoice {
    pub connection: String,
    pub provider_id: String,
    pub reason: String,
    pub status: String,
    pub period_start: Option<i64>,
    pub period_end: Option<i64>,
    pub total: i64,
    pub tax: i64,
    pub currency: String,
    pub paid_at: Option<i64>,
    pub created_at: i64,
    pub subscriptions: i64,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = invoice_subscriptions, treat_none_as_default_value = false)]
pub struct InvoiceSubscription {
    pub connection: String,
    pub subscription: String,
    pub invoice: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = invoice_payments, treat_none_as_default_value = false)]
pub struct InvoicePayment {
    pub connection: String,
    pub payment: String,
    pub invoice: String,
    pub paid_at: Option<i64>,
}

/// Amounts are minor units, here and in every row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = charges, treat_none_as_default_value = false)]
pub struct Charge {
    pub id: String,
    pub connection: String,
    pub provider_id: String,
    pub customer_id: Option<String>,
    pub payment: Option<String>,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    pub dispute: String,
    pub created_at: i64,
    pub version: String,
    pub invoice: Option<String>,
    pub refunded: i64,
    pub refunded_hint: i64,
    pub decided: i64,
    pub booked_as: Option<String>,
    pub booked_vat: i64,
    pub bookings: i64,
    pub link_due_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false)]
pub struct Delivery {
    pub id: String,
    pub subscription_id: String,
    pub charge_id: String,
    pub ordered: i64,
    pub delivered: i64,
    pub completed: bool,
    pub reported_by: String,
    pub reported_at: i64,
}

/// `position` is the order of writing.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = journals, treat_none_as_default_value = false)]
pub struct Journal {
    pub position: i64,
    pub id: String,
    pub connection: String,
    pub event: String,
    pub reference: String,
    pub description: String,
    pub booked_on: String,
    pub occurred_at: i64,
    pub recorded_at: i64,
}

/// A journal to be written; the database gives its position.
#[derive(Debug, Clone, PartialEq, Eq, Insertable)]
#[diesel(table_name = journals)]
pub struct NewJournal {
    pub id: String,
    pub connection: String,
    pub event: String,
    pub reference: String,
    pub description: String,
    pub booked_on: String,
    pub occurred_at: i64,
    pub recorded_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = postings, treat_none_as_default_value = false)]
pub struct Posting {
    pub journal_id: String,
    pub line: i64,
    pub account: String,
    pub amount: i64,
    pub currency: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = effects, treat_none_as_default_value = false)]
pub struct Effect {
    pub connection: String,
    pub object: String,
    pub effect: String,
    pub journal_id: String,
    pub recorded_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = seals, treat_none_as_default_value = false)]
pub struct Seal {
    pub seq: i64,
    pub position: i64,
    pub journal_id: String,
    pub hash: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = chain_head, treat_none_as_default_value = false)]
pub struct ChainHead {
    pub id: i64,
    pub count: i64,
    pub position: i64,
    pub hash: String,
    pub sealed_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = daily_balances, treat_none_as_default_value = false)]
pub struct DailyBalance {
    pub booked_on: String,
    pub account: String,
    pub currency: String,
    pub amount: i64,
}

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

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
pub struct ApiKey {
    pub id: String,
    pub name: String,
    pub role: String,
    pub secret_hash: String,
    pub created_at: i64,
    pub revoked_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotent_requests, treat_none_as_default_value = false)]
pub struct IdempotentRequest {
    pub api_key: String,
    pub key: String,
    pub fingerprint: String,
    pub status: Option<i64>,
    pub body: Option<String>,
    pub created_at: i64,
    pub lease_until: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = portal_sessions, treat_none_as_default_value = false)]
pub struct PortalSession {
    pub token_hash: String,
    pub customer_id: String,
    pub locale: String,
    pub return_url: Option<String>,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = account_sessions, treat_none_as_default_value = false)]
pub struct AccountSession {
    pub token_hash: String,
    pub customer_id: String,
    pub locale: String,
    pub return_url: Option<String>,
    pub form_token: String,
    pub last_seen_at: i64,
    pub expires_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = leases, treat_none_as_default_value = false)]
pub struct Lease {
    pub name: String,
    pub holder: String,
    pub until: i64,
}
