//! Invoices. Classic: `subscription`, `charge`, `payment_intent` and `tax` on the invoice. Newer:
//! `parent`, `payments` (only when expanded) and `total_taxes`.

use super::fields::{Object, span};
use super::payment;
use crate::Unreadable;
use avstem_domain::event::{
    BillingReason, Fact, InvoiceFact, InvoicePaymentFact, InvoiceStatus, PaymentRef,
};
use avstem_domain::id::{
    ProviderChargeId, ProviderCustomerId, ProviderInvoiceId, ProviderPaymentId,
    ProviderSubscriptionId,
};
use avstem_domain::money::{Currency, Money};
use avstem_domain::time::BillingPeriod;

/// The invoice, then what paid it.
pub(super) fn facts(invoice: &Object<'_>) -> Result<Vec<Fact>, Unreadable> {
    let fact = fact(invoice)?;
    let mut facts = payments(invoice, &fact)?;
    facts.insert(0, Fact::Invoice(fact));
    Ok(facts)
}

/// A deleted draft is shown as the draft it was; nobody will be asked to pay it, which is what void means.
pub(super) fn deleted(invoice: &Object<'_>) -> Result<Vec<Fact>, Unreadable> {
    Ok(vec![Fact::Invoice(InvoiceFact {
        status: InvoiceStatus::Void,
        ..fact(invoice)?
    })])
}

fn fact(invoice: &Object<'_>) -> Result<InvoiceFact, Unreadable> {
    let currency = invoice.currency()?;
    let lines = match invoice.opt_page("lines")? {
        Some(page) => page
            .items
            .iter()
            .map(Line::of)
            .collect::<Result<Vec<_>, _>>()?,
        None => Vec::new(),
    };
    let paid_at = match invoice.opt_object("status_transitions")? {
        Some(transitions) => transitions.opt_time("paid_at")?,
        None => None,
    };
    Ok(InvoiceFact {
        id: invoice.id("id", ProviderInvoiceId::parse)?,
        customer: invoice.opt_id("customer", ProviderCustomerId::parse)?,
        subscriptions: subscriptions(invoice, &lines)?,
        reason: reason(invoice)?,
        status: status(invoice)?,
        period: period(invoice, &lines)?,
        total: invoice.amount("total", currency)?,
        tax: tax(invoice, currency)?,
        paid_at,
        created: invoice.time("created")?,
    })
}

fn status(invoice: &Object<'_>) -> Result<InvoiceStatus, Unreadable> {
    match invoice.text("status")? {
        "draft" => Ok(InvoiceStatus::Draft),
        "open" => Ok(InvoiceStatus::Open),
        "paid" => Ok(InvoiceStatus::Paid),
        "uncollectible" => Ok(InvoiceStatus::Uncollectible),
        "void" => Ok(InvoiceStatus::Void),
        _ => Err(invoice.wrong("status", "is an invoice status we do not know")),
    }
}

/// `subscription` is what versions before 2018-05-21 wrote for a first and for a cycle's invoice alike.
fn reason(invoice: &Object<'_>) -> Result<BillingReason, Unreadable> {
    Ok(match invoice.opt_text("billing_reason")? {
        Some("subscription_create") => BillingReason::FirstInvoice,
        Some("subscription_cycle") => BillingReason::Cycle,
        Some("subscription") | None => BillingReason::Unstated,
        Some(_) => BillingReason::Other,
    })
}

fn subscriptions(
    invoice: &Object<'_>,
    lines: &[Line],
) -> Result<Vec<ProviderSubscriptionId>, Unreadable> {
    let mut found: Vec<_> = lines
        .iter()
        .flat_map(|line| line.subscriptions.clone())
        .collect();
    found.extend(invoice.opt_id("subscription", ProviderSubscriptionId::parse)?);
    if let Some(parent) = invoice.opt_object("parent")?
        && let Some(details) = parent.opt_object("subscription_details")?
    {
        found.extend(details.opt_id("subscription", ProviderSubscriptionId::parse)?);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Never the invoice's own period when there are lines: for a cycle's invoice that is the period before.
fn period(invoice: &Object<'_>, lines: &[Line]) -> Result<Option<BillingPeriod>, Unreadable> {
    if lines.is_empty() {
        return invoice.opt_period("period_start", "period_end");
    }
    let of = |wanted: &[Role]| {
        span(
            lines
                .iter()
                .filter(|line| wanted.contains(&line.role))
                .filter_map(|line| line.period),
        )
    };
    Ok(of(&[Role::Service]).or_else(|| of(&[Role::Service, Role::Other])))
}

fn tax(invoice: &Object<'_>, currency: Currency) -> Result<Money, Unreadable> {
    if invoice.has("total_taxes") {
        return sum(invoice, "total_taxes", currency);
    }
    match invoice.opt_amount("tax", currency)? {
        Some(tax) => Ok(tax),
        None => sum(invoice, "total_tax_amounts", currency),
    }
}

fn sum(invoice: &Object<'_>, list: &str, currency: Currency) -> Result<Money, Unreadable> {
    let mut total = Money::zero(currency);
    for part in invoice.objects(list)? {
        let amount = part.amount("amount", currency)?;
        total = total
            .checked_add(amount)
            .map_err(|e| part.wrong("amount", e.to_string()))?;
    }
    Ok(total)
}

/// One line of an invoice, as far as it matters here.
struct Line {
    subscriptions: Vec<ProviderSubscriptionId>,
    period: Option<BillingPeriod>,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A subscription's item for a period, in full.
    Service,
    /// A proration or an item of its own.
    Other,
}

impl Line {
    fn of(line: &Object<'_>) -> Result<Self, Unreadable> {
        let period = match line.opt_object("period")? {
            Some(period) => period.opt_period("start", "end")?,
            None => None,
        };
        let classic = line.opt_id("subscription", ProviderSubscriptionId::parse)?;
        let parent = line.opt_object("parent")?;
        let (newer, role) = match &parent {
            Some(parent) => Self::of_parent(parent)?,
            None => (None, Self::classic_role(line)?),
        };
        Ok(Self {
            subscriptions: classic.into_iter().chain(newer).collect(),
            period,
            role,
        })
    }

    fn classic_role(line: &Object<'_>) -> Result<Role, Unreadable> {
        let whole = line.opt_bool("proration")? != Some(true);
        let service = line.opt_text("type")? == Some("subscription");
        Ok(if whole && service {
            Role::Service
        } else {
            Role::Other
        })
    }

    fn of_parent(
        parent: &Object<'_>,
    ) -> Result<(Option<ProviderSubscriptionId>, Role), Unreadable> {
        let (name, role) = match parent.opt_text("type")? {
            Some("subscription_item_details") => ("subscription_item_details", Role::Service),
            Some("invoice_item_details") => ("invoice_item_details", Role::Other),
            Some(_) | None => return Ok((None, Role::Other)),
        };
        let Some(details) = parent.opt_object(name)? else {
            return Ok((None, Role::Other));
        };
        let role = if details.opt_bool("proration")? == Some(true) {
            Role::Other
        } else {
            role
        };
        Ok((
            details.opt_id("subscription", ProviderSubscriptionId::parse)?,
            role,
        ))
    }
}

/// Links to what pays the invoice. On an open invoice the classic fields name the attempt in progress:
/// the link is true already, and the charge tells whether it took money. An invoice marked as paid
/// outside Stripe has no payment here, even if an attempt failed before.
fn payments(invoice: &Object<'_>, fact: &InvoiceFact) -> Result<Vec<Fact>, Unreadable> {
    if invoice.opt_bool("paid_out_of_band")? == Some(true) {
        return Ok(Vec::new());
    }
    let classic = invoice
        .opt_id("payment_intent", ProviderPaymentId::parse)?
        .map(PaymentRef::Payment)
        .into_iter()
        .chain(
            invoice
                .opt_id("charge", ProviderChargeId::parse)?
                .map(PaymentRef::Charge),
        )
        .map(|payment| {
            let invoice = fact.id.clone();
            Fact::InvoicePayment(InvoicePaymentFact {
                invoice,
                payment,
                paid_at: fact.paid_at,
            })
        });
    let mut facts: Vec<_> = classic.collect();
    if let Some(page) = invoice.opt_page("payments")? {
        for item in &page.items {
            facts.extend(payment::invoice_payment(item)?);
        }
    }
    Ok(facts)
}
