//! Disputes: what a customer's bank does about a charge, and what comes of it.
//!
//! A charge can have several. Money is withdrawn when a dispute is more than an inquiry, and comes back
//! when it is won. Refunds that are under way when money is withdrawn fail: the bank was faster.

use crate::Simulator;
use crate::dispute_rules::{FeeWhenWon, Step, WhenDisputed};
use crate::objects_money::{CaseType, DisputeStatus};

/// What a bank disputes and what that costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeTerms {
    /// Nothing means all of the charge that was neither refunded nor withdrawn. More than the charge is
    /// possible, as it is where currencies differ.
    pub amount_minor: Option<i64>,
    /// What the provider takes for its trouble when it withdraws the money; 0 for none.
    pub fee_minor: i64,
    /// In Stripe's words, such as `fraudulent` or `subscription_canceled`.
    pub reason: &'static str,
    /// The card network's own code for the reason.
    pub network_reason_code: &'static str,
}

impl Default for DisputeTerms {
    /// All that is left, as fraud, for a fee of 150.00 in a currency of two decimals.
    fn default() -> Self {
        Self {
            amount_minor: None,
            fee_minor: 15_000,
            reason: "fraudulent",
            network_reason_code: "10.4",
        }
    }
}

impl Simulator {
    /// From now on a dispute of a whole charge, more than an inquiry, ends the subscription at once.
    pub fn cancel_disputed_subscriptions(&mut self) {
        self.when_disputed = WhenDisputed::Cancels;
    }

    /// The customer's bank takes back all that is left of the charge, and the provider a fee; from now on
    /// the charge can not be refunded. Returns the dispute's id; nothing when there is nothing to dispute.
    pub fn open_dispute(&mut self, charge: &str) -> Option<String> {
        self.open_dispute_of(charge, DisputeTerms::default())
    }

    /// As [`Self::open_dispute`], for a part of the charge, another fee or another reason.
    pub fn open_dispute_of(&mut self, charge: &str, terms: DisputeTerms) -> Option<String> {
        self.fail_refunds_under_way(charge);
        let status = DisputeStatus::NeedsResponse;
        let id = self.file_dispute(charge, terms, CaseType::Chargeback, status)?;
        self.withdraw(&id);
        self.emit("charge.dispute.created", &id);
        self.emit("charge.dispute.funds_withdrawn", &id);
        self.emit("charge.updated", charge);
        self.cancel_if_wholly_disputed(&id);
        Some(id)
    }

    /// The bank asks before it takes anything: no money moves, and the charge can still be refunded.
    pub fn open_inquiry(&mut self, charge: &str) -> Option<String> {
        self.open_inquiry_of(charge, DisputeTerms::default())
    }

    /// As [`Self::open_inquiry`]; the fee is taken only if it becomes a chargeback.
    pub fn open_inquiry_of(&mut self, charge: &str, terms: DisputeTerms) -> Option<String> {
        let status = DisputeStatus::WarningNeedsResponse;
        let id = self.file_dispute(charge, terms, CaseType::Inquiry, status)?;
        self.emit("charge.dispute.created", &id);
        self.emit("charge.updated", charge);
        Some(id)
    }

    /// The card network gives the customer the money back by agreement, so that no chargeback is made of
    /// it: prevented and over at once, without a fee.
    pub fn prevent_dispute(&mut self, charge: &str) -> Option<String> {
        self.fail_refunds_under_way(charge);
        let terms = DisputeTerms {
            fee_minor: 0,
            ..DisputeTerms::default()
        };
        let status = DisputeStatus::Prevented;
        let id = self.file_dispute(charge, terms, CaseType::Resolution, status)?;
        self.withdraw(&id);
        self.emit("charge.dispute.created", &id);
        self.emit("charge.dispute.funds_withdrawn", &id);
        self.emit("charge.dispute.closed", &id);
        self.emit("charge.updated", charge);
        Some(id)
    }

    /// The bank takes the money after all; what was refunded meanwhile is not taken again. False unless
    /// it is an inquiry that is not closed.
    pub fn escalate_inquiry(&mut self, dispute: &str) -> bool {
        let Some((charge, status)) = self.step_of(dispute, Step::Escalated) else {
            return false;
        };
        self.fail_refunds_under_way(&charge);
        let left = self.left_to_dispute(&charge);
        if left <= 0 {
            return false;
        }
        let before = self.snapshot(dispute);
        let due_by = self.evidence_due();
        if let Some(found) = self.disputes.get_mut(dispute) {
            found.case_type = CaseType::Chargeback;
            found.status = status;
            found.amount_minor = found.amount_minor.min(left);
            found.due_by = Some(due_by);
        }
        self.withdraw(dispute);
        self.emit_changed("charge.dispute.updated", dispute, &before);
        self.emit("charge.dispute.funds_withdrawn", dispute);
        self.emit("charge.updated", &charge);
        self.cancel_if_wholly_disputed(dispute);
        true
    }

    /// The bank has no more questions. False unless it is an inquiry that is not closed.
    pub fn close_inquiry(&mut self, dispute: &str) -> bool {
        let Some((_, status)) = self.step_of(dispute, Step::InquiryClosed) else {
            return false;
        };
        self.change_dispute("charge.dispute.closed", dispute, |found| {
            found.status = status;
        });
        true
    }

    /// Staff answers the bank, in an inquiry, a dispute or an appeal. False unless an answer is due.
    pub fn submit_evidence(&mut self, dispute: &str) -> bool {
        let Some((_, status)) = self.step_of(dispute, Step::EvidenceSubmitted) else {
            return false;
        };
        self.change_dispute("charge.dispute.updated", dispute, |found| {
            found.status = status;
            found.submissions += 1;
        });
        true
    }

    /// The bank gives the money back; the provider keeps its fee. False unless money was withdrawn and
    /// the bank still decides.
    pub fn win_dispute(&mut self, dispute: &str) -> bool {
        self.win(dispute, FeeWhenWon::Kept)
    }

    /// As [`Self::win_dispute`]; the provider gives its fee back too.
    pub fn win_dispute_and_fee(&mut self, dispute: &str) -> bool {
        self.win(dispute, FeeWhenWon::GivenBack)
    }

    /// The customer keeps the money that was withdrawn. False unless the bank still decides.
    pub fn lose_dispute(&mut self, dispute: &str) -> bool {
        let Some((_, status)) = self.step_of(dispute, Step::Lost) else {
            return false;
        };
        self.change_dispute("charge.dispute.closed", dispute, |found| {
            found.status = status;
        });
        true
    }

    /// A lost dispute is taken up again; the money stays away until it is won. False unless it is lost.
    pub fn appeal_dispute(&mut self, dispute: &str) -> bool {
        let Some((_, status)) = self.step_of(dispute, Step::Appealed) else {
            return false;
        };
        let due_by = self.evidence_due();
        self.change_dispute("charge.dispute.updated", dispute, |found| {
            found.status = status;
            found.due_by = Some(due_by);
        });
        true
    }
}
