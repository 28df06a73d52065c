//! What falls due, and what then happens.

use std::collections::BTreeMap;

use avstem_domain::time::Timestamp;

use crate::Simulator;
use crate::calendar::boundary;
use crate::objects::{BillingReason, InvoiceStatus, Span, Subscription, SubscriptionStatus};

/// Stripe finalises the draft of a renewal about one hour after it was made.
const DRAFT_S: i64 = 3_600;
/// A subscription whose first payment never succeeds expires after 23 hours.
const INCOMPLETE_S: i64 = 23 * 3_600;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Due {
    PeriodEnds { subscription: String },
    CancelsAt { subscription: String },
    IncompleteExpires { subscription: String },
    Finalizes { invoice: String },
    Retries { invoice: String },
    RefundSettles { refund: String },
    PayoutLeaves { payout: String },
    PayoutArrives { payout: String },
    PayoutItemised { payout: String },
}

/// What falls due in order of time, then in the order it was planned. Entries are never taken back:
/// each is checked against the objects when its time comes.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    planned: BTreeMap<(Timestamp, u64), Due>,
    next: u64,
}

impl Timeline {
    pub(crate) fn plan(&mut self, at: Timestamp, due: Due) {
        self.planned.insert((at, self.next), due);
        self.next += 1;
    }

    fn take_until(&mut self, now: Timestamp) -> Option<(Timestamp, Due)> {
        let first = self.planned.first_entry()?;
        let at = first.key().0;
        (at <= now).then(|| (at, first.remove()))
    }
}

impl Simulator {
    /// Moves time forward and does what falls due up to and including `now`, in order: renewals,
    /// finalising, collecting, retries, ends. A time before the present changes nothing.
    pub fn advance_to(&mut self, now: Timestamp) {
        let outer = self.request.take();
        while let Some((at, due)) = self.timeline.take_until(now) {
            self.now = self.now.max(at);
            self.happen(due);
        }
        self.now = self.now.max(now);
        self.request = outer;
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::PeriodEnds { subscription } => self.end_period(&subscription),
            Due::CancelsAt { subscription } => self.cancel_if_due(&subscription),
            Due::IncompleteExpires { subscription } => self.expire_if_incomplete(&subscription),
            Due::Finalizes { invoice } => self.finalize_if_due(&invoice),
            Due::Retries { invoice } => self.retry_if_due(&invoice),
            Due::RefundSettles { refund } => {
                self.settle_refund(&refund);
            }
            Due::PayoutLeaves { payout } => self.payout_leaves(&payout),
            Due::PayoutArrives { payout } => self.payout_arrives(&payout),
            Due::PayoutItemised { payout } => self.itemise_payout(&payout),
        }
    }

    fn end_period(&mut self, id: &str) {
        let Some(subscription) = self.subscriptions.get(id) else {
            return;
        };
        let renews = match subscription.status {
            SubscriptionStatus::Active
            | SubscriptionStatus::Trialing
            | SubscriptionStatus::PastDue
            | SubscriptionStatus::Unpaid => subscription.period.end <= self.now,
            SubscriptionStatus::Incomplete
            | SubscriptionStatus::IncompleteExpired
            | SubscriptionStatus::Paused
            | SubscriptionStatus::Canceled => false,
        };
        if subscription.cancel_at.is_some_and(|at| at <= self.now) {
            self.cancel_if_due(id);
        } else if renews {
            self.renew(id);
        }
    }

    fn cancel_if_due(&mut self, id: &str) {
        let now = self.now;
        let due = self.subscriptions.get(id).is_some_and(|subscription| {
            !subscription.status.is_over() && subscription.cancel_at.is_some_and(|at| at <= now)
        });
        if due {
            self.end_subscription(id, "cancellation_requested");
        }
    }

    fn expire_if_incomplete(&mut self, id: &str) {
        let Some(subscription) = self.subscriptions.get(id) else {
            return;
        };
        if subscription.status != SubscriptionStatus::Incomplete {
            return;
        }
        let invoice = subscription.latest_invoice.clone();
        let ended = self.second();
        self.change_subscription(id, |subscription| {
            subscription.status = SubscriptionStatus::IncompleteExpired;
            subscription.ended_at = Some(ended);
        });
        if let Some(invoice) = invoice {
            self.void_invoice(&invoice);
        }
    }

    fn finalize_if_due(&mut self, id: &str) {
        let due = self
            .invoices
            .get(id)
            .is_some_and(|invoice| invoice.status == InvoiceStatus::Draft && invoice.auto_advance);
        if due {
            self.finalize(id);
            self.collect(id);
        }
    }

    fn retry_if_due(&mut self, id: &str) {
        let now = self.now;
        let due = self.invoices.get(id).is_some_and(|invoice| {
            invoice.status == InvoiceStatus::Open
                && invoice.auto_advance
                && invoice.next_attempt.is_some_and(|at| at <= now)
        });
        if due {
            self.collect(id);
        }
    }

    /// Begins the next period with its draft invoice, which is finalised and collected in an hour.
    /// The period moves at once, before anything is paid, as it does at Stripe.
    pub(crate) fn renew(&mut self, id: &str) -> Option<String> {
        let subscription = self.subscriptions.get(id)?.clone();
        let old = subscription.period;
        let cycles = subscription.cycles + 1;
        let end = period_end(&subscription, cycles);
        let period = Span {
            start: old.end,
            end,
        };
        let line = self.cycle_line(&subscription.plan, period);
        let invoice = self.draft_invoice(&subscription, BillingReason::Cycle, vec![line], old);
        self.change_subscription(id, |subscription| {
            subscription.cycles = cycles;
            subscription.period = period;
            subscription.latest_invoice = Some(invoice.clone());
            if subscription.status == SubscriptionStatus::Trialing {
                subscription.status = SubscriptionStatus::Active;
            }
            if subscription.cancel_at_period_end {
                subscription.cancel_at = Some(end);
            }
        });
        let finalizes = self.second().saturating_add_seconds(DRAFT_S);
        let due = Due::Finalizes {
            invoice: invoice.clone(),
        };
        self.timeline.plan(finalizes, due);
        self.plan_period_end(id);
        Some(invoice)
    }

    pub(crate) fn plan_period_end(&mut self, id: &str) {
        if let Some(subscription) = self.subscriptions.get(id) {
            let due = Due::PeriodEnds {
                subscription: id.to_owned(),
            };
            self.timeline.plan(subscription.period.end, due);
        }
    }

    pub(crate) fn plan_incomplete_expiry(&mut self, id: &str) {
        let at = self.second().saturating_add_seconds(INCOMPLETE_S);
        let due = Due::IncompleteExpires {
            subscription: id.to_owned(),
        };
        self.timeline.plan(at, due);
    }
}

/// The end of the period that ends `cycles` periods after the subscription's anchor.
pub(crate) fn period_end(subscription: &Subscription, cycles: i64) -> Timestamp {
    let plan = &subscription.plan;
    boundary(
        subscription.anchor,
        plan.interval,
        plan.count.max(1),
        cycles,
    )
}
