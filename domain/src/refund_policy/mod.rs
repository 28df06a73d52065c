//! The refund policy: ordered rules, one file a clause.
//!
//! [`RULES`] is read from the top; the first rule that applies gives the verdict. A new rule is a file
//! here, a line in [`RULES`], a [`Code`], and its clause in `docs/refund-policy.md`.

mod already_refunded;
mod case;
mod charged_after_request;
mod disputed;
mod earlier_period;
mod latest_charge;
mod latest_charge_partly_delivered;
mod not_paid;
mod not_recurring;
mod outside_window;
mod period_delivered;
mod policy;
mod wording;

pub use case::{Case, Delivered, Payment, Standing, Terms};
pub use policy::{InitialCharge, PartlyDelivered, Policy, PolicyError, RefundWindow, WindowUnit};

use crate::charge::ChargeKind;
use crate::id::{ChargeId, ProviderChargeId};
use crate::money::Money;
use crate::time::BillingPeriod;
use std::fmt;

/// The rules in order of precedence. The last one takes every charge that the others left.
pub const RULES: [Rule; 10] = [
    not_paid::RULE,
    disputed::RULE,
    already_refunded::RULE,
    charged_after_request::RULE,
    not_recurring::RULE,
    earlier_period::RULE,
    outside_window::RULE,
    period_delivered::RULE,
    latest_charge_partly_delivered::RULE,
    latest_charge::RULE,
];

/// One rule of the policy.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub code: Code,
    pub clause: Clause,
    /// What the rule decides about a case, or `None` when it does not concern it.
    applies: fn(&Case<'_>) -> Option<Decision>,
    /// Why, to the customer.
    explain: fn(&Case<'_>, Decision) -> Explanation,
}

/// Judges one charge by the first rule that applies.
#[must_use]
pub fn judge(case: &Case<'_>) -> Verdict {
    // Should no rule take the case, it is refused rather than paid; a test shows that the last rule
    // takes every case.
    let (rule, decision) = RULES
        .iter()
        .find_map(|rule| Some((rule, (rule.applies)(case)?)))
        .unwrap_or((&not_recurring::RULE, Decision::Reject));
    let charge = case.charge;
    Verdict {
        charge: charge.charge,
        provider_charge: charge.provider_charge.clone(),
        kind: charge.kind,
        amount: charge.amount,
        period: charge.period,
        decision,
        code: rule.code,
        clause: rule.clause,
        explanation: (rule.explain)(case, decision),
    }
}

/// What was decided about one charge, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub charge: ChargeId,
    pub provider_charge: ProviderChargeId,
    pub kind: ChargeKind,
    pub amount: Money,
    pub period: Option<BillingPeriod>,
    pub decision: Decision,
    pub code: Code,
    pub clause: Clause,
    pub explanation: Explanation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// All that is left of the charge. > 0.
    Refund(Money),
    /// A share of the charge. > 0.
    PartialRefund(Money),
    Reject,
}

/// One sentence or two for the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub sv: String,
    pub en: String,
}

/// The contract's verdict codes, in order of precedence: the first that applies is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    NotPaid,
    Disputed,
    AlreadyRefunded,
    ChargedAfterRequest,
    NotRecurring,
    EarlierPeriod,
    OutsideWindow,
    PeriodDelivered,
    LatestChargePartlyDelivered,
    LatestCharge,
}

/// Clauses of the policy; docs/refund-policy.md explains each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clause {
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    D3,
}

impl Decision {
    /// The API's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refund(_) => "refund",
            Self::PartialRefund(_) => "partial_refund",
            Self::Reject => "reject",
        }
    }

    /// What goes back to the customer; `None` on a rejection.
    #[must_use]
    pub const fn refund_amount(self) -> Option<Money> {
        match self {
            Self::Refund(amount) | Self::PartialRefund(amount) => Some(amount),
            Self::Reject => None,
        }
    }
}

impl Code {
    /// Every code, in order of precedence.
    pub const ALL: [Self; 10] = [
        Self::NotPaid,
        Self::Disputed,
        Self::AlreadyRefunded,
        Self::ChargedAfterRequest,
        Self::NotRecurring,
        Self::EarlierPeriod,
        Self::OutsideWindow,
        Self::PeriodDelivered,
        Self::LatestChargePartlyDelivered,
        Self::LatestCharge,
    ];

    /// The API's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotPaid => "not_paid",
            Self::Disputed => "disputed",
            Self::AlreadyRefunded => "already_refunded",
            Self::ChargedAfterRequest => "charged_after_request",
            Self::NotRecurring => "not_recurring",
            Self::EarlierPeriod => "earlier_period",
            Self::OutsideWindow => "outside_window",
            Self::PeriodDelivered => "period_delivered",
            Self::LatestChargePartlyDelivered => "latest_charge_partly_delivered",
            Self::LatestCharge => "latest_charge",
        }
    }

    /// Reads the API's word; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }
}

impl Clause {
    /// Every clause that a stop or a verdict can quote, in the order of docs/refund-policy.md.
    pub const ALL: [Self; 7] = [
        Self::R1,
        Self::R2,
        Self::R3,
        Self::R4,
        Self::R5,
        Self::R6,
        Self::D3,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::R1 => "R1",
            Self::R2 => "R2",
            Self::R3 => "R3",
            Self::R4 => "R4",
            Self::R5 => "R5",
            Self::R6 => "R6",
            Self::D3 => "D3",
        }
    }

    /// Reads a clause id; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|clause| clause.as_str() == text)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_delivery;
#[cfg(test)]
mod tests_latest;
#[cfg(test)]
mod tests_money;
#[cfg(test)]
mod tests_wording;
