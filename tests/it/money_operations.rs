//! A refund on its way: what the books say meanwhile, and what the provider may answer.

use crate::saga::{self, Case, Right};
use crate::world::{World, settle};
use avstem::app::cancellation::{self, CancellationView};
use avstem::app::refund_operation;

const PATIENCE_MIN: i64 = 10;
const PAYABLE: &str = "liabilities:refunds_payable";
const PROVIDER: &str = "assets:provider:stripe";

/// A refund that was decided and not yet asked for, and its charge.
fn decided(world: &World) -> (Case, String) {
    let case = Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge);
    cancellation::run_due(&world.app).unwrap();
    assert_eq!(world.view(&case.cancellation).refunds[0].state, "pending");
    let charge = world.latest_charge(&case.subscription);
    (case, charge)
}

fn settled(world: &World, case: &Case) -> CancellationView {
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap()
}

fn what_is_decided_is_owed_until_it_is_paid(world: &mut World) {
    let (case, _) = decided(world);
    assert_eq!(world.balance(PAYABLE), "-249.00");
    assert_eq!(world.balance(PROVIDER), "498.00");
    assert_eq!(world.view(&case.cancellation).row.state, "refunding");
    let refund = world.view(&case.cancellation).refunds.remove(0);
    assert!(
        refund.idempotency_key.is_some() && refund.request_body.is_some(),
        "ready before the call"
    );
    assert_eq!(refund.first_sent_at, None);
    world.check_books();

    refund_operation::run_due(&world.app).unwrap();
    assert_eq!(world.balance(PAYABLE), "0.00");
    assert_eq!(world.balance(PROVIDER), "249.00");
    settled(world, &case);
    case.assert_completed(world, "paid");
    world.check_books();
}

fn a_refund_that_takes_its_time_is_submitted_until_a_webhook_says_more(world: &mut World) {
    world.provider().refunds_start_pending(1800);
    let (case, _) = decided(world);
    refund_operation::run_due(&world.app).unwrap();
    world.work(1).unwrap();
    let view = world.view(&case.cancellation);
    assert_eq!(
        (view.refunds[0].state.as_str(), view.row.state.as_str()),
        ("submitted", "refunding")
    );
    assert_eq!(world.balance(PAYABLE), "-249.00");
    assert!(
        view.receipts.is_empty(),
        "no receipt before the refund has succeeded"
    );

    world.pass_seconds(1800);
    world.deliver();
    let view = settled(world, &case);
    assert_eq!(
        (view.refunds[0].state.as_str(), view.row.state.as_str()),
        ("succeeded", "completed")
    );
    assert_eq!(world.balance(PAYABLE), "0.00");
    case.assert_completed(world, "by webhook");
    world.check_books();
}

/// Its webhook never comes: we ask.
fn a_submitted_refund_is_asked_about_when_nobody_tells(world: &mut World) {
    world.provider().refunds_start_pending(1800);
    let (case, _) = decided(world);
    refund_operation::run_due(&world.app).unwrap();
    world.pass_seconds(refund_operation::RECHECK_SUBMITTED_S + 1);
    settled(world, &case);
    case.assert_completed(world, "found by asking");
    world.check_books();
}

fn a_refund_that_fails_before_it_succeeded_needs_a_person(world: &mut World) {
    world.provider().refunds_start_pending(3600);
    let (case, charge) = decided(world);
    refund_operation::run_due(&world.app).unwrap();
    let refund = world.provider().refunds_of(&charge).remove(0).id;
    assert!(world.provider().fail_refund(&refund));
    world.deliver();
    let view = settled(world, &case);
    assert_eq!(
        (view.refunds[0].state.as_str(), view.row.state.as_str()),
        ("failed", "attention")
    );
    assert!(view.row.trouble.unwrap().contains(&view.refunds[0].id));
    assert_eq!(
        world.balance(PAYABLE),
        "-249.00",
        "the customer is still owed"
    );
    world.check_books();
}

/// The customer's bank sends the money back days after it was paid out.
fn a_refund_that_comes_back_reopens_its_cancellation(world: &mut World) {
    let (case, charge) = decided(world);
    settled(world, &case);
    world.deliver();
    case.assert_completed(world, "before it came back");
    world.pass_days(3);
    let refund = world.provider().refunds_of(&charge).remove(0).id;
    assert!(world.provider().fail_refund(&refund));
    world.deliver();
    let view = settled(world, &case);
    assert_eq!(
        (view.refunds[0].state.as_str(), view.row.state.as_str()),
        ("failed", "attention")
    );
    assert!(view.row.trouble.unwrap().contains(&view.refunds[0].id));
    assert_eq!(
        world.balance(PAYABLE),
        "-249.00",
        "the customer is owed again"
    );
    assert_eq!(
        world.refunds_paid(&charge),
        1,
        "nothing is sent again by itself"
    );
    world.check_books();
}

/// Staff refunded the charge in the dashboard after our decision.
fn already_refunded_is_a_decision_and_no_error(world: &mut World) {
    let (case, charge) = decided(world);
    world.provider().dashboard_refund(&charge, None).unwrap();
    refund_operation::run_due(&world.app).unwrap();
    world.deliver();
    let view = settled(world, &case);
    let ours = &view.refunds[0];
    assert_eq!(
        (ours.state.as_str(), ours.failure_reason.as_deref()),
        ("canceled", Some("already_refunded"))
    );
    assert_eq!(view.row.state, "completed");
    assert_eq!(world.refunds_paid(&charge), 1, "the dashboard's");
    assert_eq!(world.balance(PAYABLE), "0.00");
    case.assert_stopped(world, "already refunded");
    world.check_books();
}

/// Staff refunded a part of it: ours would be more than is left, so the rest is asked for instead.
fn more_than_is_left_becomes_what_is_left(world: &mut World) {
    let (case, charge) = decided(world);
    world
        .provider()
        .dashboard_refund(&charge, Some(1_000))
        .unwrap();
    refund_operation::run_due(&world.app).unwrap();
    let view = settled(world, &case);
    let told: Vec<(&str, i64, Option<&str>)> = view
        .refunds
        .iter()
        .map(|refund| {
            let why = refund.failure_reason.as_deref();
            (refund.state.as_str(), refund.amount, why)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("canceled", 24_900, Some("amount_too_large")),
            ("succeeded", 23_900, None)
        ]
    );
    assert_eq!(view.row.state, "completed");
    let seen = world.provider().charge_view(&charge).unwrap();
    assert_eq!(seen.refunded_minor, 24_900);
    world.deliver();
    assert_eq!(world.balance(PAYABLE), "0.00");
    world.check_books();
}

/// Its webhook comes while ours stands for the whole charge: ours stands for the rest from then on.
fn a_dashboard_refund_told_while_ours_is_decided_leaves_the_rest(world: &mut World) {
    let (case, charge) = decided(world);
    world
        .provider()
        .dashboard_refund(&charge, Some(1_000))
        .unwrap();
    world.deliver();
    for state in ["failed", "parked"] {
        assert_eq!(crate::story::events_in(world, state), [], "{state}");
    }
    assert_eq!(world.balance(PAYABLE), "-239.00");
    refund_operation::run_due(&world.app).unwrap();
    settled(world, &case);
    let seen = world.provider().charge_view(&charge).unwrap();
    assert_eq!(seen.refunded_minor, 24_900);
    world.deliver();
    assert_eq!(world.balance(PAYABLE), "0.00");
    world.check_books();
}

/// The customer's bank was faster: it takes the money back by itself.
fn a_charge_disputed_after_the_decision_is_not_refunded(world: &mut World) {
    let (case, charge) = decided(world);
    world.provider().open_dispute(&charge);
    refund_operation::run_due(&world.app).unwrap();
    let view = settled(world, &case);
    let ours = &view.refunds[0];
    assert_eq!(
        (ours.state.as_str(), ours.failure_reason.as_deref()),
        ("canceled", Some("disputed"))
    );
    assert_eq!(view.row.state, "attention");
    assert_eq!(world.refunds_paid(&charge), 0);
    assert_eq!(world.balance(PAYABLE), "0.00");
    case.assert_stopped(world, "disputed");
    world.deliver();
    world.check_books();
}

/// Two refunds of two cancellations are under way while a third one's money is on its way back.
fn what_is_owed_is_the_sum_of_what_is_under_way(world: &mut World) {
    world.provider().refunds_start_pending(7200);
    let (first, charge) = decided(world);
    refund_operation::run_due(&world.app).unwrap();
    let (second, _) = decided(world);
    world.work(1).unwrap();
    // The first has succeeded while the second customer's months went by.
    assert_eq!(
        world.view(&first.cancellation).refunds[0].state,
        "succeeded"
    );
    assert_eq!(world.balance(PAYABLE), "-249.00");
    let refund = world.provider().refunds_of(&charge).remove(0).id;
    world.provider().fail_refund(&refund);
    world.deliver();
    assert_eq!(world.balance(PAYABLE), "-498.00");
    world.pass_seconds(7200);
    world.deliver();
    settled(world, &second);
    assert_eq!(world.balance(PAYABLE), "-249.00");
    world.check_books();
}

on_both_databases! {
    what_is_decided_is_owed_until_it_is_paid,
    a_refund_that_takes_its_time_is_submitted_until_a_webhook_says_more,
    a_submitted_refund_is_asked_about_when_nobody_tells,
    a_refund_that_fails_before_it_succeeded_needs_a_person,
    a_refund_that_comes_back_reopens_its_cancellation,
    already_refunded_is_a_decision_and_no_error,
    more_than_is_left_becomes_what_is_left,
    a_dashboard_refund_told_while_ours_is_decided_leaves_the_rest,
    a_charge_disputed_after_the_decision_is_not_refunded,
    what_is_owed_is_the_sum_of_what_is_under_way,
}
