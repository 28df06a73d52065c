//! How subscriptions stop, go on after all, and run without being paid.

use avstem_simulator::{DunningEnd, PaymentBehavior, Plan, Shape, Simulator};

use crate::world::{DAY, at, get, kinds_since, last, monthly, pass, post, simulator, subscribed};

fn status(sim: &Simulator, subscription: &str) -> &'static str {
    sim.subscription_view(subscription).unwrap().status
}

fn reason(sim: &mut Simulator, subscription: &str) -> Option<String> {
    let shown = get(sim, &format!("/v1/subscriptions/{subscription}"));
    let reason = shown["cancellation_details"]["reason"].as_str();
    reason.map(str::to_owned)
}

#[test]
fn an_end_set_in_the_dashboard_can_be_taken_back_there_and_over_the_api() {
    for takes_back in ["dashboard", "cancel_at_period_end=false", "cancel_at="] {
        for at_instant in [false, true] {
            let (mut sim, _, subscription) = subscribed(Shape::Newer);
            let end = sim.now().saturating_add_seconds(10 * DAY);
            assert!(if at_instant {
                sim.dashboard_cancel_at(&subscription, end)
            } else {
                sim.dashboard_cancel_at_period_end(&subscription)
            });
            let set = sim.subscription_view(&subscription).unwrap();
            assert_eq!(set.cancel_at_period_end, !at_instant);
            assert!(set.cancel_at.is_some() && set.canceled_at.is_some());
            let told = reason(&mut sim, &subscription);
            assert_eq!(told.as_deref(), Some("cancellation_requested"));
            let before = sim.all_events().len();
            if takes_back == "dashboard" {
                assert!(sim.dashboard_uncancel(&subscription));
                assert!(!sim.dashboard_uncancel(&subscription));
            } else {
                let path = format!("/v1/subscriptions/{subscription}");
                assert_eq!(post(&mut sim, &path, takes_back).0, 200);
            }
            assert_eq!(kinds_since(&sim, before), ["customer.subscription.updated"]);
            let view = sim.subscription_view(&subscription).unwrap();
            assert_eq!((view.cancel_at, view.canceled_at), (None, None));
            assert!(!view.cancel_at_period_end);
            assert_eq!(reason(&mut sim, &subscription), None);
            pass(&mut sim, 40 * DAY);
            assert_eq!(status(&sim, &subscription), "active", "{takes_back}");
            assert_eq!(sim.charges_of(&subscription).len(), 2);
        }
    }
}

#[test]
fn an_end_set_in_the_dashboard_comes() {
    let (mut sim, _, subscription) = subscribed(Shape::Classic);
    sim.dashboard_cancel_at_period_end(&subscription);
    sim.advance_to(at("2026-11-30T08:59:59Z"));
    assert_eq!(status(&sim, &subscription), "active");
    sim.advance_to(at("2026-11-30T09:00:00Z"));
    assert_eq!(status(&sim, &subscription), "canceled");
    assert!(!sim.dashboard_uncancel(&subscription));
    assert!(!sim.dashboard_cancel_at_period_end(&subscription));
    let past = sim.now();
    assert!(!sim.dashboard_cancel_at(&subscription, past));
    assert!(!sim.dashboard_cancel_at_period_end("sub_none"));
}

#[test]
fn an_end_in_a_later_period_comes_to_the_second() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let end = at("2026-12-10T12:00:00Z");
    assert!(sim.dashboard_cancel_at(&subscription, end));
    sim.advance_to(at("2026-12-10T11:59:59Z"));
    assert_eq!(status(&sim, &subscription), "active");
    sim.advance_to(end);
    let view = sim.subscription_view(&subscription).unwrap();
    assert_eq!((view.status, view.ended_at), ("canceled", Some(end)));
    assert_eq!(sim.charges_of(&subscription).len(), 2);
}

/// A subscription whose renewal was never paid, after dunning.
fn dunned(end: DunningEnd) -> (Simulator, String, String) {
    let (mut sim, customer, subscription) = subscribed(Shape::Newer);
    sim.dunning_ends(end);
    sim.set_payment_behavior(&customer, PaymentBehavior::Fails);
    sim.advance_to(at("2026-12-16T00:00:00Z"));
    (sim, customer, subscription)
}

#[test]
fn dunning_ends_as_the_account_is_set() {
    for (end, expected) in [
        (DunningEnd::Cancels, "canceled"),
        (DunningEnd::LeavesUnpaid, "unpaid"),
        (DunningEnd::LeavesPastDue, "past_due"),
    ] {
        let (mut sim, _, subscription) = dunned(end);
        assert_eq!(status(&sim, &subscription), expected);
        let told = reason(&mut sim, &subscription);
        let canceled = (expected == "canceled").then_some("payment_failed");
        assert_eq!(told.as_deref(), canceled);
        let invoice = sim.invoices_of(&subscription).pop().unwrap();
        assert_eq!(invoice.status, "open");
        assert_eq!(invoice.auto_advance, end == DunningEnd::LeavesPastDue);
        assert_eq!(sim.money_moved().len(), 1);
    }
}

#[test]
fn an_unpaid_subscription_makes_drafts_until_one_is_paid() {
    let (mut sim, customer, subscription) = dunned(DunningEnd::LeavesUnpaid);
    sim.set_payment_behavior(&customer, PaymentBehavior::Succeeds);
    sim.advance_to(at("2027-01-10T00:00:00Z"));
    assert_eq!(status(&sim, &subscription), "unpaid");
    let draft = sim.invoices_of(&subscription).pop().unwrap();
    assert_eq!((draft.status, draft.auto_advance), ("draft", false));
    assert_eq!(sim.money_moved().len(), 1);
    sim.pay_renewal(&draft.id).unwrap();
    assert_eq!(status(&sim, &subscription), "active");
    sim.advance_to(at("2027-02-10T00:00:00Z"));
    assert_eq!(sim.money_moved().len(), 3);
}

#[test]
fn a_paused_subscription_is_neither_renewed_nor_charged() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let before = sim.all_events().len();
    assert!(sim.pause(&subscription) && !sim.pause(&subscription));
    assert_eq!(
        kinds_since(&sim, before),
        [
            "customer.subscription.updated",
            "customer.subscription.paused"
        ]
    );
    assert_eq!(
        last(&sim, "customer.subscription.paused")["status"],
        "paused"
    );
    assert_eq!(sim.start_renewal(&subscription), "");
    pass(&mut sim, 40 * DAY);
    assert_eq!(status(&sim, &subscription), "paused");
    assert_eq!(sim.invoices_of(&subscription).len(), 1);
    let resumed = sim.now();
    assert!(sim.resume(&subscription) && !sim.resume(&subscription));
    let view = sim.subscription_view(&subscription).unwrap();
    assert_eq!(view.status, "active");
    assert_eq!(
        view.current_period_start.unix_seconds(),
        resumed.unix_seconds()
    );
    assert_eq!(sim.charges_of(&subscription).len(), 2);
    assert!(last(&sim, "customer.subscription.resumed").is_object());
    pass(&mut sim, 32 * DAY);
    assert_eq!(sim.charges_of(&subscription).len(), 3);
}

#[test]
fn a_pause_within_the_paid_period_costs_nothing_and_keeps_its_end() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let end = sim
        .subscription_view(&subscription)
        .unwrap()
        .current_period_end;
    sim.pause(&subscription);
    pass(&mut sim, 5 * DAY);
    assert!(sim.resume(&subscription));
    let view = sim.subscription_view(&subscription).unwrap();
    assert_eq!((view.status, view.current_period_end), ("active", end));
    assert_eq!(sim.invoices_of(&subscription).len(), 1);
    sim.advance_to(end.saturating_add_seconds(3_600));
    assert_eq!(sim.charges_of(&subscription).len(), 2);
}

#[test]
fn a_resumed_subscription_waits_for_its_money() {
    let (mut sim, customer, subscription) = subscribed(Shape::Newer);
    sim.pause(&subscription);
    pass(&mut sim, 40 * DAY);
    sim.set_payment_behavior(&customer, PaymentBehavior::Fails);
    assert!(sim.resume(&subscription));
    assert_eq!(status(&sim, &subscription), "paused");
    let invoice = sim.invoices_of(&subscription).pop().unwrap();
    sim.set_payment_behavior(&customer, PaymentBehavior::Succeeds);
    sim.pay_renewal(&invoice.id).unwrap();
    assert_eq!(status(&sim, &subscription), "active");
}

#[test]
fn a_paused_subscription_still_ends_when_it_was_set_to_and_a_paused_trial_goes_on() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    sim.dashboard_cancel_at_period_end(&subscription);
    sim.pause(&subscription);
    pass(&mut sim, 40 * DAY);
    assert_eq!(status(&sim, &subscription), "canceled");
    let mut sim = simulator(Shape::Newer);
    let customer = sim.create_customer("canary-pii-1@example.test", "Kim", "en");
    let trial = Plan {
        trial_days: 14,
        ..monthly()
    };
    let subscription = sim.subscribe(&customer, &trial);
    sim.pause(&subscription);
    sim.resume(&subscription);
    assert_eq!(status(&sim, &subscription), "trialing");
}
