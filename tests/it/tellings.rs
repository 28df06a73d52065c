//! One story of five events, told in every order there is.

use crate::story::{
    balances_of, check_ledger, events_in, mark, marked, orders, outcome, receive_all, storyteller,
};
use crate::world::{World, monthly};
use avstem::app::receive_webhook::Intake;
use avstem_simulator::{PaymentBehavior, Plan, Shape, Simulator};
use std::collections::BTreeMap;

/// A simulated provider whose customer subscribed for 249.00, the subscription and its first charge.
pub fn subscribed(shape: Shape, behavior: PaymentBehavior) -> (Simulator, String, String) {
    let mut provider = storyteller(shape);
    let customer = provider.create_customer("canary-pii-2@example.test", "Canary Person", "sv");
    provider.set_payment_behavior(&customer, behavior);
    // An odd öre, so that two halves differ.
    let plan = Plan {
        amount_minor: 24_901,
        ..monthly()
    };
    let subscription = provider.subscribe(&customer, &plan);
    let charge = provider.charges_of(&subscription)[0].id.clone();
    (provider, subscription, charge)
}

pub fn pass(provider: &mut Simulator, seconds: i64) {
    provider.advance_to(provider.now().saturating_add_seconds(seconds));
}

/// Tells a story of five events in all 120 orders, each about objects of its own, each event twice:
/// once processed after every event, once only in the end.
pub fn tell_in_all_orders(world: &World, story: &[String]) {
    assert_eq!(story.len(), 5);
    let orders = orders(5);
    assert_eq!(orders.len(), 120);
    let tell = |number: usize, event: usize| marked(&story[event], &mark(number));
    let together = orders.len();
    for step in 0..5 {
        let now: Vec<String> = (0..together).map(|n| tell(n, orders[n][step])).collect();
        assert!(
            receive_all(world, &now)
                .iter()
                .all(|intake| *intake == Intake::New)
        );
        world.process();
        // Sent again: the one just processed, and the first of all.
        let again: Vec<String> = (0..together)
            .flat_map(|n| [tell(n, orders[n][step]), tell(n, orders[n][0])])
            .collect();
        assert!(
            receive_all(world, &again)
                .iter()
                .all(|intake| *intake == Intake::Duplicate)
        );
    }
    for (number, order) in orders.iter().enumerate() {
        let twice: Vec<String> = order
            .iter()
            .flat_map(|event| [*event, order[0]])
            .map(|event| tell(together + number, event))
            .collect();
        let new = receive_all(world, &twice)
            .into_iter()
            .filter(|intake| *intake == Intake::New)
            .count();
        assert_eq!(new, 5);
    }
    world.process();
}

pub fn all_orders_agree(world: &World, story: &[String], expected: &[(&str, i64)]) {
    tell_in_all_orders(world, story);
    assert_eq!(events_in(world, "failed"), []);
    compare_all_orders(world, story, expected);
}

/// Every telling must have come to the same.
pub fn compare_all_orders(world: &World, story: &[String], expected: &[(&str, i64)]) {
    let orders = orders(5);
    let together = orders.len();
    let tell = |number: usize, event: usize| marked(&story[event], &mark(number));
    let told = |number: usize| -> Vec<String> { (0..5).map(|event| tell(number, event)).collect() };
    let first = outcome(world, &told(0), &mark(0));
    for number in 0..2 * together {
        let order = &orders[number % together];
        assert_eq!(
            outcome(world, &told(number), &mark(number)),
            first,
            "telling {number}, order {order:?}"
        );
    }
    assert_eq!(
        balances_of(world, &told(0)),
        expected_balances(expected),
        "{first}"
    );
    for state in ["received", "parked", "failed"] {
        assert_eq!(events_in(world, state), [], "{state}");
    }
    check_ledger(world);
}

pub fn expected_balances(expected: &[(&str, i64)]) -> BTreeMap<String, i64> {
    expected
        .iter()
        .map(|(account, sum)| ((*account).to_owned(), *sum))
        .collect()
}
