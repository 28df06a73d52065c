//! Disputes: which step leads where, and what each does to the account.

use avstem_domain::time::Timestamp;

use crate::Simulator;
use crate::balance::Change;
use crate::disputes::DisputeTerms;
use crate::objects::ChargeStatus;
use crate::objects_money::{BalanceKind, CaseType, Dispute, DisputeStatus};
use crate::oracle::MovementKind;
use crate::refunds::RefundFailure;

/// How long evidence is taken.
const EVIDENCE_S: i64 = 7 * 86_400;

/// What can happen to a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Escalated,
    InquiryClosed,
    EvidenceSubmitted,
    Won,
    Lost,
    Appealed,
}

/// What becomes of the provider's fee when a dispute is won.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FeeWhenWon {
    Kept,
    GivenBack,
}

/// What a dispute of a whole charge does to the subscription, as the account is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenDisputed {
    GoesOn,
    Cancels,
}

/// What a dispute becomes; nothing where the step can not be taken.
const fn after(status: DisputeStatus, step: Step) -> Option<DisputeStatus> {
    use DisputeStatus::{
        AppealNeedsResponse, AppealUnderReview, Lost, NeedsResponse, Prevented, UnderReview,
        WarningClosed, WarningNeedsResponse, WarningUnderReview, Won,
    };
    match (status, step) {
        (WarningNeedsResponse | WarningUnderReview, Step::Escalated) => Some(NeedsResponse),
        (WarningNeedsResponse | WarningUnderReview, Step::InquiryClosed) => Some(WarningClosed),
        (WarningNeedsResponse, Step::EvidenceSubmitted) => Some(WarningUnderReview),
        (NeedsResponse, Step::EvidenceSubmitted) => Some(UnderReview),
        (AppealNeedsResponse, Step::EvidenceSubmitted) => Some(AppealUnderReview),
        (NeedsResponse | UnderReview | AppealNeedsResponse | AppealUnderReview, Step::Won) => {
            Some(Won)
        }
        (NeedsResponse | UnderReview | AppealNeedsResponse | AppealUnderReview, Step::Lost) => {
            Some(Lost)
        }
        (Lost, Step::Appealed) => Some(AppealNeedsResponse),
        (WarningNeedsResponse, Step::Won | Step::Lost | Step::Appealed)
        | (WarningUnderReview, Step::EvidenceSubmitted | Step::Won | Step::Lost | Step::Appealed)
        | (
            NeedsResponse | AppealNeedsResponse,
            Step::Escalated | Step::InquiryClosed | Step::Appealed,
        )
        | (
            UnderReview | AppealUnderReview,
            Step::Escalated | Step::InquiryClosed | Step::EvidenceSubmitted | Step::Appealed,
        )
        | (
            Lost,
            Step::Escalated
            | Step::InquiryClosed
            | Step::EvidenceSubmitted
            | Step::Won
            | Step::Lost,
        )
        | (WarningClosed | Won | Prevented, _) => None,
    }
}

impl Simulator {
    pub(crate) fn win(&mut self, dispute: &str, fee: FeeWhenWon) -> bool {
        let Some((charge, status)) = self.step_of(dispute, Step::Won) else {
            return false;
        };
        let Some(found) = self.disputes.get(dispute) else {
            return false;
        };
        let amount = found.amount_minor;
        let fee_back = match fee {
            FeeWhenWon::Kept => 0,
            FeeWhenWon::GivenBack => found.fee_minor,
        };
        let transaction = self.change_balance(Change {
            kind: BalanceKind::DisputeReversal,
            amount_minor: amount,
            fee_minor: -fee_back,
            source: dispute.to_owned(),
            description: format!("Chargeback reversal for {charge}"),
        });
        self.note_movement(MovementKind::DisputeReinstated, dispute, &charge, amount);
        self.note_movement(MovementKind::DisputeFeeReturned, dispute, &charge, fee_back);
        if let Some(found) = self.disputes.get_mut(dispute) {
            found.status = status;
            found.balance_transactions.push(transaction);
        }
        self.emit("charge.dispute.funds_reinstated", dispute);
        self.emit("charge.dispute.closed", dispute);
        self.emit("charge.updated", &charge);
        true
    }

    /// Until when evidence counts that is asked for now.
    pub(crate) fn evidence_due(&self) -> Timestamp {
        self.second().saturating_add_seconds(EVIDENCE_S)
    }

    /// The charge and the next status, if the step can be taken from where the dispute is.
    pub(crate) fn step_of(&self, dispute: &str, step: Step) -> Option<(String, DisputeStatus)> {
        let found = self.disputes.get(dispute)?;
        Some((found.charge.clone(), after(found.status, step)?))
    }

    /// Makes the dispute and marks the charge; nobody is told yet and no money moves.
    pub(crate) fn file_dispute(
        &mut self,
        charge: &str,
        terms: DisputeTerms,
        case_type: CaseType,
        status: DisputeStatus,
    ) -> Option<String> {
        let found = self.charges.get(charge)?;
        let takes_place =
            found.status == ChargeStatus::Succeeded && found.refunded_minor < found.amount_minor;
        let left = self.left_to_dispute(charge);
        let amount = terms.amount_minor.unwrap_or(left);
        if !takes_place || amount <= 0 {
            return None;
        }
        let payment_intent = found.payment_intent.clone();
        let id = self.new_id("du");
        let created = self.second();
        let dispute = Dispute {
            id: id.clone(),
            charge: charge.to_owned(),
            payment_intent,
            amount_minor: amount,
            fee_minor: terms.fee_minor,
            reason: terms.reason,
            network_reason_code: terms.network_reason_code,
            case_type,
            status,
            due_by: (status != DisputeStatus::Prevented).then(|| self.evidence_due()),
            submissions: 0,
            balance_transactions: Vec::new(),
            created,
        };
        self.disputes.add(dispute);
        self.charges.get_mut(charge)?.disputed = true;
        Some(id)
    }

    /// What of the charge was neither refunded nor withdrawn by a dispute that still stands.
    pub(crate) fn left_to_dispute(&self, charge: &str) -> i64 {
        let Some(found) = self.charges.get(charge) else {
            return 0;
        };
        let withdrawn: i64 = self
            .disputes
            .oldest_first()
            .filter(|dispute| dispute.charge == charge && !dispute.status.allows_refunds())
            .map(|dispute| dispute.amount_minor)
            .sum();
        found.amount_minor - found.refunded_minor - withdrawn
    }

    /// Takes the disputed amount and the fee from the account.
    pub(crate) fn withdraw(&mut self, dispute: &str) {
        let Some(found) = self.disputes.get(dispute).cloned() else {
            return;
        };
        let charge = &found.charge;
        let transaction = self.change_balance(Change {
            kind: BalanceKind::DisputeWithdrawal,
            amount_minor: -found.amount_minor,
            fee_minor: found.fee_minor,
            source: dispute.to_owned(),
            description: format!("Chargeback withdrawal for {charge}"),
        });
        let (amount, fee) = (found.amount_minor, found.fee_minor);
        self.note_movement(MovementKind::DisputeWithdrawn, dispute, charge, amount);
        self.note_movement(MovementKind::DisputeFee, dispute, charge, fee);
        if let Some(found) = self.disputes.get_mut(dispute) {
            found.balance_transactions.push(transaction);
        }
    }

    /// Ends the subscription that the dispute's charge paid for, where the account is set so and the
    /// whole charge is disputed.
    pub(crate) fn cancel_if_wholly_disputed(&mut self, dispute: &str) {
        match self.when_disputed {
            WhenDisputed::GoesOn => return,
            WhenDisputed::Cancels => {}
        }
        let Some(found) = self.disputes.get(dispute) else {
            return;
        };
        let charge = self.charges.get(&found.charge);
        let charge = charge.filter(|charge| found.amount_minor >= charge.amount_minor);
        let invoice = charge.and_then(|charge| self.invoices.get(charge.invoice.as_ref()?));
        let Some(subscription) = invoice.map(|invoice| invoice.subscription.clone()) else {
            return;
        };
        self.end_unless_over(&subscription, "payment_disputed");
    }

    /// Whether the charge must not be refunded because of any of its disputes.
    pub(crate) fn is_blocked_by_dispute(&self, charge: &str) -> bool {
        let mut disputes = self.disputes.oldest_first();
        disputes.any(|dispute| dispute.charge == charge && !dispute.status.allows_refunds())
    }

    /// A charge that is refunded in full leaves the bank nothing to ask about.
    pub(crate) fn close_answered_inquiries(&mut self, charge: &str) {
        let inquiries: Vec<String> = self
            .disputes
            .oldest_first()
            .filter(|dispute| dispute.charge == charge)
            .map(|dispute| dispute.id.clone())
            .collect();
        for inquiry in inquiries {
            self.close_inquiry(&inquiry);
        }
    }

    pub(crate) fn fail_refunds_under_way(&mut self, charge: &str) {
        let under_way: Vec<String> = self
            .refunds
            .oldest_first()
            .filter(|refund| refund.charge == charge && refund.status.is_under_way())
            .map(|refund| refund.id.clone())
            .collect();
        for refund in under_way {
            self.fail_refund_for(&refund, RefundFailure::ChargeForPendingRefundDisputed);
        }
    }

    /// Changes a dispute and tells of it with an event of `kind`.
    pub(crate) fn change_dispute(
        &mut self,
        kind: &'static str,
        id: &str,
        change: impl FnOnce(&mut Dispute),
    ) {
        let before = self.snapshot(id);
        if let Some(dispute) = self.disputes.get_mut(id) {
            change(dispute);
            self.emit_changed(kind, id, &before);
        }
    }
}
