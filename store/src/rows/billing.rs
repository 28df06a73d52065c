//! What providers told of customers and their money.

use super::super::schema::{
    charges, customers, deliveries, invoice_payments, invoice_subscriptions, invoices,
    subscriptions,
};
use diesel::prelude::*;

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

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = invoice_subscriptions)]
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
    /// What the charge itself says of disputes; `dispute` is what all known ones mean together.
    pub dispute_hint: String,
    /// What lost disputes took of it, as booked.
    pub lost: i64,
    /// What month ends recognised of it.
    pub recognised: i64,
    /// The last month that was closed with it, such as `2026-10`.
    pub earned_through: Option<String>,
    /// Whether the next month end must look at it: something may be deferred of it.
    pub unearned: bool,
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
