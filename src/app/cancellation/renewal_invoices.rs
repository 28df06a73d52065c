//! Draft and open renewal invoices, made harmless.

use super::super::Failure;
use super::super::provider::{Link, call_error, refusal_text, uncertainty};
use crate::store::rows::Subscription;
use avstem_domain::event::{BillingReason, InvoiceFact, InvoiceStatus};
use avstem_domain::id::ProviderInvoiceId;
use avstem_webhooks::Observation;
use avstem_webhooks::outbound::{Ask, Outcome, Refusal};

/// What came of the renewal invoices.
pub(super) enum Neutralised {
    Nothing,
    Some,
    /// The provider refused: an invoice is not any more what it was when it was read.
    MovedOn,
    Later {
        why: String,
        retry_after_s: Option<u64>,
    },
}

/// Draft renewals are held, finalised without collection and voided; open ones voided.
pub(super) fn neutralise(
    link: &Link<'_>,
    subscription: &Subscription,
    observed: &[Observation],
) -> Result<Neutralised, Failure> {
    let mut outcome = Neutralised::Nothing;
    for (invoice, status) in renewals_to_neutralise(subscription, observed) {
        let steps = match status {
            InvoiceStatus::Draft => vec![
                Ask::HoldDraft(invoice.clone()),
                Ask::FinalizeWithoutCollection(invoice.clone()),
                Ask::VoidInvoice(invoice),
            ],
            InvoiceStatus::Open => vec![Ask::VoidInvoice(invoice)],
            InvoiceStatus::Paid | InvoiceStatus::Uncollectible | InvoiceStatus::Void => continue,
        };
        for step in steps {
            match link.ask(&step)?.result {
                Ok(Outcome::Executed { .. }) => outcome = Neutralised::Some,
                Ok(Outcome::Refused(Refusal::InvoiceMovedOn { .. } | Refusal::NotFound)) => {
                    outcome = Neutralised::MovedOn;
                    break;
                }
                Ok(Outcome::Refused(Refusal::RateLimited { retry_after_s })) => {
                    let why = "the provider asks us to slow down".to_owned();
                    return Ok(Neutralised::Later { why, retry_after_s });
                }
                Ok(Outcome::Refused(refusal)) => {
                    let why = refusal_text(&refusal);
                    return Ok(Neutralised::Later {
                        why,
                        retry_after_s: Some(60),
                    });
                }
                Ok(Outcome::Unknown(why)) => {
                    return Ok(Neutralised::Later {
                        why: uncertainty(&why),
                        retry_after_s: None,
                    });
                }
                Err(error) => {
                    return Ok(Neutralised::Later {
                        why: call_error(&error),
                        retry_after_s: None,
                    });
                }
            }
        }
    }
    Ok(outcome)
}

pub(super) fn renewals_to_neutralise(
    subscription: &Subscription,
    observed: &[Observation],
) -> Vec<(ProviderInvoiceId, InvoiceStatus)> {
    let renewal = |invoice: &InvoiceFact| {
        let ours = invoice
            .subscriptions
            .iter()
            .any(|id| id.as_str() == subscription.provider_id);
        let alone = invoice.subscriptions.len() == 1;
        let recurring = matches!(
            invoice.reason,
            BillingReason::Cycle | BillingReason::Unstated
        );
        let unpaid = matches!(invoice.status, InvoiceStatus::Draft | InvoiceStatus::Open);
        (ours && alone && recurring && unpaid).then(|| (invoice.id.clone(), invoice.status))
    };
    observed
        .iter()
        .filter_map(|observation| observation.fact.as_invoice())
        .filter_map(renewal)
        .collect()
}
