//! When subscriptions end: what is asked for over the API and in the dashboard.

use avstem_domain::time::Timestamp;

use crate::Simulator;
use crate::objects::Subscription;
use crate::timeline::Due;

/// What is asked about the end of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AskedEnd {
    Unchanged,
    PeriodEnd,
    Instant(Timestamp),
    Never,
}

impl Simulator {
    /// Staff ends the subscription now, in the provider's dashboard.
    pub fn dashboard_cancel(&mut self, subscription: &str) {
        self.end_unless_over(subscription, "cancellation_requested");
    }

    /// Staff lets the subscription end with its period. False when it is over or unknown.
    pub fn dashboard_cancel_at_period_end(&mut self, subscription: &str) -> bool {
        self.set_end_in_dashboard(subscription, AskedEnd::PeriodEnd)
    }

    /// Staff lets the subscription end at an instant. False when that is past, or the subscription is
    /// over or unknown.
    pub fn dashboard_cancel_at(&mut self, subscription: &str, at: Timestamp) -> bool {
        at > self.now && self.set_end_in_dashboard(subscription, AskedEnd::Instant(at))
    }

    /// Staff takes back an end that has not come. False when there is none.
    pub fn dashboard_uncancel(&mut self, subscription: &str) -> bool {
        let found = self.subscriptions.get(subscription);
        let ends = found.is_some_and(|found| found.cancel_at.is_some());
        ends && self.set_end_in_dashboard(subscription, AskedEnd::Never)
    }

    fn set_end_in_dashboard(&mut self, subscription: &str, end: AskedEnd) -> bool {
        let found = self.subscriptions.get(subscription);
        if found.is_none_or(|found| found.status.is_over()) {
            return false;
        }
        self.set_end(subscription, end, |_| {});
        true
    }

    /// Sets when a running subscription ends, and what else `change` does, as one update.
    pub(crate) fn set_end(
        &mut self,
        id: &str,
        end: AskedEnd,
        change: impl FnOnce(&mut Subscription),
    ) {
        let now = self.second();
        self.change_subscription(id, |subscription| {
            apply_end(subscription, end, now);
            change(subscription);
        });
        match end {
            AskedEnd::Instant(at) => {
                let subscription = id.to_owned();
                self.timeline.plan(at, Due::CancelsAt { subscription });
            }
            AskedEnd::Unchanged | AskedEnd::PeriodEnd | AskedEnd::Never => {}
        }
    }

    pub(crate) fn end_unless_over(&mut self, subscription: &str, reason: &'static str) {
        let found = self.subscriptions.get(subscription);
        if found.is_some_and(|found| !found.status.is_over()) {
            self.end_subscription(subscription, reason);
        }
    }
}

fn apply_end(subscription: &mut Subscription, end: AskedEnd, now: Timestamp) {
    match end {
        AskedEnd::Unchanged => return,
        AskedEnd::PeriodEnd => {
            subscription.cancel_at_period_end = true;
            subscription.cancel_at = Some(subscription.period.end);
        }
        AskedEnd::Instant(at) => {
            subscription.cancel_at_period_end = false;
            subscription.cancel_at = Some(at);
        }
        AskedEnd::Never => {
            subscription.cancel_at_period_end = false;
            subscription.cancel_at = None;
            subscription.canceled_at = None;
            subscription.cancellation.reason = None;
            return;
        }
    }
    subscription.canceled_at = Some(now);
    subscription.cancellation.reason = Some("cancellation_requested");
}
