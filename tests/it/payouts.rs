//! Payouts: sent, failed, canceled, returned, in every order of arrival.

use crate::story::{balances_of, events_of, journal_kinds, receive_all};
use crate::tellings::{all_orders_agree, pass, subscribed};
use crate::world::World;
use avstem_simulator::{PaymentBehavior, Shape, Simulator};

const PROVIDER: &str = "assets:provider:stripe";
const TRANSIT: &str = "assets:payouts_in_transit:stripe";

/// A provider that owes us 249.01, and the payout of it.
fn paid_out(provider: &mut Simulator) -> String {
    pass(provider, 60);
    provider.pay_out().expect("there is something to pay out")
}

fn a_payout_that_fails_in_every_order(world: &mut World) {
    let (mut provider, ..) = subscribed(Shape::Newer, PaymentBehavior::Succeeds);
    let payout = paid_out(&mut provider);
    pass(&mut provider, 4 * 86_400);
    assert!(provider.fail_payout(&payout));
    let kinds = [
        "payout.created",
        "payout.updated",
        "payout.reconciliation_completed",
        "payout.paid",
        "payout.failed",
    ];
    let story = events_of(&provider, &kinds);
    // Sent and come back: the provider owes us what it owed.
    all_orders_agree(world, &story, &[]);
    let told = crate::story::marked(&story[4], &crate::story::mark(0));
    let kinds = journal_kinds(world, &[told]);
    assert_eq!(kinds, ["payout_sent", "payout_failed"]);
}

/// We hear of it only when it is over.
fn a_payout_first_heard_of_as_failed_is_booked_both_ways(world: &mut World) {
    let (mut provider, ..) = subscribed(Shape::Classic, PaymentBehavior::Succeeds);
    let payout = paid_out(&mut provider);
    pass(&mut provider, 4 * 86_400);
    assert!(provider.fail_payout(&payout));
    let story = events_of(&provider, &["payout.failed"]);
    receive_all(world, &story);
    world.process();
    assert_eq!(
        journal_kinds(world, &story),
        ["payout_sent", "payout_failed"]
    );
    assert_eq!(balances_of(world, &story).len(), 0);
}

fn what_the_provider_owes_and_what_is_on_its_way_follow_the_provider(world: &mut World) {
    world.subscribe();
    world.deliver();
    let payout = world.provider().pay_out().unwrap();
    world.deliver();
    assert_eq!(world.balance(PROVIDER), "0.00");
    assert_eq!(world.balance(TRANSIT), "249.00");
    world.check_books();

    world.pass_days(3);
    world.deliver();
    let returned = world.provider().return_payout(&payout).unwrap();
    world.deliver();
    assert_eq!(world.balance(PROVIDER), "249.00");
    assert_eq!(world.balance(TRANSIT), "0.00");
    world.check_books();
    let ids = [payout.clone(), returned.clone()];
    let mut rows = world
        .app
        .store
        .read::<_, avstem::store::StoreError>(|tx| tx.payouts_by_provider_ids("stripe", &ids))
        .unwrap();
    rows.sort_by_key(|row| row.amount);
    assert_eq!(rows[0].original.as_ref(), Some(&payout));
    assert_eq!(rows[1].reversed_by.as_ref(), Some(&returned));
    assert!(rows[1].trace_id.is_some(), "{:?}", rows[1]);

    // A dispute takes more than there is: the provider takes it from the bank.
    let (_, subscription) = world.subscribe();
    let charge = world.latest_charge(&subscription);
    world.provider().pay_out().unwrap();
    world.provider().open_dispute(&charge).unwrap();
    let debit = world.provider().pay_out().unwrap();
    world.deliver();
    assert_eq!(world.balance(PROVIDER), "0.00");
    let rows = world
        .app
        .store
        .read::<_, avstem::store::StoreError>(|tx| {
            tx.payouts_by_provider_ids("stripe", std::slice::from_ref(&debit))
        })
        .unwrap();
    assert_eq!(rows[0].amount, -39_900);
    world.check_books();
}

fn a_canceled_payout_comes_back(world: &mut World) {
    world.subscribe();
    world.deliver();
    let payout = world.provider().pay_out().unwrap();
    assert!(world.provider().cancel_payout(&payout));
    world.deliver();
    assert_eq!(world.balance(PROVIDER), "249.00");
    assert_eq!(world.balance(TRANSIT), "0.00");
    world.check_books();
}

on_both_databases! {
    a_payout_that_fails_in_every_order,
    a_payout_first_heard_of_as_failed_is_booked_both_ways,
    what_the_provider_owes_and_what_is_on_its_way_follow_the_provider,
    a_canceled_payout_comes_back,
}
