//! What a provider says of a refund, onto its row: ours, one that is known already, or one that someone
//! else made.

use super::super::Failure;
use super::super::refund_operation::RECHECK_SUBMITTED_S;
use super::Books;
use crate::store::rows::Refund;
use avstem_domain::event::{ProviderRefundStatus, RefundFact};
use avstem_domain::id::RefundId;
use avstem_domain::time::Timestamp;

impl Books<'_> {
    pub(super) fn apply_refund(
        &mut self,
        fact: RefundFact,
        version: String,
        told_at: Timestamp,
    ) -> Result<(), Failure> {
        let charge = self
            .charge_of(fact.charge.as_ref(), fact.payment.as_ref())
            .and_then(|id| self.charges.get(&id))
            .ok_or_else(|| {
                Failure::Unreadable(format!("refund {} of an unknown charge", fact.id))
            })?;
        let charge_id = charge.id.clone();
        let mut row = self.refund_row(&fact, charge_id);
        let state = refund_state(fact.status);
        if row.version >= version {
            self.heed_older(row, state, told_at);
            return Ok(());
        }
        let before = (row.state.clone(), row.pending_reason.clone());
        if row.state == "succeeded" && came_back(state) {
            self.paid_before.insert(row.id.clone());
        }
        if state == "succeeded" && kept_its_money(&row) {
            self.paid_late.insert(row.id.clone());
        }
        row.provider_id = Some(fact.id.to_string());
        row.state_since = if row.state == state {
            row.state_since.min(told_at.as_micros())
        } else {
            told_at.as_micros()
        };
        row.state = state.to_owned();
        row.failure_reason = fact.failure_reason;
        row.pending_reason = fact.pending_reason;
        row.version = version;
        row.attention = None;
        // The provider has it: the janitor asks again later only while the refund is under way.
        let asks_again = state == "submitted" && row.origin == "avstem";
        row.due_at = asks_again.then(|| {
            self.now
                .saturating_add_seconds(RECHECK_SUBMITTED_S)
                .as_micros()
        });
        if before != (row.state.clone(), row.pending_reason.clone()) {
            self.happened
                .cancellations
                .extend(row.cancellation_id.clone());
        }
        self.refunds.put(row.id.clone(), row);
        Ok(())
    }

    /// A snapshot that came late changes no state. It may tell that the state is older than was known,
    /// or that what came back had been paid out: the books then show both, as in the order it happened.
    fn heed_older(&mut self, mut row: Refund, state: &str, told_at: Timestamp) {
        if state == "succeeded" && came_back(&row.state) {
            self.paid_before.insert(row.id.clone());
            // Its charge is booked anew.
            self.refunds.change(&row.id);
        }
        if row.state == state && told_at.as_micros() < row.state_since {
            row.state_since = told_at.as_micros();
            self.refunds.put(row.id.clone(), row);
        }
    }

    /// Our row of a refund: the one we asked for, the one we know by the provider's id, or a new one
    /// for what someone else made.
    fn refund_row(&self, fact: &RefundFact, charge_id: String) -> Refund {
        let provider_id = fact.id.to_string();
        let known = self
            .refunds
            .values()
            .find(|row| row.provider_id.as_ref() == Some(&provider_id));
        let ours = fact
            .ours
            .and_then(|id| self.refunds.get(&id.to_string()))
            .filter(|row| {
                row.charge_id == charge_id
                    && row.amount == fact.amount.minor()
                    && row.provider_id.is_none()
            });
        known.or(ours).cloned().unwrap_or_else(|| Refund {
            id: RefundId::from_uuid(self.clock.uuid()).to_string(),
            connection: self.connection.as_str().to_owned(),
            provider_id: Some(provider_id),
            charge_id,
            amount: fact.amount.minor(),
            currency: fact.amount.currency().code().to_owned(),
            state: String::new(),
            origin: "provider".to_owned(),
            policy_conform: None,
            failure_reason: None,
            reason: None,
            cancellation_id: None,
            code: None,
            request_ref: None,
            idempotency_key: None,
            request_target: None,
            request_body: None,
            first_sent_at: None,
            attempts: 0,
            due_at: None,
            lease_until: 0,
            fence: 0,
            attention: None,
            created_at: fact.created.as_micros(),
            version: String::new(),
            pending_reason: None,
            state_since: 0,
            decided: 0,
            judged_in: None,
            judged_by: None,
        })
    }
}

/// Whether the refund waits, and its money has not left our balance at the provider.
fn kept_its_money(refund: &Refund) -> bool {
    matches!(
        refund.pending_reason.as_deref(),
        Some("insufficient_funds" | "charge_pending" | "requires_action")
    )
}

/// Whether the money of a refund in this state is not, or not any more, with the customer.
pub fn came_back(state: &str) -> bool {
    matches!(state, "failed" | "canceled")
}

pub(super) const fn refund_state(status: ProviderRefundStatus) -> &'static str {
    match status {
        ProviderRefundStatus::Pending | ProviderRefundStatus::RequiresAction => "submitted",
        ProviderRefundStatus::Succeeded => "succeeded",
        ProviderRefundStatus::Failed => "failed",
        ProviderRefundStatus::Canceled => "canceled",
    }
}
