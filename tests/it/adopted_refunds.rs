//! Refunds that others made at the provider: booked, and judged by the rules that ours go by.

use crate::saga::{self, Case, Right};
use crate::story::{
    check_ledger, events_in, events_of, mark, marked, objects, orders, receive_all, storyteller,
};
use crate::world::{World, monthly, settle};
use avstem::app::cancellation;
use avstem::app::deliveries::{self, Completed, ReportDelivery};
use avstem::app::request_refund::{self, RequestRefund};
use avstem::store::StoreError;
use avstem::store::rows::Refund;
use avstem_domain::cancellation::RefundChoice;
use avstem_simulator::{Plan, Shape, Simulator};

const PATIENCE_MIN: i64 = 10;

/// Whether the policy would have given it, and the code of the rule that says so.
type Judged = (Option<bool>, Option<String>);

fn judged(row: &Refund) -> Judged {
    (row.policy_conform, row.code.clone())
}

fn conform(code: &str) -> Judged {
    (Some(true), Some(code.to_owned()))
}

fn against(code: &str) -> Judged {
    (Some(false), Some(code.to_owned()))
}

fn row(world: &World, refund: &str) -> Refund {
    let found = world.app.store.read(|tx| tx.find_refund(refund)).unwrap();
    found.unwrap()
}

/// Refunds in the dashboard, and tells how that was judged once it was heard of.
fn refunded(world: &World, charge: &str, amount: Option<i64>) -> (String, Judged) {
    let refund = world.provider().dashboard_refund(charge, amount).unwrap();
    world.deliver();
    let row = row(world, &refund);
    assert_eq!(
        (row.origin.as_str(), row.state.as_str()),
        ("provider", "succeeded")
    );
    (refund, judged(&row))
}

fn the_latest_charge_may_be_given_back_in_full_or_in_parts(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let charge = world.latest_charge(&subscription);
    let (_, whole) = refunded(world, &charge, None);
    assert_eq!(whole, conform("latest_charge"));

    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let charge = world.latest_charge(&subscription);
    for amount in [Some(100), Some(24_000), None] {
        let (_, part) = refunded(world, &charge, amount);
        assert_eq!(part, conform("latest_charge"), "{amount:?}");
    }
    world.check_books();
}

fn what_the_rules_refuse_is_booked_all_the_same_and_flagged(world: &mut World) {
    let (customer, subscription) = world.subscribe();
    world.pass_days(33);
    let other = world.provider().one_off_charge(&customer, 5_000);
    world.deliver();
    let charges = world.charges(&subscription);
    assert_eq!(
        refunded(world, &charges[0], None).1,
        against("earlier_period")
    );
    assert_eq!(refunded(world, &other, Some(1)).1, against("not_recurring"));
    // The charge was made 3 days ago; the window is 14 days.
    world.pass_days(12);
    world.deliver();
    assert_eq!(
        refunded(world, &charges[1], Some(1)).1,
        against("outside_window")
    );
    let list = |conform: bool| {
        let all = |tx: &mut avstem::store::ReadTx<'_>| {
            tx.list_refunds(None, None, None, Some(conform), None, 10)
        };
        let listed = world.app.store.read::<_, StoreError>(all).unwrap();
        listed.rows.len()
    };
    assert_eq!((list(false), list(true)), (3, 0));
    world.check_books();
}

/// As of when it was made: the charge of the month after makes no earlier period of it.
fn a_later_charge_does_not_change_what_was_the_latest(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let second = world.latest_charge(&subscription);
    let (refund, at_once) = refunded(world, &second, None);
    world.pass_days(31);
    world.deliver();
    assert_eq!(world.charges(&subscription).len(), 3);
    assert_eq!(at_once, conform("latest_charge"));
    assert_eq!(judged(&row(world, &refund)), at_once);
    // It is judged anew, and by the same facts: the next one is of an earlier period.
    let third = world.latest_charge(&subscription);
    world.pass_days(1);
    assert_eq!(refunded(world, &third, Some(1)).1, conform("latest_charge"));
}

fn what_was_delivered_counts_as_it_was_known_then(world: &mut World) {
    let subscription = saga::half_delivered(world);
    let charge = world.latest_charge(&subscription);
    world.pass_seconds(60);
    let (half, part) = refunded(world, &charge, Some(12_450));
    assert_eq!(part, conform("latest_charge_partly_delivered"));
    world.pass_seconds(60);
    let report = ReportDelivery {
        subscription: subscription.clone(),
        charge: charge.clone(),
        ordered: 2,
        delivered: 2,
        completed: Completed::Yes,
        reported_by: "key".to_owned(),
    };
    deliveries::report(&world.app, &report).unwrap();
    world.pass_seconds(60);
    let (_, more) = refunded(world, &charge, Some(1));
    assert_eq!(more, against("period_delivered"));
    assert_eq!(judged(&row(world, &half)), part, "as it was known then");

    let subscription = saga::half_delivered(world);
    let charge = world.latest_charge(&subscription);
    world.pass_seconds(60);
    let (_, too_much) = refunded(world, &charge, Some(12_451));
    assert_eq!(too_much, against("latest_charge_partly_delivered"));
}

/// The customer had asked in time, and kept the paid period; support gave the money back later.
fn a_refund_that_answers_an_earlier_request_is_judged_as_of_that(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    let mut request = world.request(&subscription);
    request.refund = RefundChoice::None;
    let case = Case::ask_so(world, subscription.clone(), Right::Nothing, request);
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    world.pass_days(15);
    world.deliver();
    let charge = world.latest_charge(&subscription);
    assert_eq!(refunded(world, &charge, None).1, conform("latest_charge"));

    // Once it was taken back, it is no reason any more.
    let subscription = saga::in_the_second_month(world);
    let mut request = world.request(&subscription);
    request.refund = RefundChoice::None;
    let case = Case::ask_so(world, subscription.clone(), Right::Nothing, request);
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    cancellation::undo(&world.app, &case.cancellation).unwrap();
    world.pass_days(15);
    world.deliver();
    let charge = world.latest_charge(&subscription);
    assert_eq!(refunded(world, &charge, None).1, against("outside_window"));
}

/// What a refund of ours could not give stays a right, also after the window.
fn a_refund_in_the_place_of_one_that_failed_is_judged_as_that_was(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let charge = world.latest_charge(&subscription);
    let command = RequestRefund {
        charge: charge.clone(),
        reason: None,
        request_ref: None,
    };
    request_refund::request(&world.app, command).unwrap();
    world.work(1).unwrap();
    world.pass_days(20);
    let first = world.provider().refunds_of(&charge).remove(0).id;
    assert!(world.provider().fail_refund(&first));
    world.deliver();
    assert_eq!(refunded(world, &charge, None).1, conform("latest_charge"));
    world.check_books();
}

/// An inquiry lets the charge be refunded; had a dispute stood in the way, the provider had refused.
fn a_refund_that_answers_an_inquiry_is_judged_like_any_other(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let charge = world.latest_charge(&subscription);
    world.provider().open_inquiry(&charge).unwrap();
    world.pass_seconds(5);
    world.deliver();
    assert_eq!(refunded(world, &charge, None).1, conform("latest_charge"));
}

fn pass(provider: &mut Simulator, seconds: i64) {
    provider.advance_to(provider.now().saturating_add_seconds(seconds));
}

fn subscribed(shape: Shape, plan: &Plan) -> (Simulator, String) {
    let mut provider = storyteller(shape);
    let customer = provider.create_customer("canary-pii-7@example.test", "Canary Person", "sv");
    let subscription = provider.subscribe(&customer, plan);
    (provider, subscription)
}

/// Tells a story in every order, each event by itself, and compares how its refunds were judged.
fn judged_alike_in_every_order(world: &World, story: &[String], expected: &[Judged]) {
    for (number, order) in orders(story.len()).iter().enumerate() {
        let mark = mark(number);
        let told: Vec<String> = story.iter().map(|event| marked(event, &mark)).collect();
        for event in order {
            receive_all(world, std::slice::from_ref(&told[*event]));
            world.process();
        }
        let ids: Vec<String> = objects(&told)["refund"].iter().cloned().collect();
        let read = |tx: &mut avstem::store::ReadTx<'_>| tx.refunds_by_provider_ids("stripe", &ids);
        let mut rows = world.app.store.read::<_, StoreError>(read).unwrap();
        rows.sort_by_key(|row| row.created_at);
        let found: Vec<Judged> = rows.iter().map(judged).collect();
        assert_eq!(found, expected, "{order:?}");
    }
    for state in ["received", "parked", "failed"] {
        assert_eq!(events_in(world, state), [], "{state}");
    }
    check_ledger(world);
}

/// Which charge was the latest is known only when all of them are.
fn an_earlier_period_is_told_in_every_order(world: &mut World) {
    let (mut provider, subscription) = subscribed(Shape::Classic, &monthly());
    pass(&mut provider, 33 * 86_400);
    let charges = provider.charges_of(&subscription);
    provider.dashboard_refund(&charges[0].id, None).unwrap();
    let kinds = [
        "charge.succeeded",
        "invoice.paid",
        "charge.succeeded",
        "invoice.paid",
        "refund.created",
    ];
    let story = events_of(&provider, &kinds);
    judged_alike_in_every_order(world, &story, &[against("earlier_period")]);
}

/// The link between the charge and its invoice is an event of its own.
fn the_latest_charge_is_told_in_every_order_of_its_link(world: &mut World) {
    let (mut provider, subscription) = subscribed(Shape::Newer, &monthly());
    pass(&mut provider, 60);
    let charge = provider.charges_of(&subscription)[0].id.clone();
    provider.dashboard_refund(&charge, Some(20_000)).unwrap();
    pass(&mut provider, 60);
    provider.dashboard_refund(&charge, Some(4_900)).unwrap();
    let kinds = [
        "charge.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "refund.created",
        "refund.created",
    ];
    let story = events_of(&provider, &kinds);
    let both = [conform("latest_charge"), conform("latest_charge")];
    judged_alike_in_every_order(world, &story, &both);
}

on_both_databases! {
    the_latest_charge_may_be_given_back_in_full_or_in_parts,
    what_the_rules_refuse_is_booked_all_the_same_and_flagged,
    a_later_charge_does_not_change_what_was_the_latest,
    what_was_delivered_counts_as_it_was_known_then,
    a_refund_that_answers_an_earlier_request_is_judged_as_of_that,
    a_refund_in_the_place_of_one_that_failed_is_judged_as_that_was,
    a_refund_that_answers_an_inquiry_is_judged_like_any_other,
    an_earlier_period_is_told_in_every_order,
    the_latest_charge_is_told_in_every_order_of_its_link,
}
