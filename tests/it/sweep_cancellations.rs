//! Cancellations stopped at every step and at every pair of steps: one refund for each right.

use crate::saga::{
    Case, Right, Subscribers, assert_keys_and_bytes_are_for_life, report_half_delivered,
};
use crate::sweep_driver::{Stride, Work, stops_at_every_pair};
use crate::world::{World, settle};
use avstem::app::{App, Failure};
use avstem_simulator::{Action, CallMatch, Fault};
use avstem_webhooks::outbound::Method;

const PATIENCE_MIN: i64 = 10;

const fn cancellation(begin: fn(&World, String) -> Case) -> Work<Case> {
    Work {
        begin,
        carry,
        check,
    }
}

fn carry(app: &App, world: &World, case: &Case) -> Result<(), Failure> {
    settle(app, world, &case.cancellation, PATIENCE_MIN).map(drop)
}

fn check(world: &World, case: &Case, when: &str) {
    case.assert_completed(world, when);
    assert_keys_and_bytes_are_for_life(world, case, when);
}

fn plain_refund(world: &World, subscription: String) -> Case {
    Case::ask(world, subscription, Right::LatestCharge)
}

/// The next month is paid right before billing stops.
fn late_renewal(world: &World, subscription: String) -> Case {
    let case = plain_refund(world, subscription);
    let renewal = Action::PayRenewal {
        subscription: case.subscription.clone(),
    };
    world.provider().faults().before(
        CallMatch::next(Method::Delete, "/v1/subscriptions/*"),
        renewal,
    );
    case
}

/// The next month's invoice is a draft when the customer cancels.
fn draft_renewal(world: &World, subscription: String) -> Case {
    world.provider().start_renewal(&subscription);
    plain_refund(world, subscription)
}

/// Half of the period was delivered, and the answer to the refund of the other half is lost.
fn partial_refund_without_an_answer(world: &World, subscription: String) -> Case {
    report_half_delivered(world, &subscription);
    let case = Case::ask(world, subscription, Right::HalfOfLatestCharge);
    world.provider().faults().on(
        CallMatch::next(Method::Post, "/v1/refunds"),
        Fault::LoseAnswerAfterEffect,
    );
    case
}

fn at_period_end(world: &World, subscription: String) -> Case {
    Case::ask(world, subscription, Right::Nothing)
}

/// The request for a refund is lost on its way.
fn lost_request(world: &World, subscription: String) -> Case {
    let case = plain_refund(world, subscription);
    let refund = CallMatch::next(Method::Post, "/v1/refunds");
    world
        .provider()
        .faults()
        .on(refund, Fault::LoseBeforeEffect);
    case
}

/// The stop was to be at period end; the next month is paid before the provider hears of it.
fn late_renewal_before_a_stop_at_period_end(world: &World, subscription: String) -> Case {
    let case = at_period_end(world, subscription);
    let renewal = Action::PayRenewal {
        subscription: case.subscription.clone(),
    };
    world.provider().faults().before(
        CallMatch::next(Method::Post, "/v1/subscriptions/*"),
        renewal,
    );
    case
}

/// Some pairs of what has much in common with what is tried at every pair.
const SOME: Stride = 17;

fn with_a_refund(world: &World, begin: fn(&World, String) -> Case, stride: Stride) {
    let mut subscribers = Subscribers::in_the_second_month(world);
    stops_at_every_pair(world, &mut subscribers, &cancellation(begin), stride);
}

fn without_a_refund(world: &World, begin: fn(&World, String) -> Case, stride: Stride) {
    let mut subscribers = Subscribers::outside_the_window(world);
    stops_at_every_pair(world, &mut subscribers, &cancellation(begin), stride);
}

fn a_part_goes_back_once_wherever_two_stops_are(world: &mut World) {
    with_a_refund(world, partial_refund_without_an_answer, 1);
}

fn a_stop_at_period_end_survives_two_stops_wherever_they_are(world: &mut World) {
    without_a_refund(world, at_period_end, 1);
}

fn a_plain_refund_survives_two_stops(world: &mut World) {
    with_a_refund(world, plain_refund, SOME);
}

fn a_late_renewal_goes_back_once_in_spite_of_two_stops(world: &mut World) {
    with_a_refund(world, late_renewal, SOME);
}

fn a_draft_renewal_stays_unpaid_in_spite_of_two_stops(world: &mut World) {
    with_a_refund(world, draft_renewal, SOME);
}

fn a_lost_request_makes_one_refund_in_spite_of_two_stops(world: &mut World) {
    with_a_refund(world, lost_request, SOME);
}

fn a_late_renewal_before_a_stop_at_period_end_goes_back_once(world: &mut World) {
    without_a_refund(world, late_renewal_before_a_stop_at_period_end, SOME);
}

on_both_databases! {
    a_part_goes_back_once_wherever_two_stops_are,
    a_stop_at_period_end_survives_two_stops_wherever_they_are,
    a_plain_refund_survives_two_stops,
    a_late_renewal_goes_back_once_in_spite_of_two_stops,
    a_draft_renewal_stays_unpaid_in_spite_of_two_stops,
    a_lost_request_makes_one_refund_in_spite_of_two_stops,
    a_late_renewal_before_a_stop_at_period_end_goes_back_once,
}
