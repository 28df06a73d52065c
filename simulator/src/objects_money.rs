//! What the provider keeps of money on its way back and of its debt to the account. Amounts are in the
//! currency's minor unit; instants have whole seconds.

use avstem_domain::time::Timestamp;

use crate::objects::Metadata;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefundStatus {
    Pending,
    RequiresAction,
    Succeeded,
    Failed,
    Canceled,
}

impl RefundStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::RequiresAction => "requires_action",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// Whether the bank has not had the last word yet.
    pub(crate) const fn is_under_way(self) -> bool {
        match self {
            Self::Pending | Self::RequiresAction => true,
            Self::Succeeded | Self::Failed | Self::Canceled => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PendingReason {
    Processing,
    InsufficientFunds,
    ChargePending,
}

impl PendingReason {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::InsufficientFunds => "insufficient_funds",
            Self::ChargePending => "charge_pending",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub id: String,
    pub charge: String,
    pub payment_intent: String,
    pub amount_minor: i64,
    pub status: RefundStatus,
    pub reason: Option<String>,
    pub pending_reason: Option<PendingReason>,
    pub failure_reason: Option<&'static str>,
    /// Nothing while the money has not left the account.
    pub balance_transaction: Option<String>,
    pub failure_balance_transaction: Option<String>,
    pub metadata: Metadata,
    pub created: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DisputeStatus {
    WarningNeedsResponse,
    WarningUnderReview,
    WarningClosed,
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
    Prevented,
    AppealNeedsResponse,
    AppealUnderReview,
}

impl DisputeStatus {
    pub(crate) const fn as_str(self) -> &'static str {
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

    /// Whether the charge may still be refunded, as far as this dispute goes: while nothing but a
    /// question was asked, and once the money is back.
    pub(crate) const fn allows_refunds(self) -> bool {
        match self {
            Self::WarningNeedsResponse
            | Self::WarningUnderReview
            | Self::WarningClosed
            | Self::Won => true,
            Self::NeedsResponse
            | Self::UnderReview
            | Self::Lost
            | Self::Prevented
            | Self::AppealNeedsResponse
            | Self::AppealUnderReview => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CaseType {
    Inquiry,
    Chargeback,
    /// The money was given back at the card network before a chargeback was made of it (Visa RDR).
    Resolution,
}

impl CaseType {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Inquiry => "inquiry",
            Self::Chargeback => "chargeback",
            Self::Resolution => "resolution",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Dispute {
    pub id: String,
    pub charge: String,
    pub payment_intent: String,
    pub amount_minor: i64,
    pub fee_minor: i64,
    pub reason: &'static str,
    pub network_reason_code: &'static str,
    pub case_type: CaseType,
    pub status: DisputeStatus,
    /// Until when evidence counts; nothing where none is asked for.
    pub due_by: Option<Timestamp>,
    pub submissions: u32,
    pub balance_transactions: Vec<String>,
    pub created: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BalanceKind {
    Charge,
    Refund,
    RefundFailure,
    DisputeWithdrawal,
    DisputeReversal,
    Payout,
    PayoutFailure,
    PayoutCancel,
}

impl BalanceKind {
    /// The `type` of the balance transaction.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::RefundFailure => "refund_failure",
            Self::DisputeWithdrawal | Self::DisputeReversal => "adjustment",
            Self::Payout => "payout",
            Self::PayoutFailure => "payout_failure",
            Self::PayoutCancel => "payout_cancel",
        }
    }

    pub(crate) const fn reporting_category(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::RefundFailure => "refund_failure",
            Self::DisputeWithdrawal => "dispute",
            Self::DisputeReversal => "dispute_reversal",
            Self::Payout => "payout",
            Self::PayoutFailure | Self::PayoutCancel => "payout_reversal",
        }
    }
}

/// One change of what the provider owes the account, never rewritten but for `payout`.
#[derive(Debug, Clone)]
pub(crate) struct BalanceTransaction {
    pub id: String,
    pub kind: BalanceKind,
    /// Gross and signed; positive in the account's favour.
    pub amount_minor: i64,
    /// Negative when a fee is given back.
    pub fee_minor: i64,
    /// The charge, refund, dispute or payout.
    pub source: String,
    pub description: String,
    /// The automatic payout that it is part of, once there is one.
    pub payout: Option<String>,
    pub created: Timestamp,
}

impl BalanceTransaction {
    pub(crate) const fn net_minor(&self) -> i64 {
        self.amount_minor - self.fee_minor
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PayoutStatus {
    Pending,
    InTransit,
    Paid,
    Failed,
    Canceled,
}

impl PayoutStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InTransit => "in_transit",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }
}

/// Whether the balance transactions of a payout can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Itemised {
    InProgress,
    Completed,
    /// It is not made of balance transactions: someone moved the amount by hand.
    Never,
}

impl Itemised {
    /// The payout's `reconciliation_status`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Never => "not_applicable",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Payout {
    pub id: String,
    /// Negative when the account's bank pays the provider.
    pub amount_minor: i64,
    pub status: PayoutStatus,
    pub itemised: Itemised,
    /// The day it is expected at the bank, at midnight UTC.
    pub arrives: Timestamp,
    pub balance_transaction: String,
    pub failure_code: Option<&'static str>,
    pub failure_balance_transaction: Option<String>,
    /// What this one takes back.
    pub original_payout: Option<String>,
    /// What took this one back.
    pub reversed_by: Option<String>,
    /// What the bank statement shows, known once it is paid.
    pub trace: String,
    pub created: Timestamp,
}
