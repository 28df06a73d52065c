//! Refunds: the rules every refund passes, whoever asks for it, and what its bank does with it later.

use crate::Simulator;
use crate::balance::Change;
use crate::objects::{ChargeStatus, Metadata};
use crate::objects_money::{BalanceKind, PendingReason, Refund, RefundStatus};
use crate::oracle::{MoneyMovement, MovementKind};
use crate::timeline::Due;

/// How refunds begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundStart {
    /// Done at once.
    Succeeded,
    /// `pending` while the bank works on it: the money has left. Succeeds after so many seconds.
    Processing { after_s: i64 },
    /// `pending` because the balance is short: nothing leaves before [`Simulator::top_up`].
    InsufficientFunds,
    /// `pending` because the charge's own money has not arrived: it does, and leaves again, after so many
    /// seconds.
    ChargePending { after_s: i64 },
    /// `requires_action`: the customer must name a bank account first. Nothing leaves before
    /// [`Simulator::act_on_refund`].
    RequiresAction,
}

impl RefundStart {
    const fn status(self) -> (RefundStatus, Option<PendingReason>) {
        let pending = RefundStatus::Pending;
        match self {
            Self::Succeeded => (RefundStatus::Succeeded, None),
            Self::Processing { .. } => (pending, Some(PendingReason::Processing)),
            Self::InsufficientFunds => (pending, Some(PendingReason::InsufficientFunds)),
            Self::ChargePending { .. } => (pending, Some(PendingReason::ChargePending)),
            Self::RequiresAction => (RefundStatus::RequiresAction, None),
        }
    }
}

/// Why a refund fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundFailure {
    LostOrStolenCard,
    ExpiredOrCanceledCard,
    ChargeForPendingRefundDisputed,
    InsufficientFunds,
    Declined,
    MerchantRequest,
    Unknown,
}

impl RefundFailure {
    const fn as_str(self) -> &'static str {
        match self {
            Self::LostOrStolenCard => "lost_or_stolen_card",
            Self::ExpiredOrCanceledCard => "expired_or_canceled_card",
            Self::ChargeForPendingRefundDisputed => "charge_for_pending_refund_disputed",
            Self::InsufficientFunds => "insufficient_funds",
            Self::Declined => "declined",
            Self::MerchantRequest => "merchant_request",
            Self::Unknown => "unknown",
        }
    }
}

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

/// How a refund ends without the customer getting the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotPaid {
    Failed(RefundFailure),
    Canceled,
}

impl Simulator {
    /// How refunds begin from now on.
    pub fn refunds_start(&mut self, start: RefundStart) {
        self.refund_start = start;
    }

    /// From now on refunds are `pending` and succeed `after_s` seconds later.
    pub fn refunds_start_pending(&mut self, after_s: i64) {
        self.refunds_start(RefundStart::Processing { after_s });
    }

    /// The balance suffices again: refunds that waited for it leave and succeed, and later ones do at
    /// once. What was short was money the account could already use; what the provider owes in total is
    /// not changed by this.
    pub fn top_up(&mut self) {
        if self.refund_start == RefundStart::InsufficientFunds {
            self.refund_start = RefundStart::Succeeded;
        }
        let short = Some(PendingReason::InsufficientFunds);
        let waiting: Vec<String> = self
            .refunds
            .oldest_first()
            .filter(|refund| refund.status == RefundStatus::Pending)
            .filter(|refund| refund.pending_reason == short)
            .map(|refund| refund.id.clone())
            .collect();
        for refund in waiting {
            self.settle_refund(&refund);
        }
    }

    /// The bank is done with a pending refund: it succeeds. False unless it is pending.
    pub fn settle_refund(&mut self, refund: &str) -> bool {
        let found = self.refunds.get(refund);
        if found.is_none_or(|found| found.status != RefundStatus::Pending) {
            return false;
        }
        let before = self.snapshot(refund);
        self.send_refund(refund);
        if let Some(found) = self.refunds.get_mut(refund) {
            found.status = RefundStatus::Succeeded;
            found.pending_reason = None;
        }
        self.emit_changed("refund.updated", refund, &before);
        true
    }

    /// The customer names a bank account: the refund is pending until [`Self::settle_refund`]. False
    /// unless that was waited for.
    pub fn act_on_refund(&mut self, refund: &str) -> bool {
        let found = self.refunds.get(refund);
        if found.is_none_or(|found| found.status != RefundStatus::RequiresAction) {
            return false;
        }
        let before = self.snapshot(refund);
        self.send_refund(refund);
        if let Some(found) = self.refunds.get_mut(refund) {
            found.status = RefundStatus::Pending;
            found.pending_reason = Some(PendingReason::Processing);
        }
        self.emit_changed("refund.updated", refund, &before);
        true
    }

    /// The bank sends a refund back, even one that had succeeded: it fails, and what had left the account
    /// returns. False when there is no such refund or it has ended without being paid already.
    pub fn fail_refund(&mut self, refund: &str) -> bool {
        self.fail_refund_for(refund, RefundFailure::ExpiredOrCanceledCard)
    }

    /// As [`Self::fail_refund`], for another reason.
    pub fn fail_refund_for(&mut self, refund: &str, failure: RefundFailure) -> bool {
        let found = self.refunds.get(refund).map(|found| found.status);
        match found {
            Some(
                RefundStatus::Pending | RefundStatus::RequiresAction | RefundStatus::Succeeded,
            ) => {
                self.end_refund(refund, NotPaid::Failed(failure));
                true
            }
            Some(RefundStatus::Failed | RefundStatus::Canceled) | None => false,
        }
    }

    /// Someone takes back a refund that is still under way. False when it is not.
    pub fn cancel_refund(&mut self, refund: &str) -> bool {
        let found = self.refunds.get(refund);
        if !found.is_some_and(|found| found.status.is_under_way()) {
            return false;
        }
        self.end_refund(refund, NotPaid::Canceled);
        true
    }

    pub(crate) fn refund(&mut self, asked: RefundAsked) -> Result<String, RefundRefused> {
        let charge = self
            .charges
            .get(&asked.charge)
            .ok_or(RefundRefused::NoSuchCharge)?;
        if charge.status != ChargeStatus::Succeeded {
            return Err(RefundRefused::NotSucceeded);
        }
        if self.is_blocked_by_dispute(&asked.charge) {
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
        let start = self.refund_start;
        let (status, pending_reason) = start.status();
        let charge = asked.charge.clone();
        self.refunds.add(Refund {
            id: id.clone(),
            charge: asked.charge,
            payment_intent,
            amount_minor: amount,
            status,
            reason: asked.reason,
            pending_reason,
            failure_reason: None,
            balance_transaction: None,
            failure_balance_transaction: None,
            metadata: asked.metadata,
            created: self.second(),
        });
        match start {
            RefundStart::Succeeded | RefundStart::Processing { .. } => self.send_refund(&id),
            RefundStart::InsufficientFunds
            | RefundStart::ChargePending { .. }
            | RefundStart::RequiresAction => {}
        }
        let before = self.snapshot(&charge);
        let mut all_back = false;
        if let Some(found) = self.charges.get_mut(&charge) {
            found.refunded_minor += amount;
            all_back = found.refunded_minor >= found.amount_minor;
        }
        self.emit("refund.created", &id);
        self.emit_changed("charge.refunded", &charge, &before);
        if all_back {
            self.close_answered_inquiries(&charge);
        }
        match start {
            RefundStart::Processing { after_s } | RefundStart::ChargePending { after_s } => {
                let at = self.second().saturating_add_seconds(after_s);
                let refund = id.clone();
                self.timeline.plan(at, Due::RefundSettles { refund });
            }
            RefundStart::Succeeded
            | RefundStart::InsufficientFunds
            | RefundStart::RequiresAction => {}
        }
        id
    }

    /// The refund's money leaves the account, unless it has left before.
    fn send_refund(&mut self, refund: &str) {
        let Some(found) = self.refunds.get(refund).cloned() else {
            return;
        };
        if found.balance_transaction.is_some() {
            return;
        }
        let transaction = self.change_balance(Change {
            kind: BalanceKind::Refund,
            amount_minor: -found.amount_minor,
            fee_minor: 0,
            source: found.id.clone(),
            description: format!("REFUND FOR CHARGE {}", found.charge),
        });
        self.note_refund(MovementKind::Refund, &found);
        if let Some(found) = self.refunds.get_mut(refund) {
            found.balance_transaction = Some(transaction);
        }
    }

    /// What had left the account comes back, and the charge can be refunded again.
    fn end_refund(&mut self, refund: &str, end: NotPaid) {
        let Some(found) = self.refunds.get(refund).cloned() else {
            return;
        };
        let before = self.snapshot(refund);
        let returned = found.balance_transaction.is_some().then(|| {
            self.note_refund(MovementKind::RefundReturned, &found);
            self.change_balance(Change {
                kind: BalanceKind::RefundFailure,
                amount_minor: found.amount_minor,
                fee_minor: 0,
                source: found.id.clone(),
                description: format!("REFUND FAILURE FOR CHARGE {}", found.charge),
            })
        });
        if let Some(ended) = self.refunds.get_mut(refund) {
            ended.pending_reason = None;
            ended.failure_balance_transaction = returned;
            (ended.status, ended.failure_reason) = match end {
                NotPaid::Failed(failure) => (RefundStatus::Failed, Some(failure.as_str())),
                NotPaid::Canceled => (RefundStatus::Canceled, None),
            };
        }
        if let Some(charge) = self.charges.get_mut(&found.charge) {
            charge.refunded_minor -= found.amount_minor;
        }
        match end {
            NotPaid::Failed(_) => self.emit("refund.failed", refund),
            NotPaid::Canceled => self.emit_changed("refund.updated", refund, &before),
        }
        self.emit("charge.updated", &found.charge);
    }

    fn note_refund(&mut self, kind: MovementKind, refund: &Refund) {
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
