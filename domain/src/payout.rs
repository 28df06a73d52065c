//! Payouts: what the provider owes us, sent to the bank.

use crate::id::ProviderPayoutId;
use crate::money::Money;
use crate::time::Timestamp;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One snapshot of a payout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutFact {
    pub id: ProviderPayoutId,
    /// Below zero when the provider takes money from the bank: a negative balance, or a payout reversed.
    pub amount: Money,
    pub status: PayoutStatus,
    /// The day the money is expected in the bank, as the provider writes it.
    #[serde(with = "crate::time::day")]
    pub arrival_date: NaiveDate,
    pub automatic: Automation,
    pub reconciliation: ReconciliationStatus,
    /// What the bank shows to tell the payout by, once there is one.
    pub trace_id: Option<String>,
    pub statement_descriptor: Option<String>,
    /// Why it failed, in the provider's word.
    pub failure_code: Option<String>,
    /// The payout that this one takes back.
    pub original: Option<ProviderPayoutId>,
    /// The payout that took this one back.
    pub reversed_by: Option<ProviderPayoutId>,
    pub created: Timestamp,
}

/// Where a payout stands. `Paid` means expected in the bank, and `Failed` can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutStatus {
    Pending,
    InTransit,
    Paid,
    Failed,
    Canceled,
}

/// Whether the provider made the payout by its schedule. Only of those does it list what is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Automation {
    Automatic,
    Manual,
}

/// Whether the provider can say what is in the payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReconciliationStatus {
    InProgress,
    Completed,
    NotApplicable,
}

impl PayoutStatus {
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::InTransit,
        Self::Paid,
        Self::Failed,
        Self::Canceled,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InTransit => "in_transit",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// Whether the money came back to our balance, or never left it for good.
    #[must_use]
    pub const fn came_back(self) -> bool {
        match self {
            Self::Failed | Self::Canceled => true,
            Self::Pending | Self::InTransit | Self::Paid => false,
        }
    }
}

impl ReconciliationStatus {
    pub const ALL: [Self; 3] = [Self::InProgress, Self::Completed, Self::NotApplicable];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::NotApplicable => "not_applicable",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

impl fmt::Display for PayoutStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_reads_and_prints_as_the_provider_s_word() {
        for status in PayoutStatus::ALL {
            assert_eq!(PayoutStatus::parse(status.as_str()), Some(status));
        }
        for status in ReconciliationStatus::ALL {
            assert_eq!(ReconciliationStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(PayoutStatus::parse("returned"), None);
    }
}
