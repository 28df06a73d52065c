//! Many at once, from two processes over one database: one cancellation, one refund.

use crate::saga::{self, Case, Right};
use crate::tally::{Tried, tried};
use crate::world::{World, settle};
use avstem::app::cancellation::{self, Standing};
use avstem::app::request_refund::{self, RefundError, RequestRefund};
use avstem::app::seams::Seams;
use avstem::app::{App, process_events, refund_operation};
use avstem::store::rows::Refund;
use avstem_simulator::{Action, CallMatch, Fault, PaymentBehavior};
use avstem_webhooks::outbound::Method;
use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};

const MANY: usize = 50;
const PATIENCE_MIN: i64 = 10;

/// Runs `work` in many threads that start together, half of them in each of two processes.
fn at_once<R: Send>(world: &World, work: impl Fn(&App, usize) -> R + Sync) -> Vec<R> {
    let processes = [
        Arc::clone(&world.app),
        world.another_process(Seams::default()),
    ];
    let start = Barrier::new(MANY);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..MANY)
            .map(|number| {
                let (app, start, work) = (&processes[number % 2], &start, &work);
                scope.spawn(move || {
                    start.wait();
                    work(app, number)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

/// One round of everything there is to do.
fn round(app: &App) {
    process_events::drain(app).unwrap();
    cancellation::run_due(app).unwrap();
    refund_operation::run_due(app).unwrap();
}

/// Our rows of refunds of the subscription's latest charge.
fn refund_rows(world: &World, subscription: &str) -> Vec<Refund> {
    let latest = world.latest_charge(subscription);
    world
        .app
        .store
        .read(|tx| {
            let charge = tx.find_charge(&latest)?.unwrap();
            tx.refunds_by_charges(&[charge.id])
        })
        .unwrap()
}

fn refunds_asked_for(world: &World) -> usize {
    let provider = world.provider();
    let seen = provider.requests_seen().iter();
    seen.filter(|r| r.method == Method::Post && r.target.starts_with("/v1/refunds"))
        .count()
}

fn fifty_cancellations_at_once_are_one_with_one_refund(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let request = world.request(&subscription);
    let requested = at_once(world, |app, _| {
        cancellation::request(app, request.clone()).unwrap()
    });
    let ids: BTreeSet<&String> = requested
        .iter()
        .map(|found| &found.cancellation.id)
        .collect();
    assert_eq!(ids.len(), 1);
    let new = requested
        .iter()
        .filter(|found| found.standing == Standing::New)
        .count();
    assert_eq!(new, 1);
    // The sagas too, from both processes.
    at_once(world, |app, _| {
        round(app);
        round(app);
    });
    let case = Case::ask(world, subscription.clone(), Right::LatestCharge);
    assert_eq!(ids.into_iter().next(), Some(&case.cancellation));
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    case.assert_completed(world, "fifty at once");
    assert_eq!(refunds_asked_for(world), 1);
    assert_eq!(
        cancellation::list(&world.app, None, None, 100)
            .unwrap()
            .len(),
        1
    );
    assert_eq!(refund_rows(world, &subscription).len(), 1);
    world.deliver();
    world.check_books();
    tried(&world.url, Tried::Races, 1);
}

/// Requests, sagas, money operations and webhooks, all mixed.
fn cancelling_and_working_at_once_makes_one_refund(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let request = world.request(&subscription);
    at_once(world, |app, number| match number % 5 {
        0 => drop(cancellation::request(app, request.clone()).unwrap()),
        1 => drop(process_events::drain(app).unwrap()),
        2 | 3 => drop(cancellation::run_due(app).unwrap()),
        _ => drop(refund_operation::run_due(app).unwrap()),
    });
    let case = Case::ask(world, subscription, Right::LatestCharge);
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    case.assert_completed(world, "all at once");
    world.deliver();
    world.check_books();
    tried(&world.url, Tried::Races, 1);
}

fn fifty_refund_requests_for_one_charge_make_one_refund(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let charge = world.latest_charge(&subscription);
    let outcomes = at_once(world, |app, number| {
        let command = RequestRefund {
            charge: charge.clone(),
            reason: None,
            request_ref: Some(format!("key/{number}")),
        };
        request_refund::request(app, command)
    });
    let granted = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(granted, 1);
    for outcome in outcomes {
        if let Err(error) = outcome {
            let RefundError::Rejected(verdict) = error else {
                panic!("{error:?}")
            };
            assert_eq!(verdict.code.as_str(), "already_refunded");
        }
    }
    at_once(world, |app, _| round(app));
    world.work(1).unwrap();
    assert_eq!(world.refunds_paid(&charge), 1);
    assert_eq!(refund_rows(world, &subscription).len(), 1);
    world.deliver();
    world.check_books();
    tried(&world.url, Tried::Races, 1);
}

fn the_same_refund_request_fifty_times_is_one_refund(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let charge = world.latest_charge(&subscription);
    let outcomes = at_once(world, |app, _| {
        let request_ref = Some("key/the-same".to_owned());
        let command = RequestRefund {
            charge: charge.clone(),
            reason: None,
            request_ref,
        };
        request_refund::request(app, command).unwrap().id
    });
    assert_eq!(outcomes.into_iter().collect::<BTreeSet<_>>().len(), 1);
    world.work(1).unwrap();
    assert_eq!(world.refunds_paid(&charge), 1);
    tried(&world.url, Tried::Races, 1);
}

fn a_refund_request_and_a_cancellation_at_once_make_one_refund(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let charge = world.latest_charge(&subscription);
    let request = world.request(&subscription);
    at_once(world, |app, number| match number % 3 {
        0 => drop(cancellation::request(app, request.clone()).unwrap()),
        1 => drop(request_refund::request(
            app,
            RequestRefund {
                charge: charge.clone(),
                reason: None,
                request_ref: None,
            },
        )),
        _ => round(app),
    });
    world.work(3).unwrap();
    world.deliver();
    world.work(1).unwrap();
    assert_eq!(world.refunds_paid(&charge), 1);
    assert_eq!(
        world
            .provider()
            .charge_view(&charge)
            .unwrap()
            .refunded_minor,
        24_900
    );
    // Where the refund was first, nothing of the latest charge is left to refund: then it stops later.
    let stops = world.provider().subscription_view(&subscription).unwrap();
    assert!(
        stops.status == "canceled" || stops.cancel_at_period_end,
        "{stops:?}"
    );
    world.check_books();
    tried(&world.url, Tried::Races, 1);
}

/// Which crossing is the one right before, or after, the request for the refund.
fn crossing_of_the_refund(world: &World, seam: &str) -> usize {
    let seams = Seams::scripted(None);
    let counting = world.another_process(seams.clone());
    let case = Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge);
    settle(&counting, world, &case.cancellation, PATIENCE_MIN).unwrap();
    let crossed = seams.crossed();
    let claimed = crossed
        .iter()
        .position(|step| *step == "tx:refund-claim:before")
        .unwrap();
    claimed
        + crossed[claimed..]
            .iter()
            .position(|step| *step == seam)
            .unwrap()
}

/// The webhook of our own refund is processed before its HTTP reply is: it is not taken for a stranger's.
fn our_refund_told_by_webhook_first_is_one_refund(world: &mut World) {
    let after_the_reply = crossing_of_the_refund(world, "call:after");
    let case = Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge);
    let others = world.clone();
    let charge = world.latest_charge(&case.subscription);
    let seams = Seams::paused(after_the_reply, move || {
        assert_eq!(others.refunds_paid(&charge), 1, "the provider has made it");
        others.deliver();
    });
    let slow = world.another_process(seams.clone());
    settle(&slow, world, &case.cancellation, PATIENCE_MIN).unwrap();
    assert!(seams.crossed().len() > after_the_reply);
    case.assert_completed(world, "told by webhook first");
    let rows = refund_rows(world, &case.subscription);
    let origins: Vec<&str> = rows.iter().map(|row| row.origin.as_str()).collect();
    assert_eq!(origins, ["avstem"]);
    world.deliver();
    world.check_books();
    tried(&world.url, Tried::Races, 1);
}

/// A process stands still for a day right before it sends. Meanwhile another one has made the refund,
/// and the provider has forgotten its key: sent now, half the charge would go back a second time.
fn a_process_that_stood_still_for_a_day_does_not_send_any_more(world: &mut World) {
    let before_the_call = crossing_of_the_refund(world, "call:before");
    let subscription = saga::half_delivered(world);
    let charge = world.latest_charge(&subscription);
    let case = Case::ask(world, subscription, Right::LatestCharge);
    let (others, cancellation) = (world.clone(), case.cancellation.clone());
    let seams = Seams::paused(before_the_call, move || {
        others.pass_seconds(61);
        let view = settle(&others.app, &others, &cancellation, PATIENCE_MIN).unwrap();
        assert_eq!(view.row.state, "completed");
        others.pass_days(2);
    });
    let slow = world.another_process(seams.clone());
    settle(&slow, world, &case.cancellation, PATIENCE_MIN).unwrap();
    assert!(seams.crossed().len() > before_the_call);
    assert_eq!(world.refunds_paid(&charge), 1);
    assert_eq!(
        world
            .provider()
            .charge_view(&charge)
            .unwrap()
            .refunded_minor,
        12_450
    );
    assert_eq!(world.view(&case.cancellation).row.state, "completed");
    world.deliver();
    world.check_books();
    tried(&world.url, Tried::Races, 1);
}

/// It stood still even earlier: before it wrote down that it would send. Meanwhile another process has
/// sent, and the answer was lost.
fn a_process_that_stood_still_before_its_record_does_not_send_any_more(world: &mut World) {
    let before_the_record = crossing_of_the_refund(world, "tx:refund:before");
    let subscription = saga::half_delivered(world);
    let charge = world.latest_charge(&subscription);
    let case = Case::ask(world, subscription, Right::LatestCharge);
    let lost = CallMatch::next(Method::Post, "/v1/refunds");
    world
        .provider()
        .faults()
        .on(lost, Fault::LoseAnswerAfterEffect);
    let others = world.clone();
    let seams = Seams::paused(before_the_record, move || {
        others.pass_seconds(61);
        refund_operation::run_due(&others.app).unwrap();
        others.pass_seconds(25 * 3600);
    });
    let slow = world.another_process(seams.clone());
    settle(&slow, world, &case.cancellation, PATIENCE_MIN).unwrap();
    assert!(seams.crossed().len() > before_the_record);
    assert_eq!(world.refunds_paid(&charge), 1);
    assert_eq!(
        refunds_asked_for(world),
        2,
        "one of this case, one of the case that counted"
    );
    assert_eq!(world.view(&case.cancellation).row.state, "completed");
    world.deliver();
    world.check_books();
    tried(&world.url, Tried::Races, 1);
}

/// Half of a charge went back; that half of it is left does not let it go back when a late renewal does.
fn a_part_that_went_back_is_not_paid_again_with_a_late_renewal(world: &mut World) {
    let subscription = saga::half_delivered(world);
    let charge = world.latest_charge(&subscription);
    let invoice = world.provider().start_renewal(&subscription);
    let payment = Action::PayRenewal {
        subscription: subscription.clone(),
    };
    let before_the_void = CallMatch::next(Method::Post, "/v1/invoices/*/void");
    let case = Case::ask(world, subscription, Right::LatestCharge);
    {
        let mut provider = world.provider();
        let customer = provider
            .subscription_view(&case.subscription)
            .unwrap()
            .customer;
        provider.set_payment_behavior(&customer, PaymentBehavior::StaysProcessing);
        provider.faults().before(before_the_void, payment);
    }
    let view = settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    assert_eq!(view.row.state, "completed");
    assert_eq!(
        world.provider().invoice_status(&invoice),
        Some("open"),
        "a debit is under way"
    );
    world.pass_days(2);
    let late = world.provider().pay_renewal(&invoice).unwrap();
    world.deliver();
    let view = settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    assert_eq!(view.row.state, "completed");
    assert_eq!(view.refunds.len(), 2);
    assert_eq!(world.refunds_paid(&late), 1);
    assert_eq!(world.refunds_paid(&charge), 1);
    assert_eq!(
        world
            .provider()
            .charge_view(&charge)
            .unwrap()
            .refunded_minor,
        12_450
    );
    world.deliver();
    world.check_books();
    tried(&world.url, Tried::Races, 1);
}

on_both_databases! {
    fifty_cancellations_at_once_are_one_with_one_refund,
    cancelling_and_working_at_once_makes_one_refund,
    fifty_refund_requests_for_one_charge_make_one_refund,
    the_same_refund_request_fifty_times_is_one_refund,
    a_refund_request_and_a_cancellation_at_once_make_one_refund,
    our_refund_told_by_webhook_first_is_one_refund,
    a_process_that_stood_still_for_a_day_does_not_send_any_more,
    a_process_that_stood_still_before_its_record_does_not_send_any_more,
    a_part_that_went_back_is_not_paid_again_with_a_late_renewal,
}
