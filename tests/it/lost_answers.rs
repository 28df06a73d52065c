//! Every call that the saga makes, with everything that can go wrong with a call: never two refunds.

use crate::saga::{
    self, Case, Right, assert_keys_and_bytes_are_for_life, assert_nothing_is_charged_any_more, is,
    posts_of,
};
use crate::tally::{Tried, tried};
use crate::world::{World, settle};
use avstem_simulator::{CallMatch, Fault};
use avstem_webhooks::outbound::Method;

/// The longest wait that one fault may cause is two minutes; a few more for what follows.
const PATIENCE_MIN: i64 = 10;

type Begin = fn(&World) -> Case;

const FAULTS: [Fault; 16] = [
    Fault::LoseAnswerAfterEffect,
    Fault::LoseBeforeEffect,
    Fault::ServerErrorAfterEffect,
    Fault::ServerErrorBeforeEffect { status: 500 },
    Fault::ServerErrorBeforeEffect { status: 503 },
    Fault::RateLimit {
        retry_after_s: None,
    },
    Fault::RateLimit {
        retry_after_s: Some(30),
    },
    Fault::RateLimit {
        retry_after_s: Some(u64::MAX),
    },
    Fault::KeyInUse,
    Fault::Html,
    Fault::CutBody,
    Fault::WrongKey,
    Fault::AnotherChargesAnswer,
    Fault::Redirect,
    Fault::StoredError,
    Fault::StoredErrorAfterEffect,
];

const SUBSCRIPTION: &str = "/v1/subscriptions/*";
const REFUNDS: &str = "/v1/refunds";

/// Part of the latest charge went back before, and the next month's invoice is a draft: the saga then
/// makes every call there is but the stop at period end.
fn everything(world: &World) -> Case {
    let subscription = saga::in_the_second_month(world);
    let latest = world.charges(&subscription).pop().unwrap();
    world
        .provider()
        .dashboard_refund(&latest, Some(5_000))
        .unwrap();
    world.provider().start_renewal(&subscription);
    Case::ask(world, subscription, Right::LatestCharge)
}

fn at_period_end(world: &World) -> Case {
    Case::ask(world, saga::outside_the_window(world), Right::Nothing)
}

/// The period has moved on to one that nobody paid, so the stop names a day.
fn at_the_end_of_the_paid_period(world: &World) -> Case {
    let subscription = saga::outside_the_window(world);
    world.provider().start_renewal(&subscription);
    Case::ask(world, subscription, Right::Nothing)
}

fn plain_refund(world: &World) -> Case {
    Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge)
}

/// Each fault once at the nth such call of a saga; every saga is completed all the same.
fn each_fault_at(
    world: &World,
    begin: Begin,
    nth: u32,
    method: Method,
    path: &str,
    faults: &[Fault],
) {
    let mut cases = Vec::new();
    for fault in faults {
        let case = begin(world);
        let seen = world.provider().requests_seen().len();
        world
            .provider()
            .faults()
            .on(CallMatch::nth(nth, method, path), *fault);
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        let when = format!("{fault:?} at call {nth} of {method:?} {path}");
        let made = world.provider().requests_seen()[seen..]
            .iter()
            .filter(|r| is(r, method, path))
            .count();
        assert!(
            u32::try_from(made).unwrap() >= nth,
            "{when}: the saga makes that call"
        );
        case.assert_completed(world, &when);
        assert_keys_and_bytes_are_for_life(world, &case, &when);
        world.provider().faults().clear();
        cases.push(case);
    }
    assert_nothing_is_charged_any_more(world, &cases);
    tried(&world.url, Tried::Answers, cases.len());
}

fn any_fault_at_reading_the_subscription_is_survived(world: &mut World) {
    each_fault_at(world, everything, 1, Method::Get, SUBSCRIPTION, &FAULTS);
    each_fault_at(world, everything, 2, Method::Get, SUBSCRIPTION, &FAULTS);
}

/// A list that speaks of other objects cannot be told from a true one, unless it names whose it is.
fn faults_of_lists() -> Vec<Fault> {
    FAULTS
        .into_iter()
        .filter(|fault| *fault != Fault::AnotherChargesAnswer)
        .collect()
}

fn any_fault_at_reading_the_invoices_is_survived(world: &mut World) {
    each_fault_at(
        world,
        everything,
        1,
        Method::Get,
        "/v1/invoices",
        &faults_of_lists(),
    );
    each_fault_at(
        world,
        everything,
        3,
        Method::Get,
        "/v1/invoices",
        &faults_of_lists(),
    );
}

fn any_fault_at_reading_the_charges_is_survived(world: &mut World) {
    each_fault_at(
        world,
        everything,
        1,
        Method::Get,
        "/v1/charges",
        &faults_of_lists(),
    );
    each_fault_at(
        world,
        everything,
        2,
        Method::Get,
        "/v1/charges",
        &faults_of_lists(),
    );
}

fn any_fault_at_reading_the_refunds_is_survived(world: &mut World) {
    each_fault_at(world, everything, 1, Method::Get, REFUNDS, &FAULTS);
    each_fault_at(world, everything, 2, Method::Get, REFUNDS, &FAULTS);
}

fn any_fault_at_the_stop_is_survived(world: &mut World) {
    each_fault_at(world, everything, 1, Method::Delete, SUBSCRIPTION, &FAULTS);
    each_fault_at(world, at_period_end, 1, Method::Post, SUBSCRIPTION, &FAULTS);
    each_fault_at(
        world,
        at_the_end_of_the_paid_period,
        1,
        Method::Post,
        SUBSCRIPTION,
        &FAULTS,
    );
}

fn any_fault_at_a_draft_renewal_is_survived(world: &mut World) {
    each_fault_at(
        world,
        everything,
        1,
        Method::Post,
        "/v1/invoices/*",
        &FAULTS,
    );
    each_fault_at(
        world,
        everything,
        1,
        Method::Post,
        "/v1/invoices/*/finalize",
        &FAULTS,
    );
    each_fault_at(
        world,
        everything,
        1,
        Method::Post,
        "/v1/invoices/*/void",
        &FAULTS,
    );
}

fn any_fault_at_the_refund_makes_one_refund(world: &mut World) {
    let faults: Vec<Fault> = FAULTS
        .into_iter()
        .filter(|fault| *fault != Fault::StoredError)
        .collect();
    each_fault_at(world, everything, 1, Method::Post, REFUNDS, &faults);
}

/// The refund's answer is lost, and then something goes wrong with asking for it.
fn any_fault_at_asking_for_a_lost_refund_makes_one_refund(world: &mut World) {
    let mut cases = Vec::new();
    for fault in FAULTS {
        let case = plain_refund(world);
        {
            let mut provider = world.provider();
            let faults = provider.faults();
            faults.on(
                CallMatch::next(Method::Post, REFUNDS),
                Fault::LoseAnswerAfterEffect,
            );
            faults.on(CallMatch::next(Method::Get, REFUNDS), fault);
        }
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        let when = format!("{fault:?} at asking for a lost refund");
        case.assert_completed(world, &when);
        let refund = world.view(&case.cancellation).refunds.remove(0);
        assert_eq!(
            posts_of(world, &refund.id).len(),
            1,
            "{when}: it is found and not asked for again"
        );
        world.provider().faults().clear();
        cases.push(case);
    }
    assert_nothing_is_charged_any_more(world, &cases);
    tried(&world.url, Tried::Answers, cases.len());
}

on_both_databases! {
    any_fault_at_reading_the_subscription_is_survived,
    any_fault_at_reading_the_invoices_is_survived,
    any_fault_at_reading_the_charges_is_survived,
    any_fault_at_reading_the_refunds_is_survived,
    any_fault_at_the_stop_is_survived,
    any_fault_at_a_draft_renewal_is_survived,
    any_fault_at_the_refund_makes_one_refund,
    any_fault_at_asking_for_a_lost_refund_makes_one_refund,
}
