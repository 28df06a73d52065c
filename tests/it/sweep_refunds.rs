//! Refunds stopped at every step and at every pair of steps: those that are asked for by themselves, and
//! those of which nobody knows whether they were made.

use crate::saga::{Subscribers, posts_of, report_half_delivered};
use crate::sweep_driver::{Work, stops_at_every_pair};
use crate::world::World;
use avstem::app::request_refund::{self, RefundError, RequestRefund};
use avstem::app::{App, Failure, process_events, refund_operation, refunds};
use avstem::store::rows::Refund;
use avstem_simulator::{CallMatch, Fault};
use avstem_webhooks::outbound::Method;

const REFUNDS: &str = "/v1/refunds";
/// Longer than the longest wait between two looks.
const LONG_S: i64 = 300;

/// A refund that somebody asks for until there is an answer, with one key.
struct Asked {
    command: RequestRefund,
    /// What goes back, in the minor unit.
    amount: i64,
}

/// Half of the charge's period was delivered: of what is left, a second refund would find something too.
fn asked(world: &World, subscription: String) -> Asked {
    report_half_delivered(world, &subscription);
    let charge = world.latest_charge(&subscription);
    Asked {
        command: RequestRefund {
            request_ref: Some(format!("key/{charge}")),
            charge,
            reason: None,
        },
        amount: 12_450,
    }
}

/// The provider makes it, and nobody hears of that.
fn made_without_an_answer(world: &World, subscription: String) -> Asked {
    unanswered(world, subscription, Fault::LoseAnswerAfterEffect)
}

/// It never reaches the provider, and nobody knows.
fn lost_on_its_way(world: &World, subscription: String) -> Asked {
    unanswered(world, subscription, Fault::LoseBeforeEffect)
}

fn unanswered(world: &World, subscription: String, fault: Fault) -> Asked {
    let asked = asked(world, subscription);
    let post = CallMatch::next(Method::Post, REFUNDS);
    world.provider().faults().on(post, fault);
    let made = request_refund::request(&world.app, asked.command.clone()).unwrap();
    refund_operation::run_due(&world.app).unwrap();
    assert_eq!(row(world, &made.id).state, "unknown");
    asked
}

/// The client of the dead process asks the next one, with the same key; then the work is done until the
/// refund is at rest.
fn ask_and_operate(app: &App, world: &World, run: &Asked) -> Result<(), Failure> {
    match request_refund::request(app, run.command.clone()) {
        Ok(refund) => operate(app, world, &refund.id),
        Err(RefundError::Failure(failure)) => Err(failure),
        Err(error) => panic!("{error:?}"),
    }
}

/// What the background does, by itself: it is the janitor of what is unknown.
fn janitor(app: &App, world: &World, run: &Asked) -> Result<(), Failure> {
    let made = made(world, run);
    assert_eq!(made.len(), 1);
    operate(app, world, &made[0].id)
}

fn operate(app: &App, world: &World, id: &str) -> Result<(), Failure> {
    loop {
        process_events::drain(app)?;
        refund_operation::run_due(app)?;
        let soon = world.clock.now().saturating_add_seconds(LONG_S).as_micros();
        if row(world, id).due_at.is_none_or(|due_at| due_at > soon) {
            return Ok(());
        }
        world.pass_seconds(5);
    }
}

fn row(world: &World, id: &str) -> Refund {
    refunds::find(&world.app, id).unwrap().unwrap().row
}

/// Our rows of the charge's refunds.
fn made(world: &World, run: &Asked) -> Vec<Refund> {
    world
        .app
        .store
        .read(|tx| {
            let charge = tx.find_charge(&run.command.charge)?.unwrap();
            tx.refunds_by_charges(&[charge.id])
        })
        .unwrap()
}

/// One row, one refund, one key.
fn check(world: &World, run: &Asked, when: &str) {
    let rows = made(world, run);
    assert_eq!(rows.len(), 1, "{when}");
    let refund = &rows[0];
    assert_eq!(refund.state, "succeeded", "{when}: {refund:?}");
    assert_eq!(world.refunds_paid(&run.command.charge), 1, "{when}");
    let back = world.provider().charge_view(&run.command.charge).unwrap();
    assert_eq!(back.refunded_minor, run.amount, "{when}");
    let sent = posts_of(world, &refund.id);
    assert!(!sent.is_empty(), "{when}");
    for request in &sent {
        assert_eq!(request.idempotency_key, refund.idempotency_key, "{when}");
        assert_eq!(Some(&request.body), refund.request_body.as_ref(), "{when}");
    }
}

fn sweep(
    world: &World,
    begin: fn(&World, String) -> Asked,
    carry: fn(&App, &World, &Asked) -> Result<(), Failure>,
) {
    let mut subscribers = Subscribers::in_the_second_month(world);
    let work = Work {
        begin,
        carry,
        check,
    };
    stops_at_every_pair(world, &mut subscribers, &work, 1);
}

fn a_refund_asked_for_is_made_once_wherever_two_stops_are(world: &mut World) {
    sweep(world, asked, ask_and_operate);
}

fn a_refund_made_without_an_answer_is_found_wherever_two_stops_are(world: &mut World) {
    sweep(world, made_without_an_answer, janitor);
}

fn a_refund_lost_on_its_way_is_made_once_wherever_two_stops_are(world: &mut World) {
    sweep(world, lost_on_its_way, janitor);
}

on_both_databases! {
    a_refund_asked_for_is_made_once_wherever_two_stops_are,
    a_refund_made_without_an_answer_is_found_wherever_two_stops_are,
    a_refund_lost_on_its_way_is_made_once_wherever_two_stops_are,
}
