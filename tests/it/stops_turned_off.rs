//! A stop of ours that somebody takes back at the provider: the customer's request stands.

use crate::adopted_cancellations::{adopted, the_only};
use crate::saga::{self, Case, Right};
use crate::undo::{renews, stopping, undo};
use crate::world::{World, settle};
use avstem::app::cancellation::Undoing;
use avstem_domain::cancellation::RefundChoice;

const PATIENCE_MIN: i64 = 10;

const SENTENCE: [&str; 3] = [
    "taken back at the provider",
    "/undo)",
    "stop the subscription there again, which clears this",
];

/// Somebody turned off what the customer had asked us for, and nobody asked the customer.
pub fn turned_off(world: &World, case: &Case) {
    world.pass_seconds(60);
    assert!(world.provider().dashboard_uncancel(&case.subscription));
    world.deliver();
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    let row = world.view(&case.cancellation).row;
    assert_eq!(row.state, "attention", "{row:?}");
    let why = row.trouble.unwrap();
    for part in SENTENCE {
        assert!(why.contains(part), "{why}");
    }
    assert!(adopted(world, &case.subscription).is_empty());
}

fn a_stop_of_ours_taken_back_there_needs_a_person_until_it_is_on_again(world: &mut World) {
    let case = stopping(world);
    turned_off(world, &case);
    world.pass_seconds(60);
    assert!(
        world
            .provider()
            .dashboard_cancel_at_period_end(&case.subscription)
    );
    world.deliver();
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    case.assert_completed(world, "on again");
    assert_eq!(
        world.view(&case.cancellation).receipts.len(),
        2,
        "nothing to tell"
    );
    // Whoever set it again asked for a stop too.
    assert_eq!(the_only(world, &case.subscription).row.state, "completed");
    saga::assert_nothing_is_charged_any_more(world, &[]);
    assert_eq!(world.charges(&case.subscription).len(), 1);
}

fn a_stop_of_ours_taken_back_there_can_be_taken_back_here(world: &mut World) {
    let case = stopping(world);
    turned_off(world, &case);
    assert_eq!(undo(world, &case).unwrap(), Undoing::Done);
    let row = world.view(&case.cancellation).row;
    assert_eq!((row.state.as_str(), row.trouble), ("undone", None));
    assert!(renews(world, &case));
}

/// The customer asked, and the request stands: what is charged goes back.
fn what_is_charged_after_that_was_charged_after_the_request(world: &mut World) {
    let case = stopping(world);
    turned_off(world, &case);
    world.pass_days(12);
    world.deliver();
    let view = settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    case.assert_completed(world, "the renewal went back");
    let late = world.latest_charge(&case.subscription);
    let verdict = view
        .verdicts
        .iter()
        .find(|verdict| verdict.charge_provider_id == late);
    assert_eq!(verdict.unwrap().code, "charged_after_request");
    saga::assert_nothing_is_charged_any_more(world, &[case]);

    let subscription = saga::in_the_second_month(world);
    let mut request = world.request(&subscription);
    request.refund = RefundChoice::None;
    let case = Case::ask_so(world, subscription, Right::Nothing, request);
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    turned_off(world, &case);
    world.pass_days(31);
    world.deliver();
    let view = settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    assert_eq!(view.row.state, "attention");
    assert!(view.row.attention.unwrap().contains("after the request"));
    assert!(
        view.row.trouble.unwrap().contains(SENTENCE[0]),
        "both are told"
    );
}

on_both_databases! {
    a_stop_of_ours_taken_back_there_needs_a_person_until_it_is_on_again,
    a_stop_of_ours_taken_back_there_can_be_taken_back_here,
    what_is_charged_after_that_was_charged_after_the_request,
}
