//! What Stripe's answers mean. Whatever is not certain is [`Outcome::Unknown`]: a refund that is taken
//! for refused although it was made would be paid twice.

use super::fields::{Object, Rest};
use super::{charge, dispute, documents, invoice, payment, payout, refund, refusal, subscription};
use crate::Unreadable;
use crate::json::Json;
use crate::outbound::{Ask, HttpReply, Listed, Outcome, RefundOrder, Uncertainty};
use avstem_domain::event::{Fact, InvoiceStatus, Renewal, SubscriptionFact};
use avstem_domain::id::{
    ProviderChargeId, ProviderCustomerId, ProviderInvoiceId, ProviderSubscriptionId,
};
use avstem_domain::subscription::SubscriptionStatus;

type Answer<T> = Result<T, Uncertainty>;

/// Passes when a subscription is as it was asked to be.
type SubscriptionCheck = fn(&SubscriptionFact) -> Answer<()>;

pub(super) fn read(ask: &Ask, reply: &HttpReply) -> Outcome {
    match reply.status {
        200..=299 => success(ask, &reply.body).unwrap_or_else(Outcome::Unknown),
        400..=404 | 409 | 429 => refusal::read(ask, reply),
        status @ 500..=599 => Outcome::Unknown(Uncertainty::ServerError { status }),
        // Redirects are never followed; 408, 424 and their like do not say whether it was done.
        status => Outcome::Unknown(Uncertainty::Unexpected { status }),
    }
}

impl From<Unreadable> for Uncertainty {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable {
            why: unreadable.to_string(),
        }
    }
}

fn success(ask: &Ask, body: &[u8]) -> Answer<Outcome> {
    if let Some(item_type) = documents::wanted_by(ask) {
        return documents::page(body, item_type);
    }
    let json = Json::parse(body).map_err(|why| Uncertainty::Unreadable { why })?;
    let object = Object::root(&json)?;
    let executed = |facts| Ok(done(facts));
    let subscription = |id: &ProviderSubscriptionId, check: SubscriptionCheck| {
        executed(subscription_facts(&object, id.as_str(), check)?)
    };
    match ask {
        Ask::FetchSubscription(id) => subscription(id, |_| Ok(())),
        Ask::CancelNow(id) => subscription(id, is_over),
        Ask::CancelAtPeriodEnd(id) => subscription(id, stops_at_period_end),
        Ask::RenewAgain(id) | Ask::UnsetCancelAt(id) => subscription(id, renews),
        Ask::CancelAt(id, instant) => executed(subscription_facts(&object, id.as_str(), |fact| {
            let ends = fact.cancel_at.map(|at| at.unix_seconds()) == Some(instant.unix_seconds());
            (ends || is_over(fact).is_ok())
                .then_some(())
                .ok_or_else(|| another("the subscription does not end at that time"))
        })?),
        Ask::FetchInvoice(id) => executed(invoice_facts(&object, id, |_| Ok(()))?),
        Ask::HoldDraft(id) => {
            let held = object.opt_bool("auto_advance")? != Some(true);
            executed(invoice_facts(&object, id, |_| {
                held.then_some(())
                    .ok_or_else(|| another("the draft still advances by itself"))
            })?)
        }
        Ask::FinalizeWithoutCollection(id) => executed(invoice_facts(&object, id, |status| {
            (status != InvoiceStatus::Draft)
                .then_some(())
                .ok_or_else(|| another("the invoice is still a draft"))
        })?),
        Ask::VoidInvoice(id) => executed(invoice_facts(&object, id, |status| {
            (status == InvoiceStatus::Void)
                .then_some(())
                .ok_or_else(|| another("the invoice is not void"))
        })?),
        Ask::FetchCharge(id) => {
            expect(&object, "charge", id.as_str())?;
            executed(charge::facts(&object)?)
        }
        Ask::CreateRefund(order) => executed(vec![refund_made(&object, order)?]),
        Ask::ListInvoices { .. } => pages(&object, "invoice", |item| Ok(invoice::facts(item)?)),
        Ask::ListInvoicePayments { invoice, .. } => payments_of(&object, invoice),
        Ask::FindInvoiceOfPayment(_) => pages(&object, "invoice_payment", |item| {
            Ok(payment::invoice_payment(item)?)
        }),
        Ask::ListCharges { customer, .. } => charges_of(&object, customer),
        Ask::ListRefunds { charge, .. } => pages(&object, "refund", |item| {
            expect_of_charge(item, charge, "a refund of another charge")?;
            Ok(vec![Fact::Refund(refund::fact(item)?)])
        }),
        Ask::ListDisputes { charge, .. } => pages(&object, "dispute", |item| {
            expect_of_charge(item, charge, "a dispute of another charge")?;
            Ok(vec![Fact::Dispute(dispute::fact(item)?)])
        }),
        Ask::FetchRefund(id) => fetched(&object, Listed::Refunds, id.as_str()),
        Ask::FetchDispute(id) => fetched(&object, Listed::Disputes, id.as_str()),
        Ask::FetchPayout(id) => fetched(&object, Listed::Payouts, id.as_str()),
        Ask::ListAll { of, .. } => pages(&object, of.object_type(), |item| of.facts(item)),
        Ask::ListEvents { .. } | Ask::ListPayoutMembers { .. } => {
            Err(another("documents, which are not facts"))
        }
    }
}

fn payments_of(object: &Object<'_>, invoice: &ProviderInvoiceId) -> Answer<Outcome> {
    pages(object, "invoice_payment", |item| {
        let of = item.id("invoice", ProviderInvoiceId::parse)?;
        (of == *invoice)
            .then_some(())
            .ok_or_else(|| another("a payment of another invoice"))?;
        Ok(payment::invoice_payment(item)?)
    })
}

fn charges_of(object: &Object<'_>, customer: &ProviderCustomerId) -> Answer<Outcome> {
    pages(object, "charge", |item| {
        let of = item.opt_id("customer", ProviderCustomerId::parse)?;
        (of.as_ref() == Some(customer))
            .then_some(())
            .ok_or_else(|| another("a charge of another customer"))?;
        Ok(charge::facts(item)?)
    })
}

fn fetched(object: &Object<'_>, of: Listed, id: &str) -> Answer<Outcome> {
    expect(object, of.object_type(), id)?;
    Ok(done(of.facts(object)?))
}

const fn done(facts: Vec<Fact>) -> Outcome {
    Outcome::Executed {
        facts,
        documents: Vec::new(),
        next: None,
    }
}

impl Listed {
    /// The `object` field of such an object.
    const fn object_type(self) -> &'static str {
        match self {
            Self::Subscriptions => "subscription",
            Self::Charges => "charge",
            Self::Refunds => "refund",
            Self::Disputes => "dispute",
            Self::Payouts => "payout",
        }
    }

    fn facts(self, object: &Object<'_>) -> Answer<Vec<Fact>> {
        Ok(match self {
            Self::Subscriptions => vec![Fact::Subscription(subscription::fact(object)?)],
            Self::Charges => charge::facts(object)?,
            Self::Refunds => vec![Fact::Refund(refund::fact(object)?)],
            Self::Disputes => vec![Fact::Dispute(dispute::fact(object)?)],
            Self::Payouts => vec![Fact::Payout(payout::fact(object)?)],
        })
    }
}

/// Passes when the object names that charge.
fn expect_of_charge(item: &Object<'_>, charge: &ProviderChargeId, otherwise: &str) -> Answer<()> {
    let of = item.opt_id("charge", ProviderChargeId::parse)?;
    (of.as_ref() == Some(charge))
        .then_some(())
        .ok_or_else(|| another(otherwise))
}

pub(super) fn another(why: &str) -> Uncertainty {
    Uncertainty::AnotherAnswer {
        why: why.to_owned(),
    }
}

/// Passes when the object is of the wanted type and has the wanted id.
fn expect(object: &Object<'_>, object_type: &str, id: &str) -> Answer<()> {
    let (found_type, found_id) = (object.text("object")?, object.text("id")?);
    if found_type != object_type {
        return Err(another("an object of another type"));
    }
    if found_id != id {
        return Err(another("another object than was asked about"));
    }
    Ok(())
}

fn subscription_facts(
    object: &Object<'_>,
    id: &str,
    check: impl FnOnce(&SubscriptionFact) -> Answer<()>,
) -> Answer<Vec<Fact>> {
    expect(object, "subscription", id)?;
    let fact = subscription::fact(object)?;
    check(&fact)?;
    Ok(vec![Fact::Subscription(fact)])
}

fn stops_at_period_end(fact: &SubscriptionFact) -> Answer<()> {
    let done = fact.renewal == Renewal::StopsAtPeriodEnd || is_over(fact).is_ok();
    done.then_some(())
        .ok_or_else(|| another("the subscription still renews"))
}

fn renews(fact: &SubscriptionFact) -> Answer<()> {
    let goes_on = fact.renewal == Renewal::Renews && fact.cancel_at.is_none();
    (goes_on && is_over(fact).is_err())
        .then_some(())
        .ok_or_else(|| another("the subscription still stops"))
}

fn is_over(fact: &SubscriptionFact) -> Answer<()> {
    match fact.status {
        SubscriptionStatus::Canceled | SubscriptionStatus::Expired => Ok(()),
        SubscriptionStatus::Incomplete
        | SubscriptionStatus::Trialing
        | SubscriptionStatus::Active
        | SubscriptionStatus::PastDue
        | SubscriptionStatus::Unpaid
        | SubscriptionStatus::Paused => Err(another("the subscription is not canceled")),
    }
}

fn invoice_facts(
    object: &Object<'_>,
    id: &ProviderInvoiceId,
    check: impl FnOnce(InvoiceStatus) -> Answer<()>,
) -> Answer<Vec<Fact>> {
    expect(object, "invoice", id.as_str())?;
    let facts = invoice::facts(object)?;
    for fact in &facts {
        if let Fact::Invoice(invoice) = fact {
            return check(invoice.status).map(|()| facts);
        }
    }
    Err(another("no invoice"))
}

/// The refund that was made, when it is the one that was asked for.
fn refund_made(object: &Object<'_>, order: &RefundOrder) -> Answer<Fact> {
    if object.text("object")? != "refund" {
        return Err(another("an object of another type"));
    }
    let mut fact = refund::fact(object)?;
    if fact.charge.as_ref() != Some(&order.charge) {
        return Err(another("a refund of another charge"));
    }
    if fact.amount != order.amount {
        return Err(another("a refund of another amount or currency"));
    }
    // An answer that leaves the metadata out is still the answer to our key; one with another id is not.
    if fact.ours.is_some_and(|id| id != order.refund) {
        return Err(another("another refund of ours"));
    }
    fact.ours = Some(order.refund);
    Ok(Fact::Refund(fact))
}

/// One page of a list. A single object that cannot be read makes the whole page unreadable: a plan made
/// from the rest would be wrong.
fn pages(
    object: &Object<'_>,
    item_type: &str,
    read: impl Fn(&Object<'_>) -> Answer<Vec<Fact>>,
) -> Answer<Outcome> {
    if object.text("object")? != "list" {
        return Err(another("an object of another type"));
    }
    let page = object.page()?;
    let mut facts = Vec::new();
    for item in &page.items {
        if item.text("object")? != item_type {
            return Err(another("a list of another type"));
        }
        facts.extend(read(item)?);
    }
    let next = match (page.rest, page.items.last()) {
        (Rest::Nothing, _) => None,
        (Rest::More, Some(last)) => Some(last.text("id")?.to_owned()),
        (Rest::More, None) => {
            return Err(object
                .wrong("data", "is empty although there is more")
                .into());
        }
    };
    Ok(Outcome::Executed {
        facts,
        documents: Vec::new(),
        next,
    })
}
