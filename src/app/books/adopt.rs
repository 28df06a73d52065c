//! Stops that others asked for at the provider become cancellations of origin `provider`: one for each,
//! whatever tells of it, how often and in which order. Stops that our own cancellations asked for do not.
//!
//! A stop is known by the provider's time of asking. It was taken back when the subscription was seen to
//! renew after that; since the last such sight is kept, it does not matter when the stop itself is told.

use super::super::Failure;
use super::Books;
use crate::store::WriteTx;
use crate::store::rows::{Cancellation, Subscription};
use avstem_domain::event::{Renewal, SubscriptionFact};
use avstem_domain::id::CancellationId;
use avstem_domain::subscription::SubscriptionStatus;
use avstem_domain::time::Timestamp;
use std::collections::BTreeMap;

/// Providers tell whole seconds: what ended within one of asking ended at once.
const SECOND_US: i64 = 1_000_000;

/// A stop, as one snapshot tells of it. Times are microseconds.
#[derive(Clone)]
pub(super) struct StopTold {
    subscription: String,
    asked_at: i64,
    asked: Asked,
    effective_at: i64,
    end: End,
    reason: Option<String>,
    version: String,
}

/// Whether the provider said when it was asked. Where it does not, the time of telling stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Stated,
    Guessed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Set,
    Come,
}

impl StopTold {
    /// None when the subscription goes on, or never began.
    fn of(fact: &SubscriptionFact, version: &str, told_at: Timestamp) -> Option<Self> {
        let (effective_at, end) = match fact.status {
            SubscriptionStatus::Expired => return None,
            SubscriptionStatus::Canceled => {
                let over = fact.ended_at.or(fact.canceled_at).unwrap_or(told_at);
                (over, End::Come)
            }
            SubscriptionStatus::Incomplete
            | SubscriptionStatus::Trialing
            | SubscriptionStatus::Active
            | SubscriptionStatus::PastDue
            | SubscriptionStatus::Unpaid
            | SubscriptionStatus::Paused => {
                let period_end = fact.current_period.map(|period| period.end());
                let at = match fact.renewal {
                    Renewal::StopsAtPeriodEnd => fact.cancel_at.or(period_end),
                    Renewal::Renews => fact.cancel_at,
                };
                (at?, End::Set)
            }
        };
        let guess = match end {
            End::Set => told_at,
            End::Come => effective_at,
        };
        Some(Self {
            subscription: fact.id.to_string(),
            asked_at: fact.canceled_at.unwrap_or(guess).as_micros(),
            asked: if fact.canceled_at.is_some() {
                Asked::Stated
            } else {
                Asked::Guessed
            },
            effective_at: effective_at.as_micros(),
            end,
            reason: fact.stop_reason.clone(),
            version: version.to_owned(),
        })
    }

    fn mode(&self) -> &'static str {
        let at_once = self.effective_at <= self.asked_at.saturating_add(SECOND_US);
        if self.end == End::Come && at_once {
            "immediate"
        } else {
            "at_period_end"
        }
    }

    /// Whether a cancellation of ours asked for it: while the provider has not confirmed one, any stop
    /// that is not older; after that, what was asked for by the time it had.
    fn is_of(&self, ours: &Cancellation) -> bool {
        let received_at = ours.received_at.div_euclid(SECOND_US) * SECOND_US;
        let under_way = ours.stop_done_at.is_none() && ours.state != "undone";
        let by_then = under_way || Some(self.asked_at) <= ours.stop_asked_at;
        let asked_by_us = match self.asked {
            Asked::Stated => received_at <= self.asked_at && by_then,
            Asked::Guessed => ours.state != "undone",
        };
        asked_by_us || self.is_planned_end_of(ours)
    }

    /// The end that it had set has come; some providers then tell a new time of asking.
    fn is_planned_end_of(&self, ours: &Cancellation) -> bool {
        self.end == End::Come
            && ours.state != "undone"
            && ours
                .stop_effective_at
                .is_some_and(|planned| planned <= self.effective_at)
    }

    /// Whether someone ended it before the end that it had set, and the provider still tells the time
    /// at which that was asked for.
    fn ends_early(&self, ours: &Cancellation) -> bool {
        self.end == End::Come
            && ours.stop_done_at.is_some()
            && ours.stop_asked_at == Some(self.asked_at)
            && ours.stop_mode.as_deref() == Some("at_period_end")
            && ours
                .stop_effective_at
                .is_some_and(|planned| self.effective_at < planned)
    }
}

/// Whether the subscription, as known here, stops or has stopped.
fn stops(row: &Subscription) -> bool {
    row.status == "canceled" || row.renewal == "stops" || row.cancel_at.is_some()
}

impl Books<'_> {
    /// Takes down what a snapshot says of the subscription's end, also when it came late. Returns when
    /// it was seen to go on, if it does.
    pub(super) fn note_stop(
        &mut self,
        fact: &SubscriptionFact,
        version: &str,
        told_at: Timestamp,
    ) -> Option<i64> {
        if let Some(stop) = StopTold::of(fact, version, told_at) {
            self.stops.push(stop);
            return None;
        }
        if fact.status.is_terminal() {
            return None;
        }
        let seen = Some(told_at.as_micros());
        let id = fact.id.to_string();
        let is_news = |row: &Subscription| row.seen_renewing_at < seen;
        if self.subscriptions.get(&id).is_some_and(is_news)
            && let Some(row) = self.subscriptions.change(&id)
        {
            row.seen_renewing_at = seen;
            if stops(row) {
                self.resumed.insert(id);
            }
        }
        seen
    }

    /// Writes what follows for cancellations: adopted ones come, change and are taken back; ours look at
    /// their stop again. Runs when the subscriptions are written.
    pub(super) fn adopt(&mut self, tx: &mut WriteTx<'_>) -> Result<(), Failure> {
        let mut told: BTreeMap<String, Vec<StopTold>> = BTreeMap::new();
        for stop in std::mem::take(&mut self.stops) {
            told.entry(stop.subscription.clone())
                .or_default()
                .push(stop);
        }
        let resumed = std::mem::take(&mut self.resumed);
        for id in &resumed {
            told.entry(id.clone()).or_default();
        }
        let ids: Vec<String> = told
            .keys()
            .filter_map(|id| self.subscriptions.get(id))
            .map(|row| row.id.clone())
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        let rows = tx.cancellations_of_subscriptions(&ids)?;
        for (provider_id, stops) in &told {
            let Some(subscription) = self.subscriptions.get(provider_id) else {
                continue;
            };
            let mut own: Vec<Cancellation> = rows
                .iter()
                .filter(|row| row.subscription_id == subscription.id)
                .cloned()
                .collect();
            for stop in stops {
                self.adopt_stop(subscription, stop, &mut own);
            }
            for row in &mut own {
                if row.origin == "provider" {
                    follow(subscription, row);
                } else if row.state == "attention"
                    || row.state != "undone" && resumed.contains(provider_id)
                {
                    // Its stop may be off, or on again: the saga sees which.
                    row.due_at = Some(self.now.as_micros());
                }
                if !rows.contains(row) {
                    tx.save_cancellation(row)?;
                }
            }
        }
        Ok(())
    }

    fn adopt_stop(
        &self,
        subscription: &Subscription,
        stop: &StopTold,
        own: &mut Vec<Cancellation>,
    ) {
        let (ours, mut adopted): (Vec<&mut Cancellation>, Vec<&mut Cancellation>) =
            own.iter_mut().partition(|row| row.origin == "avstem");
        let mut stop = stop.clone();
        if ours.iter().any(|row| stop.ends_early(row)) {
            stop.asked_at = stop.effective_at;
        }
        let known = adopted.iter_mut().find(|row| match stop.asked {
            Asked::Stated => row.stop_asked_at == Some(stop.asked_at),
            Asked::Guessed => row.state != "undone",
        });
        if let Some(row) = known {
            if row.version < stop.version {
                row.stop_mode = Some(stop.mode().to_owned());
                row.stop_effective_at = Some(stop.effective_at);
                row.version.clone_from(&stop.version);
            }
            return;
        }
        if ours.iter().any(|row| stop.is_of(row)) {
            return;
        }
        let id = CancellationId::from_uuid(self.clock.uuid()).to_string();
        tracing::info!(cancellation.id = %id, subscription.id = %subscription.id, "Adopted a cancellation of {} made at the provider", subscription.id);
        own.push(Cancellation {
            id,
            subscription_id: subscription.id.clone(),
            origin: "provider".to_owned(),
            state: "completed".to_owned(),
            step: "finished".to_owned(),
            // Who asked there is not known. It was done in the shop's own account.
            requested_by: "shop".to_owned(),
            refund: "none".to_owned(),
            reason: stop.reason.clone(),
            received_at: stop.asked_at,
            judged_at: stop.asked_at,
            stop_mode: Some(stop.mode().to_owned()),
            stop_effective_at: Some(stop.effective_at),
            stop_done_at: Some(stop.asked_at),
            policy_version: None,
            attention: None,
            trouble: None,
            attempts: 0,
            due_at: None,
            lease_until: 0,
            fence: 0,
            stop_asked_at: Some(stop.asked_at),
            undo_requested_at: None,
            undone_at: None,
            version: stop.version.clone(),
        });
    }
}

/// Brings an adopted cancellation to what the subscription, as it is now, says of its stop.
fn follow(subscription: &Subscription, row: &mut Cancellation) {
    // What was taken back through us stays so; what is being taken back is the saga's.
    if row.undone_at.is_some() || row.undo_requested_at.is_some() {
        return;
    }
    let stands = stops(subscription) && subscription.canceled_at == row.stop_asked_at;
    let taken_back = !stands && subscription.seen_renewing_at > row.stop_asked_at;
    row.state = if taken_back { "undone" } else { "completed" }.to_owned();
}
