//! Where billing stops.

use super::fixtures::{World, at, month, planned, report, sek};
use super::*;

fn stop(change: impl FnOnce(&mut World)) -> (StopMode, String, StopStanding) {
    let Stop {
        mode,
        effective_at,
        standing,
    } = planned(change).stop;
    (mode, effective_at.to_string(), standing)
}

/// An immediate stop at `when`.
fn at_once(when: &str) -> (StopMode, String, StopStanding) {
    (StopMode::Immediate, when.to_owned(), StopStanding::ToDo)
}

fn at_period_end(when: &str) -> (StopMode, String, StopStanding) {
    (StopMode::AtPeriodEnd, when.to_owned(), StopStanding::ToDo)
}

const REQUEST: &str = "2026-11-10T12:00:00Z";

#[test]
fn refunding_the_latest_charge_stops_at_once() {
    assert_eq!(stop(|_| {}), at_once(REQUEST));
}

#[test]
fn the_window_s_last_second_stops_at_once_and_the_next_at_the_period_s_end() {
    let last = "2026-11-15T09:00:00Z";
    assert_eq!(stop(|w| w.ask(last)), at_once(last));
    assert_eq!(
        stop(|w| w.ask("2026-11-15T09:00:01Z")),
        at_period_end("2026-12-01T08:00:00Z")
    );
}

#[test]
fn a_partial_refund_stops_at_once_too() {
    assert_eq!(
        stop(|w| w.charge(3).delivery = report(10, 9)),
        at_once(REQUEST)
    );
}

#[test]
fn a_delivered_period_runs_to_its_end() {
    let delivered = |w: &mut World| w.charge(3).delivery = report(10, 10);
    assert_eq!(stop(delivered), at_period_end("2026-12-01T08:00:00Z"));
}

#[test]
fn a_report_of_nothing_delivered_refunds_and_stops_at_once() {
    assert_eq!(
        stop(|w| w.charge(3).delivery = report(10, 0)),
        at_once(REQUEST)
    );
}

#[test]
fn a_refunded_or_disputed_latest_charge_leaves_the_paid_period_running() {
    let end = at_period_end("2026-12-01T08:00:00Z");
    assert_eq!(stop(|w| w.charge(3).refunded = sek(24_900)), end);
    assert_eq!(stop(|w| w.charge(3).dispute = DisputeStanding::Blocks), end);
}

#[test]
fn no_refund_asked_keeps_the_paid_period() {
    let keep = |w: &mut World| w.request.refund = RefundChoice::None;
    assert_eq!(stop(keep), at_period_end("2026-12-01T08:00:00Z"));
}

#[test]
fn no_refund_asked_stops_at_once_where_no_paid_period_runs() {
    let overdue = |w: &mut World| {
        w.request.refund = RefundChoice::None;
        w.facts.subscription.status = SubscriptionStatus::PastDue;
    };
    assert_eq!(stop(overdue), at_once(REQUEST));
}

#[test]
fn overdue_unpaid_incomplete_and_paused_subscriptions_stop_at_once() {
    for status in [
        SubscriptionStatus::PastDue,
        SubscriptionStatus::Unpaid,
        SubscriptionStatus::Incomplete,
        SubscriptionStatus::Paused,
    ] {
        let change = |w: &mut World| {
            w.facts.subscription.status = status;
            w.charge(3).delivery = report(1, 1);
        };
        assert_eq!(stop(change), at_once(REQUEST), "{status}");
    }
}

#[test]
fn a_trial_runs_to_its_end() {
    let trial = |w: &mut World| {
        w.facts.charges.clear();
        w.facts.subscription.status = SubscriptionStatus::Trialing;
        w.facts.subscription.trial_end = Some(at("2026-11-20T00:00:00Z"));
    };
    assert_eq!(stop(trial), at_period_end("2026-11-20T00:00:00Z"));
}

#[test]
fn a_trial_that_ends_at_the_request_is_over() {
    let over = |w: &mut World| {
        w.facts.charges.clear();
        w.facts.subscription.current_period = None;
        w.facts.subscription.status = SubscriptionStatus::Trialing;
        w.facts.subscription.trial_end = Some(at(REQUEST));
    };
    assert_eq!(stop(over), at_once(REQUEST));
}

#[test]
fn a_trial_without_a_known_end_runs_to_the_end_of_the_current_period() {
    let trial = |w: &mut World| {
        w.facts.subscription.status = SubscriptionStatus::Trialing;
        w.facts.charges.truncate(1);
    };
    assert_eq!(stop(trial), at_period_end("2026-12-01T08:00:00Z"));
}

#[test]
fn a_past_trial_of_an_active_subscription_does_not_count() {
    let active = |w: &mut World| {
        w.facts.subscription.trial_end = Some(at("2027-01-01T00:00:00Z"));
        w.charge(3).delivery = report(1, 1);
    };
    assert_eq!(stop(active), at_period_end("2026-12-01T08:00:00Z"));
}

#[test]
fn a_request_made_before_the_renewal_refunds_it_and_stops_at_the_request() {
    // The mail was written on 20 October and is handled in November: the renewal of 1 November is an
    // error, and October's charge is outside the window.
    let asked = "2026-10-20T00:00:00Z";
    let plan = planned(|w| w.ask(asked));
    assert_eq!(plan.refunds().len(), 1);
    assert_eq!(stop(|w| w.ask(asked)), at_once(asked));
}

#[test]
fn a_late_renewal_without_refund_leaves_the_period_paid_at_the_request() {
    let kept = |w: &mut World| {
        w.request.refund = RefundChoice::None;
        w.ask("2026-10-20T00:00:00Z");
    };
    assert_eq!(stop(kept), at_period_end("2026-11-01T08:00:00Z"));
}

#[test]
fn a_renewed_period_that_is_not_paid_does_not_run() {
    // The provider's current period is December's; its charge failed, and November is over.
    let renewed = |w: &mut World| {
        w.facts.subscription.current_period = Some(
            BillingPeriod::new(at("2026-12-01T08:00:00Z"), at("2027-01-01T08:00:00Z")).unwrap(),
        );
        w.add(4, 3).status = ChargeStatus::Failed;
        w.charge(4).paid_at = None;
        w.charge(4).period = w.facts.subscription.current_period;
        w.ask("2026-12-01T09:00:00Z");
    };
    assert_eq!(stop(renewed), at_once("2026-12-01T09:00:00Z"));
}

#[test]
fn a_pending_renewal_does_not_extend_the_paid_period() {
    let pending = |w: &mut World| {
        w.charge(3).status = ChargeStatus::Pending;
        w.charge(3).paid_at = None;
        w.ask("2026-10-20T00:00:00Z");
    };
    assert_eq!(stop(pending), at_period_end("2026-11-01T08:00:00Z"));
}

#[test]
fn periods_paid_ahead_run_to_the_last_end() {
    let ahead = |w: &mut World| {
        w.charge(3).paid_at = Some(at("2026-10-02T00:00:00Z"));
        w.ask("2026-10-20T00:00:00Z");
    };
    assert_eq!(stop(ahead), at_period_end("2026-12-01T08:00:00Z"));
}

#[test]
fn a_free_period_runs_to_its_end_like_a_paid_one() {
    let free = |w: &mut World| {
        w.facts.charges.truncate(2);
        w.facts.subscription.free_periods = vec![month(2)];
    };
    assert_eq!(stop(free), at_period_end("2026-12-01T08:00:00Z"));
}

#[test]
fn a_proration_does_not_pay_for_a_period() {
    let proration = |w: &mut World| w.charge(3).kind = ChargeKind::Other;
    assert_eq!(stop(proration), at_once(REQUEST));
}

#[test]
fn without_any_known_payment_the_provider_s_current_period_counts() {
    let unknown = |w: &mut World| w.facts.charges.clear();
    assert_eq!(stop(unknown), at_period_end("2026-12-01T08:00:00Z"));
    let over = |w: &mut World| {
        w.facts.charges.clear();
        w.ask("2026-12-01T08:00:00Z");
    };
    assert_eq!(stop(over), at_once("2026-12-01T08:00:00Z"));
}

#[test]
fn a_paid_period_that_ends_at_the_request_is_over() {
    let change = |w: &mut World| w.ask("2026-12-01T08:00:00Z");
    assert_eq!(stop(change), at_once("2026-12-01T08:00:00Z"));
    let second_before = |w: &mut World| w.ask("2026-12-01T07:59:59Z");
    assert_eq!(stop(second_before), at_period_end("2026-12-01T08:00:00Z"));
}

#[test]
fn a_canceled_subscription_is_stopped_already_and_judged_all_the_same() {
    let canceled = |w: &mut World| {
        w.facts.subscription.status = SubscriptionStatus::Canceled;
        w.facts.subscription.ended_at = Some(at("2026-11-05T00:00:00Z"));
    };
    let over = |when: &str| {
        (
            StopMode::Immediate,
            when.to_owned(),
            StopStanding::AlreadyStopped,
        )
    };
    assert_eq!(stop(canceled), over("2026-11-05T00:00:00Z"));
    assert_eq!(planned(canceled).refunds().len(), 1);
    let expired = |w: &mut World| w.facts.subscription.status = SubscriptionStatus::Expired;
    assert_eq!(stop(expired), over(REQUEST));
}

#[test]
fn a_stop_asked_for_earlier_is_not_moved_to_a_later_day() {
    let with = |stops_at: &str| {
        stop(|w| {
            w.charge(3).delivery = report(1, 1);
            w.facts.subscription.stops_at = Some(at(stops_at));
        })
    };
    assert_eq!(
        with("2026-11-20T00:00:00Z"),
        at_period_end("2026-11-20T00:00:00Z")
    );
    assert_eq!(
        with("2027-02-01T00:00:00Z"),
        at_period_end("2026-12-01T08:00:00Z")
    );
    assert_eq!(with(REQUEST), at_period_end("2026-12-01T08:00:00Z"));
}
