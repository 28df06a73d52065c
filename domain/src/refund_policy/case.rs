//! One charge with everything the rules look at. All arithmetic that can fail is done here, so that
//! the rules themselves are plain questions.

use super::Policy;
use super::policy::InitialCharge;
use super::wording::{self, Told};
use crate::cancellation::{ChargeFacts, Completion, Delivery};
use crate::charge::ChargeKind;
use crate::money::{Money, MoneyError};
use crate::time::Timestamp;

/// A charge to be judged.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    pub(super) charge: &'a ChargeFacts,
    pub(super) policy: &'a Policy,
    pub(super) judged_at: Timestamp,
    pub(super) zone: chrono_tz::Tz,
    pub(super) standing: Standing,
    /// What is not refunded yet, refunds under way counted as done. May be negative.
    pub(super) left: Money,
    pub(super) delivered: Delivered,
}

/// Where a charge stands among those of its subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Of those that paid the latest invoice: all of them, with the judged one's place among them.
    Latest {
        payments: Vec<Payment>,
        this: usize,
    },
    NotLatest,
}

/// One of the payments of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub amount: Money,
    pub delivery: Option<Delivery>,
}

/// What delivery reports say of the charge's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    NoReport,
    Nothing,
    /// `undelivered` is the charge's share of what the invoice did not deliver, never above what is
    /// left of the charge. It may round to zero.
    Part {
        report: Delivery,
        undelivered: Money,
    },
    All(Delivery),
}

/// What a case is judged by: the policy, when the customer asked, and whose calendar days letters name.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    pub policy: &'a Policy,
    pub judged_at: Timestamp,
    pub zone: chrono_tz::Tz,
}

impl<'a> Case<'a> {
    /// Errors when amounts of different currencies would have to be combined, or do not fit.
    pub fn new(
        charge: &'a ChargeFacts,
        standing: Standing,
        terms: Terms<'a>,
    ) -> Result<Self, MoneyError> {
        let left = charge.amount.checked_sub(charge.refunded)?;
        let delivered = match &standing {
            Standing::Latest { payments, this } => delivered(charge, payments, *this, left)?,
            Standing::NotLatest => Delivered::NoReport,
        };
        let Terms {
            policy,
            judged_at,
            zone,
        } = terms;
        Ok(Self {
            charge,
            policy,
            judged_at,
            zone,
            standing,
            left,
            delivered,
        })
    }

    /// Whether the policy judges the charge as one that recurs.
    pub(super) const fn is_recurring(&self) -> bool {
        match (self.charge.kind, self.policy.initial_charge) {
            (ChargeKind::Renewal, InitialCharge::Recurring | InitialCharge::Order)
            | (ChargeKind::Initial, InitialCharge::Recurring) => true,
            (ChargeKind::Initial, InitialCharge::Order)
            | (ChargeKind::Other, InitialCharge::Recurring | InitialCharge::Order) => false,
        }
    }
}

/// A report counts for every payment of its invoice: they paid for one period. A payment's own report
/// comes first; without one, the first that any of them has.
fn delivered(
    charge: &ChargeFacts,
    payments: &[Payment],
    this: usize,
    left: Money,
) -> Result<Delivered, MoneyError> {
    let Some(report) = charge
        .delivery
        .or_else(|| payments.iter().find_map(|p| p.delivery))
    else {
        return Ok(Delivered::NoReport);
    };
    let done = report.delivered.clamp(0, report.ordered.max(0));
    let undelivered_units = match report.completed {
        Completion::Completed => 0,
        Completion::NotCompleted => report.ordered.saturating_sub(done),
    };
    if undelivered_units <= 0 {
        return Ok(Delivered::All(report));
    }
    if done == 0 {
        return Ok(Delivered::Nothing);
    }
    let mut paid = Money::zero(charge.amount.currency());
    for payment in payments {
        paid = paid.checked_add(payment.amount)?;
    }
    let whole = paid.share_half_up(undelivered_units, report.ordered)?;
    let weights: Vec<i64> = payments.iter().map(|p| p.amount.minor()).collect();
    let part = whole.allocate(&weights)?.get(this).copied();
    let undelivered = part.unwrap_or(Money::zero(left.currency())).min(left)?;
    Ok(Delivered::Part {
        report,
        undelivered,
    })
}

/// How the explanations tell a case's values.
impl Case<'_> {
    pub(super) fn amount(&self) -> Told {
        wording::money(self.charge.amount)
    }

    /// The day of the payment; without one (nothing was paid) the day of the request.
    pub(super) fn paid_day(&self) -> Told {
        wording::day(self.charge.paid_at.unwrap_or(self.judged_at), self.zone)
    }

    pub(super) fn request_day(&self) -> Told {
        wording::day(self.judged_at, self.zone)
    }

    pub(super) fn window(&self) -> Told {
        wording::window(self.policy.refund_window)
    }
}
