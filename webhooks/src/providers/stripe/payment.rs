//! What links invoices and charges: invoice payments (newer) and payment intents.

use super::charge;
use super::fields::Object;
use crate::Unreadable;
use avstem_domain::event::{Fact, InvoicePaymentFact, PaymentRef};
use avstem_domain::id::{ProviderChargeId, ProviderInvoiceId, ProviderPaymentId};

/// A link when the payment is made; nothing while it is open, or when it was canceled or made outside
/// Stripe.
pub(super) fn invoice_payment(object: &Object<'_>) -> Result<Vec<Fact>, Unreadable> {
    let invoice = object.id("invoice", ProviderInvoiceId::parse)?;
    if object.text("status")? != "paid" {
        return Ok(Vec::new());
    }
    let paid_at = match object.opt_object("status_transitions")? {
        Some(transitions) => transitions.opt_time("paid_at")?,
        None => None,
    };
    let payment = object.object("payment")?;
    let intent = payment
        .opt_id("payment_intent", ProviderPaymentId::parse)?
        .map(PaymentRef::Payment);
    let charge = payment
        .opt_id("charge", ProviderChargeId::parse)?
        .map(PaymentRef::Charge);
    let link = |payment| {
        Fact::InvoicePayment(InvoicePaymentFact {
            invoice: invoice.clone(),
            payment,
            paid_at,
        })
    };
    Ok(intent.into_iter().chain(charge).map(link).collect())
}

/// Classic intents name their invoice. A charge that came expanded is read too. A newer intent says
/// neither, and gives nothing: its charge and its invoice payment have events of their own.
pub(super) fn payment_intent(intent: &Object<'_>) -> Result<Vec<Fact>, Unreadable> {
    let id = intent.id("id", ProviderPaymentId::parse)?;
    let invoice = intent.opt_id("invoice", ProviderInvoiceId::parse)?;
    let mut facts: Vec<_> = invoice
        .into_iter()
        .map(|invoice| {
            let payment = PaymentRef::Payment(id.clone());
            Fact::InvoicePayment(InvoicePaymentFact {
                invoice,
                payment,
                paid_at: None,
            })
        })
        .collect();
    if let Some(charge) = intent.expanded("latest_charge")? {
        facts.extend(charge::facts(&charge)?);
    }
    Ok(facts)
}
