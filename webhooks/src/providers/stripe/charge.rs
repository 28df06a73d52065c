//! Charges. Classic charges name their invoice; newer ones have no such field.

use super::fields::Object;
use super::refund;
use crate::Unreadable;
use avstem_domain::charge::ChargeStatus;
use avstem_domain::event::{
    ChargeFact, DisputeStanding, Fact, InvoiceOfCharge, InvoicePaymentFact, PaymentRef,
};
use avstem_domain::id::{
    ProviderChargeId, ProviderCustomerId, ProviderInvoiceId, ProviderPaymentId,
};
use avstem_domain::money::Money;

/// The charge, its link to an invoice (classic), and the refunds that came along.
pub(super) fn facts(charge: &Object<'_>) -> Result<Vec<Fact>, Unreadable> {
    let fact = fact(charge)?;
    let mut facts = Vec::new();
    if let InvoiceOfCharge::Paid(invoice) = &fact.invoice {
        let payment = PaymentRef::Charge(fact.id.clone());
        facts.push(Fact::InvoicePayment(InvoicePaymentFact {
            invoice: invoice.clone(),
            payment,
            paid_at: None,
        }));
    }
    if let Some(page) = charge.opt_page("refunds")? {
        for item in &page.items {
            facts.push(Fact::Refund(refund::fact(item)?));
        }
    }
    facts.insert(0, Fact::Charge(fact));
    Ok(facts)
}

fn fact(charge: &Object<'_>) -> Result<ChargeFact, Unreadable> {
    let currency = charge.currency()?;
    let asked = charge.gross("amount", currency)?;
    let refunded = charge
        .opt_gross("amount_refunded", currency)?
        .unwrap_or_else(|| Money::zero(currency));
    let capture = capture(charge)?;
    let amount = match capture {
        Capture::Done => charge
            .opt_gross("amount_captured", currency)?
            .filter(Money::is_positive)
            .unwrap_or(asked),
        Capture::Open => asked,
    };
    Ok(ChargeFact {
        id: charge.id("id", ProviderChargeId::parse)?,
        customer: charge.opt_id("customer", ProviderCustomerId::parse)?,
        payment: charge.opt_id("payment_intent", ProviderPaymentId::parse)?,
        amount,
        refunded,
        status: status(charge, capture, Released::of(asked, refunded))?,
        dispute: dispute(charge)?,
        invoice: invoice(charge)?,
        created: charge.time("created")?,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Capture {
    Done,
    Open,
}

fn capture(charge: &Object<'_>) -> Result<Capture, Unreadable> {
    Ok(if charge.opt_bool("captured")? == Some(false) {
        Capture::Open
    } else {
        Capture::Done
    })
}

/// Whether an amount that was only reserved has been given back in full.
#[derive(Clone, Copy)]
enum Released {
    Yes,
    No,
}

impl Released {
    fn of(asked: Money, refunded: Money) -> Self {
        if asked.is_positive() && refunded == asked {
            Self::Yes
        } else {
            Self::No
        }
    }
}

/// Money was taken only when it was both paid and captured. A reservation waits; one that was released
/// (canceled, or expired after seven days) never took anything.
fn status(
    charge: &Object<'_>,
    capture: Capture,
    released: Released,
) -> Result<ChargeStatus, Unreadable> {
    let paid = charge.opt_bool("paid")? != Some(false);
    match (charge.text("status")?, capture, released) {
        ("succeeded", Capture::Done, Released::Yes | Released::No) if paid => {
            Ok(ChargeStatus::Succeeded)
        }
        ("succeeded", Capture::Open, Released::Yes) | ("failed", ..) => Ok(ChargeStatus::Failed),
        ("succeeded" | "pending", ..) => Ok(ChargeStatus::Pending),
        _ => Err(charge.wrong("status", "is a charge status we do not know")),
    }
}

/// A charge only says that a dispute exists; whether it may be refunded all the same is the dispute's
/// to say.
fn dispute(charge: &Object<'_>) -> Result<DisputeStanding, Unreadable> {
    Ok(match charge.opt_bool("disputed")? {
        Some(true) => DisputeStanding::Blocks,
        Some(false) | None => DisputeStanding::Undisputed,
    })
}

/// Told apart by the field being there at all: classic charges without an invoice say `null`.
fn invoice(charge: &Object<'_>) -> Result<InvoiceOfCharge, Unreadable> {
    match charge.opt_id("invoice", ProviderInvoiceId::parse)? {
        Some(invoice) => Ok(InvoiceOfCharge::Paid(invoice)),
        None if charge.has("invoice") => Ok(InvoiceOfCharge::None),
        None => Ok(InvoiceOfCharge::Unstated),
    }
}
