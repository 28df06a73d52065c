//! Invoices that are not what they seem, at each step of a cancellation: of a better plan, in two
//! payments, of another subscription.

use crate::races_driver::{Race, at_every_step, nothing};
use crate::saga::{Case, Right, Subscribers};
use crate::world::{World, monthly};
use avstem::store::rows::Subscription;
use avstem_simulator::{Interval, PaymentBehavior, Plan};

fn with_a_refund(world: &World, subscription: String) -> Case {
    Case::ask(world, subscription, Right::LatestCharge)
}

fn at_period_end(world: &World, subscription: String) -> Case {
    Case::ask(world, subscription, Right::Nothing)
}

fn customer_of(world: &World, subscription: &str) -> String {
    let provider = world.provider();
    provider.subscription_view(subscription).unwrap().customer
}

fn better() -> Plan {
    Plan {
        amount_minor: 49_900,
        tax_minor: 9_980,
        ..monthly()
    }
}

/// The invoice of the rest of the month is the newest, and no renewal.
fn gets_a_better_plan(world: &World, case: &Case) {
    world.provider().upgrade(&case.subscription, &better());
}

/// A new period begins, and the invoice that pays it is no renewal either.
fn gets_a_yearly_plan(world: &World, case: &Case) {
    let yearly = Plan {
        amount_minor: 249_000,
        tax_minor: 49_800,
        interval: Interval::Year,
        ..monthly()
    };
    world.provider().upgrade(&case.subscription, &yearly);
}

/// Less is to be paid than was: the invoice takes no money.
fn gets_a_smaller_plan(world: &World, case: &Case) {
    let smaller = Plan {
        amount_minor: 9_900,
        tax_minor: 1_980,
        ..monthly()
    };
    world.provider().upgrade(&case.subscription, &smaller);
}

/// It was changed for a better one before the request: the invoice of that is the newest.
fn with_a_better_plan(world: &World, subscription: String) -> Case {
    world.provider().upgrade(&subscription, &better());
    world.pass_seconds(60);
    Case::ask(world, subscription, Right::LatestCharge)
}

/// Its latest invoice was paid in two parts: the renewal was begun a month before its time.
fn paid_in_two(world: &World, subscription: String) -> Case {
    let customer = customer_of(world, &subscription);
    {
        let mut provider = world.provider();
        provider.set_payment_behavior(&customer, PaymentBehavior::SplitsInTwo);
        let invoice = provider.start_renewal(&subscription);
        provider.pay_renewal(&invoice);
    }
    world.pass_seconds(60);
    Case::ask(world, subscription, Right::LatestCharge)
}

/// The next one is paid in two parts as well.
fn is_renewed(world: &World, case: &Case) {
    let mut provider = world.provider();
    let invoice = provider.start_renewal(&case.subscription);
    provider.pay_renewal(&invoice);
}

fn one_part_is_disputed(world: &World, case: &Case) {
    let part = world.latest_charge(&case.subscription);
    world.provider().open_dispute(&part);
}

fn one_part_is_refunded(world: &World, case: &Case) {
    let part = world.latest_charge(&case.subscription);
    world.provider().dashboard_refund(&part, None);
}

/// The customer subscribes again at once.
fn is_subscribed_again(world: &World, case: &Case) {
    let customer = customer_of(world, &case.subscription);
    world.provider().subscribe(&customer, &monthly());
}

/// The other subscriptions of the customer go on, and their money stays.
fn the_new_one_goes_on(world: &World, case: &Case) {
    let others = |tx: &mut avstem::store::ReadTx<'_>| {
        let ours = tx.find_subscription(&case.subscription)?.unwrap();
        let all = tx.list_subscriptions(Some(&ours.customer_id), None, None, 10)?;
        let is_other = |row: &Subscription| row.id != ours.id;
        Ok::<_, avstem::store::StoreError>(all.into_iter().filter(is_other).collect())
    };
    let others: Vec<Subscription> = world.app.store.read(others).unwrap();
    assert_eq!(others.len(), 1);
    let new = &others[0].provider_id;
    let found = world.provider().subscription_view(new).unwrap();
    assert_eq!(
        (found.status, found.cancel_at_period_end),
        ("active", false)
    );
    for charge in world.charges(new) {
        assert_eq!(world.refunds_paid(&charge), 0);
    }
    // What comes of it later is no matter of the cancellation.
    world.provider().dashboard_cancel(new);
}

/// None of them needs a person.
fn goes_by_itself(world: &World, race: Race) {
    let subscribers = &mut Subscribers::in_the_second_month(world);
    let ends = at_every_step(world, subscribers, race);
    assert_eq!(ends.attention, 0, "{ends:?}");
}

fn a_better_plan_at_any_step_does_not_become_the_latest_charge(world: &mut World) {
    for meanwhile in [gets_a_better_plan, gets_a_smaller_plan] {
        let race = Race {
            begin: with_a_refund,
            meanwhile,
            afterwards: nothing,
        };
        goes_by_itself(world, race);
    }
    let renewed = Race {
        begin: with_a_better_plan,
        meanwhile: is_renewed,
        afterwards: nothing,
    };
    goes_by_itself(world, renewed);
}

fn a_plan_of_another_period_at_any_step_does_not_become_the_latest_charge(world: &mut World) {
    let race = |begin| Race {
        begin,
        meanwhile: gets_a_yearly_plan,
        afterwards: nothing,
    };
    goes_by_itself(world, race(with_a_refund));
    let subscribers = &mut Subscribers::outside_the_window(world);
    let ends = at_every_step(world, subscribers, race(at_period_end));
    assert_eq!(ends.attention, 0, "{ends:?}");
}

fn payments_of_one_invoice_go_back_together(world: &mut World) {
    let race = |meanwhile| Race {
        begin: paid_in_two,
        meanwhile,
        afterwards: nothing,
    };
    goes_by_itself(world, race(is_renewed));
    goes_by_itself(world, race(one_part_is_refunded));
}

fn a_dispute_of_one_payment_leaves_the_other_its_refund(world: &mut World) {
    let race = Race {
        begin: paid_in_two,
        meanwhile: one_part_is_disputed,
        afterwards: nothing,
    };
    let subscribers = &mut Subscribers::in_the_second_month(world);
    let ends = at_every_step(world, subscribers, race);
    assert!(ends.completed > 0 && ends.attention > 0, "{ends:?}");
}

fn a_new_subscription_of_the_customer_is_never_touched(world: &mut World) {
    let race = Race {
        begin: with_a_refund,
        meanwhile: is_subscribed_again,
        afterwards: the_new_one_goes_on,
    };
    goes_by_itself(world, race);
}

on_both_databases! {
    a_better_plan_at_any_step_does_not_become_the_latest_charge,
    a_plan_of_another_period_at_any_step_does_not_become_the_latest_charge,
    payments_of_one_invoice_go_back_together,
    a_dispute_of_one_payment_leaves_the_other_its_refund,
    a_new_subscription_of_the_customer_is_never_touched,
}
