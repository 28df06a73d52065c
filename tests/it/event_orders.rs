//! The order in which a provider's events arrive does not matter.

use crate::story::{balances_of, check_ledger, events_in, events_of, journal_kinds, receive_all};
use crate::tellings::{all_orders_agree, expected_balances, pass, subscribed};
use crate::world::{World, monthly};
use avstem::app::replay_events::{self, Which};
use avstem_simulator::{PaymentBehavior, Plan, Shape};
use std::collections::BTreeMap;

const PROVIDER: &str = "assets:provider:stripe";
const VAT: &str = "liabilities:vat";
const DEFERRED: &str = "liabilities:deferred_revenue";
const ORDERS: &str = "income:orders";
const REFUNDS: &str = "income:refunds";
const PAYABLE: &str = "liabilities:refunds_payable";

fn a_classic_life_in_every_order(world: &mut World) {
    let (mut provider, subscription, _) = subscribed(Shape::Classic, PaymentBehavior::Succeeds);
    pass(&mut provider, 60);
    let plan = Plan {
        amount_minor: 49_900,
        ..monthly()
    };
    provider.upgrade(&subscription, &plan);
    // The first four are of the same second: only how far along they are tells them apart.
    let story = events_of(
        &provider,
        &[
            "customer.subscription.created",
            "customer.subscription.updated",
            "charge.succeeded",
            "invoice.paid",
            "customer.subscription.updated",
        ],
    );
    all_orders_agree(
        world,
        &story,
        &[(PROVIDER, 24_901), (VAT, -4_980), (DEFERRED, -19_921)],
    );
}

fn a_classic_charge_and_its_refund_in_every_order(world: &mut World) {
    let (mut provider, subscription, charge) =
        subscribed(Shape::Classic, PaymentBehavior::Succeeds);
    pass(&mut provider, 60);
    provider.dashboard_refund(&charge, Some(5_000)).unwrap();
    provider.dashboard_cancel(&subscription);
    let story = events_of(
        &provider,
        &[
            "charge.succeeded",
            "customer.subscription.created",
            "refund.created",
            "charge.refunded",
            "customer.subscription.deleted",
        ],
    );
    all_orders_agree(
        world,
        &story,
        &[(PROVIDER, 19_901), (ORDERS, -24_901), (REFUNDS, 5_000)],
    );
}

fn a_newer_charge_its_link_and_its_refund_in_every_order(world: &mut World) {
    let (mut provider, subscription, charge) = subscribed(Shape::Newer, PaymentBehavior::Succeeds);
    provider.dashboard_refund(&charge, Some(5_000)).unwrap();
    provider.dashboard_cancel(&subscription);
    let story = events_of(
        &provider,
        &[
            "charge.succeeded",
            "invoice_payment.paid",
            "invoice.paid",
            "refund.created",
            "customer.subscription.deleted",
        ],
    );
    all_orders_agree(
        world,
        &story,
        &[(PROVIDER, 19_901), (VAT, -3_980), (DEFERRED, -15_921)],
    );
}

fn two_payments_of_one_invoice_in_every_order(world: &mut World) {
    let (provider, _, _) = subscribed(Shape::Newer, PaymentBehavior::SplitsInTwo);
    let story = events_of(
        &provider,
        &[
            "charge.succeeded",
            "charge.succeeded",
            "invoice.paid",
            "invoice_payment.paid",
            "invoice_payment.paid",
        ],
    );
    // The parts of the tax sum to the invoice's.
    all_orders_agree(
        world,
        &story,
        &[(PROVIDER, 24_901), (VAT, -4_980), (DEFERRED, -19_921)],
    );
}

fn a_refund_that_comes_back_in_every_order(world: &mut World) {
    let (mut provider, _, charge) = subscribed(Shape::Classic, PaymentBehavior::Succeeds);
    pass(&mut provider, 60);
    let refund = provider.dashboard_refund(&charge, None).unwrap();
    pass(&mut provider, 60);
    assert!(provider.fail_refund(&refund));
    let story = events_of(
        &provider,
        &[
            "charge.succeeded",
            "invoice.paid",
            "refund.created",
            "refund.failed",
            "charge.updated",
        ],
    );
    // The money is back, and the customer is still owed.
    all_orders_agree(world, &story, &[(PROVIDER, 24_901), (PAYABLE, -24_901)]);
}

fn a_refund_waits_for_its_charge(world: &mut World) {
    let (mut provider, _, charge) = subscribed(Shape::Classic, PaymentBehavior::Succeeds);
    provider.dashboard_refund(&charge, None).unwrap();
    let story = events_of(
        &provider,
        &["refund.created", "charge.succeeded", "invoice.paid"],
    );
    receive_all(world, &story[..1]);
    assert_eq!(world.process().parked, 1);
    let parked = events_in(world, "parked").remove(0);
    let why = parked.error.unwrap();
    assert!(
        why.starts_with(&format!("waits for charge {charge} of refund re_")),
        "{why}"
    );
    assert_eq!(parked.attempts, 1);
    // It is looked at again after a minute, and goes on waiting.
    assert_eq!(world.process().total(), 0);
    world.pass_seconds(60);
    assert_eq!(world.process().parked, 1);
    // Its charge wakes it at once.
    receive_all(world, &story[1..]);
    assert_eq!(world.process().processed, 3);
    let processed = events_in(world, "processed").remove(0);
    assert_eq!(
        (
            processed.kind.as_deref(),
            processed.error,
            processed.attempts
        ),
        (Some("refund.created"), None, 3)
    );
    assert_eq!(balances_of(world, &story), BTreeMap::new());
    assert_eq!(journal_kinds(world, &story).len(), 3);
}

fn a_refund_whose_charge_never_comes_fails_and_can_be_replayed(world: &mut World) {
    let (mut provider, _, charge) = subscribed(Shape::Classic, PaymentBehavior::Succeeds);
    provider.dashboard_refund(&charge, Some(100)).unwrap();
    let story = events_of(&provider, &["refund.created", "charge.succeeded"]);
    receive_all(world, &story[..1]);
    world.process();
    world.pass_seconds(24 * 3_600 - 1);
    assert_eq!(world.process().parked, 1, "a second is left");
    world.pass_seconds(1);
    assert_eq!(world.process().failed, 1);
    let why = events_in(world, "failed").remove(0).error.unwrap();
    assert!(
        why.contains(&charge) && why.contains("replay when it has"),
        "{why}"
    );
    // Dead letters do not wake by themselves.
    receive_all(world, &story[1..]);
    assert_eq!(world.process().processed, 1);
    assert_eq!(events_in(world, "failed").len(), 1);
    assert_eq!(
        replay_events::replay(&world.app, &Which::Failed).unwrap(),
        1
    );
    assert_eq!(world.process().processed, 1);
    assert_eq!(balances_of(world, &story)[PROVIDER], 24_801);
    check_ledger(world);
}

fn two_events_that_tell_one_fact_book_it_once(world: &mut World) {
    let (mut provider, _, charge) = subscribed(Shape::Classic, PaymentBehavior::Succeeds);
    let mut story = events_of(&provider, &["charge.succeeded"]);
    story.push(told_as(&story[0], "charge.updated", "evt_second_of_charge"));
    pass(&mut provider, 5);
    provider.dashboard_refund(&charge, Some(900)).unwrap();
    story.extend(events_of(&provider, &["refund.created", "charge.refunded"]));
    story.push(told_as(&story[2], "refund.updated", "evt_second_of_refund"));
    story.push(told_as(
        &story[2],
        "charge.refund.updated",
        "evt_third_of_refund",
    ));
    for event in &story {
        receive_all(world, std::slice::from_ref(event));
        assert_eq!(world.process().processed, 1);
    }
    assert_eq!(
        journal_kinds(world, &story),
        ["charge_succeeded", "refund_decided", "refund_succeeded"]
    );
    assert_eq!(balances_of(world, &story)[PROVIDER], 24_001);
}

/// The same object in an event of another type and id.
fn told_as(body: &str, kind: &str, id: &str) -> String {
    let mut event: serde_json::Value = serde_json::from_str(body).unwrap();
    event["type"] = kind.into();
    event["id"] = id.into();
    event.to_string()
}

/// A newer charge does not name its invoice. It counts as an order until the link comes, and so does a
/// refund in between.
fn a_newer_charge_is_reclassified_when_its_link_comes(world: &mut World) {
    let (mut provider, _, charge) = subscribed(Shape::Newer, PaymentBehavior::Succeeds);
    provider.dashboard_refund(&charge, Some(5_000)).unwrap();
    let kinds = [
        "charge.succeeded",
        "refund.created",
        "invoice_payment.paid",
        "invoice.paid",
    ];
    let story = events_of(&provider, &kinds);
    let after: [&[(&str, i64)]; 4] = [
        &[(PROVIDER, 24_901), (ORDERS, -24_901)],
        &[(PROVIDER, 19_901), (ORDERS, -24_901), (REFUNDS, 5_000)],
        &[(PROVIDER, 19_901), (ORDERS, -24_901), (REFUNDS, 5_000)],
        &[(PROVIDER, 19_901), (DEFERRED, -15_921), (VAT, -3_980)],
    ];
    for (event, expected) in story.iter().zip(after) {
        receive_all(world, std::slice::from_ref(event));
        world.process();
        assert_eq!(
            balances_of(world, &story),
            expected_balances(expected),
            "{event}"
        );
    }
    let expected = [
        "charge_succeeded",
        "refund_decided",
        "refund_succeeded",
        "charge_reclassified",
    ];
    assert_eq!(journal_kinds(world, &story), expected);
    check_ledger(world);
}

/// The bank sends a refund back, and staff refunds the charge once more: the customer gets the money
/// once, and nothing is owed any more.
fn a_second_refund_after_one_that_came_back_is_booked(world: &mut World) {
    let (mut provider, _, charge) = subscribed(Shape::Classic, PaymentBehavior::Succeeds);
    pass(&mut provider, 60);
    let refund = provider.dashboard_refund(&charge, None).unwrap();
    pass(&mut provider, 60);
    assert!(provider.fail_refund(&refund));
    pass(&mut provider, 60);
    provider.dashboard_refund(&charge, None).unwrap();
    let kinds = [
        "charge.succeeded",
        "invoice.paid",
        "refund.created",
        "refund.failed",
        "refund.created",
    ];
    let story = events_of(&provider, &kinds);
    // An old picture of the first refund comes after the second one in some of them.
    all_orders_agree(world, &story, &[]);
}

on_both_databases! {
    a_classic_life_in_every_order,
    a_classic_charge_and_its_refund_in_every_order,
    a_newer_charge_its_link_and_its_refund_in_every_order,
    two_payments_of_one_invoice_in_every_order,
    a_refund_that_comes_back_in_every_order,
    a_second_refund_after_one_that_came_back_is_booked,
    a_refund_waits_for_its_charge,
    a_refund_whose_charge_never_comes_fails_and_can_be_replayed,
    two_events_that_tell_one_fact_book_it_once,
    a_newer_charge_is_reclassified_when_its_link_comes,
}
