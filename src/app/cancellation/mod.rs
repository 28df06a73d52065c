//! A cancellation: asked for, planned, carried out, shown.
//!
//! The saga (`saga.rs`) goes Requested → Planned → BillingStopped → RefundRequested → Finished, one
//! commit an arrow, no transaction open during a call. Whoever finds an unfinished row goes on with it.

mod finish_step;
mod plan_step;
mod refund_step;
mod renewal_invoices;
mod request;
mod saga;
mod stop_step;
mod undo;
mod undo_step;
mod views;

pub use request::{RequestCancellation, RequestError, Requested, RequestedBy, Standing, request};
pub use saga::{advance, run_due};
pub use undo::{UndoError, Undoing, undo};
pub(crate) use views::previewed;
pub use views::{CancellationView, PreviewError, Previewed, list, preview, view};

use super::provider::{Link, Unread};
use super::{Failure, facts};
use crate::store::ReadTx;
use crate::store::rows::{Cancellation, Subscription};
use avstem_domain::cancellation::{RefundChoice, Request};
use avstem_domain::event::{ChargeFact, DisputeStanding, InvoiceStatus};
use avstem_domain::id::{
    ProviderChargeId, ProviderCustomerId, ProviderInvoiceId, ProviderSubscriptionId,
};
use avstem_domain::subscription::SubscriptionStatus;
use avstem_webhooks::Observation;
use avstem_webhooks::outbound::Ask;

pub(crate) const fn refund_choice_text(choice: RefundChoice) -> &'static str {
    match choice {
        RefundChoice::Policy => "policy",
        RefundChoice::None => "none",
    }
}

/// What a stored cancellation asks the rules.
fn request_of(row: &Cancellation) -> Result<Request, Failure> {
    let refund = match row.refund.as_str() {
        "policy" => RefundChoice::Policy,
        "none" => RefundChoice::None,
        other => return Err(Failure::Unreadable(format!("refund choice {other:?}"))),
    };
    Ok(Request {
        judged_at: super::books::time(row.judged_at)?,
        refund,
    })
}

fn subscription_of(tx: &mut ReadTx<'_>, row: &Cancellation) -> Result<Subscription, Failure> {
    tx.subscriptions_by_ids(std::slice::from_ref(&row.subscription_id))?
        .pop()
        .ok_or_else(|| Failure::Unreadable(format!("cancellation {} has no subscription", row.id)))
}

pub(crate) fn picture_of(
    tx: &mut ReadTx<'_>,
    subscription: Subscription,
) -> Result<facts::SubscriptionPicture, Failure> {
    facts::pictures(tx, &[subscription])?
        .pop()
        .ok_or_else(|| Failure::Unreadable("a subscription without a picture".to_owned()))
}

fn is_over(subscription: &Subscription) -> bool {
    SubscriptionStatus::parse(&subscription.status).is_some_and(SubscriptionStatus::is_terminal)
}

/// Whether the subscription renews, as far as is known here.
fn goes_on(subscription: &Subscription) -> bool {
    let end_is_set = subscription.renewal == "stops" || subscription.cancel_at.is_some();
    !is_over(subscription) && !end_is_set
}

fn provider_subscription(subscription: &Subscription) -> Result<ProviderSubscriptionId, Failure> {
    ProviderSubscriptionId::parse(&subscription.provider_id)
        .map_err(|e| Failure::unreadable("subscription", e))
}

/// Everything a plan needs, read from the provider: the subscription, its invoices with what paid them,
/// its customer's charges, and the refunds and disputes of those that have any.
pub(crate) fn read_from_provider(
    link: &Link<'_>,
    subscription: &Subscription,
) -> Result<Result<Vec<Observation>, Unread>, Failure> {
    let id = provider_subscription(subscription)?;
    let mut all = match link.read_all(|_| Ask::FetchSubscription(id.clone()))? {
        Ok(observations) => observations,
        Err(unread) => return Ok(Err(unread)),
    };
    match link.read_all(|after| Ask::ListInvoices {
        subscription: id.clone(),
        after,
    })? {
        Ok(observations) => all.extend(observations),
        Err(unread) => return Ok(Err(unread)),
    }
    for invoice in to_ask_for_payments(link, &all)? {
        let payments = link.read_all(|after| Ask::ListInvoicePayments {
            invoice: invoice.clone(),
            after,
        })?;
        match payments {
            Ok(observations) => all.extend(observations),
            // A provider of an older kind has no such list: its invoices name what paid them.
            Err(Unread::NotFound) => {}
            Err(unread) => return Ok(Err(unread)),
        }
    }
    let Some(customer) = customer_in(&all) else {
        return Ok(Ok(all));
    };
    let charges = match link.read_all(|after| Ask::ListCharges {
        customer: customer.clone(),
        after,
    })? {
        Ok(observations) => observations,
        Err(unread) => return Ok(Err(unread)),
    };
    for charge in charges_where(&charges, |charge| {
        charge.dispute != DisputeStanding::Undisputed
    }) {
        match link.read_all(|after| Ask::ListDisputes {
            charge: charge.clone(),
            after,
        })? {
            Ok(observations) => all.extend(observations),
            // A stand-in that knows no disputes: what the charge itself says counts.
            Err(Unread::NotFound) => {}
            Err(unread) => return Ok(Err(unread)),
        }
    }
    for charge in charges_where(&charges, |charge| charge.refunded.is_positive()) {
        match link.read_all(|after| Ask::ListRefunds {
            charge: charge.clone(),
            after,
        })? {
            Ok(observations) => all.extend(observations),
            Err(unread) => return Ok(Err(unread)),
        }
    }
    all.extend(charges);
    Ok(Ok(all))
}

/// Paid invoices that came without what paid them, and of which events told nothing either. The one
/// whose period ends last is always asked for: it may have been paid in several parts.
fn to_ask_for_payments(
    link: &Link<'_>,
    observations: &[Observation],
) -> Result<Vec<ProviderInvoiceId>, Failure> {
    let mut paid = Vec::new();
    let mut told = Vec::new();
    for observation in observations {
        if let Some(invoice) = observation.fact.as_invoice()
            && invoice.status == InvoiceStatus::Paid
            && invoice.total.is_positive()
        {
            paid.push((invoice.period.map(|period| period.end()), &invoice.id));
        }
        told.extend(
            observation
                .fact
                .as_invoice_payment()
                .map(|payment| &payment.invoice),
        );
    }
    let latest = paid.iter().max().map(|(_, id)| *id);
    let ids: Vec<String> = paid.iter().map(|(_, id)| id.to_string()).collect();
    let known = link.linked_invoices(&ids)?;
    let wanted = |id: &&ProviderInvoiceId| {
        !told.contains(id) && (Some(*id) == latest || !known.contains(id.as_str()))
    };
    Ok(paid
        .into_iter()
        .map(|(_, id)| id)
        .filter(wanted)
        .cloned()
        .collect())
}

fn customer_in(observations: &[Observation]) -> Option<ProviderCustomerId> {
    observations
        .iter()
        .find_map(|observation| observation.fact.as_subscription())
        .map(|subscription| subscription.customer.clone())
}

/// Charges of which the provider has more to tell.
fn charges_where(
    observations: &[Observation],
    has_more: impl Fn(&ChargeFact) -> bool,
) -> Vec<ProviderChargeId> {
    observations
        .iter()
        .filter_map(|observation| observation.fact.as_charge())
        .filter(|charge| has_more(charge))
        .map(|charge| charge.id.clone())
        .collect()
}
