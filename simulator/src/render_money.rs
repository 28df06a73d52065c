//! Refunds, disputes, balance transactions and payouts as JSON: the same in both shapes.

use serde_json::{Map, Value, json};

use crate::Simulator;
use crate::objects_money::{
    BalanceKind, BalanceTransaction, Dispute, Itemised, Payout, PayoutStatus, PendingReason, Refund,
};
use crate::render::{metadata, seconds};

/// Where every payout goes.
pub(crate) const BANK_ACCOUNT: &str = "ba_simulated";

/// Stripe's names for evidence that is text or a file.
const EVIDENCE: [&str; 27] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

impl Simulator {
    /// Reasons are shown only where they apply.
    pub(crate) fn render_refund(&self, refund: &Refund) -> Value {
        let mut object = json!({
            "id": refund.id,
            "object": "refund",
            "amount": refund.amount_minor,
            "balance_transaction": refund.balance_transaction,
            "charge": refund.charge,
            "created": refund.created.unix_seconds(),
            "currency": self.settings.currency,
            "destination_details": {
                "card": {
                    "reference_status": "pending",
                    "reference_type": "acquirer_reference_number",
                    "type": "refund",
                },
                "type": "card",
            },
            "metadata": metadata(&refund.metadata),
            "payment_intent": refund.payment_intent,
            "reason": refund.reason,
            "receipt_number": null,
            "status": refund.status.as_str(),
        });
        let failure = refund.failure_balance_transaction.as_deref();
        let reasons = [
            (
                "pending_reason",
                refund.pending_reason.map(PendingReason::as_str),
            ),
            ("failure_reason", refund.failure_reason),
            ("failure_balance_transaction", failure),
        ];
        if let Some(object) = object.as_object_mut() {
            for (name, value) in reasons {
                if let Some(value) = value {
                    object.insert(name.to_owned(), value.into());
                }
            }
        }
        object
    }

    pub(crate) fn render_dispute(&self, dispute: &Dispute) -> Value {
        let transactions = dispute.balance_transactions.iter();
        let transactions: Vec<Value> = transactions
            .filter_map(|id| self.balance_transactions.get(id))
            .map(|transaction| self.render_balance_transaction(transaction))
            .collect();
        let evidence: Map<String, Value> = EVIDENCE
            .iter()
            .map(|name| ((*name).to_owned(), Value::Null))
            .collect();
        json!({
            "id": dispute.id,
            "object": "dispute",
            "amount": dispute.amount_minor,
            "balance_transactions": transactions,
            "charge": dispute.charge,
            "created": dispute.created.unix_seconds(),
            "currency": self.settings.currency,
            "enhanced_eligibility_types": [],
            "evidence": evidence,
            "evidence_details": {
                "due_by": seconds(dispute.due_by),
                "has_evidence": dispute.submissions > 0,
                "past_due": dispute.due_by.is_some_and(|due_by| due_by < self.second()),
                "submission_count": dispute.submissions,
            },
            "is_charge_refundable": dispute.status.allows_refunds(),
            "livemode": false,
            "metadata": {},
            "payment_intent": dispute.payment_intent,
            "payment_method_details": {
                "card": {
                    "brand": "visa",
                    "case_type": dispute.case_type.as_str(),
                    "network_reason_code": dispute.network_reason_code,
                },
                "type": "card",
            },
            "reason": dispute.reason,
            "status": dispute.status.as_str(),
        })
    }

    pub(crate) fn render_balance_transaction(&self, transaction: &BalanceTransaction) -> Value {
        let fee = transaction.fee_minor;
        let fee_details = if fee == 0 {
            json!([])
        } else {
            json!([{
                "amount": fee,
                "application": null,
                "currency": self.settings.currency,
                "description": fee_description(transaction.kind),
                "type": "stripe_fee",
            }])
        };
        json!({
            "id": transaction.id,
            "object": "balance_transaction",
            "amount": transaction.amount_minor,
            "available_on": transaction.created.unix_seconds(),
            "created": transaction.created.unix_seconds(),
            "currency": self.settings.currency,
            "description": transaction.description,
            "exchange_rate": null,
            "fee": fee,
            "fee_details": fee_details,
            "net": transaction.net_minor(),
            "reporting_category": transaction.kind.reporting_category(),
            "source": transaction.source,
            "status": "available",
            "type": transaction.kind.as_str(),
        })
    }

    pub(crate) fn render_payout(&self, payout: &Payout) -> Value {
        let reached_bank = payout.status == PayoutStatus::Paid || payout.failure_code.is_some();
        let trace = if reached_bank {
            json!({ "status": "supported", "value": payout.trace })
        } else {
            json!({ "status": "pending", "value": null })
        };
        json!({
            "id": payout.id,
            "object": "payout",
            "amount": payout.amount_minor,
            "application_fee": null,
            "application_fee_amount": null,
            "arrival_date": payout.arrives.unix_seconds(),
            "automatic": payout.itemised != Itemised::Never,
            "balance_transaction": payout.balance_transaction,
            "created": payout.created.unix_seconds(),
            "currency": self.settings.currency,
            "description": "STRIPE PAYOUT",
            "destination": BANK_ACCOUNT,
            "failure_balance_transaction": payout.failure_balance_transaction,
            "failure_code": payout.failure_code,
            "failure_message": payout.failure_code.map(|_| "The bank account has been closed"),
            "livemode": false,
            "metadata": {},
            "method": "standard",
            "original_payout": payout.original_payout,
            "reconciliation_status": payout.itemised.as_str(),
            "reversed_by": payout.reversed_by,
            "source_type": "card",
            "statement_descriptor": "STRIPE",
            "status": payout.status.as_str(),
            "trace_id": trace,
            "type": "bank_account",
        })
    }
}

const fn fee_description(kind: BalanceKind) -> &'static str {
    match kind {
        BalanceKind::Charge => "Stripe processing fees",
        BalanceKind::DisputeWithdrawal | BalanceKind::DisputeReversal => "Dispute fee",
        BalanceKind::Refund
        | BalanceKind::RefundFailure
        | BalanceKind::Payout
        | BalanceKind::PayoutFailure
        | BalanceKind::PayoutCancel => "Stripe fee",
    }
}
