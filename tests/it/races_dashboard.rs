//! Staff at work in the provider's dashboard, at each step of a cancellation.

use crate::races_driver::{Ends, Race, at_every_step, nothing};
use crate::saga::{Case, Right, Subscribers};
use crate::world::World;

fn with_a_refund(world: &World, subscription: String) -> Case {
    Case::ask(world, subscription, Right::LatestCharge)
}

fn at_period_end(world: &World, subscription: String) -> Case {
    Case::ask(world, subscription, Right::Nothing)
}

fn while_refunding(world: &World, meanwhile: fn(&World, &Case)) -> Ends {
    let race = Race {
        begin: with_a_refund,
        meanwhile,
        afterwards: nothing,
    };
    let subscribers = &mut Subscribers::in_the_second_month(world);
    at_every_step(world, subscribers, race)
}

fn while_stopping(
    world: &World,
    meanwhile: fn(&World, &Case),
    afterwards: fn(&World, &Case),
) -> Ends {
    let race = Race {
        begin: at_period_end,
        meanwhile,
        afterwards,
    };
    let subscribers = &mut Subscribers::outside_the_window(world).one_by_one();
    at_every_step(world, subscribers, race)
}

fn is_refunded(world: &World, case: &Case) {
    let charge = world.latest_charge(&case.subscription);
    world.provider().dashboard_refund(&charge, None);
}

fn is_partly_refunded(world: &World, case: &Case) {
    let charge = world.latest_charge(&case.subscription);
    world.provider().dashboard_refund(&charge, Some(10_000));
}

/// An older charge goes back against the policy; ours is of the latest all the same.
fn an_older_charge_is_refunded(world: &World, case: &Case) {
    let older = world.charges(&case.subscription).remove(0);
    world.provider().dashboard_refund(&older, None);
}

fn is_ended(world: &World, case: &Case) {
    world.provider().dashboard_cancel(&case.subscription);
}

fn is_to_end_with_its_period(world: &World, case: &Case) {
    world
        .provider()
        .dashboard_cancel_at_period_end(&case.subscription);
}

fn is_to_go_on(world: &World, case: &Case) {
    // Within one second nobody can tell which was last.
    world.pass_seconds(1);
    world.provider().dashboard_uncancel(&case.subscription);
}

fn the_next_month_comes(world: &World, _: &Case) {
    world.pass_days(31);
}

fn a_refund_in_the_dashboard_at_any_step_pays_nobody_twice(world: &mut World) {
    let ends = while_refunding(world, is_refunded);
    assert_eq!(ends.attention, 0, "{ends:?}");
}

/// What is left goes back by ours; where all of it was asked for already, by another.
fn a_refund_of_a_part_at_any_step_leaves_the_rest_to_us(world: &mut World) {
    let ends = while_refunding(world, is_partly_refunded);
    assert_eq!(ends.attention, 0, "{ends:?}");
}

fn a_refund_of_an_older_charge_takes_no_right_away(world: &mut World) {
    let ends = while_refunding(world, an_older_charge_is_refunded);
    assert_eq!(ends.attention, 0, "{ends:?}");
}

fn an_end_in_the_dashboard_at_any_step_takes_no_right_away(world: &mut World) {
    let ends = while_refunding(world, is_ended);
    assert_eq!(ends.attention, 0, "{ends:?}");
    let ends = while_stopping(world, is_ended, nothing);
    assert_eq!(ends.attention, 0, "{ends:?}");
}

fn a_stop_in_the_dashboard_at_any_step_takes_no_right_away(world: &mut World) {
    let ends = while_refunding(world, is_to_end_with_its_period);
    assert_eq!(ends.attention, 0, "{ends:?}");
    let ends = while_stopping(world, is_to_end_with_its_period, nothing);
    assert_eq!(ends.attention, 0, "{ends:?}");
}

/// Somebody takes back at the provider what the customer asked us for. A person is told; if nobody minds,
/// the next month goes back and the subscription ends.
fn a_stop_taken_back_in_the_dashboard_at_any_step_is_not_paid_for(world: &mut World) {
    let ends = while_stopping(world, is_to_go_on, the_next_month_comes);
    assert_eq!(ends.attention, 0, "{ends:?}");
}

on_both_databases! {
    a_refund_in_the_dashboard_at_any_step_pays_nobody_twice,
    a_refund_of_a_part_at_any_step_leaves_the_rest_to_us,
    a_refund_of_an_older_charge_takes_no_right_away,
    an_end_in_the_dashboard_at_any_step_takes_no_right_away,
    a_stop_in_the_dashboard_at_any_step_takes_no_right_away,
    a_stop_taken_back_in_the_dashboard_at_any_step_is_not_paid_for,
}
