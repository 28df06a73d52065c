//! Requests to Stripe's REST API, version pinned.

use super::{REFUND_METADATA, amount};
use crate::outbound::{Ask, HttpRequest, Listed, Method, RefundOrder};
use avstem_domain::id::{ProviderPayoutId, ProviderSubscriptionId, RefundId};
use avstem_domain::time::Timestamp;

/// The API version that every request asks for, so that replies have one shape whatever the account's
/// default is: the newer one, with periods on the items and invoice payments as objects of their own.
pub const API_VERSION: &str = "2025-09-30.clover";

/// The most objects Stripe gives in one page.
const PAGE: (&str, &str) = ("limit", "100");

/// Inclusive, in Unix seconds.
const MADE_FROM: &str = "created[gte]";

pub(super) fn request(ask: &Ask) -> HttpRequest {
    match ask {
        Ask::FetchSubscription(id) => fetch("subscriptions", id.as_str()),
        Ask::ListInvoices {
            subscription,
            after,
        } => list_of("invoices", ("subscription", subscription.as_str()), after),
        Ask::FetchInvoice(id) => get(
            &path("invoices", id.as_str(), ""),
            &[("expand[]", "payments")],
        ),
        Ask::ListInvoicePayments { invoice, after } => {
            list_of("invoice_payments", ("invoice", invoice.as_str()), after)
        }
        Ask::FindInvoiceOfPayment(payment) => {
            let intent = ("payment[payment_intent]", payment.as_str());
            get(
                "/v1/invoice_payments",
                &[("payment[type]", "payment_intent"), intent, PAGE],
            )
        }
        Ask::ListCharges { customer, after } => {
            list_of("charges", ("customer", customer.as_str()), after)
        }
        Ask::FetchCharge(id) => fetch("charges", id.as_str()),
        Ask::ListRefunds { charge, after } => {
            list_of("refunds", ("charge", charge.as_str()), after)
        }
        Ask::ListDisputes { charge, after } => {
            list_of("disputes", ("charge", charge.as_str()), after)
        }
        Ask::FetchRefund(id) => fetch("refunds", id.as_str()),
        Ask::FetchDispute(id) => fetch("disputes", id.as_str()),
        Ask::FetchPayout(id) => fetch("payouts", id.as_str()),
        Ask::ListAll {
            of,
            made_from,
            after,
        } => list_all(*of, *made_from, after.as_deref()),
        Ask::ListEvents { made_from, after } => {
            let from = made_from.unix_seconds().to_string();
            let query = [(MADE_FROM, from.as_str()), PAGE];
            list("/v1/events", &query, after.as_deref())
        }
        Ask::ListPayoutMembers { payout, after } => list_members(payout, after.as_deref()),
        Ask::CancelNow(id) => {
            // In the query: intermediaries may drop the body of a DELETE.
            let query = form(&[("invoice_now", "false"), ("prorate", "false")]);
            bare(
                Method::Delete,
                format!("{}?{query}", path("subscriptions", id.as_str(), "")),
            )
        }
        Ask::CancelAtPeriodEnd(id) => stop(id, "cancel_at_period_end", "true"),
        Ask::CancelAt(id, instant) => stop(id, "cancel_at", &instant.unix_seconds().to_string()),
        Ask::RenewAgain(id) => stop(id, "cancel_at_period_end", "false"),
        // An empty value unsets a field.
        Ask::UnsetCancelAt(id) => stop(id, "cancel_at", ""),
        Ask::HoldDraft(id) => post(
            path("invoices", id.as_str(), ""),
            &[("auto_advance", "false")],
        ),
        Ask::FinalizeWithoutCollection(id) => post(
            path("invoices", id.as_str(), "/finalize"),
            &[("auto_advance", "false")],
        ),
        Ask::VoidInvoice(id) => post(path("invoices", id.as_str(), "/void"), &[]),
        Ask::CreateRefund(order) => create_refund(order),
    }
}

/// Only a refund carries a key. Every other POST sets a state and is the same when repeated, while a
/// key would replay its first answer for a day, even if the state was changed back in between.
pub(super) fn idempotency_key(ask: &Ask) -> Option<String> {
    match ask {
        Ask::CreateRefund(order) => Some(refund_key(order.refund)),
        Ask::FetchSubscription(_)
        | Ask::ListInvoices { .. }
        | Ask::FetchInvoice(_)
        | Ask::ListInvoicePayments { .. }
        | Ask::FindInvoiceOfPayment(_)
        | Ask::ListCharges { .. }
        | Ask::FetchCharge(_)
        | Ask::ListRefunds { .. }
        | Ask::ListDisputes { .. }
        | Ask::FetchRefund(_)
        | Ask::FetchDispute(_)
        | Ask::FetchPayout(_)
        | Ask::ListAll { .. }
        | Ask::ListEvents { .. }
        | Ask::ListPayoutMembers { .. }
        | Ask::CancelNow(_)
        | Ask::CancelAtPeriodEnd(_)
        | Ask::CancelAt(..)
        | Ask::RenewAgain(_)
        | Ask::UnsetCancelAt(_)
        | Ask::HoldDraft(_)
        | Ask::FinalizeWithoutCollection(_)
        | Ask::VoidInvoice(_) => None,
    }
}

/// With what each is of, which names its charge and what the customer saw.
fn list_members(payout: &ProviderPayoutId, after: Option<&str>) -> HttpRequest {
    let source = ("expand[]", "data.source");
    let query = [("payout", payout.as_str()), source, PAGE];
    list("/v1/balance_transactions", &query, after)
}

fn list_all(of: Listed, made_from: Option<Timestamp>, after: Option<&str>) -> HttpRequest {
    let from = made_from.map(|at| at.unix_seconds().to_string());
    let mut query: Vec<(&str, &str)> = match of {
        // Without a status Stripe leaves out what is canceled.
        Listed::Subscriptions => vec![("status", "all")],
        Listed::Charges | Listed::Refunds | Listed::Disputes | Listed::Payouts => Vec::new(),
    };
    query.extend(from.as_deref().map(|from| (MADE_FROM, from)));
    query.push(PAGE);
    let path = match of {
        Listed::Subscriptions => "/v1/subscriptions",
        Listed::Charges => "/v1/charges",
        Listed::Refunds => "/v1/refunds",
        Listed::Disputes => "/v1/disputes",
        Listed::Payouts => "/v1/payouts",
    };
    list(path, &query, after)
}

fn refund_key(refund: RefundId) -> String {
    format!("avstem-refund-{refund}")
}

/// Sets when the subscription stops by itself, or that it does not.
fn stop(id: &ProviderSubscriptionId, when: &str, value: &str) -> HttpRequest {
    let fields = [(when, value), ("proration_behavior", "none")];
    post(path("subscriptions", id.as_str(), ""), &fields)
}

/// Without a `reason`: it says nothing that our metadata does not lead to, and not every stand-in for
/// Stripe takes it.
fn create_refund(order: &RefundOrder) -> HttpRequest {
    let amount = amount::to_stripe(order.amount);
    let refund = order.refund.to_string();
    let metadata = format!("metadata[{REFUND_METADATA}]");
    let fields = [
        ("charge", order.charge.as_str()),
        ("amount", amount.as_str()),
        (metadata.as_str(), refund.as_str()),
    ];
    let mut request = post("/v1/refunds".to_owned(), &fields);
    request
        .headers
        .push(("idempotency-key".to_owned(), refund_key(order.refund)));
    request
}

fn path(collection: &str, id: &str, action: &str) -> String {
    format!("/v1/{collection}/{}{action}", segment(id))
}

/// An id as one segment of a path. `.` and `..` would be taken for directories, encoded once or not.
fn segment(id: &str) -> String {
    match id {
        "." => "%252E".to_owned(),
        ".." => "%252E%252E".to_owned(),
        _ => form_urlencoded::byte_serialize(id.as_bytes()).collect(),
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// One object by its id.
fn fetch(collection: &str, id: &str) -> HttpRequest {
    get(&path(collection, id, ""), &[])
}

/// What belongs to one object.
fn list_of(collection: &str, of: (&str, &str), after: &Option<String>) -> HttpRequest {
    list(&format!("/v1/{collection}"), &[of, PAGE], after.as_deref())
}

fn list(path: &str, query: &[(&str, &str)], after: Option<&str>) -> HttpRequest {
    let mut query = query.to_vec();
    query.extend(after.map(|id| ("starting_after", id)));
    get(path, &query)
}

fn get(path: &str, query: &[(&str, &str)]) -> HttpRequest {
    let target = if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", form(query))
    };
    bare(Method::Get, target)
}

fn bare(method: Method, target: String) -> HttpRequest {
    let headers = vec![("stripe-version".to_owned(), API_VERSION.to_owned())];
    HttpRequest {
        method,
        target,
        headers,
        body: Vec::new(),
    }
}

fn post(target: String, fields: &[(&str, &str)]) -> HttpRequest {
    let mut request = bare(Method::Post, target);
    request.headers.push((
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    ));
    request.body = form(fields).into_bytes();
    request
}
