//! Events. The type of the event says what to expect; the shape of the object is told from the object
//! itself, because events of several API versions arrive side by side.

use super::fields::Object;
use super::{
    charge, customer, dispute, envelope, invoice, payment, payout, refund, subscription, version,
};
use crate::json::Json;
use crate::{Contents, Delivery, Livemode, Unreadable};
use avstem_domain::event::Fact;
use avstem_domain::id::ProviderEventId;

/// What an event of a known type tells about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Customer,
    DeletedCustomer,
    Subscription,
    /// `customer.subscription.deleted`: over, whatever the snapshot says.
    EndedSubscription,
    Invoice,
    /// `invoice.deleted`: a draft that nobody will ever be asked to pay.
    DeletedInvoice,
    InvoicePayment,
    PaymentIntent,
    Charge,
    Refund,
    Dispute,
    Payout,
}

/// Every event type that is read. `invoice.upcoming` is left out on purpose (a preview without an id).
pub(super) const EVENT_TYPES: &[(&str, Subject)] = &[
    ("charge.captured", Subject::Charge),
    ("charge.dispute.closed", Subject::Dispute),
    ("charge.dispute.created", Subject::Dispute),
    ("charge.dispute.funds_reinstated", Subject::Dispute),
    ("charge.dispute.funds_withdrawn", Subject::Dispute),
    ("charge.dispute.updated", Subject::Dispute),
    ("charge.expired", Subject::Charge),
    ("charge.failed", Subject::Charge),
    ("charge.pending", Subject::Charge),
    ("charge.refund.updated", Subject::Refund),
    ("charge.refunded", Subject::Charge),
    ("charge.succeeded", Subject::Charge),
    ("charge.updated", Subject::Charge),
    ("customer.created", Subject::Customer),
    ("customer.deleted", Subject::DeletedCustomer),
    ("customer.subscription.created", Subject::Subscription),
    ("customer.subscription.deleted", Subject::EndedSubscription),
    ("customer.subscription.paused", Subject::Subscription),
    (
        "customer.subscription.pending_update_applied",
        Subject::Subscription,
    ),
    (
        "customer.subscription.pending_update_expired",
        Subject::Subscription,
    ),
    ("customer.subscription.resumed", Subject::Subscription),
    (
        "customer.subscription.trial_will_end",
        Subject::Subscription,
    ),
    ("customer.subscription.updated", Subject::Subscription),
    ("customer.updated", Subject::Customer),
    ("invoice.created", Subject::Invoice),
    ("invoice.deleted", Subject::DeletedInvoice),
    ("invoice.finalization_failed", Subject::Invoice),
    ("invoice.finalized", Subject::Invoice),
    ("invoice.marked_uncollectible", Subject::Invoice),
    ("invoice.overdue", Subject::Invoice),
    ("invoice.overpaid", Subject::Invoice),
    ("invoice.paid", Subject::Invoice),
    ("invoice.payment_action_required", Subject::Invoice),
    ("invoice.payment_failed", Subject::Invoice),
    ("invoice.payment_succeeded", Subject::Invoice),
    ("invoice.sent", Subject::Invoice),
    ("invoice.updated", Subject::Invoice),
    ("invoice.voided", Subject::Invoice),
    ("invoice.will_be_due", Subject::Invoice),
    ("invoice_payment.paid", Subject::InvoicePayment),
    (
        "payment_intent.amount_capturable_updated",
        Subject::PaymentIntent,
    ),
    ("payment_intent.canceled", Subject::PaymentIntent),
    ("payment_intent.created", Subject::PaymentIntent),
    ("payment_intent.partially_funded", Subject::PaymentIntent),
    ("payment_intent.payment_failed", Subject::PaymentIntent),
    ("payment_intent.processing", Subject::PaymentIntent),
    ("payment_intent.requires_action", Subject::PaymentIntent),
    ("payment_intent.succeeded", Subject::PaymentIntent),
    ("payout.canceled", Subject::Payout),
    ("payout.created", Subject::Payout),
    ("payout.failed", Subject::Payout),
    ("payout.paid", Subject::Payout),
    ("payout.reconciliation_completed", Subject::Payout),
    ("payout.updated", Subject::Payout),
    ("refund.created", Subject::Refund),
    ("refund.failed", Subject::Refund),
    ("refund.updated", Subject::Refund),
];

impl Subject {
    fn of(kind: &str) -> Option<Self> {
        EVENT_TYPES
            .iter()
            .find(|(known, _)| *known == kind)
            .map(|(_, subject)| *subject)
    }

    /// The `object` field of such an object.
    const fn object_type(self) -> &'static str {
        match self {
            Self::Customer | Self::DeletedCustomer => "customer",
            Self::Subscription | Self::EndedSubscription => "subscription",
            Self::Invoice | Self::DeletedInvoice => "invoice",
            Self::InvoicePayment => "invoice_payment",
            Self::PaymentIntent => "payment_intent",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::Payout => "payout",
        }
    }

    fn facts(self, object: &Object<'_>) -> Result<Vec<Fact>, Unreadable> {
        match self {
            Self::Customer => Ok(vec![Fact::Customer(customer::fact(object)?)]),
            Self::DeletedCustomer => Ok(vec![Fact::Customer(customer::deleted(object)?)]),
            Self::Subscription => Ok(vec![Fact::Subscription(subscription::fact(object)?)]),
            Self::EndedSubscription => Ok(vec![Fact::Subscription(subscription::ended(object)?)]),
            Self::Invoice => invoice::facts(object),
            Self::DeletedInvoice => invoice::deleted(object),
            Self::InvoicePayment => payment::invoice_payment(object),
            Self::PaymentIntent => payment::payment_intent(object),
            Self::Charge => charge::facts(object),
            Self::Refund => Ok(vec![Fact::Refund(refund::fact(object)?)]),
            Self::Dispute => Ok(vec![Fact::Dispute(dispute::fact(object)?)]),
            Self::Payout => Ok(vec![Fact::Payout(payout::fact(object)?)]),
        }
    }
}

pub(super) fn delivery(body: &[u8]) -> Result<Delivery, Unreadable> {
    let json = Json::parse(body).map_err(|problem| Unreadable {
        path: "body".to_owned(),
        problem,
    })?;
    let event = Object::root(&json)?;
    expect_event(&event)?;
    let id = event.id("id", ProviderEventId::parse)?;
    let kind = event.text("type")?;
    if !envelope::is_kind(kind) {
        return Err(event.wrong("type", "is not an event type"));
    }
    let created = event.time("created")?;
    let facts = match Subject::of(kind) {
        Some(subject) => subject.facts(&inner(&event, subject)?)?,
        None => Vec::new(),
    };
    let contents = if facts.is_empty() {
        Contents::Unrecognised
    } else {
        Contents::Facts(
            facts
                .into_iter()
                .map(|fact| version::from_event(fact, created, &id))
                .collect(),
        )
    };
    let livemode = event
        .opt_bool("livemode")?
        .map(|live| if live { Livemode::Live } else { Livemode::Test });
    let account = event.opt_text("account")?.map(str::to_owned);
    Ok(Delivery {
        event: id,
        kind: kind.to_owned(),
        created,
        livemode,
        account,
        contents,
    })
}

fn expect_event(event: &Object<'_>) -> Result<(), Unreadable> {
    match event.text("object")? {
        "event" => Ok(()),
        "v2.core.event" => Err(event.wrong(
            "object",
            "is a thin event, which does not carry its object: let the endpoint send snapshot events",
        )),
        _ => Err(event.wrong("object", "expected event")),
    }
}

fn inner<'a>(event: &Object<'a>, subject: Subject) -> Result<Object<'a>, Unreadable> {
    let object = event.object("data")?.object("object")?;
    let expected = subject.object_type();
    if object.text("object")? != expected {
        return Err(object.wrong("object", format!("expected {expected}")));
    }
    Ok(object)
}
