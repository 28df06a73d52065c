//! What the provider keeps. Amounts are in the currency's minor unit; instants have whole seconds.

use std::collections::BTreeMap;

use avstem_domain::time::Timestamp;

use crate::objects_money::{BalanceTransaction, Dispute, Payout, Refund};
use crate::table::Listed;
use crate::{PaymentBehavior, Plan};

pub(crate) type Metadata = BTreeMap<String, String>;

#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub id: String,
    pub email: String,
    pub name: String,
    pub locale: String,
    pub payment_method: String,
    pub behavior: PaymentBehavior,
    pub created: Timestamp,
}

/// Half-open: contains `start`, not `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: Timestamp,
    pub end: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubscriptionStatus {
    Incomplete,
    IncompleteExpired,
    Trialing,
    Active,
    PastDue,
    Unpaid,
    Paused,
    Canceled,
}

impl SubscriptionStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::Canceled => "canceled",
        }
    }

    /// Whether nothing will happen to it any more.
    pub(crate) const fn is_over(self) -> bool {
        match self {
            Self::Canceled | Self::IncompleteExpired => true,
            Self::Incomplete
            | Self::Trialing
            | Self::Active
            | Self::PastDue
            | Self::Unpaid
            | Self::Paused => false,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CancellationDetails {
    pub comment: Option<String>,
    pub feedback: Option<String>,
    pub reason: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub id: String,
    pub item: String,
    pub customer: String,
    pub plan: Plan,
    pub status: SubscriptionStatus,
    /// Periods are counted from here.
    pub anchor: Timestamp,
    /// How many periods after the anchor the current one ends.
    pub cycles: i64,
    pub period: Span,
    pub trial: Option<Span>,
    pub cancel_at_period_end: bool,
    pub cancel_at: Option<Timestamp>,
    pub canceled_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub cancellation: CancellationDetails,
    pub latest_invoice: Option<String>,
    pub metadata: Metadata,
    pub created: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Uncollectible,
    Void,
}

impl InvoiceStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Uncollectible => "uncollectible",
            Self::Void => "void",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BillingReason {
    Create,
    Cycle,
    Update,
}

impl BillingReason {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "subscription_create",
            Self::Cycle => "subscription_cycle",
            Self::Update => "subscription_update",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineKind {
    Cycle,
    Proration,
}

#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub id: String,
    pub kind: LineKind,
    pub plan: Plan,
    pub description: String,
    /// Tax included; negative for a credit.
    pub amount_minor: i64,
    pub tax_minor: i64,
    pub period: Span,
}

#[derive(Debug, Clone)]
pub(crate) struct Invoice {
    pub id: String,
    pub number: Option<String>,
    pub customer: String,
    pub subscription: String,
    pub subscription_item: String,
    pub status: InvoiceStatus,
    pub reason: BillingReason,
    pub lines: Vec<Line>,
    /// Tax included.
    pub total_minor: i64,
    pub tax_minor: i64,
    pub paid_minor: i64,
    /// Stripe's period of an invoice looks back over one cycle; the paid period is the line's.
    pub period: Span,
    /// Whether the provider goes on by itself: finalises a draft, collects an open invoice.
    pub auto_advance: bool,
    pub attempts: u32,
    pub next_attempt: Option<Timestamp>,
    pub finalized_at: Option<Timestamp>,
    pub paid_at: Option<Timestamp>,
    pub voided_at: Option<Timestamp>,
    pub uncollectible_at: Option<Timestamp>,
    pub payments: Vec<String>,
    pub metadata: Metadata,
    pub created: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvoicePaymentStatus {
    Open,
    Paid,
    Canceled,
}

impl InvoicePaymentStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Canceled => "canceled",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaymentRank {
    Default,
    Additional,
}

#[derive(Debug, Clone)]
pub(crate) struct InvoicePayment {
    pub id: String,
    pub invoice: String,
    pub payment_intent: String,
    pub amount_minor: i64,
    pub rank: PaymentRank,
    pub status: InvoicePaymentStatus,
    pub paid_at: Option<Timestamp>,
    pub canceled_at: Option<Timestamp>,
    pub created: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntentStatus {
    RequiresConfirmation,
    RequiresPaymentMethod,
    Processing,
    Succeeded,
    Canceled,
}

impl IntentStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct PaymentIntent {
    pub id: String,
    pub customer: String,
    pub amount_minor: i64,
    pub status: IntentStatus,
    pub invoice: Option<String>,
    pub latest_charge: Option<String>,
    pub created: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChargeStatus {
    Succeeded,
    Pending,
    Failed,
}

impl ChargeStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Pending => "pending",
            Self::Failed => "failed",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Charge {
    pub id: String,
    pub payment_intent: String,
    pub invoice: Option<String>,
    pub customer: String,
    pub amount_minor: i64,
    /// Pending refunds count; failed ones do not.
    pub refunded_minor: i64,
    pub status: ChargeStatus,
    pub disputed: bool,
    pub balance_transaction: Option<String>,
    pub created: Timestamp,
}

/// One change as it was told, in the shape it was told in; never rewritten afterwards.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub id: String,
    pub kind: &'static str,
    pub body: Vec<u8>,
    pub created: Timestamp,
}

macro_rules! listed {
    ($($kind:ty),+) => {$(
        impl Listed for $kind {
            fn id(&self) -> &str {
                &self.id
            }
            fn created(&self) -> Timestamp {
                self.created
            }
        }
    )+};
}
listed!(
    Customer,
    Subscription,
    Invoice,
    InvoicePayment,
    PaymentIntent,
    Charge,
    Refund,
    Dispute,
    BalanceTransaction,
    Payout,
    Event
);
