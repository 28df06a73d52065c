//! A cancellation taken back before its period ends: once, whatever goes wrong, and not a moment too late.

use crate::saga::{self, Case, Right};
use crate::world::{World, settle, work};
use avstem::app::cancellation::{self, CancellationView, UndoError, Undoing};
use avstem_domain::cancellation::RefundChoice;
use avstem_simulator::{CallMatch, Fault};
use avstem_webhooks::outbound::Method;

const PATIENCE_MIN: i64 = 10;
const SUBSCRIPTION: &str = "/v1/subscriptions/*";

/// A cancellation that stops at period end, done.
pub fn stopping(world: &World) -> Case {
    let case = Case::ask(world, saga::outside_the_window(world), Right::Nothing);
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    world.deliver();
    case.assert_completed(world, "before it is taken back");
    case
}

pub fn undo(world: &World, case: &Case) -> Result<Undoing, UndoError> {
    cancellation::undo(&world.app, &case.cancellation)
}

pub fn renews(world: &World, case: &Case) -> bool {
    let provider = world.provider();
    let found = provider.subscription_view(&case.subscription).unwrap();
    found.status == "active" && !found.cancel_at_period_end && found.cancel_at.is_none()
}

/// Undone here and at the provider, told to the customer, and nobody else's doing.
pub fn assert_undone(world: &World, case: &Case, when: &str) -> CancellationView {
    world.deliver();
    work(&world.app, world, 0).unwrap();
    let view = world.view(&case.cancellation);
    let row = &view.row;
    assert_eq!(row.state, "undone", "{when}: {row:?}");
    assert!(row.undone_at.is_some() && row.due_at.is_none(), "{when}");
    assert_eq!((&row.attention, &row.trouble), (&None, &None), "{when}");
    assert!(renews(world, case), "{when}: it goes on at the provider");
    assert!(view.refunds.is_empty(), "{when}");
    let last = view.receipts.last().unwrap_or_else(|| panic!("{when}"));
    assert!(last.body.contains("togs tillbaka den"), "{when}: {last:?}");
    let all = cancellation::list(&world.app, None, None, 1_000).unwrap();
    let others = all.iter().filter(|other| {
        other.subscription.provider_id == case.subscription && other.row.origin == "provider"
    });
    assert_eq!(others.count(), 0, "{when}: no stop was anybody else's");
    view
}

/// The next month is paid and kept: it is no late renewal.
pub fn assert_goes_on(world: &World, cases: &[Case]) {
    world.pass_days(31);
    world.deliver();
    world.work(1).unwrap();
    for case in cases {
        let charges = world.charges(&case.subscription);
        assert!(charges.len() >= 2, "{charges:?}");
        for charge in &charges {
            assert_eq!(world.refunds_paid(charge), 0);
        }
        assert_eq!(world.view(&case.cancellation).row.state, "undone");
    }
    world.check_books();
}

fn a_cancellation_taken_back_lets_billing_go_on(world: &mut World) {
    let case = stopping(world);
    assert_eq!(undo(world, &case).unwrap(), Undoing::Done);
    let view = assert_undone(world, &case, "plain");
    assert_eq!(view.receipts.len(), 4);
    assert_eq!(undo(world, &case).unwrap(), Undoing::Done, "again");
    let again = assert_undone(world, &case, "again");
    assert_eq!(again.row, view.row, "nothing was changed");
    assert_eq!(again.receipts.len(), 4);
    assert_goes_on(world, &[case]);
}

fn after_one_was_taken_back_another_can_be_asked_for(world: &mut World) {
    let case = stopping(world);
    undo(world, &case).unwrap();
    let second = Case::ask(world, case.subscription.clone(), Right::Nothing);
    assert_ne!(second.cancellation, case.cancellation);
    settle(&world.app, world, &second.cancellation, PATIENCE_MIN).unwrap();
    world.deliver();
    second.assert_completed(world, "the second");
    assert_eq!(world.view(&case.cancellation).row.state, "undone");
    undo(world, &second).unwrap();
    assert_undone(world, &second, "the second too");
}

/// Within one second it cannot be told which of both came last, and a stop is believed rather than its undoing. So a stop
/// that seems to be there already is asked for all the same.
fn what_was_taken_back_and_asked_for_again_within_a_second_stops(world: &mut World) {
    let case = Case::ask(world, saga::outside_the_window(world), Right::Nothing);
    let at_once = world.clock.now();
    work(&world.app, world, 0).unwrap();
    assert!(!renews(world, &case));
    assert_eq!(undo(world, &case).unwrap(), Undoing::Done);
    assert!(renews(world, &case));
    let again = cancellation::request(&world.app, world.request(&case.subscription)).unwrap();
    work(&world.app, world, 0).unwrap();
    assert_eq!(world.clock.now(), at_once, "no time has passed");
    assert!(!renews(world, &case), "it stops at the provider");
    world.deliver();
    let view = settle(&world.app, world, &again.cancellation.id, PATIENCE_MIN).unwrap();
    assert_eq!(
        (view.row.state.as_str(), view.row.attention),
        ("completed", None)
    );
}

/// The end had been set to a day of its own before the customer asked here.
fn an_end_set_by_date_is_unset(world: &mut World) {
    let subscription = saga::outside_the_window(world);
    let end = world.clock.now().saturating_add_seconds(5 * 86_400);
    assert!(world.provider().dashboard_cancel_at(&subscription, end));
    world.pass_seconds(2);
    let case = Case::ask(world, subscription, Right::Nothing);
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    let row = world.view(&case.cancellation).row;
    assert_eq!(row.stop_mode.as_deref(), Some("at_period_end"));
    assert_eq!(
        row.stop_effective_at.unwrap() / 1_000_000,
        end.unix_seconds()
    );
    assert_eq!(undo(world, &case).unwrap(), Undoing::Done);
    assert_eq!(world.view(&case.cancellation).row.state, "undone");
    assert!(renews(world, &case));
}

fn assert_too_late(world: &World, case: &Case, why: &str) {
    let before = world.view(&case.cancellation);
    let calls = world.provider().requests_seen().len();
    match undo(world, case) {
        Err(UndoError::TooLate(told)) => assert!(told.contains(why), "{told}"),
        other => panic!("{why}: {other:?}"),
    }
    let after = world.view(&case.cancellation);
    assert_eq!(after.row, before.row, "{why}: nothing was done");
    assert_eq!(world.provider().requests_seen().len(), calls, "{why}");
}

fn what_stopped_at_once_or_was_refunded_or_is_over_cannot_be_taken_back(world: &mut World) {
    let refunded = Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge);
    settle(&world.app, world, &refunded.cancellation, PATIENCE_MIN).unwrap();
    assert_too_late(world, &refunded, "money goes or went back");

    let at_once = saga::outside_the_window(world);
    world.provider().dashboard_cancel(&at_once);
    let at_once = Case::ask(world, at_once, Right::Nothing);
    settle(&world.app, world, &at_once.cancellation, PATIENCE_MIN).unwrap();
    assert_too_late(world, &at_once, "at once");

    let over = stopping(world);
    world.pass_days(12);
    world.deliver();
    world.work(1).unwrap();
    assert_too_late(world, &over, "has ended");

    let ending = stopping(world);
    world.provider().dashboard_cancel(&ending.subscription);
    world.deliver();
    assert_too_late(world, &ending, "the subscription has ended");
    let nobody = cancellation::undo(&world.app, "avcan_nobody");
    assert!(matches!(nobody, Err(UndoError::NotFound)), "{nobody:?}");
    world.check_books();
}

/// Nobody has told us yet that the period is over.
fn an_end_that_has_come_by_the_clock_is_not_taken_back(world: &mut World) {
    let case = stopping(world);
    world.provider().faults().drop_deliveries(100);
    world.pass_days(12);
    assert_too_late(world, &case, "the period has ended");
}

/// Asked for before the plan was made, which then gives money back.
fn a_wish_that_comes_before_the_plan_is_dropped_when_money_goes_back(world: &mut World) {
    let case = Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge);
    let refused = undo(world, &case);
    assert!(matches!(refused, Err(UndoError::TooLate(_))), "{refused:?}");
    let view = settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    case.assert_completed(world, "carried out");
    assert_eq!(view.row.undo_requested_at, None);
    world.deliver();
    world.check_books();
}

fn a_wish_that_comes_before_the_plan_is_granted_when_nothing_goes_back(world: &mut World) {
    let case = Case::ask(world, saga::outside_the_window(world), Right::Nothing);
    assert_eq!(undo(world, &case).unwrap(), Undoing::Done);
    let view = assert_undone(world, &case, "never stopped");
    assert_eq!(view.row.stop_done_at, None);
    let provider = world.provider();
    let stopped = provider.requests_seen().iter().any(|request| {
        String::from_utf8_lossy(&request.body).contains("cancel_at_period_end=true")
    });
    assert!(!stopped, "nothing had to be stopped");
    drop(provider);
    assert_goes_on(world, &[case]);
}

/// The answer lost, refused for now or unreadable: the subscription itself is asked.
fn whatever_the_answer_it_is_undone_once(world: &mut World) {
    let faults = [
        Fault::LoseAnswerAfterEffect,
        Fault::LoseBeforeEffect,
        Fault::ServerErrorAfterEffect,
        Fault::ServerErrorBeforeEffect { status: 503 },
        Fault::StoredError,
        Fault::RateLimit {
            retry_after_s: Some(7),
        },
        Fault::LockConflict,
        Fault::KeyInUse,
        Fault::WrongKey,
        Fault::Html,
        Fault::CutBody,
        Fault::AnotherChargesAnswer,
        Fault::Redirect,
    ];
    let mut cases = Vec::new();
    for fault in faults {
        for more in [0, 1] {
            let case = stopping(world);
            let mut provider = world.provider();
            let call = CallMatch::next(Method::Post, SUBSCRIPTION);
            provider.faults().on(call, fault);
            // The look after it fails too.
            for _ in 0..more {
                let look = CallMatch::next(Method::Get, SUBSCRIPTION);
                provider.faults().on(look, Fault::LoseBeforeEffect);
            }
            drop(provider);
            undo(world, &case).unwrap();
            world.work(12).unwrap();
            assert_undone(world, &case, &format!("{fault:?}, {more} more"));
            world.provider().faults().clear();
            cases.push(case);
        }
    }
    assert_goes_on(world, &cases);
}

/// While the provider is asked for a wrong reason, a person is told why.
fn a_refused_key_needs_a_person_until_it_is_mended(world: &mut World) {
    let case = stopping(world);
    let every = CallMatch::every(Method::Post, SUBSCRIPTION);
    world.provider().faults().on(every, Fault::WrongKey);
    assert_eq!(undo(world, &case).unwrap(), Undoing::UnderWay);
    let row = world.view(&case.cancellation).row;
    assert_eq!(row.state, "attention");
    assert!(row.trouble.unwrap().contains("api_key"));
    assert!(!renews(world, &case));
    world.provider().faults().clear();
    world.work(11).unwrap();
    assert_undone(world, &case, "after the key was mended");
}

/// It is the customer's choice to keep the paid period, and to change their mind.
fn one_without_a_refund_can_be_taken_back_too(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    let mut request = world.request(&subscription);
    request.refund = RefundChoice::None;
    let case = Case::ask_so(world, subscription, Right::Nothing, request);
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    undo(world, &case).unwrap();
    assert_undone(world, &case, "refund: none");
}

on_both_databases! {
    a_cancellation_taken_back_lets_billing_go_on,
    after_one_was_taken_back_another_can_be_asked_for,
    what_was_taken_back_and_asked_for_again_within_a_second_stops,
    an_end_set_by_date_is_unset,
    what_stopped_at_once_or_was_refunded_or_is_over_cannot_be_taken_back,
    an_end_that_has_come_by_the_clock_is_not_taken_back,
    a_wish_that_comes_before_the_plan_is_dropped_when_money_goes_back,
    a_wish_that_comes_before_the_plan_is_granted_when_nothing_goes_back,
    whatever_the_answer_it_is_undone_once,
    a_refused_key_needs_a_person_until_it_is_mended,
    one_without_a_refund_can_be_taken_back_too,
}
