//! The saga stopped after every step, and every step run twice: one refund for each right.

use crate::saga::{self, Case, Right, assert_nothing_is_charged_any_more};
use crate::tally::{Tried, tried};
use crate::world::{World, settle};
use avstem::app::Failure;
use avstem::app::seams::Seams;
use avstem_simulator::{Action, CallMatch, Fault};
use avstem_webhooks::outbound::Method;
use std::sync::{Arc, Mutex};

/// Longer than any lease.
const LEASE_OVER_S: i64 = 61;
const PATIENCE_MIN: i64 = 10;

/// Begins a cancellation in a world where others came before.
type Begin = fn(&World) -> Case;

fn plain_refund(world: &World) -> Case {
    Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge)
}

fn at_period_end(world: &World) -> Case {
    Case::ask(world, saga::outside_the_window(world), Right::Nothing)
}

/// The next month's invoice is a draft when the customer cancels.
fn draft_renewal(world: &World) -> Case {
    let subscription = saga::in_the_second_month(world);
    world.provider().start_renewal(&subscription);
    Case::ask(world, subscription, Right::LatestCharge)
}

/// The next month is paid right before billing stops.
fn late_renewal(world: &World) -> Case {
    let case = plain_refund(world);
    let renewal = Action::PayRenewal {
        subscription: case.subscription.clone(),
    };
    world.provider().faults().before(
        CallMatch::next(Method::Delete, "/v1/subscriptions/*"),
        renewal,
    );
    case
}

/// The stop was to be at period end; the next month is paid before the provider hears of it.
fn late_renewal_before_a_stop_at_period_end(world: &World) -> Case {
    let case = at_period_end(world);
    let renewal = Action::PayRenewal {
        subscription: case.subscription.clone(),
    };
    world.provider().faults().before(
        CallMatch::next(Method::Post, "/v1/subscriptions/*"),
        renewal,
    );
    case
}

/// The refund is made, and the answer lost.
fn lost_answer(world: &World) -> Case {
    let case = plain_refund(world);
    let refund = CallMatch::next(Method::Post, "/v1/refunds");
    world
        .provider()
        .faults()
        .on(refund, Fault::LoseAnswerAfterEffect);
    case
}

/// The request for a refund is lost on its way.
fn lost_request(world: &World) -> Case {
    let case = plain_refund(world);
    let refund = CallMatch::next(Method::Post, "/v1/refunds");
    world
        .provider()
        .faults()
        .on(refund, Fault::LoseBeforeEffect);
    case
}

/// Plays the scenario without a stop, to know its steps; then once for each of them, with a process
/// that dies there and another that goes on once the lease is over.
fn stops_after_every_step(world: &World, steps_min: usize, begin: Begin) {
    let seams = Seams::scripted(None);
    let dying = world.another_process(seams.clone());
    let first = begin(world);
    settle(&dying, world, &first.cancellation, PATIENCE_MIN).unwrap();
    first.assert_completed(world, "without a stop");
    let steps = seams.crossed();
    assert!(steps.len() >= steps_min, "{} steps: {steps:?}", steps.len());
    let mut cases = vec![first];
    for (number, step) in steps.iter().enumerate() {
        let case = begin(world);
        seams.count_again(Some(number));
        let died = settle(&dying, world, &case.cancellation, PATIENCE_MIN);
        assert!(
            matches!(died, Err(Failure::Stopped(_))),
            "step {number} comes again: {died:?}"
        );
        world.pass_seconds(LEASE_OVER_S);
        world.deliver();
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        case.assert_completed(world, &format!("stopped at {number} {step}"));
        cases.push(case);
    }
    assert_nothing_is_charged_any_more(world, &cases);
    tried(&world.url, Tried::Seams, steps.len());
}

/// A process stands still at each step in turn; meanwhile its lease ends and another process takes the
/// cancellation to its end. Then the first goes on with the step that it was at.
fn runs_every_step_twice(world: &World, begin: Begin) {
    let seams = Seams::scripted(None);
    let first = begin(world);
    let counting = world.another_process(seams.clone());
    settle(&counting, world, &first.cancellation, PATIENCE_MIN).unwrap();
    let steps = seams.crossed();
    let paused = Arc::new(Mutex::new(String::new()));
    let (others, whose) = (world.clone(), Arc::clone(&paused));
    let seams = Seams::paused(usize::MAX, move || {
        others.pass_seconds(LEASE_OVER_S);
        let cancellation = whose.lock().unwrap().clone();
        settle(&others.app, &others, &cancellation, PATIENCE_MIN).unwrap();
    });
    let slow = world.another_process(seams.clone());
    let mut cases = vec![first];
    for (number, step) in steps.iter().enumerate() {
        let case = begin(world);
        paused.lock().unwrap().clone_from(&case.cancellation);
        seams.count_again(Some(number));
        settle(&slow, world, &case.cancellation, PATIENCE_MIN).unwrap();
        assert!(seams.crossed().len() > number, "step {number} comes again");
        seams.count_again(None);
        world.deliver();
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        case.assert_completed(world, &format!("twice from {number} {step}"));
        let receipts = world.view(&case.cancellation).receipts;
        assert_eq!(
            receipts.len(),
            2,
            "twice from {number} {step}: one receipt in each language"
        );
        cases.push(case);
    }
    assert_nothing_is_charged_any_more(world, &cases);
    tried(&world.url, Tried::Races, steps.len());
}

/// Two processes die one after the other, each at any step.
fn two_stops_in_one_refund_make_one_refund(world: &mut World) {
    let seams = Seams::scripted(None);
    let dying = world.another_process(seams.clone());
    let first = lost_answer(world);
    settle(&dying, world, &first.cancellation, PATIENCE_MIN).unwrap();
    let steps = seams.crossed();
    let sent = steps
        .iter()
        .position(|step| *step == "tx:refund-claim:before")
        .unwrap();
    let mut cases = vec![first];
    for one in sent..steps.len() {
        for two in (one % 7..steps.len() - one).step_by(7) {
            let case = lost_answer(world);
            seams.count_again(Some(one));
            settle(&dying, world, &case.cancellation, PATIENCE_MIN).unwrap_err();
            world.pass_seconds(LEASE_OVER_S);
            seams.count_again(Some(two));
            // It may be done before it comes to that step.
            let _ = settle(&dying, world, &case.cancellation, PATIENCE_MIN);
            seams.count_again(None);
            world.pass_seconds(LEASE_OVER_S);
            settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
            case.assert_completed(world, &format!("stopped at {one}, then at {two}"));
            cases.push(case);
        }
    }
    assert_nothing_is_charged_any_more(world, &cases);
    tried(&world.url, Tried::Pairs, cases.len() - 1);
}

fn a_plain_refund_survives_a_stop_after_every_step(world: &mut World) {
    stops_after_every_step(world, 30, plain_refund);
}

fn a_stop_at_period_end_survives_a_stop_after_every_step(world: &mut World) {
    stops_after_every_step(world, 20, at_period_end);
}

fn a_draft_renewal_stays_unpaid_whatever_step_is_the_last(world: &mut World) {
    stops_after_every_step(world, 40, draft_renewal);
}

fn a_late_renewal_goes_back_once_whatever_step_is_the_last(world: &mut World) {
    stops_after_every_step(world, 40, late_renewal);
}

fn a_late_renewal_before_a_stop_at_period_end_goes_back_once(world: &mut World) {
    stops_after_every_step(world, 40, late_renewal_before_a_stop_at_period_end);
}

fn a_lost_answer_followed_by_a_stop_makes_one_refund(world: &mut World) {
    stops_after_every_step(world, 40, lost_answer);
}

fn a_lost_request_followed_by_a_stop_makes_one_refund(world: &mut World) {
    stops_after_every_step(world, 40, lost_request);
}

fn every_step_of_a_plain_refund_may_run_twice(world: &mut World) {
    runs_every_step_twice(world, plain_refund);
}

fn every_step_of_a_stop_at_period_end_may_run_twice(world: &mut World) {
    runs_every_step_twice(world, at_period_end);
}

fn every_step_with_a_draft_renewal_may_run_twice(world: &mut World) {
    runs_every_step_twice(world, draft_renewal);
}

fn every_step_with_a_late_renewal_may_run_twice(world: &mut World) {
    runs_every_step_twice(world, late_renewal);
}

fn every_step_after_a_lost_answer_may_run_twice(world: &mut World) {
    runs_every_step_twice(world, lost_answer);
}

on_both_databases! {
    a_plain_refund_survives_a_stop_after_every_step,
    a_stop_at_period_end_survives_a_stop_after_every_step,
    a_draft_renewal_stays_unpaid_whatever_step_is_the_last,
    a_late_renewal_goes_back_once_whatever_step_is_the_last,
    a_late_renewal_before_a_stop_at_period_end_goes_back_once,
    a_lost_answer_followed_by_a_stop_makes_one_refund,
    a_lost_request_followed_by_a_stop_makes_one_refund,
    two_stops_in_one_refund_make_one_refund,
    every_step_of_a_plain_refund_may_run_twice,
    every_step_of_a_stop_at_period_end_may_run_twice,
    every_step_with_a_draft_renewal_may_run_twice,
    every_step_with_a_late_renewal_may_run_twice,
    every_step_after_a_lost_answer_may_run_twice,
}
