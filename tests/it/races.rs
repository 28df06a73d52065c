//! What others do while a cancellation is under way: at each of its steps in turn, whatever it is, every
//! right is paid once, no older charge goes back, and the books agree with the provider.

use crate::saga::{Case, Right, Subscribers, assert_nothing_is_charged_any_more};
use crate::tally::{Tried, tried};
use crate::world::{World, monthly, settle};
use avstem::app::seams::Seams;
use avstem_simulator::{DisputeTerms, PaymentBehavior, Plan, Simulator};
use std::sync::{Arc, Mutex};

const PATIENCE_MIN: i64 = 10;
/// Longer than any lease.
const LEASE_OVER_S: i64 = 61;

/// Where something happens.
struct Place {
    customer: String,
    subscription: String,
    /// The latest charge as of the request.
    latest: String,
}

type Happen = fn(&World, &Place);

/// Lets `happen` come at each crossing of a seam in turn, each time for a subscription of its own, while
/// the process stands still. Afterwards the webhooks of it are delivered and everything comes to rest.
fn at_each_step(
    world: &World,
    mut next: impl FnMut(&World) -> String,
    right: Right,
    happen: Happen,
) -> Vec<Case> {
    let mut cases = Vec::new();
    for step in 0.. {
        let case = Case::ask(world, next(world), right);
        let place = Place {
            customer: customer_of(world, &case.subscription),
            latest: world.latest_charge(&case.subscription),
            subscription: case.subscription.clone(),
        };
        let happened = Arc::new(Mutex::new(false));
        let (others, told) = (world.clone(), Arc::clone(&happened));
        let seams = Seams::paused(step, move || {
            happen(&others, &place);
            *told.lock().unwrap() = true;
        });
        let process = world.another_process(seams.clone());
        settle(&process, world, &case.cancellation, PATIENCE_MIN).unwrap();
        let seam = seams.crossed().get(step).copied();
        let_payments_arrive(world, &case.subscription);
        world.deliver();
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        case.assert_fair(world, &format!("at step {step}, {seam:?}"));
        cases.push(case);
        if !*happened.lock().unwrap() {
            break;
        }
    }
    let races = cases.len() - 1;
    assert!(races >= 10, "only {races} steps");
    tried(&world.url, Tried::Races, races);
    cases
}

fn customer_of(world: &World, subscription: &str) -> String {
    let found = world.provider().subscription_view(subscription);
    found.unwrap().customer
}

/// What is still in payment arrives.
fn let_payments_arrive(world: &World, subscription: &str) {
    let mut provider = world.provider();
    let pending: Vec<String> = provider
        .charges_of(subscription)
        .into_iter()
        .filter(|charge| charge.status == "pending")
        .filter_map(|charge| charge.invoice)
        .collect();
    for invoice in pending {
        provider.pay_renewal(&invoice);
    }
}

fn second_month(world: &World) -> impl FnMut(&World) -> String + use<'_> {
    let mut subscribers = Subscribers::in_the_second_month(world);
    move |_| subscribers.next()
}

fn outside_the_window(world: &World) -> impl FnMut(&World) -> String + use<'_> {
    let mut subscribers = Subscribers::outside_the_window(world);
    move |_| subscribers.next()
}

/// The same at each step of a cancellation that refunds, and of one that stops at the period's end.
fn of_both_kinds(world: &World, happen: Happen) {
    let mut cases = at_each_step(world, second_month(world), Right::LatestCharge, happen);
    cases.extend(at_each_step(
        world,
        outside_the_window(world),
        Right::Nothing,
        happen,
    ));
    assert_nothing_is_charged_any_more(world, &cases);
}

fn is_over(provider: &Simulator, subscription: &str) -> bool {
    let found = provider.subscription_view(subscription).unwrap();
    matches!(found.status, "canceled" | "incomplete_expired")
}

/// Whether the provider still begins another cycle.
fn renews(provider: &Simulator, subscription: &str) -> bool {
    let found = provider.subscription_view(subscription).unwrap();
    !is_over(provider, subscription) && !found.cancel_at_period_end && found.cancel_at.is_none()
}

/// Begins a renewal, unless billing is stopped, and does something with its invoice.
fn renew(world: &World, place: &Place, then: fn(&mut Simulator, &str)) {
    let mut provider = world.provider();
    if renews(&provider, &place.subscription) {
        let invoice = provider.start_renewal(&place.subscription);
        then(&mut provider, &invoice);
    }
}

fn a_renewal_that_begins_at_any_step_is_not_collected(world: &mut World) {
    of_both_kinds(world, |world, place| renew(world, place, |_, _| {}));
}

fn a_renewal_opened_at_any_step_is_not_collected(world: &mut World) {
    of_both_kinds(world, |world, place| {
        renew(world, place, |provider, invoice| {
            provider.open_renewal(invoice);
        });
    });
}

fn a_renewal_paid_at_any_step_goes_back(world: &mut World) {
    of_both_kinds(world, |world, place| {
        renew(world, place, |provider, invoice| {
            provider.pay_renewal(invoice);
        });
    });
}

/// The bank debit began before the request was carried out and arrives when all seems done.
fn a_renewal_in_payment_at_any_step_goes_back_when_it_arrives(world: &mut World) {
    of_both_kinds(world, |world, place| {
        renew(world, place, |provider, invoice| {
            provider.begin_paying_renewal(invoice);
        });
    });
}

fn a_dispute_opened_at_any_step_is_not_paid_twice(world: &mut World) {
    of_both_kinds(world, |world, place| {
        world.provider().open_dispute(&place.latest);
    });
}

fn a_dispute_of_a_part_opened_at_any_step_is_not_paid_twice(world: &mut World) {
    of_both_kinds(world, |world, place| {
        let terms = DisputeTerms {
            amount_minor: Some(5_000),
            ..DisputeTerms::default()
        };
        world.provider().open_dispute_of(&place.latest, terms);
    });
}

fn a_prevented_dispute_at_any_step_is_not_paid_twice(world: &mut World) {
    of_both_kinds(world, |world, place| {
        world.provider().prevent_dispute(&place.latest);
    });
}

fn an_inquiry_at_any_step_keeps_no_refund_back(world: &mut World) {
    of_both_kinds(world, |world, place| {
        world.provider().open_inquiry(&place.latest);
    });
}

fn a_dashboard_refund_at_any_step_is_not_paid_twice(world: &mut World) {
    of_both_kinds(world, |world, place| {
        world.provider().dashboard_refund(&place.latest, None);
    });
}

fn a_part_refunded_in_the_dashboard_at_any_step_leaves_the_rest(world: &mut World) {
    of_both_kinds(world, |world, place| {
        world
            .provider()
            .dashboard_refund(&place.latest, Some(7_000));
    });
}

/// Its proration is the newest invoice, and not a renewal.
fn an_upgrade_before_the_request_does_not_become_the_latest_charge(world: &mut World) {
    let mut next = second_month(world);
    let cases = at_each_step(
        world,
        |world| {
            let subscription = next(world);
            world.pass_seconds(60);
            world.provider().upgrade(&subscription, &dearer());
            world.pass_seconds(60);
            subscription
        },
        Right::LatestCharge,
        |_, _| {},
    );
    assert_nothing_is_charged_any_more(world, &cases);
}

fn dearer() -> Plan {
    Plan {
        amount_minor: 49_900,
        tax_minor: 9_980,
        ..monthly()
    }
}

/// The customer comes back while the old subscription is still being ended.
fn a_new_subscription_at_any_step_is_never_touched(world: &mut World) {
    let mut cases = Vec::new();
    let come_back: Happen = |world, place| {
        let new = world.provider().subscribe(&place.customer, &monthly());
        world.deliver();
        assert_ne!(new, place.subscription);
    };
    cases.extend(at_each_step(
        world,
        second_month(world),
        Right::LatestCharge,
        come_back,
    ));
    let mut provider = world.provider();
    let old: Vec<&String> = cases.iter().map(|case| &case.subscription).collect();
    let customers: Vec<String> = old
        .iter()
        .filter_map(|id| provider.subscription_view(id))
        .map(|found| found.customer)
        .collect();
    let new: Vec<String> = provider
        .subscriptions()
        .into_iter()
        .filter(|found| customers.contains(&found.customer) && !old.contains(&&found.id))
        .map(|found| found.id)
        .collect();
    assert_eq!(new.len() + 1, cases.len(), "one for each step");
    for id in &new {
        let found = provider.subscription_view(id).unwrap();
        assert!(
            found.status == "active" && !found.cancel_at_period_end,
            "{found:?}"
        );
        for charge in provider.charges_of(id) {
            assert_eq!(charge.refunded_minor, 0, "{charge:?}");
        }
        provider.dashboard_cancel(id);
    }
    drop(provider);
    assert_nothing_is_charged_any_more(world, &cases);
}

fn a_cancellation_in_the_dashboard_at_any_step_changes_no_right(world: &mut World) {
    of_both_kinds(world, |world, place| {
        let mut provider = world.provider();
        if !is_over(&provider, &place.subscription) {
            provider.dashboard_cancel(&place.subscription);
        }
    });
}

fn a_stop_set_in_the_dashboard_at_any_step_changes_no_right(world: &mut World) {
    of_both_kinds(world, |world, place| {
        let mut provider = world.provider();
        if !is_over(&provider, &place.subscription) {
            provider.dashboard_cancel_at_period_end(&place.subscription);
        }
    });
}

/// It stands still at any step until its lease is over and another process has done all of it.
fn a_process_that_stands_still_at_any_step_does_nothing_twice(world: &mut World) {
    of_both_kinds(world, |world, place| {
        world.pass_seconds(LEASE_OVER_S);
        let others = world.another_process(Seams::default());
        let id = world.cancel(&place.subscription);
        settle(&others, world, &id, PATIENCE_MIN).unwrap();
    });
}

/// Two replicas find the same rows due at every step.
fn two_processes_side_by_side_do_nothing_twice(world: &mut World) {
    of_both_kinds(world, |world, place| {
        let others = world.another_process(Seams::default());
        let id = world.cancel(&place.subscription);
        settle(&others, world, &id, 0).unwrap();
    });
}

/// Both payments of the latest invoice go back, each once, whatever step is the last.
fn both_payments_of_an_invoice_go_back_once(world: &mut World) {
    let cases = at_each_step(
        world,
        |world| {
            let split = PaymentBehavior::SplitsInTwo;
            let (_, subscription) = world.subscribe_to(&monthly(), split);
            world.pass_days(33);
            subscription
        },
        Right::LatestCharge,
        |world, _| world.deliver(),
    );
    for case in &cases {
        let view = world.view(&case.cancellation);
        assert_eq!(view.refunds.len(), 2, "{:?}", view.refunds);
    }
    assert_nothing_is_charged_any_more(world, &cases);
}

on_both_databases! {
    a_renewal_that_begins_at_any_step_is_not_collected,
    a_renewal_opened_at_any_step_is_not_collected,
    a_renewal_paid_at_any_step_goes_back,
    a_renewal_in_payment_at_any_step_goes_back_when_it_arrives,
    a_dispute_opened_at_any_step_is_not_paid_twice,
    a_dispute_of_a_part_opened_at_any_step_is_not_paid_twice,
    a_prevented_dispute_at_any_step_is_not_paid_twice,
    an_inquiry_at_any_step_keeps_no_refund_back,
    a_dashboard_refund_at_any_step_is_not_paid_twice,
    a_part_refunded_in_the_dashboard_at_any_step_leaves_the_rest,
    an_upgrade_before_the_request_does_not_become_the_latest_charge,
    a_new_subscription_at_any_step_is_never_touched,
    a_cancellation_in_the_dashboard_at_any_step_changes_no_right,
    a_stop_set_in_the_dashboard_at_any_step_changes_no_right,
    a_process_that_stands_still_at_any_step_does_nothing_twice,
    two_processes_side_by_side_do_nothing_twice,
    both_payments_of_an_invoice_go_back_once,
}
