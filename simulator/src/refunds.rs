//! Refunds: the rules every refund passes, whoever asks for it.

use crate::Simulator;
use crate::objects::{ChargeStatus, Metadata, Refund, RefundStatus};
use crate::oracle::{MoneyMovement, MovementKind};
use crate::timeline::Due;

#[derive(Debug, Clone)]
pub(crate) struct RefundAsked {
    pub charge: String,
    /// Nothing means all that is left.
    pub amount_minor: Option<i64>,
    pub reason: Option<String>,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RefundRefused {
    NoSuchCharge,
    NotSucceeded,
    Disputed,
    AlreadyRefunded,
    NotPositive,
    TooLarge { asked: i64, left: i64 },
}

impl Simulator {
    /// From now on refunds are `pending` and succeed `after_s` seconds later.
    pub fn refunds_start_pending(&mut self, after_s: i64) {
        self.refunds_settle_after_s = Some(after_s);
    }

    pub(crate) fn refund(&mut self, asked: RefundAsked) -> Result<String, RefundRefused> {
        let charge = self
            .charges
            .get(&asked.charge)
            .ok_or(RefundRefused::NoSuchCharge)?;
        if charge.status != ChargeStatus::Succeeded {
            return Err(RefundRefused::NotSucceeded);
        }
        if charge.disputed {
            return Err(RefundRefused::Disputed);
        }
        let left = charge.amount_minor - charge.refunded_minor;
        if left <= 0 {
            return Err(RefundRefused::AlreadyRefunded);
        }
        let amount = asked.amount_minor.unwrap_or(left);
        if amount <= 0 {
            return Err(RefundRefused::NotPositive);
        }
        if amount > left {
            return Err(RefundRefused::TooLarge {
                asked: amount,
                left,
            });
        }
        let payment_intent = charge.payment_intent.clone();
        Ok(self.record_refund(asked, payment_intent, amount))
    }

    fn record_refund(&mut self, asked: RefundAsked, payment_intent: String, amount: i64) -> String {
        let id = self.new_id("re");
        let status = match self.refunds_settle_after_s {
            Some(_) => RefundStatus::Pending,
            None => RefundStatus::Succeeded,
        };
        let refund = Refund {
            id: id.clone(),
            charge: asked.charge.clone(),
            payment_intent,
            amount_minor: amount,
            status,
            reason: asked.reason,
            failure_reason: None,
            balance_transaction: self.new_id("txn"),
            failure_balance_transaction: None,
            metadata: asked.metadata,
            created: self.second(),
        };
        self.move_refund(MovementKind::Refund, &refund);
        self.refunds.add(refund);
        let before = self.snapshot(&asked.charge);
        if let Some(charge) = self.charges.get_mut(&asked.charge) {
            charge.refunded_minor += amount;
        }
        self.emit("refund.created", &id);
        self.emit_changed("charge.refunded", &asked.charge, &before);
        if let Some(after_s) = self.refunds_settle_after_s {
            let at = self.second().saturating_add_seconds(after_s);
            let refund = id.clone();
            self.timeline.plan(at, Due::RefundSettles { refund });
        }
        id
    }

    /// The bank sends a refund back, even one that had succeeded: it fails, and the money returns to
    /// the account. False when there is no such refund or it has failed already.
    pub fn fail_refund(&mut self, refund: &str) -> bool {
        let transaction = self.new_id("txn");
        let Some(found) = self.refunds.get_mut(refund) else {
            return false;
        };
        if found.status == RefundStatus::Failed {
            return false;
        }
        found.status = RefundStatus::Failed;
        found.failure_reason = Some("expired_or_canceled_card");
        found.failure_balance_transaction = Some(transaction);
        let found = found.clone();
        self.move_refund(MovementKind::RefundReturned, &found);
        if let Some(charge) = self.charges.get_mut(&found.charge) {
            charge.refunded_minor -= found.amount_minor;
        }
        self.emit("refund.failed", refund);
        self.emit("charge.updated", &found.charge);
        true
    }

    fn move_refund(&mut self, kind: MovementKind, refund: &Refund) {
        self.money_moved.push(MoneyMovement {
            kind,
            id: refund.id.clone(),
            charge: refund.charge.clone(),
            amount_minor: refund.amount_minor,
            at: self.now,
            metadata: refund.metadata.clone(),
        });
    }
}
