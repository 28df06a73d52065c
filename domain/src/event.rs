//! Canonical billing events: what every provider's deliveries decode to.
//!
//! A delivery tells one or more [`Fact`]s, each a snapshot of one provider object. Facts are applied
//! newest first by [`Version`], never by arrival, so that any order of deliveries ends in one state.

use crate::charge::ChargeStatus;
use crate::dispute::DisputeFact;
use crate::id::{
    ProviderChargeId, ProviderCustomerId, ProviderInvoiceId, ProviderPaymentId, ProviderRefundId,
    ProviderSubscriptionId, RefundId,
};
use crate::money::Money;
use crate::payout::PayoutFact;
use crate::subscription::SubscriptionStatus;
use crate::time::{BillingPeriod, Timestamp};
use serde::{Deserialize, Serialize};

/// How new a snapshot is. Greater wins; two snapshots of one second are told apart by `rank` (how far
/// along its life the object is), and what still ties by `tie`, so that the winner is the same in every
/// order of arrival.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    /// A state that the object never leaves again beats every state that it may leave.
    pub terminal: bool,
    /// The provider's own time of the snapshot, to the second.
    pub observed_at: Timestamp,
    pub rank: i64,
    /// The provider's event id, or `~` for an object read from its API.
    pub tie: String,
}

/// One thing a delivery or an API answer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// Cannot be written out like the others: personal data stays in its delivery and on the
    /// customer's row, and writing it anywhere else is an error.
    #[serde(skip)]
    Customer(CustomerFact),
    Subscription(SubscriptionFact),
    Invoice(InvoiceFact),
    InvoicePayment(InvoicePaymentFact),
    Charge(ChargeFact),
    Refund(RefundFact),
    Dispute(DisputeFact),
    Payout(PayoutFact),
}

/// A charge, by its own id or by the payment that it made succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargeRef<'a> {
    pub charge: Option<&'a ProviderChargeId>,
    pub payment: Option<&'a ProviderPaymentId>,
}

macro_rules! accessors {
    ($($name:ident $variant:ident $fact:ident;)*) => {
        impl Fact {$(
            #[must_use]
            pub const fn $name(&self) -> Option<&$fact> {
                if let Self::$variant(fact) = self { Some(fact) } else { None }
            }
        )*}
    };
}

accessors! {
    as_subscription Subscription SubscriptionFact;
    as_invoice Invoice InvoiceFact;
    as_invoice_payment InvoicePayment InvoicePaymentFact;
    as_charge Charge ChargeFact;
    as_refund Refund RefundFact;
    as_dispute Dispute DisputeFact;
    as_payout Payout PayoutFact;
}

impl Fact {
    /// The charge whose money this is about. Such a fact cannot be applied before that charge is known.
    #[must_use]
    pub const fn money_of(&self) -> Option<ChargeRef<'_>> {
        match self {
            Self::Refund(refund) => Some(ChargeRef {
                charge: refund.charge.as_ref(),
                payment: refund.payment.as_ref(),
            }),
            Self::Dispute(dispute) => Some(ChargeRef {
                charge: dispute.charge.as_ref(),
                payment: dispute.payment.as_ref(),
            }),
            Self::Customer(_)
            | Self::Subscription(_)
            | Self::Invoice(_)
            | Self::InvoicePayment(_)
            | Self::Charge(_)
            | Self::Payout(_) => None,
        }
    }

    /// What the fact is about, in words for staff: `refund re_1`.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Customer(fact) => format!("customer {}", fact.id),
            Self::Subscription(fact) => format!("subscription {}", fact.id),
            Self::Invoice(fact) => format!("invoice {}", fact.id),
            Self::InvoicePayment(fact) => format!("a payment of invoice {}", fact.invoice),
            Self::Charge(fact) => format!("charge {}", fact.id),
            Self::Refund(fact) => format!("refund {}", fact.id),
            Self::Dispute(fact) => format!("dispute {}", fact.id),
            Self::Payout(fact) => format!("payout {}", fact.id),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerFact {
    pub id: ProviderCustomerId,
    pub email: Option<String>,
    pub name: Option<String>,
    /// A language tag such as `sv` or `en-GB`, if the provider knows one.
    pub locale: Option<String>,
    pub deleted: Presence,
}

/// Whether the provider still has the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Exists,
    Deleted,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionFact {
    pub id: ProviderSubscriptionId,
    pub customer: ProviderCustomerId,
    pub status: SubscriptionStatus,
    /// The plan's name as a person knows it; the price's id when it has no name.
    pub plan: Option<String>,
    /// What one cycle costs before discounts: Σ unit price × quantity over the items.
    pub price: Option<Money>,
    pub interval: Option<Interval>,
    /// Earliest start to latest end over the items.
    pub current_period: Option<BillingPeriod>,
    /// When a trial ends or ended.
    pub trial_end: Option<Timestamp>,
    pub renewal: Renewal,
    /// When billing ends by a date set at the provider (`cancel_at`), if one is set.
    pub cancel_at: Option<Timestamp>,
    /// When the cancellation was asked for.
    pub canceled_at: Option<Timestamp>,
    /// When the subscription was over.
    pub ended_at: Option<Timestamp>,
    /// Why it stops or stopped, in the provider's word (`cancellation_requested`, `payment_failed`,
    /// `payment_disputed`, …): kept whatever the word is.
    pub stop_reason: Option<String>,
    pub created: Timestamp,
}

/// Whether the subscription renews when its current period ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    Renews,
    StopsAtPeriodEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    pub unit: IntervalUnit,
    /// ≥ 1.
    pub count: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalUnit {
    Day,
    Week,
    Month,
    Year,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceFact {
    pub id: ProviderInvoiceId,
    pub customer: Option<ProviderCustomerId>,
    /// Every subscription that the invoice or one of its lines names, sorted, without repeats.
    pub subscriptions: Vec<ProviderSubscriptionId>,
    pub reason: BillingReason,
    pub status: InvoiceStatus,
    /// The service period that the invoice bills: earliest start to latest end over its subscription
    /// lines, prorations left out unless there is nothing else.
    pub period: Option<BillingPeriod>,
    pub total: Money,
    /// VAT and other taxes contained in `total`.
    pub tax: Money,
    pub paid_at: Option<Timestamp>,
    pub created: Timestamp,
}

/// Why the provider made the invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingReason {
    /// The subscription's first invoice.
    FirstInvoice,
    /// A cycle's invoice.
    Cycle,
    /// Proration, threshold, manual, …
    Other,
    /// The provider does not say.
    Unstated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Uncollectible,
    Void,
}

/// Our own link between an invoice and what paid it: newer API shapes no longer carry it on the
/// charge, older ones know no object for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoicePaymentFact {
    pub invoice: ProviderInvoiceId,
    pub payment: PaymentRef,
    pub paid_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentRef {
    Payment(ProviderPaymentId),
    Charge(ProviderChargeId),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeFact {
    pub id: ProviderChargeId,
    pub customer: Option<ProviderCustomerId>,
    pub payment: Option<ProviderPaymentId>,
    /// What was captured, or for a charge not captured what was asked.
    pub amount: Money,
    /// The provider's running total of refunds. A hint: refunds are counted from refund objects.
    pub refunded: Money,
    pub status: ChargeStatus,
    /// What the charge itself says of disputes. Where dispute objects are known, they decide.
    pub dispute: DisputeStanding,
    /// What the charge says of its invoice.
    pub invoice: InvoiceOfCharge,
    pub created: Timestamp,
}

/// What a charge object says about the invoice it paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceOfCharge {
    /// The object's shape has no such field; another object will tell.
    Unstated,
    /// The object says it paid no invoice.
    None,
    Paid(ProviderInvoiceId),
}

/// What disputes mean for refunding a charge (clause D3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStanding {
    Undisputed,
    /// A dispute exists, and the provider lets the charge be refunded all the same.
    Refundable,
    /// Open, lost, or the provider says the charge is not refundable.
    Blocks,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundFact {
    pub id: ProviderRefundId,
    pub charge: Option<ProviderChargeId>,
    pub payment: Option<ProviderPaymentId>,
    pub amount: Money,
    pub status: ProviderRefundStatus,
    pub failure_reason: Option<String>,
    /// Why it is not paid yet, in the provider's word (`processing`, `insufficient_funds`, …): kept
    /// whatever the word is. `requires_action` while the customer has something to do.
    pub pending_reason: Option<String>,
    /// Our refund's id when we asked for it (it travels in the refund's metadata).
    pub ours: Option<RefundId>,
    pub created: Timestamp,
}

/// A refund's state at the provider. `Succeeded` is not final: it may turn to `Failed` weeks later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderRefundStatus {
    Pending,
    RequiresAction,
    Succeeded,
    Failed,
    Canceled,
}
