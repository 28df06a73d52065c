//! Which of two snapshots is newer. Stripe's times are whole seconds, and several events of one second
//! are the rule at a renewal; within a second the object that is further along its life wins:
//!
//! | object | rank, ascending | never left again |
//! |---|---|---|
//! | customer | – | deleted |
//! | subscription | status in the order below, then the later period end, then a set end (`cancel_at_period_end`, `cancel_at`) | canceled, expired |
//! | invoice | draft, open, uncollectible, paid, void | paid, void |
//! | invoice payment | without, with `paid_at` | – |
//! | charge | pending, failed, succeeded; then disputed; then the amount refunded | – |
//! | refund | pending, requires action, succeeded, failed, canceled | failed, canceled |
//! | dispute | inquiry, dispute, prevented, lost, appeal, won; then the number of movements | – |
//! | payout | pending, in transit, paid, failed, canceled; then how far it is itemised | failed, canceled |

use crate::Observation;
use avstem_domain::charge::ChargeStatus;
use avstem_domain::dispute::DisputeFact;
use avstem_domain::event::{
    ChargeFact, DisputeStanding, Fact, InvoiceStatus, Presence, ProviderRefundStatus, Renewal,
    SubscriptionFact, Version,
};
use avstem_domain::id::ProviderEventId;
use avstem_domain::payout::{PayoutFact, PayoutStatus, ReconciliationStatus};
use avstem_domain::subscription::SubscriptionStatus;
use avstem_domain::time::Timestamp;

/// Sorts after every event id: at equal rank, what was read from the API in the same second is newer.
const READ: &str = "~";

pub(super) fn from_event(fact: Fact, created: Timestamp, event: &ProviderEventId) -> Observation {
    observation(fact, created, event.as_str())
}

/// A read at `read_at`, rounded down to the second like the times of events.
pub(super) fn from_api(fact: Fact, read_at: Timestamp) -> Observation {
    let second = Timestamp::from_unix_seconds(read_at.unix_seconds()).unwrap_or(read_at);
    observation(fact, second, READ)
}

fn observation(fact: Fact, observed_at: Timestamp, tie: &str) -> Observation {
    let life = Life::of(&fact);
    let version = Version {
        terminal: life.terminal,
        observed_at,
        rank: life.rank,
        tie: tie.to_owned(),
    };
    Observation { version, fact }
}

/// How far along its life an object is.
struct Life {
    terminal: bool,
    rank: i64,
}

impl Life {
    const fn passing(rank: i64) -> Self {
        Self {
            terminal: false,
            rank,
        }
    }

    const fn over(rank: i64) -> Self {
        Self {
            terminal: true,
            rank,
        }
    }

    fn of(fact: &Fact) -> Self {
        match fact {
            Fact::Customer(customer) => match customer.deleted {
                Presence::Exists => Self::passing(0),
                Presence::Deleted => Self::over(1),
            },
            Fact::Subscription(subscription) => Self::of_subscription(subscription),
            Fact::Invoice(invoice) => match invoice.status {
                InvoiceStatus::Draft => Self::passing(0),
                InvoiceStatus::Open => Self::passing(1),
                InvoiceStatus::Uncollectible => Self::passing(2),
                InvoiceStatus::Paid => Self::over(3),
                InvoiceStatus::Void => Self::over(4),
            },
            Fact::InvoicePayment(link) => Self::passing(i64::from(link.paid_at.is_some())),
            Fact::Charge(charge) => Self::passing(charge_rank(charge)),
            Fact::Refund(refund) => match refund.status {
                ProviderRefundStatus::Pending => Self::passing(0),
                ProviderRefundStatus::RequiresAction => Self::passing(1),
                ProviderRefundStatus::Succeeded => Self::passing(2),
                ProviderRefundStatus::Failed => Self::over(3),
                ProviderRefundStatus::Canceled => Self::over(4),
            },
            Fact::Dispute(dispute) => Self::passing(dispute_rank(dispute)),
            Fact::Payout(payout) => Self::of_payout(payout),
        }
    }

    fn of_payout(payout: &PayoutFact) -> Self {
        let status = match payout.status {
            PayoutStatus::Pending => 0,
            PayoutStatus::InTransit => 1,
            PayoutStatus::Paid => 2,
            PayoutStatus::Failed => 3,
            PayoutStatus::Canceled => 4,
        };
        let itemised = match payout.reconciliation {
            ReconciliationStatus::NotApplicable => 0,
            ReconciliationStatus::InProgress => 1,
            ReconciliationStatus::Completed => 2,
        };
        Self {
            terminal: payout.status.came_back(),
            rank: (status << 2) | itemised,
        }
    }

    /// Bits from the top: status, period end in seconds (it fits in 38 bits), whether an end is set (1 bit).
    fn of_subscription(subscription: &SubscriptionFact) -> Self {
        let (status, terminal) = match subscription.status {
            SubscriptionStatus::Incomplete => (0, false),
            SubscriptionStatus::Trialing => (1, false),
            SubscriptionStatus::Paused => (2, false),
            SubscriptionStatus::Active => (3, false),
            SubscriptionStatus::PastDue => (4, false),
            SubscriptionStatus::Unpaid => (5, false),
            SubscriptionStatus::Expired => (6, true),
            SubscriptionStatus::Canceled => (7, true),
        };
        let period_end = subscription
            .current_period
            .map_or(0, |period| period.end().unix_seconds());
        let stops = match subscription.renewal {
            Renewal::Renews => i64::from(subscription.cancel_at.is_some()),
            Renewal::StopsAtPeriodEnd => 1,
        };
        Self {
            terminal,
            rank: (status << 40) | (period_end << 1) | stops,
        }
    }
}

/// Bits from the top: status, movements (more than 2^16 of one dispute are not told apart).
fn dispute_rank(dispute: &DisputeFact) -> i64 {
    let movements = i64::try_from(dispute.movements.len()).unwrap_or(i64::MAX);
    (dispute.status.rank() << 16) | movements.min((1 << 16) - 1)
}

/// Bits from the top: status, dispute (2 bits), amount refunded (58 bits, more than any real amount).
fn charge_rank(charge: &ChargeFact) -> i64 {
    let status: i64 = match charge.status {
        ChargeStatus::Pending => 0,
        ChargeStatus::Failed => 1,
        ChargeStatus::Succeeded => 2,
    };
    let dispute: i64 = match charge.dispute {
        DisputeStanding::Undisputed => 0,
        DisputeStanding::Refundable => 1,
        DisputeStanding::Blocks => 2,
    };
    (status << 60) | (dispute << 58) | charge.refunded.minor().clamp(0, (1 << 58) - 1)
}
