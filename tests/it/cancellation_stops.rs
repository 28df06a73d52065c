//! Where billing stops: now, or at the end of what is paid; and always before money moves.

use crate::saga::{self, Case, Right, assert_nothing_is_charged_any_more};
use crate::world::{World, monthly, settle};
use avstem::app::cancellation::CancellationView;
use avstem_domain::cancellation::RefundChoice;
use avstem_simulator::{PaymentBehavior, Plan};
use avstem_webhooks::outbound::Method;

const PATIENCE_MIN: i64 = 10;

fn settled(world: &World, case: &Case) -> CancellationView {
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap()
}

fn codes(view: &CancellationView) -> Vec<&str> {
    view.verdicts
        .iter()
        .map(|verdict| verdict.code.as_str())
        .collect()
}

/// A trial of two weeks before the first paid month.
fn with_trial() -> Plan {
    Plan {
        trial_days: 14,
        ..monthly()
    }
}

fn outside_the_window_billing_stops_at_period_end(world: &mut World) {
    let case = Case::ask(world, saga::outside_the_window(world), Right::Nothing);
    let view = settled(world, &case);
    case.assert_completed(world, "outside the window");
    assert_eq!(codes(&view), ["outside_window"]);
    assert_eq!(view.verdicts[0].clause, "R5");
    assert!(view.refunds.is_empty());
    let found = world
        .provider()
        .subscription_view(&case.subscription)
        .unwrap();
    assert_eq!(view.row.stop_mode.as_deref(), Some("at_period_end"));
    assert_eq!(
        view.row.stop_effective_at,
        Some(found.current_period_end.as_micros())
    );
    assert!(found.cancel_at_period_end);
    assert_eq!(found.status, "active", "the paid period is the customer's");
    let subscription = case.subscription.clone();
    assert_nothing_is_charged_any_more(world, &[case]);
    assert_eq!(
        world
            .provider()
            .subscription_view(&subscription)
            .unwrap()
            .status,
        "canceled"
    );
}

fn a_trial_runs_to_its_end_and_is_never_charged(world: &mut World) {
    let (_, subscription) = world.subscribe_to(&with_trial(), PaymentBehavior::Succeeds);
    let trial_end = world.clock.now().saturating_add_seconds(14 * 86_400);
    world.pass_days(3);
    let case = Case::ask(world, subscription, Right::Nothing);
    let view = settled(world, &case);
    case.assert_completed(world, "trial");
    assert_eq!(view.row.stop_mode.as_deref(), Some("at_period_end"));
    assert_eq!(view.row.stop_effective_at, Some(trial_end.as_micros()));
    assert!(view.refunds.is_empty());
    let found = world
        .provider()
        .subscription_view(&case.subscription)
        .unwrap();
    assert_eq!(
        (found.status, found.cancel_at_period_end),
        ("trialing", true)
    );
    let subscription = case.subscription.clone();
    assert_nothing_is_charged_any_more(world, &[case]);
    assert!(world.charges(&subscription).is_empty());
}

fn past_due_stops_at_once_and_what_is_owed_is_voided(world: &mut World) {
    let (customer, subscription) = world.subscribe();
    world
        .provider()
        .set_payment_behavior(&customer, PaymentBehavior::Fails);
    world.pass_days(32);
    let status = world
        .provider()
        .subscription_view(&subscription)
        .unwrap()
        .status;
    assert_eq!(status, "past_due");
    let case = Case::ask(world, subscription, Right::Nothing);
    let view = settled(world, &case);
    case.assert_completed(world, "past due");
    assert_eq!(codes(&view), ["not_paid", "outside_window"]);
    assert_eq!(view.verdicts[0].clause, "R2");
    assert_eq!(view.row.stop_mode.as_deref(), Some("immediate"));
    let provider = world.provider();
    let statuses: Vec<&str> = provider
        .invoices_of(&case.subscription)
        .iter()
        .map(|invoice| invoice.status)
        .collect();
    assert_eq!(statuses, ["paid", "void"]);
    drop(provider);
    assert_nothing_is_charged_any_more(world, &[case]);
}

/// The first payment was declined: nothing was ever paid.
fn an_incomplete_subscription_stops_at_once(world: &mut World) {
    let (_, subscription) = world.subscribe_to(&monthly(), PaymentBehavior::Fails);
    world.deliver();
    let cancellation = world.cancel(&subscription);
    let view = settle(&world.app, world, &cancellation, PATIENCE_MIN).unwrap();
    assert_eq!(view.row.state, "completed");
    assert_eq!(view.row.stop_mode.as_deref(), Some("immediate"));
    assert_eq!(codes(&view), ["not_paid"]);
    assert_eq!(
        world
            .provider()
            .subscription_view(&subscription)
            .unwrap()
            .status,
        "canceled"
    );
}

/// Staff ended it in the dashboard: the stop is done, the refund is judged all the same.
fn a_subscription_already_canceled_is_refunded_by_the_same_rules(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.provider().dashboard_cancel(&subscription);
    let ended_at = world
        .provider()
        .subscription_view(&subscription)
        .unwrap()
        .ended_at;
    let case = Case::ask(world, subscription, Right::LatestCharge);
    let view = settled(world, &case);
    case.assert_completed(world, "already canceled");
    assert_eq!(
        view.row.stop_effective_at,
        ended_at.map(|at| at.as_micros())
    );
    let provider = world.provider();
    let stops = provider
        .requests_seen()
        .iter()
        .filter(|r| r.target.starts_with("/v1/subscriptions/"));
    assert!(
        stops.clone().all(|r| r.method == Method::Get),
        "nothing is stopped twice"
    );
}

fn without_a_refund_the_customer_keeps_the_paid_period(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    let mut request = world.request(&subscription);
    request.refund = RefundChoice::None;
    let case = Case::ask_so(world, subscription, Right::Nothing, request);
    let view = settled(world, &case);
    case.assert_completed(world, "refund: none");
    assert_eq!(
        codes(&view),
        ["latest_charge", "earlier_period"],
        "shown, not paid"
    );
    let end = world
        .provider()
        .subscription_view(&case.subscription)
        .unwrap()
        .current_period_end;
    assert_eq!(view.row.stop_mode.as_deref(), Some("at_period_end"));
    assert_eq!(view.row.stop_effective_at, Some(end.as_micros()));
    assert_nothing_is_charged_any_more(world, &[case]);
}

fn billing_stops_before_money_moves(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.provider().start_renewal(&subscription);
    let case = Case::ask(world, subscription, Right::LatestCharge);
    let moved = world.provider().money_moved().len();
    settled(world, &case);
    case.assert_completed(world, "with a draft");
    let provider = world.provider();
    let changes: Vec<_> = provider
        .requests_seen()
        .iter()
        .filter(|r| r.method != Method::Get)
        .collect();
    let refund = changes
        .iter()
        .position(|r| r.target == "/v1/refunds")
        .unwrap();
    let stop = changes
        .iter()
        .position(|r| r.method == Method::Delete)
        .unwrap();
    let void = changes
        .iter()
        .position(|r| r.target.ends_with("/void"))
        .unwrap();
    assert!(stop < void && void < refund, "{changes:?}");
    assert_eq!(refund, changes.len() - 1);
    for change in &changes {
        assert_eq!(change.money_moved_before, moved, "{change:?}");
    }
}

on_both_databases! {
    outside_the_window_billing_stops_at_period_end,
    a_trial_runs_to_its_end_and_is_never_charged,
    past_due_stops_at_once_and_what_is_owed_is_voided,
    an_incomplete_subscription_stops_at_once,
    a_subscription_already_canceled_is_refunded_by_the_same_rules,
    without_a_refund_the_customer_keeps_the_paid_period,
    billing_stops_before_money_moves,
}
