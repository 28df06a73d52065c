//! Disputes: a customer asked their bank for the money instead of us.
//!
//! A charge can have several, each of the whole or of a part. What they mean for refunding the charge
//! is the strictest of what each of them means ([`standing`]).

use crate::event::DisputeStanding;
use crate::id::{ProviderChargeId, ProviderDisputeId, ProviderMovementId, ProviderPaymentId};
use crate::money::Money;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One snapshot of a dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeFact {
    pub id: ProviderDisputeId,
    pub charge: Option<ProviderChargeId>,
    pub payment: Option<ProviderPaymentId>,
    /// What is disputed, in the charge's currency.
    pub amount: Money,
    pub status: DisputeStatus,
    /// The provider's word, such as `fraudulent`.
    pub reason: Option<String>,
    /// What the provider says of refunding the charge while this dispute stands.
    pub refundability: Refundability,
    /// Everything that moved on our balance for it so far.
    pub movements: Vec<DisputeMovement>,
    /// Until when evidence is taken.
    pub evidence_due_at: Option<Timestamp>,
    pub created: Timestamp,
}

/// Where a dispute stands, in the provider's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// An inquiry: the bank asks, and no money has moved.
    WarningNeedsResponse,
    WarningUnderReview,
    WarningClosed,
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
    /// The customer was paid back before it became a dispute (such as Visa's rapid resolution).
    Prevented,
    AppealNeedsResponse,
    AppealUnderReview,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refundability {
    Refundable,
    NotRefundable,
}

/// One movement of money that a dispute caused, once per provider's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeMovement {
    pub id: ProviderMovementId,
    pub direction: Direction,
    /// > 0, in the currency of the dispute.
    pub amount: Money,
    /// What the provider took for it: ≥ 0 on a withdrawal. Below zero when it gave a fee back. In the
    /// currency that the account settles in.
    pub fee: Money,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From our balance to the bank.
    Withdrawn,
    /// Back to our balance.
    Reinstated,
}

impl DisputeStatus {
    pub const ALL: [Self; 10] = [
        Self::WarningNeedsResponse,
        Self::WarningUnderReview,
        Self::WarningClosed,
        Self::NeedsResponse,
        Self::UnderReview,
        Self::Won,
        Self::Lost,
        Self::Prevented,
        Self::AppealNeedsResponse,
        Self::AppealUnderReview,
    ];

    /// Stripe's word, which is also the API's.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WarningNeedsResponse => "warning_needs_response",
            Self::WarningUnderReview => "warning_under_review",
            Self::WarningClosed => "warning_closed",
            Self::NeedsResponse => "needs_response",
            Self::UnderReview => "under_review",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Prevented => "prevented",
            Self::AppealNeedsResponse => "appeal_needs_response",
            Self::AppealUnderReview => "appeal_under_review",
        }
    }

    /// Reads that word; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// How far along its life a dispute in this state usually is: tells apart snapshots of one second.
    /// An inquiry becomes a dispute, a dispute is decided, a decision can be appealed.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::WarningNeedsResponse => 0,
            Self::WarningUnderReview => 1,
            Self::WarningClosed => 2,
            Self::NeedsResponse => 3,
            Self::UnderReview => 4,
            Self::Prevented => 5,
            Self::Lost => 6,
            Self::AppealNeedsResponse => 7,
            Self::AppealUnderReview => 8,
            Self::Won => 9,
        }
    }

    /// Whether what was withdrawn is gone for good, as far as anybody knows now.
    #[must_use]
    pub const fn is_loss(self) -> bool {
        match self {
            Self::Lost | Self::Prevented => true,
            Self::WarningNeedsResponse
            | Self::WarningUnderReview
            | Self::WarningClosed
            | Self::NeedsResponse
            | Self::UnderReview
            | Self::Won
            | Self::AppealNeedsResponse
            | Self::AppealUnderReview => false,
        }
    }

    /// What a dispute in this state means for refunding its charge (D3). An inquiry has moved no money,
    /// and one that was won has given it back: there the provider's word decides. While a bank decides,
    /// and after it took the money, a refund would pay the customer twice, whatever the provider allows.
    #[must_use]
    pub const fn standing(self, refundability: Refundability) -> DisputeStanding {
        match (self, refundability) {
            (
                Self::WarningNeedsResponse
                | Self::WarningUnderReview
                | Self::WarningClosed
                | Self::Won,
                Refundability::Refundable,
            ) => DisputeStanding::Refundable,
            (
                Self::WarningNeedsResponse
                | Self::WarningUnderReview
                | Self::WarningClosed
                | Self::Won,
                Refundability::NotRefundable,
            )
            | (
                Self::NeedsResponse
                | Self::UnderReview
                | Self::Lost
                | Self::Prevented
                | Self::AppealNeedsResponse
                | Self::AppealUnderReview,
                Refundability::Refundable | Refundability::NotRefundable,
            ) => DisputeStanding::Blocks,
        }
    }
}

impl fmt::Display for DisputeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What all disputes of a charge mean together: refundability belongs to the charge, not to one
/// dispute, so the strictest decides. With no dispute known, what the charge itself says.
#[must_use]
pub fn standing(
    disputes: impl IntoIterator<Item = (DisputeStatus, Refundability)>,
    charge_says: DisputeStanding,
) -> DisputeStanding {
    disputes
        .into_iter()
        .map(|(status, refundability)| status.standing(refundability))
        .max()
        .unwrap_or(charge_says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_reads_and_prints_as_the_provider_s_word() {
        for status in DisputeStatus::ALL {
            assert_eq!(DisputeStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(DisputeStatus::parse("charge_refunded"), None);
    }

    /// Every status with both words of the provider.
    #[test]
    fn only_inquiries_and_won_disputes_leave_a_charge_refundable_and_only_if_the_provider_says_so()
    {
        let table: Vec<String> = DisputeStatus::ALL
            .into_iter()
            .map(|status| {
                let [yes, no] = [Refundability::Refundable, Refundability::NotRefundable]
                    .map(|word| format!("{:?}", status.standing(word)));
                format!("{status} {yes} {no}")
            })
            .collect();
        assert_eq!(
            table,
            [
                "warning_needs_response Refundable Blocks",
                "warning_under_review Refundable Blocks",
                "warning_closed Refundable Blocks",
                "needs_response Blocks Blocks",
                "under_review Blocks Blocks",
                "won Refundable Blocks",
                "lost Blocks Blocks",
                "prevented Blocks Blocks",
                "appeal_needs_response Blocks Blocks",
                "appeal_under_review Blocks Blocks",
            ]
        );
    }

    #[test]
    fn the_strictest_dispute_of_a_charge_decides() {
        let won = (DisputeStatus::Won, Refundability::Refundable);
        let open = (DisputeStatus::NeedsResponse, Refundability::NotRefundable);
        let none = DisputeStanding::Undisputed;
        assert_eq!(standing([won, open], none), DisputeStanding::Blocks);
        assert_eq!(standing([open, won], none), DisputeStanding::Blocks);
        assert_eq!(
            standing([won], DisputeStanding::Blocks),
            DisputeStanding::Refundable
        );
        assert_eq!(
            standing([], DisputeStanding::Blocks),
            DisputeStanding::Blocks
        );
        assert_eq!(standing([], none), DisputeStanding::Undisputed);
    }
}
