//! The subscription state machine: one function over (state, event).
//!
//! Events are snapshots that a provider reported, and they arrive in any order. Which of two snapshots
//! is newer is decided by [`crate::event::Version`] (built from [`SubscriptionStatus::is_terminal`] and
//! [`SubscriptionStatus::rank`]) before [`on`] is asked; `on` then says what the newer one does. Only
//! the two final states refuse anything: refusing more would let the end state depend on the order of
//! arrival.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a subscription stands, in the API's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// The first payment has not been made yet.
    Incomplete,
    Trialing,
    Active,
    /// A payment is overdue; the provider still tries.
    PastDue,
    /// The provider gave up collecting, and the subscription goes on.
    Unpaid,
    Paused,
    /// Over. Final.
    Canceled,
    /// Never began: the first payment was not made in time. Final.
    Expired,
}

/// What can happen to a subscription: one event for each status that a provider may report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubscriptionEvent {
    StartedIncomplete,
    TrialBegan,
    BecameActive,
    PaymentOverdue,
    GaveUpCollecting,
    Paused,
    Ended,
    NeverStarted,
}

/// What an event does to a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    To(SubscriptionStatus),
    /// The subscription is in that state already.
    NoChange,
    Refused(Refused),
}

/// Why an event has no effect on the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the subscription is canceled, and nothing leaves that state")]
    AlreadyCanceled,
    #[error("the subscription expired before it began, and nothing leaves that state")]
    AlreadyExpired,
}

impl SubscriptionStatus {
    /// Every status, in the order of the API's documentation.
    pub const ALL: [Self; 8] = [
        Self::Incomplete,
        Self::Trialing,
        Self::Active,
        Self::PastDue,
        Self::Unpaid,
        Self::Paused,
        Self::Canceled,
        Self::Expired,
    ];

    /// The API's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
        }
    }

    /// Reads the API's word; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// Whether the subscription is over for good. The `terminal` of its [`crate::event::Version`].
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Canceled | Self::Expired => true,
            Self::Incomplete
            | Self::Trialing
            | Self::Active
            | Self::PastDue
            | Self::Unpaid
            | Self::Paused => false,
        }
    }

    /// How far along its life a subscription in this state usually is. The `rank` of its
    /// [`crate::event::Version`]: it tells apart snapshots of one second, such as a subscription that
    /// is created incomplete and paid at once, or renewed and overdue at once.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Incomplete => 0,
            Self::Trialing => 1,
            Self::Paused => 2,
            Self::Active => 3,
            Self::PastDue => 4,
            Self::Unpaid => 5,
            Self::Expired => 6,
            Self::Canceled => 7,
        }
    }
}

impl fmt::Display for SubscriptionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl SubscriptionEvent {
    /// The event of a provider reporting `status`.
    #[must_use]
    pub const fn reporting(status: SubscriptionStatus) -> Self {
        match status {
            SubscriptionStatus::Incomplete => Self::StartedIncomplete,
            SubscriptionStatus::Trialing => Self::TrialBegan,
            SubscriptionStatus::Active => Self::BecameActive,
            SubscriptionStatus::PastDue => Self::PaymentOverdue,
            SubscriptionStatus::Unpaid => Self::GaveUpCollecting,
            SubscriptionStatus::Paused => Self::Paused,
            SubscriptionStatus::Canceled => Self::Ended,
            SubscriptionStatus::Expired => Self::NeverStarted,
        }
    }
}

/// What `event` does to a subscription in `state`; `None` is one that we did not know before.
#[must_use]
pub const fn on(state: Option<SubscriptionStatus>, event: SubscriptionEvent) -> Transition {
    use SubscriptionEvent as E;
    use SubscriptionStatus as S;
    match (state, event) {
        (Some(S::Incomplete), E::StartedIncomplete)
        | (Some(S::Trialing), E::TrialBegan)
        | (Some(S::Active), E::BecameActive)
        | (Some(S::PastDue), E::PaymentOverdue)
        | (Some(S::Unpaid), E::GaveUpCollecting)
        | (Some(S::Paused), E::Paused)
        | (Some(S::Canceled), E::Ended)
        | (Some(S::Expired), E::NeverStarted) => Transition::NoChange,

        (
            Some(S::Canceled),
            E::StartedIncomplete
            | E::TrialBegan
            | E::BecameActive
            | E::PaymentOverdue
            | E::GaveUpCollecting
            | E::Paused
            | E::NeverStarted,
        ) => Transition::Refused(Refused::AlreadyCanceled),
        (
            Some(S::Expired),
            E::StartedIncomplete
            | E::TrialBegan
            | E::BecameActive
            | E::PaymentOverdue
            | E::GaveUpCollecting
            | E::Paused
            | E::Ended,
        ) => Transition::Refused(Refused::AlreadyExpired),

        (
            None | Some(S::Trialing | S::Active | S::PastDue | S::Unpaid | S::Paused),
            E::StartedIncomplete,
        ) => Transition::To(S::Incomplete),
        (
            None | Some(S::Incomplete | S::Active | S::PastDue | S::Unpaid | S::Paused),
            E::TrialBegan,
        ) => Transition::To(S::Trialing),
        (
            None | Some(S::Incomplete | S::Trialing | S::PastDue | S::Unpaid | S::Paused),
            E::BecameActive,
        ) => Transition::To(S::Active),
        (
            None | Some(S::Incomplete | S::Trialing | S::Active | S::Unpaid | S::Paused),
            E::PaymentOverdue,
        ) => Transition::To(S::PastDue),
        (
            None | Some(S::Incomplete | S::Trialing | S::Active | S::PastDue | S::Paused),
            E::GaveUpCollecting,
        ) => Transition::To(S::Unpaid),
        (
            None | Some(S::Incomplete | S::Trialing | S::Active | S::PastDue | S::Unpaid),
            E::Paused,
        ) => Transition::To(S::Paused),
        (
            None
            | Some(S::Incomplete | S::Trialing | S::Active | S::PastDue | S::Unpaid | S::Paused),
            E::Ended,
        ) => Transition::To(S::Canceled),
        (
            None
            | Some(S::Incomplete | S::Trialing | S::Active | S::PastDue | S::Unpaid | S::Paused),
            E::NeverStarted,
        ) => Transition::To(S::Expired),
    }
}

#[cfg(test)]
mod tests;
