//! The truth about the simulated account, for tests to compare their own books with.

use std::collections::BTreeMap;

use avstem_domain::time::Timestamp;
use avstem_webhooks::outbound::Method;

use crate::Simulator;
use crate::objects::{Charge, Invoice};
use crate::objects_money::{Dispute, Payout, PendingReason, Refund};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovementKind {
    /// From the customer to the account.
    Charge,
    /// From the account to the customer.
    Refund,
    /// A failed refund's money, back to the account.
    RefundReturned,
    /// What the provider kept of a charge.
    ChargeFee,
    /// From the account to the customer's bank.
    DisputeWithdrawn,
    /// What was withdrawn, back to the account.
    DisputeReinstated,
    /// What the provider took for a dispute.
    DisputeFee,
    /// That fee, back to the account.
    DisputeFeeReturned,
    /// From the account to its owner's bank; also a negative payout that came to nothing.
    Payout,
    /// From the owner's bank to the account: a payout that failed, was cancelled or came back, and a
    /// negative payout.
    PayoutReturned,
}

/// Money that really moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyMovement {
    pub kind: MovementKind,
    /// The id of the charge, refund, dispute or payout.
    pub id: String,
    /// Empty for payouts.
    pub charge: String,
    /// Always positive; the kind tells the direction.
    pub amount_minor: i64,
    pub at: Timestamp,
    /// As the caller gave it with the refund; empty for the rest.
    pub metadata: BTreeMap<String, String>,
}

impl MoneyMovement {
    /// What it does to the provider's debt to the account: positive where the account gets the money.
    #[must_use]
    pub const fn signed_minor(&self) -> i64 {
        match self.kind {
            MovementKind::Charge
            | MovementKind::RefundReturned
            | MovementKind::DisputeReinstated
            | MovementKind::DisputeFeeReturned
            | MovementKind::PayoutReturned => self.amount_minor,
            MovementKind::Refund
            | MovementKind::ChargeFee
            | MovementKind::DisputeWithdrawn
            | MovementKind::DisputeFee
            | MovementKind::Payout => -self.amount_minor,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundView {
    pub id: String,
    pub charge: String,
    pub amount_minor: i64,
    pub status: &'static str,
    pub pending_reason: Option<&'static str>,
    pub failure_reason: Option<&'static str>,
    pub metadata: BTreeMap<String, String>,
    pub created: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeView {
    pub id: String,
    pub charge: String,
    pub amount_minor: i64,
    pub fee_minor: i64,
    pub status: &'static str,
    pub is_charge_refundable: bool,
    pub created: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutView {
    pub id: String,
    /// Negative when the account's bank pays the provider.
    pub amount_minor: i64,
    pub status: &'static str,
    pub arrives: Timestamp,
    pub reversed_by: Option<String>,
    pub created: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionView {
    pub id: String,
    pub customer: String,
    pub status: &'static str,
    pub cancel_at_period_end: bool,
    pub cancel_at: Option<Timestamp>,
    pub canceled_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub current_period_start: Timestamp,
    /// Not part of the period.
    pub current_period_end: Timestamp,
    pub latest_invoice: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeView {
    pub id: String,
    pub payment_intent: String,
    pub invoice: Option<String>,
    pub amount_minor: i64,
    pub refunded_minor: i64,
    pub status: &'static str,
    pub disputed: bool,
    pub created: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceView {
    pub id: String,
    pub status: &'static str,
    pub billing_reason: &'static str,
    pub total_minor: i64,
    pub auto_advance: bool,
    pub created: Timestamp,
}

/// One call to the API, in the order of arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRequest {
    /// Counts from 0.
    pub order: usize,
    pub at: Timestamp,
    pub method: Method,
    pub target: String,
    pub idempotency_key: Option<String>,
    pub body: Vec<u8>,
    /// Nothing when the caller got no answer.
    pub status: Option<u16>,
    /// How many entries [`Simulator::money_moved`] had when the call arrived.
    pub money_moved_before: usize,
}

impl Simulator {
    /// All money that really moved, in order.
    #[must_use]
    pub fn money_moved(&self) -> &[MoneyMovement] {
        &self.money_moved
    }

    /// Every call to the API, whatever became of it.
    #[must_use]
    pub fn requests_seen(&self) -> &[SeenRequest] {
        &self.seen
    }

    /// Oldest first.
    #[must_use]
    pub fn refunds_of(&self, charge: &str) -> Vec<RefundView> {
        let refunds = self.refunds.oldest_first();
        refunds
            .filter(|refund| refund.charge == charge)
            .map(refund_view)
            .collect()
    }

    /// Oldest first.
    #[must_use]
    pub fn disputes_of(&self, charge: &str) -> Vec<DisputeView> {
        let disputes = self.disputes.oldest_first();
        disputes
            .filter(|dispute| dispute.charge == charge)
            .map(dispute_view)
            .collect()
    }

    #[must_use]
    pub fn dispute_view(&self, id: &str) -> Option<DisputeView> {
        self.disputes.get(id).map(dispute_view)
    }

    /// Oldest first.
    #[must_use]
    pub fn payouts(&self) -> Vec<PayoutView> {
        self.payouts.oldest_first().map(payout_view).collect()
    }

    #[must_use]
    pub fn payout_view(&self, id: &str) -> Option<PayoutView> {
        self.payouts.get(id).map(payout_view)
    }

    /// Oldest first.
    #[must_use]
    pub fn subscriptions(&self) -> Vec<SubscriptionView> {
        let ids = self.subscriptions.oldest_first().map(|found| &found.id);
        ids.filter_map(|id| self.subscription_view(id)).collect()
    }

    #[must_use]
    pub fn subscription_view(&self, id: &str) -> Option<SubscriptionView> {
        let found = self.subscriptions.get(id)?;
        Some(SubscriptionView {
            id: found.id.clone(),
            customer: found.customer.clone(),
            status: found.status.as_str(),
            cancel_at_period_end: found.cancel_at_period_end,
            cancel_at: found.cancel_at,
            canceled_at: found.canceled_at,
            ended_at: found.ended_at,
            current_period_start: found.period.start,
            current_period_end: found.period.end,
            latest_invoice: found.latest_invoice.clone(),
        })
    }

    #[must_use]
    pub fn invoice_status(&self, id: &str) -> Option<&'static str> {
        Some(self.invoices.get(id)?.status.as_str())
    }

    /// Oldest first.
    #[must_use]
    pub fn invoices_of(&self, subscription: &str) -> Vec<InvoiceView> {
        let invoices = self.invoices.oldest_first();
        invoices
            .filter(|invoice| invoice.subscription == subscription)
            .map(invoice_view)
            .collect()
    }

    /// The charges that were to pay the subscription's invoices, failed ones too; oldest first.
    #[must_use]
    pub fn charges_of(&self, subscription: &str) -> Vec<ChargeView> {
        let belongs = |charge: &&Charge| {
            let invoice = charge.invoice.as_ref().and_then(|id| self.invoices.get(id));
            invoice.is_some_and(|invoice| invoice.subscription == subscription)
        };
        self.charges
            .oldest_first()
            .filter(belongs)
            .map(charge_view)
            .collect()
    }

    #[must_use]
    pub fn charge_view(&self, id: &str) -> Option<ChargeView> {
        self.charges.get(id).map(charge_view)
    }
}

fn refund_view(refund: &Refund) -> RefundView {
    RefundView {
        id: refund.id.clone(),
        charge: refund.charge.clone(),
        amount_minor: refund.amount_minor,
        status: refund.status.as_str(),
        pending_reason: refund.pending_reason.map(PendingReason::as_str),
        failure_reason: refund.failure_reason,
        metadata: refund.metadata.clone(),
        created: refund.created,
    }
}

fn dispute_view(dispute: &Dispute) -> DisputeView {
    DisputeView {
        id: dispute.id.clone(),
        charge: dispute.charge.clone(),
        amount_minor: dispute.amount_minor,
        fee_minor: dispute.fee_minor,
        status: dispute.status.as_str(),
        is_charge_refundable: dispute.status.allows_refunds(),
        created: dispute.created,
    }
}

fn payout_view(payout: &Payout) -> PayoutView {
    PayoutView {
        id: payout.id.clone(),
        amount_minor: payout.amount_minor,
        status: payout.status.as_str(),
        arrives: payout.arrives,
        reversed_by: payout.reversed_by.clone(),
        created: payout.created,
    }
}

fn charge_view(charge: &Charge) -> ChargeView {
    ChargeView {
        id: charge.id.clone(),
        payment_intent: charge.payment_intent.clone(),
        invoice: charge.invoice.clone(),
        amount_minor: charge.amount_minor,
        refunded_minor: charge.refunded_minor,
        status: charge.status.as_str(),
        disputed: charge.disputed,
        created: charge.created,
    }
}

fn invoice_view(invoice: &Invoice) -> InvoiceView {
    InvoiceView {
        id: invoice.id.clone(),
        status: invoice.status.as_str(),
        billing_reason: invoice.reason.as_str(),
        total_minor: invoice.total_minor,
        auto_advance: invoice.auto_advance,
        created: invoice.created,
    }
}
