//! Cancellations stopped at every step and at every pair of steps: one refund for each right.

use crate::saga::{
    Case, Right, Subscribers, assert_keys_and_bytes_are_for_life, report_half_delivered,
};
use crate::sweep_driver::{Work, stops_at_every_pair};
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

fn a_plain_refund_survives_two_stops_wherever_they_are(world: &mut World) {
    let mut subscribers = Subscribers::in_the_second_month(world);
    stops_at_every_pair(world, &mut subscribers, &cancellation(plain_refund), 1);
}

fn a_late_renewal_goes_back_once_wherever_two_stops_are(world: &mut World) {
    let mut subscribers = Subscribers::in_the_second_month(world);
    stops_at_every_pair(world, &mut subscribers, &cancellation(late_renewal), 1);
}

fn a_draft_renewal_stays_unpaid_wherever_two_stops_are(world: &mut World) {
    let mut subscribers = Subscribers::in_the_second_month(world);
    stops_at_every_pair(world, &mut subscribers, &cancellation(draft_renewal), 1);
}

fn a_part_goes_back_once_wherever_two_stops_are(world: &mut World) {
    let mut subscribers = Subscribers::in_the_second_month(world);
    let work = cancellation(partial_refund_without_an_answer);
    stops_at_every_pair(world, &mut subscribers, &work, 1);
}

fn a_stop_at_period_end_survives_two_stops_wherever_they_are(world: &mut World) {
    let mut subscribers = Subscribers::outside_the_window(world);
    stops_at_every_pair(world, &mut subscribers, &cancellation(at_period_end), 1);
}

on_both_databases! {
    a_plain_refund_survives_two_stops_wherever_they_are,
    a_late_renewal_goes_back_once_wherever_two_stops_are,
    a_draft_renewal_stays_unpaid_wherever_two_stops_are,
    a_part_goes_back_once_wherever_two_stops_are,
    a_stop_at_period_end_survives_two_stops_wherever_they_are,
}
