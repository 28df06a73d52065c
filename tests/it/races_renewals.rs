//! A renewal that begins, is finalised, is collected slowly or is paid, at each step of a cancellation.

use crate::races_driver::{Race, at_every_step, nothing};
use crate::saga::{Case, Right, Subscribers};
use crate::world::World;

fn with_a_refund(world: &World, subscription: String) -> Case {
    Case::ask(world, subscription, Right::LatestCharge)
}

fn at_period_end(world: &World, subscription: String) -> Case {
    Case::ask(world, subscription, Right::Nothing)
}

fn starts(world: &World, case: &Case) {
    world.provider().start_renewal(&case.subscription);
}

fn opens(world: &World, case: &Case) {
    let mut provider = world.provider();
    let invoice = provider.start_renewal(&case.subscription);
    provider.open_renewal(&invoice);
}

/// A bank debit is on its way: it can neither be taken back nor voided.
fn is_collected_slowly(world: &World, case: &Case) {
    let mut provider = world.provider();
    let invoice = provider.start_renewal(&case.subscription);
    provider.begin_paying_renewal(&invoice);
}

fn is_paid(world: &World, case: &Case) {
    let mut provider = world.provider();
    let invoice = provider.start_renewal(&case.subscription);
    provider.pay_renewal(&invoice);
}

/// Later, what was on its way arrives.
fn arrives(world: &World, case: &Case) {
    world.pass_seconds(7_200);
    let mut provider = world.provider();
    for invoice in provider.invoices_of(&case.subscription) {
        if invoice.status == "open" {
            provider.pay_renewal(&invoice.id);
        }
    }
}

/// A draft or open invoice that was not seen is collected after an hour.
fn an_hour_passes(world: &World, _: &Case) {
    world.pass_seconds(7_200);
}

/// Each ends without a person: what was taken goes back.
fn is_never_kept(world: &World, meanwhile: fn(&World, &Case), afterwards: fn(&World, &Case)) {
    let race = |begin| Race {
        begin,
        meanwhile,
        afterwards,
    };
    let refunds = &mut Subscribers::in_the_second_month(world);
    let ends = at_every_step(world, refunds, race(with_a_refund));
    assert_eq!(ends.attention, 0, "{ends:?}");
    let stops = &mut Subscribers::outside_the_window(world);
    let ends = at_every_step(world, stops, race(at_period_end));
    assert_eq!(ends.attention, 0, "{ends:?}");
}

fn a_renewal_that_begins_is_not_kept(world: &mut World) {
    is_never_kept(world, starts, an_hour_passes);
}

fn a_renewal_that_is_finalised_is_not_kept(world: &mut World) {
    is_never_kept(world, opens, an_hour_passes);
}

fn a_renewal_that_is_collected_slowly_is_not_kept(world: &mut World) {
    is_never_kept(world, is_collected_slowly, arrives);
}

fn a_renewal_that_is_paid_is_not_kept(world: &mut World) {
    is_never_kept(world, is_paid, nothing);
}

on_both_databases! {
    a_renewal_that_begins_is_not_kept,
    a_renewal_that_is_finalised_is_not_kept,
    a_renewal_that_is_collected_slowly_is_not_kept,
    a_renewal_that_is_paid_is_not_kept,
}
