//! Subscriptions that run without being paid for: unpaid after dunning, and paused.

use crate::Simulator;
use crate::calendar::boundary;
use crate::objects::{BillingReason, Span, SubscriptionStatus};

/// What becomes of a subscription when the last attempt to collect an invoice has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DunningEnd {
    Cancels,
    /// It goes on as `unpaid`: invoices stay drafts until one of them is paid.
    LeavesUnpaid,
    LeavesPastDue,
}

impl Simulator {
    /// How dunning ends from now on; subscriptions are cancelled at first.
    pub fn dunning_ends(&mut self, end: DunningEnd) {
        self.dunning_end = end;
    }

    /// Dunning has ended without the money.
    pub(crate) fn give_up_collecting(&mut self, subscription: &str, invoice: &str) {
        match self.dunning_end {
            DunningEnd::Cancels => self.end_subscription(subscription, "payment_failed"),
            DunningEnd::LeavesUnpaid => {
                self.change_invoice("invoice.updated", invoice, |found| {
                    found.auto_advance = false;
                });
                self.change_subscription(subscription, |found| {
                    found.status = SubscriptionStatus::Unpaid;
                });
            }
            DunningEnd::LeavesPastDue => {}
        }
    }

    /// Pauses the subscription: it is neither renewed nor charged. False unless it is active or
    /// in its trial.
    pub fn pause(&mut self, subscription: &str) -> bool {
        let status = self
            .subscriptions
            .get(subscription)
            .map(|found| found.status);
        match status {
            Some(SubscriptionStatus::Trialing | SubscriptionStatus::Active) => {}
            Some(
                SubscriptionStatus::Incomplete
                | SubscriptionStatus::PastDue
                | SubscriptionStatus::IncompleteExpired
                | SubscriptionStatus::Unpaid
                | SubscriptionStatus::Paused
                | SubscriptionStatus::Canceled,
            )
            | None => return false,
        }
        self.change_subscription(subscription, |found| {
            found.status = SubscriptionStatus::Paused;
        });
        self.emit("customer.subscription.paused", subscription);
        true
    }

    /// Goes on with a paused subscription: with its period if that still runs, else with a new one, which
    /// is invoiced and must be paid first. False unless it is paused.
    pub fn resume(&mut self, subscription: &str) -> bool {
        let Some(found) = self.subscriptions.get(subscription).cloned() else {
            return false;
        };
        if found.status != SubscriptionStatus::Paused {
            return false;
        }
        let now = self.second();
        if found.period.end > now {
            self.end_pause(subscription);
            return true;
        }
        let plan = &found.plan;
        let end = boundary(now, plan.interval, plan.count.max(1), 1);
        let period = Span { start: now, end };
        let line = self.cycle_line(plan, period);
        let moment = Span {
            start: now,
            end: now,
        };
        let invoice = self.draft_invoice(&found, BillingReason::Update, vec![line], moment);
        self.change_subscription(subscription, |found| {
            found.anchor = now;
            found.cycles = 1;
            found.period = period;
            found.latest_invoice = Some(invoice.clone());
        });
        self.plan_period_end(subscription);
        self.finalize(&invoice);
        self.collect(&invoice);
        true
    }

    /// An invoice of a paused subscription was paid: it goes on if that is the one it waits for.
    pub(crate) fn end_pause_with(&mut self, subscription: &str, invoice: &str) {
        let found = self.subscriptions.get(subscription);
        let latest = found.and_then(|found| found.latest_invoice.as_deref());
        if latest == Some(invoice) {
            self.end_pause(subscription);
        }
    }

    fn end_pause(&mut self, subscription: &str) {
        let now = self.second();
        self.change_subscription(subscription, |found| {
            found.status = match found.trial {
                Some(trial) if trial.end > now => SubscriptionStatus::Trialing,
                Some(_) | None => SubscriptionStatus::Active,
            };
        });
        self.emit("customer.subscription.resumed", subscription);
    }
}
