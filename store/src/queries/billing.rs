//! The projections of what providers told, loaded and written in batches.

use super::C;
use crate::rows::{
    Charge, Customer, Delivery, Invoice, InvoicePayment, InvoiceSubscription, Refund, Subscription,
};
use crate::schema::{charges, deliveries};
use diesel::prelude::*;

pub fn customers_by_provider_ids(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<Customer>> {
    load_in!(
        c,
        Customer,
        customers.provider_id,
        ids,
        customers::connection.eq(connection)
    )
}

pub fn customers_by_ids(c: &mut C, ids: &[String]) -> QueryResult<Vec<Customer>> {
    load_in!(c, Customer, customers.id, ids)
}

pub fn subscriptions_by_provider_ids(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<Subscription>> {
    load_in!(
        c,
        Subscription,
        subscriptions.provider_id,
        ids,
        subscriptions::connection.eq(connection)
    )
}

pub fn subscriptions_by_ids(c: &mut C, ids: &[String]) -> QueryResult<Vec<Subscription>> {
    load_in!(c, Subscription, subscriptions.id, ids)
}

pub fn invoices_by_provider_ids(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<Invoice>> {
    load_in!(
        c,
        Invoice,
        invoices.provider_id,
        ids,
        invoices::connection.eq(connection)
    )
}

pub fn invoice_subscriptions_by_invoices(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<InvoiceSubscription>> {
    load_in!(
        c,
        InvoiceSubscription,
        invoice_subscriptions.invoice,
        ids,
        invoice_subscriptions::connection.eq(connection)
    )
}

pub fn invoice_subscriptions_by_subscriptions(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<InvoiceSubscription>> {
    load_in!(
        c,
        InvoiceSubscription,
        invoice_subscriptions.subscription,
        ids,
        invoice_subscriptions::connection.eq(connection)
    )
}

pub fn invoice_payments_by_payments(
    c: &mut C,
    connection: &str,
    payments: &[String],
) -> QueryResult<Vec<InvoicePayment>> {
    load_in!(
        c,
        InvoicePayment,
        invoice_payments.payment,
        payments,
        invoice_payments::connection.eq(connection)
    )
}

pub fn invoice_payments_by_invoices(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<InvoicePayment>> {
    load_in!(
        c,
        InvoicePayment,
        invoice_payments.invoice,
        ids,
        invoice_payments::connection.eq(connection)
    )
}

pub fn charges_by_provider_ids(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<Charge>> {
    load_in!(
        c,
        Charge,
        charges.provider_id,
        ids,
        charges::connection.eq(connection)
    )
}

pub fn charges_by_payments(
    c: &mut C,
    connection: &str,
    payments: &[String],
) -> QueryResult<Vec<Charge>> {
    load_in!(
        c,
        Charge,
        charges.payment,
        payments,
        charges::connection.eq(connection)
    )
}

pub fn charges_by_invoices(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<Charge>> {
    load_in!(
        c,
        Charge,
        charges.invoice,
        ids,
        charges::connection.eq(connection)
    )
}

pub fn charges_by_ids(c: &mut C, ids: &[String]) -> QueryResult<Vec<Charge>> {
    load_in!(c, Charge, charges.id, ids)
}

pub fn refunds_by_provider_ids(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<Refund>> {
    load_in!(
        c,
        Refund,
        refunds.provider_id,
        ids,
        refunds::connection.eq(connection)
    )
}

pub fn refunds_by_ids(c: &mut C, ids: &[String]) -> QueryResult<Vec<Refund>> {
    load_in!(c, Refund, refunds.id, ids)
}

pub fn refunds_by_charges(c: &mut C, charge_ids: &[String]) -> QueryResult<Vec<Refund>> {
    load_in!(c, Refund, refunds.charge_id, charge_ids)
}

/// All delivery reports of some charges, oldest first: the last one counts.
pub fn deliveries_by_charges(c: &mut C, charge_ids: &[String]) -> QueryResult<Vec<Delivery>> {
    let mut found: Vec<Delivery> = load_in!(c, Delivery, deliveries.charge_id, charge_ids)?;
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

pub fn add_delivery(c: &mut C, report: &Delivery) -> QueryResult<()> {
    diesel::insert_into(deliveries::table)
        .values(report)
        .execute(c)
        .map(|_| ())
}

pub fn save_customers(c: &mut C, rows: &[Customer]) -> QueryResult<()> {
    save_rows!(
        c,
        Customer,
        customers,
        rows,
        [id],
        [connection, provider_id],
        [email, name, locale, status, version]
    )
}

pub fn save_subscriptions(c: &mut C, rows: &[Subscription]) -> QueryResult<()> {
    save_rows!(
        c,
        Subscription,
        subscriptions,
        rows,
        [id],
        [connection, provider_id],
        [
            customer_id,
            status,
            plan,
            price,
            currency,
            interval_unit,
            interval_count,
            period_start,
            period_end,
            trial_end,
            renewal,
            cancel_at,
            canceled_at,
            ended_at,
            created_at,
            version,
            seen_renewing_at,
        ]
    )
}

pub fn save_invoices(c: &mut C, rows: &[Invoice]) -> QueryResult<()> {
    save_rows!(
        c,
        Invoice,
        invoices,
        rows,
        [connection, provider_id],
        [],
        [
            reason,
            status,
            period_start,
            period_end,
            total,
            tax,
            currency,
            paid_at,
            created_at,
            subscriptions,
            version
        ]
    )
}

pub fn save_charges(c: &mut C, rows: &[Charge]) -> QueryResult<()> {
    save_rows!(
        c,
        Charge,
        charges,
        rows,
        [id],
        [connection, provider_id],
        [
            customer_id,
            payment,
            amount,
            currency,
            status,
            dispute,
            dispute_hint,
            lost,
            created_at,
            version,
            invoice,
            refunded,
            refunded_hint,
            decided,
            booked_as,
            booked_vat,
            bookings,
            link_due_at,
            recognised,
            earned_through,
            unearned,
        ]
    )
}

/// Links never change: a link that is there already is left alone, save that its time may become known.
pub fn add_invoice_payments(c: &mut C, rows: &[InvoicePayment]) -> QueryResult<()> {
    save_rows!(
        c,
        InvoicePayment,
        invoice_payments,
        rows,
        [connection, payment, invoice],
        [],
        [paid_at]
    )
}

pub fn add_invoice_subscriptions(c: &mut C, rows: &[InvoiceSubscription]) -> QueryResult<()> {
    add_new_rows!(
        c,
        InvoiceSubscription,
        invoice_subscriptions,
        rows,
        [connection, subscription, invoice]
    )
}

/// Charges whose invoice the provider is to be asked for, longest waiting first.
pub fn charges_to_link(c: &mut C, now: i64, limit: i64) -> QueryResult<Vec<Charge>> {
    charges::table
        .filter(charges::link_due_at.le(now))
        .order(charges::link_due_at)
        .limit(limit)
        .select(Charge::as_select())
        .load(c)
}

/// When the provider is asked for a charge's invoice next; None: it is not asked any more.
pub fn set_link_due(c: &mut C, charge_id: &str, due_at: Option<i64>) -> QueryResult<()> {
    diesel::update(charges::table.find(charge_id))
        .set(charges::link_due_at.eq(due_at))
        .execute(c)
        .map(|_| ())
}
