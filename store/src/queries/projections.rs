//! What is made from facts, page by page: for comparing it with what the facts make once more.

use super::C;
use crate::rows::{
    Cancellation, Delivery, Dispute, DisputeMovement, EventSummary, Journal, Projected, Refund,
};
use crate::schema::{
    cancellations, charges, customers, deliveries, dispute_movements, disputes, events,
    invoice_payments, invoice_subscriptions, invoices, journals, payouts, refunds, subscriptions,
};
use diesel::dsl::min;
use diesel::prelude::*;

/// The first connection after `after` that has such rows.
pub fn next_connection(c: &mut C, of: Projected, after: &str) -> QueryResult<Option<String>> {
    macro_rules! first_of {
        ($table:ident) => {
            $table::table
                .filter($table::connection.gt(after))
                .select(min($table::connection))
                .first(c)
        };
    }
    match of {
        Projected::Customers => first_of!(customers),
        Projected::Subscriptions => first_of!(subscriptions),
        Projected::Invoices => first_of!(invoices),
        Projected::InvoiceSubscriptions => first_of!(invoice_subscriptions),
        Projected::InvoicePayments => first_of!(invoice_payments),
        Projected::Charges => first_of!(charges),
        Projected::OurRefunds | Projected::OtherRefunds => first_of!(refunds),
        Projected::Disputes => first_of!(disputes),
        Projected::DisputeMovements => first_of!(dispute_movements),
        Projected::Payouts => first_of!(payouts),
        Projected::Journals => first_of!(journals),
    }
}

/// Keys after `after`, each once, in their order.
pub fn keys_after(
    c: &mut C,
    of: Projected,
    connection: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<String>> {
    macro_rules! keys {
        ($table:ident, $key:expr $(, $filter:expr)?) => {
            $table::table
                .filter($table::connection.eq(connection))
                .filter($key.gt(after))
                $(.filter($filter))?
                .select($key)
                .distinct()
                .order($key)
                .limit(limit)
                .load(c)
        };
    }
    match of {
        Projected::Customers => keys!(customers, customers::provider_id),
        Projected::Subscriptions => keys!(subscriptions, subscriptions::provider_id),
        Projected::Invoices => keys!(invoices, invoices::provider_id),
        Projected::InvoiceSubscriptions => {
            keys!(invoice_subscriptions, invoice_subscriptions::invoice)
        }
        Projected::InvoicePayments => keys!(invoice_payments, invoice_payments::invoice),
        Projected::Charges => keys!(charges, charges::provider_id),
        Projected::OurRefunds => keys!(refunds, refunds::id, refunds::origin.eq("avstem")),
        Projected::OtherRefunds => keys!(
            refunds,
            refunds::provider_id.assume_not_null(),
            refunds::origin.ne("avstem")
        ),
        Projected::Disputes => keys!(disputes, disputes::provider_id),
        Projected::DisputeMovements => keys!(dispute_movements, dispute_movements::provider_id),
        Projected::Payouts => keys!(payouts, payouts::provider_id),
        Projected::Journals => keys!(journals, journals::reference),
    }
}

/// Deliveries whose facts were applied, after an id of ours: also those that are being processed once
/// more, for what they told is in the rows already.
pub fn events_applied(c: &mut C, after: &str, limit: i64) -> QueryResult<Vec<EventSummary>> {
    events::table
        .filter(events::id.gt(after))
        .filter(events::processed_at.is_not_null())
        .order(events::id)
        .limit(limit)
        .select(EventSummary::as_select())
        .load(c)
}

/// Our money operations after an id.
pub fn our_refunds_after(c: &mut C, after: &str, limit: i64) -> QueryResult<Vec<Refund>> {
    refunds::table
        .filter(refunds::id.gt(after))
        .filter(refunds::origin.eq("avstem"))
        .order(refunds::id)
        .limit(limit)
        .select(Refund::as_select())
        .load(c)
}

/// Our cancellations after an id.
pub fn our_cancellations_after(
    c: &mut C,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<Cancellation>> {
    cancellations::table
        .filter(cancellations::id.gt(after))
        .filter(cancellations::origin.eq("avstem"))
        .order(cancellations::id)
        .limit(limit)
        .select(Cancellation::as_select())
        .load(c)
}

/// Delivery reports after an id.
pub fn deliveries_after(c: &mut C, after: &str, limit: i64) -> QueryResult<Vec<Delivery>> {
    deliveries::table
        .filter(deliveries::id.gt(after))
        .order(deliveries::id)
        .limit(limit)
        .select(Delivery::as_select())
        .load(c)
}

pub fn disputes_by_ids(c: &mut C, ids: &[String]) -> QueryResult<Vec<Dispute>> {
    load_in!(c, Dispute, disputes.id, ids)
}

pub fn movements_by_provider_ids(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<DisputeMovement>> {
    load_in!(
        c,
        DisputeMovement,
        dispute_movements.provider_id,
        ids,
        dispute_movements::connection.eq(connection)
    )
}

/// Every journal about some objects of one connection.
pub fn journals_of(
    c: &mut C,
    connection: &str,
    references: &[String],
) -> QueryResult<Vec<Journal>> {
    load_in!(
        c,
        Journal,
        journals.reference,
        references,
        journals::connection.eq(connection)
    )
}
