use avstem_simulator::{Interval, PaymentBehavior, Plan, Shape};
use avstem_webhooks::outbound::Method;

use crate::world::{DAY, at, call, events, kinds_since, last, monthly, pass, post, request};
use crate::world::{simulator, subscribed};

#[test]
fn a_subscription_starts_with_a_paid_invoice() {
    let (sim, _, subscription) = subscribed(Shape::Newer);
    assert_eq!(
        kinds_since(&sim, 0),
        [
            "customer.created",
            "customer.subscription.created",
            "invoice.created",
            "invoice.finalized",
            "payment_intent.created",
            "payment_intent.succeeded",
            "charge.succeeded",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice_payment.paid",
            "customer.subscription.updated",
        ]
    );
    let view = sim.subscription_view(&subscription).unwrap();
    assert_eq!(view.status, "active");
    assert_eq!(view.current_period_end, at("2026-11-30T09:00:00Z"));
    assert_eq!(sim.money_moved().len(), 1);
    assert_eq!(sim.money_moved()[0].amount_minor, 12_500);
}

#[test]
fn a_renewal_moves_the_period_at_once_and_is_paid_an_hour_later() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let before = sim.all_events().len();
    sim.advance_to(at("2026-11-30T09:59:59Z"));
    assert_eq!(
        kinds_since(&sim, before),
        ["invoice.created", "customer.subscription.updated"]
    );
    assert_eq!(sim.money_moved().len(), 1);
    sim.advance_to(at("2026-11-30T10:00:00Z"));
    assert_eq!(sim.charges_of(&subscription).len(), 2);
    let created = last(&sim, "charge.succeeded")["created"].as_i64();
    assert_eq!(created, Some(at("2026-11-30T10:00:00Z").unix_seconds()));
}

#[test]
fn periods_keep_the_anchor_day_through_short_months() {
    let (mut sim, _, subscription) = subscribed(Shape::Classic);
    sim.advance_to(at("2027-04-15T00:00:00Z"));
    let ends: Vec<i64> = events(&sim)
        .iter()
        .filter(|(kind, _)| kind == "invoice.created")
        .map(|(_, event)| event["data"]["object"]["lines"]["data"][0]["period"]["end"].as_i64())
        .map(Option::unwrap)
        .collect();
    let days = ["11-30", "12-31"].map(|day| format!("2026-{day}"));
    let more = ["01-31", "02-28", "03-31", "04-30"].map(|day| format!("2027-{day}"));
    let expected: Vec<i64> = (days.iter().chain(&more))
        .map(|day| at(&format!("{day}T09:00:00Z")).unix_seconds())
        .collect();
    assert_eq!(ends, expected);
    assert_eq!(sim.charges_of(&subscription).len(), 6);
}

#[test]
fn a_trial_is_free_and_the_first_payment_follows_it() {
    let mut sim = simulator(Shape::Newer);
    let customer = sim.create_customer("canary-pii-1@example.test", "Kim", "en");
    let trial = Plan {
        trial_days: 14,
        ..monthly()
    };
    let subscription = sim.subscribe(&customer, &trial);
    assert_eq!(
        sim.subscription_view(&subscription).unwrap().status,
        "trialing"
    );
    assert_eq!(last(&sim, "invoice.paid")["total"], 0);
    assert!(sim.money_moved().is_empty());
    pass(&mut sim, 14 * DAY + 3_600);
    assert_eq!(
        sim.subscription_view(&subscription).unwrap().status,
        "active"
    );
    assert_eq!(sim.money_moved().len(), 1);
}

#[test]
fn a_failing_renewal_is_retried_and_then_ends_the_subscription() {
    let (mut sim, customer, subscription) = subscribed(Shape::Classic);
    sim.set_payment_behavior(&customer, PaymentBehavior::Fails);
    pass(&mut sim, 31 * DAY);
    assert_eq!(
        sim.subscription_view(&subscription).unwrap().status,
        "past_due"
    );
    pass(&mut sim, 16 * DAY);
    let view = sim.subscription_view(&subscription).unwrap();
    assert_eq!(view.status, "canceled");
    let reason = &last(&sim, "customer.subscription.deleted")["cancellation_details"]["reason"];
    assert_eq!(reason, "payment_failed");
    let failed = sim.charges_of(&subscription);
    assert_eq!(
        failed
            .iter()
            .filter(|charge| charge.status == "failed")
            .count(),
        4
    );
    assert_eq!(sim.money_moved().len(), 1);
}

#[test]
fn a_retry_that_succeeds_makes_the_subscription_active_again() {
    let (mut sim, customer, subscription) = subscribed(Shape::Newer);
    sim.set_payment_behavior(&customer, PaymentBehavior::Fails);
    pass(&mut sim, 31 * DAY);
    sim.set_payment_behavior(&customer, PaymentBehavior::Succeeds);
    pass(&mut sim, 3 * DAY);
    assert_eq!(
        sim.subscription_view(&subscription).unwrap().status,
        "active"
    );
    assert_eq!(sim.money_moved().len(), 2);
}

#[test]
fn a_bank_debit_is_pending_until_it_is_paid_and_its_invoice_can_not_be_voided() {
    let (mut sim, customer, subscription) = subscribed(Shape::Newer);
    sim.set_payment_behavior(&customer, PaymentBehavior::StaysProcessing);
    let invoice = sim.start_renewal(&subscription);
    assert_eq!(sim.pay_renewal(&invoice), None);
    assert_eq!(sim.charges_of(&subscription)[1].status, "pending");
    let (status, _) = post(&mut sim, &format!("/v1/invoices/{invoice}/void"), "");
    assert_eq!(status, 400);
    let charge = sim.pay_renewal(&invoice).unwrap();
    assert_eq!(sim.charge_view(&charge).unwrap().status, "succeeded");
    assert_eq!(sim.invoice_status(&invoice), Some("paid"));
    assert_eq!(sim.pay_renewal(&invoice), None);
}

#[test]
fn a_draft_outlives_its_subscription_and_is_collected_unless_it_is_held() {
    let target = |subscription: &str| format!("/v1/subscriptions/{subscription}");
    for held in ["auto_advance=false", "metadata%5Ba%5D=b"] {
        let (mut sim, _, subscription) = subscribed(Shape::Newer);
        let invoice = sim.start_renewal(&subscription);
        call(&mut sim, &request(Method::Delete, &target(&subscription)));
        assert_eq!(sim.invoice_status(&invoice), Some("draft"));
        assert_eq!(
            post(&mut sim, &format!("/v1/invoices/{invoice}"), held).0,
            200
        );
        pass(&mut sim, 2 * DAY);
        let expected = if held == "auto_advance=false" {
            "draft"
        } else {
            "paid"
        };
        assert_eq!(sim.invoice_status(&invoice), Some(expected));
    }
}

#[test]
fn a_held_draft_can_be_finalised_and_voided_but_not_deleted_or_voided_first() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let invoice = sim.start_renewal(&subscription);
    let path = format!("/v1/invoices/{invoice}");
    assert_eq!(call(&mut sim, &request(Method::Delete, &path)).0, 400);
    assert_eq!(post(&mut sim, &format!("{path}/void"), "").0, 400);
    let (status, open) = post(&mut sim, &format!("{path}/finalize"), "auto_advance=false");
    assert_eq!((status, &open["status"]), (200, &"open".into()));
    assert_eq!(post(&mut sim, &format!("{path}/finalize"), "").0, 400);
    let (status, void) = post(&mut sim, &format!("{path}/void"), "");
    assert_eq!((status, &void["status"]), (200, &"void".into()));
    assert_eq!(sim.pay_renewal(&invoice), None);
    let paid = sim.invoices_of(&subscription)[0].id.clone();
    assert_eq!(
        post(&mut sim, &format!("/v1/invoices/{paid}/void"), "").0,
        400
    );
    pass(&mut sim, DAY);
    assert_eq!(sim.money_moved().len(), 1);
}

#[test]
fn an_upgrade_is_prorated_over_the_rest_of_the_period_and_paid_now() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    pass(&mut sim, 15 * DAY);
    let dearer = Plan {
        name: "Family".to_owned(),
        amount_minor: 25_000,
        tax_minor: 5_000,
        ..monthly()
    };
    let invoice = sim.upgrade(&subscription, &dearer);
    assert_eq!(sim.invoice_status(&invoice), Some("paid"));
    let shown = last(&sim, "invoice.paid");
    assert_eq!(shown["billing_reason"], "subscription_update");
    assert_eq!(shown["total"], 6_250);
    let moved = sim.subscription_view(&subscription).unwrap();
    assert_eq!(moved.current_period_end, at("2026-11-30T09:00:00Z"));
    sim.advance_to(at("2026-12-02T00:00:00Z"));
    assert_eq!(sim.money_moved()[2].amount_minor, 25_000);
}

#[test]
fn another_interval_begins_a_new_period() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    pass(&mut sim, 15 * DAY);
    let yearly = Plan {
        amount_minor: 100_000,
        interval: Interval::Year,
        ..monthly()
    };
    sim.upgrade(&subscription, &yearly);
    let view = sim.subscription_view(&subscription).unwrap();
    assert_eq!(view.current_period_end, at("2027-11-15T09:00:00Z"));
    sim.advance_to(at("2027-11-14T00:00:00Z"));
    assert_eq!(sim.charges_of(&subscription).len(), 2);
}

#[test]
fn two_payments_of_one_invoice_add_up_to_it() {
    let (mut sim, customer, subscription) = subscribed(Shape::Newer);
    sim.set_payment_behavior(&customer, PaymentBehavior::SplitsInTwo);
    let invoice = sim.start_renewal(&subscription);
    sim.pay_renewal(&invoice).unwrap();
    let charges = sim.charges_of(&subscription);
    let of_renewal = charges
        .iter()
        .filter(|charge| charge.invoice.as_ref() == Some(&invoice));
    let amounts: Vec<i64> = of_renewal.map(|charge| charge.amount_minor).collect();
    assert_eq!(amounts, [6_250, 6_250]);
    assert_eq!(sim.invoice_status(&invoice), Some("paid"));
}

#[test]
fn a_first_payment_that_never_succeeds_expires_the_subscription() {
    let mut sim = simulator(Shape::Newer);
    let customer = sim.create_customer("canary-pii-1@example.test", "Kim", "sv");
    sim.set_payment_behavior(&customer, PaymentBehavior::Fails);
    let subscription = sim.subscribe(&customer, &monthly());
    assert_eq!(
        sim.subscription_view(&subscription).unwrap().status,
        "incomplete"
    );
    pass(&mut sim, DAY);
    assert_eq!(
        sim.subscription_view(&subscription).unwrap().status,
        "incomplete_expired"
    );
    assert_eq!(sim.invoices_of(&subscription)[0].status, "void");
}
