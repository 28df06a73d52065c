//! Every call that the saga makes, with everything that can go wrong with a call: never two refunds.

use crate::saga::{self, Case, Right, assert_nothing_is_charged_any_more};
use crate::world::{World, settle};
use avstem::app::deliveries::{self, Completed, ReportDelivery};
use avstem::app::{cancellation, refund_operation};
use avstem_simulator::{CallMatch, Fault, Outage, SeenRequest};
use avstem_webhooks::outbound::Method;

/// The longest wait that one fault may cause is two minutes; a few more for what follows.
const PATIENCE_MIN: i64 = 10;
const HOUR_S: i64 = 3600;

type Begin = fn(&World) -> Case;

const FAULTS: [Fault; 16] = [
    Fault::LoseAnswerAfterEffect,
    Fault::LoseBeforeEffect,
    Fault::ServerErrorAfterEffect,
    Fault::ServerErrorBeforeEffect { status: 500 },
    Fault::ServerErrorBeforeEffect { status: 503 },
    Fault::RateLimit { retry_after_s: None },
    Fault::RateLimit { retry_after_s: Some(30) },
    Fault::RateLimit { retry_after_s: Some(u64::MAX) },
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
    world.provider().dashboard_refund(&latest, Some(5_000)).unwrap();
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
fn each_fault_at(world: &World, begin: Begin, nth: u32, method: Method, path: &str, faults: &[Fault]) {
    let mut cases = Vec::new();
    for fault in faults {
        let case = begin(world);
        let seen = world.provider().requests_seen().len();
        world.provider().faults().on(CallMatch::nth(nth, method, path), *fault);
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        let when = format!("{fault:?} at call {nth} of {method:?} {path}");
        let made = world.provider().requests_seen()[seen..].iter().filter(|r| is(r, method, path)).count();
        assert!(made >= nth as usize, "{when}: the saga makes that call");
        case.assert_completed(world, &when);
        assert_keys_and_bytes_are_for_life(world, &case, &when);
        world.provider().faults().clear();
        cases.push(case);
    }
    assert_nothing_is_charged_any_more(world, &cases);
}

fn is(request: &SeenRequest, method: Method, path: &str) -> bool {
    let target = request.target.split('?').next().unwrap();
    let same = |(wanted, found): (&str, &str)| wanted == "*" || wanted == found;
    request.method == method
        && path.split('/').count() == target.split('/').count()
        && path.split('/').zip(target.split('/')).all(same)
}

/// Every request for one refund carries the same key and the same bytes.
fn assert_keys_and_bytes_are_for_life(world: &World, case: &Case, when: &str) {
    for refund in world.view(&case.cancellation).refunds {
        let sent = posts_of(world, &refund.id);
        assert!(!sent.is_empty(), "{when}");
        for request in &sent {
            assert_eq!(request.idempotency_key, refund.idempotency_key, "{when}");
            assert_eq!(Some(&request.body), refund.request_body.as_ref(), "{when}");
        }
    }
}

/// The requests that asked for one refund of ours.
fn posts_of(world: &World, refund: &str) -> Vec<SeenRequest> {
    let provider = world.provider();
    let posts = provider.requests_seen().iter().filter(|r| is(r, Method::Post, REFUNDS));
    posts.filter(|r| String::from_utf8_lossy(&r.body).contains(refund)).cloned().collect()
}

fn any_fault_at_reading_the_subscription_is_survived(world: &mut World) {
    each_fault_at(world, everything, 1, Method::Get, SUBSCRIPTION, &FAULTS);
    each_fault_at(world, everything, 2, Method::Get, SUBSCRIPTION, &FAULTS);
}

/// A list that speaks of other objects cannot be told from a true one, unless it names whose it is.
fn faults_of_lists() -> Vec<Fault> {
    FAULTS.into_iter().filter(|fault| *fault != Fault::AnotherChargesAnswer).collect()
}

fn any_fault_at_reading_the_invoices_is_survived(world: &mut World) {
    each_fault_at(world, everything, 1, Method::Get, "/v1/invoices", &faults_of_lists());
    each_fault_at(world, everything, 3, Method::Get, "/v1/invoices", &faults_of_lists());
}

fn any_fault_at_reading_the_charges_is_survived(world: &mut World) {
    each_fault_at(world, everything, 1, Method::Get, "/v1/charges", &faults_of_lists());
    each_fault_at(world, everything, 2, Method::Get, "/v1/charges", &faults_of_lists());
}

fn any_fault_at_reading_the_refunds_is_survived(world: &mut World) {
    each_fault_at(world, everything, 1, Method::Get, REFUNDS, &FAULTS);
    each_fault_at(world, everything, 2, Method::Get, REFUNDS, &FAULTS);
}

fn any_fault_at_the_stop_is_survived(world: &mut World) {
    each_fault_at(world, everything, 1, Method::Delete, SUBSCRIPTION, &FAULTS);
    each_fault_at(world, at_period_end, 1, Method::Post, SUBSCRIPTION, &FAULTS);
    each_fault_at(world, at_the_end_of_the_paid_period, 1, Method::Post, SUBSCRIPTION, &FAULTS);
}

fn any_fault_at_a_draft_renewal_is_survived(world: &mut World) {
    each_fault_at(world, everything, 1, Method::Post, "/v1/invoices/*", &FAULTS);
    each_fault_at(world, everything, 1, Method::Post, "/v1/invoices/*/finalize", &FAULTS);
    each_fault_at(world, everything, 1, Method::Post, "/v1/invoices/*/void", &FAULTS);
}

fn any_fault_at_the_refund_makes_one_refund(world: &mut World) {
    let faults: Vec<Fault> = FAULTS.into_iter().filter(|fault| *fault != Fault::StoredError).collect();
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
            faults.on(CallMatch::next(Method::Post, REFUNDS), Fault::LoseAnswerAfterEffect);
            faults.on(CallMatch::next(Method::Get, REFUNDS), fault);
        }
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        let when = format!("{fault:?} at asking for a lost refund");
        case.assert_completed(world, &when);
        let refund = world.view(&case.cancellation).refunds.remove(0);
        assert_eq!(posts_of(world, &refund.id).len(), 1, "{when}: it is found and not asked for again");
        world.provider().faults().clear();
        cases.push(case);
    }
    assert_nothing_is_charged_any_more(world, &cases);
}

/// A key that answers with the same error for ever is left to a person: no second key, no second refund.
fn a_stored_error_needs_a_person_and_never_makes_a_second_refund(world: &mut World) {
    let case = plain_refund(world);
    world.provider().faults().on(CallMatch::next(Method::Post, REFUNDS), Fault::StoredError);
    let view = settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    assert_eq!(view.row.state, "attention", "{:?}", view.row);
    assert_eq!(view.refunds[0].state, "unknown");
    let why = view.row.trouble.expect("it says why");
    assert!(why.contains(&view.refunds[0].charge_id) || why.contains("ch_"), "{why}");
    case.assert_stopped(world, "stored error");
    // Past the day after which the provider forgets the key, and long after.
    for _ in 0..4 {
        world.pass_seconds(13 * HOUR_S);
        world.work(1).unwrap();
    }
    let sent = posts_of(world, &view.refunds[0].id);
    let oldest = sent[0].at;
    for again in &sent {
        assert!(again.at.micros_since(oldest) <= 20 * HOUR_S * 1_000_000, "{again:?}");
    }
    assert_eq!(case.refunds_made(world), 0);
    assert_eq!(world.view(&case.cancellation).row.state, "attention");
    // The money is still owed, and the books say so.
    assert_eq!(world.balance("liabilities:refunds_payable"), "-249.00");
    assert_keys_and_bytes_are_for_life(world, &case, "stored error");
    world.check_books();
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
        world.provider().faults().on(CallMatch::next(Method::Post, REFUNDS), fault);
        cancellation::run_due(&world.app).unwrap();
        refund_operation::run_due(&world.app).unwrap();
        let view = world.view(&case.cancellation);
        assert_eq!(view.refunds[0].state, "unknown", "{fault:?}");
        assert_eq!(view.row.state, "refunding", "{fault:?}");
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    }
}

/// A refusal that says it was not carried out leaves the refund pending.
fn a_refund_that_was_certainly_not_made_is_pending(world: &mut World) {
    for fault in [Fault::RateLimit { retry_after_s: None }, Fault::WrongKey] {
        let case = plain_refund(world);
        world.provider().faults().on(CallMatch::next(Method::Post, REFUNDS), fault);
        cancellation::run_due(&world.app).unwrap();
        refund_operation::run_due(&world.app).unwrap();
        assert_eq!(world.view(&case.cancellation).refunds[0].state, "pending", "{fault:?}");
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        case.assert_completed(world, &format!("{fault:?}"));
    }
}

fn a_wrong_key_needs_a_person_until_it_is_mended(world: &mut World) {
    let case = plain_refund(world);
    world.provider().faults().on(CallMatch::every(Method::Delete, SUBSCRIPTION), Fault::WrongKey);
    world.work(10).unwrap();
    let row = world.view(&case.cancellation).row;
    assert_eq!(row.state, "attention");
    assert!(row.trouble.unwrap().contains("api_key"));
    assert_eq!(case.refunds_made(world), 0, "no money moves before billing has stopped");
    world.provider().faults().clear();
    world.work(2).unwrap();
    case.assert_completed(world, "after the key was mended");
}

fn after_a_long_outage_an_unknown_is_settled_within_two_minutes(world: &mut World) {
    for lost in [Fault::LoseAnswerAfterEffect, Fault::LoseBeforeEffect] {
        let case = plain_refund(world);
        world.provider().faults().on(CallMatch::next(Method::Post, REFUNDS), lost);
        cancellation::run_due(&world.app).unwrap();
        refund_operation::run_due(&world.app).unwrap();
        world.provider().faults().outage(Outage::Down);
        world.work(120).unwrap();
        let view = world.view(&case.cancellation);
        assert_eq!((view.refunds[0].state.as_str(), view.row.state.as_str()), ("unknown", "refunding"));
        world.provider().faults().outage(Outage::Up);
        world.work(2).unwrap();
        case.assert_completed(world, &format!("{lost:?}, then two hours without the provider"));
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
}

/// Loses the first request for the refund, then leaves the provider away for `hours`.
fn refund_lost_before_an_outage(world: &World, lost: Fault, hours: i64) -> Case {
    let case = plain_refund(world);
    world.provider().faults().on(CallMatch::next(Method::Post, REFUNDS), lost);
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
}

fn a_key_too_old_and_no_refund_needs_a_person(world: &mut World) {
    let case = refund_lost_before_an_outage(world, Fault::LoseBeforeEffect, 25);
    for _ in 0..5 {
        let view = world.view(&case.cancellation);
        assert_eq!(view.row.state, "attention");
        assert_eq!(view.refunds[0].state, "unknown");
        assert_eq!(posts_of(world, &view.refunds[0].id).len(), 1, "never sent again");
        assert_eq!(case.refunds_made(world), 0);
        world.pass_days(1);
        world.work(1).unwrap();
    }
    world.check_books();
}

fn a_key_that_is_young_enough_is_sent_again(world: &mut World) {
    let case = refund_lost_before_an_outage(world, Fault::LoseBeforeEffect, 19);
    case.assert_completed(world, "sent again after 19 hours");
    let refund = world.view(&case.cancellation).refunds.remove(0);
    assert_eq!(posts_of(world, &refund.id).len(), 2);
    assert_keys_and_bytes_are_for_life(world, &case, "after 19 hours");
}

/// More refunds of one charge than fit on a page, the lost one first: all pages are read.
fn a_lost_refund_is_found_behind_a_page_of_others(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let latest = world.charges(&subscription).pop().unwrap();
    let half = ReportDelivery {
        subscription: subscription.clone(),
        charge: latest.clone(),
        ordered: 2,
        delivered: 1,
        completed: Completed::No,
        reported_by: "key".to_owned(),
    };
    deliveries::report(&world.app, &half).unwrap();
    let case = Case::ask(world, subscription, Right::LatestCharge);
    cancellation::run_due(&world.app).unwrap();
    world.provider().faults().on(CallMatch::next(Method::Post, REFUNDS), Fault::LoseAnswerAfterEffect);
    refund_operation::run_due(&world.app).unwrap();
    for _ in 0..105 {
        world.provider().dashboard_refund(&latest, Some(1)).unwrap();
    }
    let view = settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    assert_eq!(view.row.state, "completed");
    assert_eq!((view.refunds[0].amount, view.refunds[0].state.as_str()), (12_450, "succeeded"));
    assert_eq!(posts_of(world, &view.refunds[0].id).len(), 1, "found, not asked for again");
    world.deliver();
    world.check_books();
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
