//! The customer's bank asks, takes a part or takes it all back, at each step of a cancellation with a
//! refund: the customer is paid by the bank or by us, never by both.

use crate::races_driver::{Ends, Race, at_every_step, nothing};
use crate::saga::{Case, Right, Subscribers};
use crate::world::World;
use avstem_simulator::DisputeTerms;

fn with_a_refund(world: &World, subscription: String) -> Case {
    Case::ask(world, subscription, Right::LatestCharge)
}

fn at_every_step_of_a_refund(
    world: &World,
    meanwhile: fn(&World, &Case),
    afterwards: fn(&World, &Case),
) -> Ends {
    let race = Race {
        begin: with_a_refund,
        meanwhile,
        afterwards,
    };
    let subscribers = &mut Subscribers::in_the_second_month(world);
    at_every_step(world, subscribers, race)
}

fn is_disputed(world: &World, case: &Case) {
    let charge = world.latest_charge(&case.subscription);
    world.provider().open_dispute(&charge);
}

fn is_partly_disputed(world: &World, case: &Case) {
    let charge = world.latest_charge(&case.subscription);
    let terms = DisputeTerms {
        amount_minor: Some(10_000),
        ..DisputeTerms::default()
    };
    world.provider().open_dispute_of(&charge, terms);
}

fn is_asked_about(world: &World, case: &Case) {
    let charge = world.latest_charge(&case.subscription);
    world.provider().open_inquiry(&charge);
}

fn is_prevented(world: &World, case: &Case) {
    let charge = world.latest_charge(&case.subscription);
    world.provider().prevent_dispute(&charge);
}

/// The bank decides for the customer.
fn is_lost(world: &World, case: &Case) {
    world.pass_seconds(600);
    let charge = world.latest_charge(&case.subscription);
    let mut provider = world.provider();
    for dispute in provider.disputes_of(&charge) {
        provider.lose_dispute(&dispute.id);
    }
}

/// The inquiry becomes a dispute, if the refund did not answer it.
fn becomes_a_dispute(world: &World, case: &Case) {
    world.pass_seconds(600);
    let charge = world.latest_charge(&case.subscription);
    let mut provider = world.provider();
    for dispute in provider.disputes_of(&charge) {
        provider.escalate_inquiry(&dispute.id);
    }
}

/// Before the plan it is a verdict, between plan and refund a person is told, after the refund nothing is
/// left to dispute.
fn a_dispute_at_any_step_pays_nobody_twice(world: &mut World) {
    let ends = at_every_step_of_a_refund(world, is_disputed, is_lost);
    assert!(ends.completed > 0 && ends.attention > 0, "{ends:?}");
}

fn a_dispute_of_a_part_at_any_step_pays_nobody_twice(world: &mut World) {
    let ends = at_every_step_of_a_refund(world, is_partly_disputed, is_lost);
    assert!(ends.completed > 0 && ends.attention > 0, "{ends:?}");
}

fn a_dispute_that_was_prevented_pays_nobody_twice(world: &mut World) {
    let ends = at_every_step_of_a_refund(world, is_prevented, nothing);
    assert!(ends.completed > 0 && ends.attention > 0, "{ends:?}");
}

/// No money has moved for it, so the refund is made at every step, and answers it.
fn an_inquiry_at_any_step_does_not_keep_the_refund(world: &mut World) {
    let ends = at_every_step_of_a_refund(world, is_asked_about, becomes_a_dispute);
    assert!(ends.completed > 0 && ends.attention == 0, "{ends:?}");
}

on_both_databases! {
    a_dispute_at_any_step_pays_nobody_twice,
    a_dispute_of_a_part_at_any_step_pays_nobody_twice,
    a_dispute_that_was_prevented_pays_nobody_twice,
    an_inquiry_at_any_step_does_not_keep_the_refund,
}
