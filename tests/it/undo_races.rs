//! A cancellation taken back while processes die, stand still, and periods end.

use crate::saga::{self, Case, Right};
use crate::undo::{assert_goes_on, assert_undone, renews, stopping, undo};
use crate::world::{World, settle, work};
use avstem::app::Failure;
use avstem::app::cancellation::{self, UndoError, Undoing};
use avstem::app::seams::Seams;
use avstem_simulator::{CallMatch, Fault};
use avstem_webhooks::outbound::Method;

const PATIENCE_MIN: i64 = 10;
/// Longer than any lease.
const LEASE_OVER_S: i64 = 61;
const SUBSCRIPTION: &str = "/v1/subscriptions/*";

/// What the seams of taking back are called, in order.
fn seams_of_undo(world: &World) -> Vec<&'static str> {
    let seams = Seams::scripted(None);
    let counting = world.another_process(seams.clone());
    let case = stopping(world);
    cancellation::undo(&counting, &case.cancellation).unwrap();
    assert_undone(world, &case, "without a stop");
    seams.crossed()
}

fn it_survives_a_stop_at_every_seam(world: &mut World) {
    let steps = seams_of_undo(world);
    assert!(steps.len() >= 6, "{steps:?}");
    let seams = Seams::scripted(None);
    let dying = world.another_process(seams.clone());
    let mut cases = Vec::new();
    for lost in [None, Some(Fault::LoseAnswerAfterEffect)] {
        for (number, step) in steps.iter().enumerate() {
            let when = format!("stopped at {number} {step}, {lost:?}");
            let case = stopping(world);
            if let Some(fault) = lost {
                let call = CallMatch::next(Method::Post, SUBSCRIPTION);
                world.provider().faults().on(call, fault);
            }
            seams.count_again(Some(number));
            let died = cancellation::undo(&dying, &case.cancellation);
            assert!(
                matches!(died, Err(UndoError::Failure(Failure::Stopped(_)))),
                "{when}: {died:?}"
            );
            seams.count_again(None);
            world.pass_seconds(LEASE_OVER_S);
            world.deliver();
            work(&world.app, world, 2).unwrap();
            world.provider().faults().clear();
            if number == 0 {
                // The wish was not stored, and whoever asked knows that it has no answer.
                assert_eq!(world.view(&case.cancellation).row.state, "completed");
                undo(world, &case).unwrap();
            }
            assert_undone(world, &case, &when);
            cases.push(case);
        }
    }
    assert_goes_on(world, &cases);
}

/// A process stands still at a seam while another takes the cancellation back, and the customer cancels
/// again. What the first then does must not undo the second cancellation.
fn who_comes_back_late_undoes_nothing_else(world: &mut World) {
    let steps = seams_of_undo(world);
    for (number, step) in steps.iter().enumerate() {
        let when = format!("stood still at {number} {step}");
        let case = stopping(world);
        let (others, first, subscription) = (
            world.clone(),
            case.cancellation.clone(),
            case.subscription.clone(),
        );
        let slow = world.another_process(Seams::paused(number, move || {
            others.pass_seconds(LEASE_OVER_S);
            cancellation::undo(&others.app, &first).unwrap();
            work(&others.app, &others, 0).unwrap();
            let second = others.cancel(&subscription);
            others.pass_seconds(2);
            settle(&others.app, &others, &second, PATIENCE_MIN).unwrap();
        }));
        assert_eq!(
            cancellation::undo(&slow, &case.cancellation).unwrap(),
            Undoing::Done,
            "{when}"
        );
        world.deliver();
        work(&world.app, world, 2).unwrap();
        assert_eq!(world.view(&case.cancellation).row.state, "undone", "{when}");
        assert!(!renews(world, &case), "{when}: the second one stands");
        let standing = cancellation::request(&world.app, world.request(&case.subscription));
        let standing = standing.unwrap().cancellation;
        assert_eq!(
            (standing.state.as_str(), standing.trouble),
            ("completed", None),
            "{when}"
        );
    }
}

/// The wish comes while another process is at each step of the cancellation, and while it stands still
/// there for longer than its lease.
fn it_can_be_wished_for_at_every_step_of_the_saga(world: &mut World) {
    let seams = Seams::scripted(None);
    let counting = world.another_process(seams.clone());
    let first = Case::ask(world, saga::outside_the_window(world), Right::Nothing);
    settle(&counting, world, &first.cancellation, PATIENCE_MIN).unwrap();
    let steps = seams.crossed();
    assert!(steps.len() >= 20, "{steps:?}");
    let mut cases = Vec::new();
    for stands_still_s in [0, LEASE_OVER_S] {
        for (number, step) in steps.iter().enumerate() {
            let when = format!("wished for at {number} {step} after {stands_still_s} s");
            let case = Case::ask(world, saga::outside_the_window(world), Right::Nothing);
            let (others, wanted) = (world.clone(), case.cancellation.clone());
            let slow = world.another_process(Seams::paused(number, move || {
                others.pass_seconds(stands_still_s);
                cancellation::undo(&others.app, &wanted).unwrap();
            }));
            cancellation::run_due(&slow).unwrap();
            world.pass_seconds(LEASE_OVER_S);
            world.deliver();
            work(&world.app, world, 2).unwrap();
            assert_undone(world, &case, &when);
            cases.push(case);
        }
    }
    assert_goes_on(world, &cases);
}

/// The end comes while the request is on its way, or while nobody is at work on it.
fn the_end_of_the_period_wins_when_it_is_first(world: &mut World) {
    let steps = seams_of_undo(world);
    let call = steps
        .iter()
        .position(|seam| *seam == "call:before")
        .unwrap();
    for stands_still_s in [10, 2 * LEASE_OVER_S] {
        let case = stopping(world);
        let end = world
            .view(&case.cancellation)
            .row
            .stop_effective_at
            .unwrap();
        let until = end / 1_000_000 - world.clock.now().unix_seconds() - 5;
        world.pass_seconds(until);
        let others = world.clone();
        let slow = world.another_process(Seams::paused(call, move || {
            others.pass_seconds(stands_still_s);
        }));
        let answered = cancellation::undo(&slow, &case.cancellation);
        world.pass_seconds(LEASE_OVER_S);
        world.deliver();
        work(&world.app, world, 2).unwrap();
        let when = format!("after {stands_still_s} s");
        match answered {
            Err(UndoError::TooLate(_)) | Ok(Undoing::UnderWay) => {}
            other => panic!("{when}: {other:?}"),
        }
        case.assert_completed(world, &when);
        let row = world.view(&case.cancellation).row;
        assert_eq!(row.undo_requested_at, None, "{when}");
        assert!(!renews(world, &case), "{when}");
    }
    world.check_books();
}

/// The provider had been told in time, and nobody here knew. The renewal that follows is kept.
fn what_was_taken_back_in_time_stays_so_though_the_answer_came_late(world: &mut World) {
    let steps = seams_of_undo(world);
    let call = steps.iter().position(|seam| *seam == "call:after").unwrap();
    let seams = Seams::scripted(Some(call));
    let dying = world.another_process(seams);
    let case = stopping(world);
    cancellation::undo(&dying, &case.cancellation).unwrap_err();
    world.pass_days(12);
    world.deliver();
    work(&world.app, world, 2).unwrap();
    assert_undone(world, &case, "days later");
    assert_eq!(world.charges(&case.subscription).len(), 2);
    assert_goes_on(world, &[case]);
}

on_both_databases! {
    it_survives_a_stop_at_every_seam,
    who_comes_back_late_undoes_nothing_else,
    it_can_be_wished_for_at_every_step_of_the_saga,
    the_end_of_the_period_wins_when_it_is_first,
    what_was_taken_back_in_time_stays_so_though_the_answer_came_late,
}
