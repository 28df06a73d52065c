//! A closing that dies, or stands still while others go on, at each of its steps.

use super::{assert_as_scheduled, close_by, month};
use crate::world::{World, monthly};
use avstem::app::Failure;
use avstem::app::month_end::CloseError;
use avstem::app::seams::Seams;
use avstem_simulator::{Interval, PaymentBehavior, Plan};

on_both_databases! {
    a_closing_that_dies_at_any_step_goes_on_and_doubles_nothing,
    a_closing_that_stands_still_meets_one_that_is_faster_and_charges_that_come_late,
}

/// Locked, earned, sealed, measured, closed.
const STEPS: usize = 5;

fn subscribe(world: &World) {
    world.subscribe();
    let yearly = Plan {
        interval: Interval::Year,
        amount_minor: 249_001,
        tax_minor: 49_800,
        ..monthly()
    };
    world.subscribe_to(&yearly, PaymentBehavior::Succeeds);
    world.pass_days(10);
}

fn a_closing_that_dies_at_any_step_goes_on_and_doubles_nothing(world: &mut World) {
    let seams = Seams::scripted(None);
    let dying = world.another_process(seams.clone());
    subscribe(world);
    let mut now = month("2026-11");
    for step in 0..STEPS {
        world.deliver();
        seams.count_again(Some(step));
        let died = close_by(&dying, now);
        assert!(
            matches!(died, Err(CloseError::Failure(Failure::Stopped(_)))),
            "{step}: {died:?}"
        );
        let other = close_by(&world.app, now.next());
        assert!(other.is_err(), "{step}: the next month waits");
        let statement = close_by(&world.app, now).unwrap();
        assert_eq!(statement.of.month, now);
        assert_as_scheduled(world, now);
        world.check_ledger();
        now = now.next();
        world.pass_days(31);
    }
    world.deliver();
    seams.count_again(None);
    close_by(&dying, now).unwrap();
    assert_eq!(seams.crossed().len(), STEPS, "{:?}", seams.crossed());
    world.check_books();
}

fn a_closing_that_stands_still_meets_one_that_is_faster_and_charges_that_come_late(
    world: &mut World,
) {
    subscribe(world);
    let mut now = month("2026-11");
    for step in 0..STEPS {
        world.deliver();
        // Happened in the month that is being closed, and comes while it is.
        world.clock.set(
            now.end(world.app.config.time_zone)
                .saturating_add_seconds(-60),
        );
        world.subscribe();
        world.pass_days(2);
        let beside = world.clone();
        let seams = Seams::paused(step, move || {
            beside.deliver();
            close_by(&beside.app, now).unwrap();
        });
        let slow = world.another_process(seams);
        let statement = close_by(&slow, now).unwrap();
        assert_eq!(statement, close_by(&world.app, now).unwrap(), "{step}");
        world.check_ledger();
        now = now.next();
        world.pass_days(28);
    }
    world.deliver();
    world.check_books();
}
