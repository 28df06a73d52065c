//! Refunds whose answer stays away for long: what is asked again, what is left to a person, and when.

use crate::saga::{self, Case, Right, assert_keys_and_bytes_are_for_life, posts_of};
use crate::tally::{Tried, tried};
use crate::world::{World, settle};
use avstem::app::{cancellation, refund_operation};
use avstem_simulator::{CallMatch, Fault, Outage};
use avstem_webhooks::outbound::Method;

const PATIENCE_MIN: i64 = 10;
const HOUR_S: i64 = 3600;
const SUBSCRIPTION: &str = "/v1/subscriptions/*";
const REFUNDS: &str = "/v1/refunds";

fn plain_refund(world: &World) -> Case {
    Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge)
}

/// A key that answers with the same error for ever is left to a person: no second key, no second refund.
fn a_stored_error_needs_a_person_and_never_makes_a_second_refund(world: &mut World) {
    let case = plain_refund(world);
    world
        .provider()
        .faults()
        .on(CallMatch::next(Method::Post, REFUNDS), Fault::StoredError);
    let view = settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    assert_eq!(view.row.state, "attention", "{:?}", view.row);
    assert_eq!(view.refunds[0].state, "unknown");
    let why = view.row.trouble.expect("it says why");
    assert!(
        why.contains(&view.refunds[0].charge_id) || why.contains("ch_"),
        "{why}"
    );
    case.assert_stopped(world, "stored error");
    // Past the day after which the provider forgets the key, and long after.
    for _ in 0..4 {
        world.pass_seconds(13 * HOUR_S);
        world.work(1).unwrap();
    }
    let sent = posts_of(world, &view.refunds[0].id);
    let oldest = sent[0].at;
    for again in &sent {
        assert!(
            again.at.micros_since(oldest) <= 20 * HOUR_S * 1_000_000,
            "{again:?}"
        );
    }
    assert_eq!(case.refunds_made(world), 0);
    assert_eq!(world.view(&case.cancellation).row.state, "attention");
    // The money is still owed, and the books say so.
    assert_eq!(world.balance("liabilities:refunds_payable"), "-249.00");
    assert_keys_and_bytes_are_for_life(world, &case, "stored error");
    world.check_books();
    tried(&world.url, Tried::Answers, 1);
}

/// What is known right after a call that may have been carried out.
fn an_unanswered_refund_is_unknown_and_never_failed(world: &mut World) {
    let unanswered = [
        Fault::LoseAnswerAfterEffect,
        Fault::LoseBeforeEffect,
        Fault::ServerErrorAfterEffect,
        Fault::ServerErrorBeforeEffect { status: 500 },
        Fault::ServerErrorBeforeEffect { status: 503 },
        Fault::KeyInUse,
        Fault::Html,
        Fault::CutBody,
        Fault::AnotherChargesAnswer,
        Fault::Redirect,
        Fault::StoredError,
        Fault::StoredErrorAfterEffect,
    ];
    for fault in unanswered {
        let case = plain_refund(world);
        world
            .provider()
            .faults()
            .on(CallMatch::next(Method::Post, REFUNDS), fault);
        cancellation::run_due(&world.app).unwrap();
        refund_operation::run_due(&world.app).unwrap();
        let view = world.view(&case.cancellation);
        assert_eq!(view.refunds[0].state, "unknown", "{fault:?}");
        assert_eq!(view.row.state, "refunding", "{fault:?}");
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        tried(&world.url, Tried::Answers, 1);
    }
}

/// A refusal that says it was not carried out leaves the refund pending.
fn a_refund_that_was_certainly_not_made_is_pending(world: &mut World) {
    for fault in [
        Fault::RateLimit {
            retry_after_s: None,
        },
        Fault::WrongKey,
    ] {
        let case = plain_refund(world);
        world
            .provider()
            .faults()
            .on(CallMatch::next(Method::Post, REFUNDS), fault);
        cancellation::run_due(&world.app).unwrap();
        refund_operation::run_due(&world.app).unwrap();
        assert_eq!(
            world.view(&case.cancellation).refunds[0].state,
            "pending",
            "{fault:?}"
        );
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        case.assert_completed(world, &format!("{fault:?}"));
        tried(&world.url, Tried::Answers, 1);
    }
}

fn a_wrong_key_needs_a_person_until_it_is_mended(world: &mut World) {
    let case = plain_refund(world);
    world.provider().faults().on(
        CallMatch::every(Method::Delete, SUBSCRIPTION),
        Fault::WrongKey,
    );
    world.work(10).unwrap();
    let row = world.view(&case.cancellation).row;
    assert_eq!(row.state, "attention");
    assert!(row.trouble.unwrap().contains("api_key"));
    assert_eq!(
        case.refunds_made(world),
        0,
        "no money moves before billing has stopped"
    );
    world.provider().faults().clear();
    world.work(2).unwrap();
    case.assert_completed(world, "after the key was mended");
    tried(&world.url, Tried::Answers, 1);
}

fn after_a_long_outage_an_unknown_is_settled_within_two_minutes(world: &mut World) {
    for lost in [Fault::LoseAnswerAfterEffect, Fault::LoseBeforeEffect] {
        let case = plain_refund(world);
        world
            .provider()
            .faults()
            .on(CallMatch::next(Method::Post, REFUNDS), lost);
        cancellation::run_due(&world.app).unwrap();
        refund_operation::run_due(&world.app).unwrap();
        world.provider().faults().outage(Outage::Down);
        world.work(120).unwrap();
        let view = world.view(&case.cancellation);
        assert_eq!(
            (view.refunds[0].state.as_str(), view.row.state.as_str()),
            ("unknown", "refunding")
        );
        world.provider().faults().outage(Outage::Up);
        world.work(2).unwrap();
        case.assert_completed(
            world,
            &format!("{lost:?}, then two hours without the provider"),
        );
        tried(&world.url, Tried::Answers, 1);
    }
}

fn an_outage_from_the_start_delays_everything_and_loses_nothing(world: &mut World) {
    let case = plain_refund(world);
    world.provider().faults().outage(Outage::Down);
    world.work(120).unwrap();
    assert_eq!(world.view(&case.cancellation).row.state, "requested");
    world.provider().faults().outage(Outage::Up);
    world.work(3).unwrap();
    case.assert_completed(world, "two hours without the provider from the start");
    tried(&world.url, Tried::Answers, 1);
}

/// Loses the first request for the refund, then leaves the provider away for `hours`.
fn refund_lost_before_an_outage(world: &World, lost: Fault, hours: i64) -> Case {
    let case = plain_refund(world);
    world
        .provider()
        .faults()
        .on(CallMatch::next(Method::Post, REFUNDS), lost);
    cancellation::run_due(&world.app).unwrap();
    refund_operation::run_due(&world.app).unwrap();
    world.provider().faults().outage(Outage::Down);
    for _ in 0..hours {
        world.pass_seconds(HOUR_S);
        world.work(0).unwrap();
    }
    world.provider().faults().outage(Outage::Up);
    world.work(5).unwrap();
    case
}

fn a_key_too_old_is_never_sent_again_but_the_refund_is_found(world: &mut World) {
    let case = refund_lost_before_an_outage(world, Fault::LoseAnswerAfterEffect, 25);
    case.assert_completed(world, "found after 25 hours");
    let refund = world.view(&case.cancellation).refunds.remove(0);
    assert_eq!(posts_of(world, &refund.id).len(), 1);
    world.check_books();
    tried(&world.url, Tried::Answers, 1);
}

fn a_key_too_old_and_no_refund_needs_a_person(world: &mut World) {
    let case = refund_lost_before_an_outage(world, Fault::LoseBeforeEffect, 25);
    for _ in 0..5 {
        let view = world.view(&case.cancellation);
        assert_eq!(view.row.state, "attention");
        assert_eq!(view.refunds[0].state, "unknown");
        assert_eq!(
            posts_of(world, &view.refunds[0].id).len(),
            1,
            "never sent again"
        );
        assert_eq!(case.refunds_made(world), 0);
        world.pass_days(1);
        world.work(1).unwrap();
    }
    world.check_books();
    tried(&world.url, Tried::Answers, 1);
}

fn a_key_that_is_young_enough_is_sent_again(world: &mut World) {
    let case = refund_lost_before_an_outage(world, Fault::LoseBeforeEffect, 19);
    case.assert_completed(world, "sent again after 19 hours");
    let refund = world.view(&case.cancellation).refunds.remove(0);
    assert_eq!(posts_of(world, &refund.id).len(), 2);
    assert_keys_and_bytes_are_for_life(world, &case, "after 19 hours");
    tried(&world.url, Tried::Answers, 1);
}

/// More refunds of one charge than fit on a page, the lost one first: all pages are read.
fn a_lost_refund_is_found_behind_a_page_of_others(world: &mut World) {
    let subscription = saga::half_delivered(world);
    let latest = world.latest_charge(&subscription);
    let case = Case::ask(world, subscription, Right::LatestCharge);
    cancellation::run_due(&world.app).unwrap();
    world.provider().faults().on(
        CallMatch::next(Method::Post, REFUNDS),
        Fault::LoseAnswerAfterEffect,
    );
    refund_operation::run_due(&world.app).unwrap();
    for _ in 0..105 {
        world.provider().dashboard_refund(&latest, Some(1)).unwrap();
    }
    let view = settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    assert_eq!(view.row.state, "completed");
    assert_eq!(
        (view.refunds[0].amount, view.refunds[0].state.as_str()),
        (12_450, "succeeded")
    );
    assert_eq!(
        posts_of(world, &view.refunds[0].id).len(),
        1,
        "found, not asked for again"
    );
    world.deliver();
    world.check_books();
    tried(&world.url, Tried::Answers, 1);
}

on_both_databases! {
    a_stored_error_needs_a_person_and_never_makes_a_second_refund,
    an_unanswered_refund_is_unknown_and_never_failed,
    a_refund_that_was_certainly_not_made_is_pending,
    a_wrong_key_needs_a_person_until_it_is_mended,
    after_a_long_outage_an_unknown_is_settled_within_two_minutes,
    an_outage_from_the_start_delays_everything_and_loses_nothing,
    a_key_too_old_is_never_sent_again_but_the_refund_is_found,
    a_key_too_old_and_no_refund_needs_a_person,
    a_key_that_is_young_enough_is_sent_again,
    a_lost_refund_is_found_behind_a_page_of_others,
}
