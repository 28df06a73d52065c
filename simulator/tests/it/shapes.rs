use avstem_simulator::{PaymentBehavior, Shape};
use avstem_webhooks::outbound::Method;
use serde_json::Value;

use crate::world::{DAY, call, events, get, json, last, pass, reply, request, seeded, subscribed};

fn has(object: &Value, key: &str) -> bool {
    object.as_object().unwrap().contains_key(key)
}

#[test]
fn the_classic_shape_names_payments_and_periods_directly() {
    let (sim, _, subscription) = subscribed(Shape::Classic);
    let charge = sim.charges_of(&subscription)[0].clone();
    let invoice = last(&sim, "invoice.paid");
    assert_eq!(invoice["subscription"], subscription.as_str());
    assert_eq!(invoice["charge"], charge.id.as_str());
    assert_eq!(invoice["payment_intent"], charge.payment_intent.as_str());
    assert_eq!(invoice["paid"], true);
    assert_eq!(invoice["tax"], 2_500);
    assert!(!has(&invoice, "parent") && !has(&invoice, "payments"));
    let line = &invoice["lines"]["data"][0];
    assert_eq!(line["proration"], false);
    assert_eq!(line["type"], "subscription");
    assert_eq!(line["price"]["unit_amount"], 12_500);
    let taken = last(&sim, "charge.succeeded");
    assert_eq!(taken["invoice"], invoice["id"]);
    assert_eq!(
        last(&sim, "payment_intent.succeeded")["invoice"],
        invoice["id"]
    );
    let current = last(&sim, "customer.subscription.updated");
    assert!(current["current_period_end"].is_i64());
    assert!(!has(&current["items"]["data"][0], "current_period_end"));
    assert!(
        !sim.all_events()
            .iter()
            .any(|event| event.kind.starts_with("invoice_payment."))
    );
}

#[test]
fn the_newer_shape_has_moved_them() {
    let (sim, _, subscription) = subscribed(Shape::Newer);
    let charge = sim.charges_of(&subscription)[0].clone();
    let invoice = last(&sim, "invoice.paid");
    let parent = &invoice["parent"];
    assert_eq!(parent["type"], "subscription_details");
    assert_eq!(
        parent["subscription_details"]["subscription"],
        subscription.as_str()
    );
    for gone in [
        "subscription",
        "charge",
        "payment_intent",
        "paid",
        "tax",
        "payments",
        "quote",
    ] {
        assert!(!has(&invoice, gone), "{gone}");
    }
    assert_eq!(invoice["total_taxes"][0]["amount"], 2_500);
    let line = &invoice["lines"]["data"][0];
    assert_eq!(
        line["parent"]["subscription_item_details"]["proration"],
        false
    );
    assert!(line["pricing"]["price_details"]["price"].is_string());
    for gone in [
        "price",
        "plan",
        "proration",
        "subscription_item",
        "tax_amounts",
        "type",
    ] {
        assert!(!has(line, gone), "{gone}");
    }
    assert!(!has(&last(&sim, "charge.succeeded"), "invoice"));
    assert!(!has(&last(&sim, "payment_intent.succeeded"), "invoice"));
    let current = last(&sim, "customer.subscription.updated");
    assert!(!has(&current, "current_period_end") && !has(&current, "plan"));
    assert!(current["items"]["data"][0]["current_period_end"].is_i64());
    let payment = last(&sim, "invoice_payment.paid");
    assert_eq!(
        payment["payment"]["payment_intent"],
        charge.payment_intent.as_str()
    );
    assert_eq!(payment["amount_paid"], 12_500);
}

#[test]
fn a_renewal_tells_the_period_it_left_in_the_place_of_its_shape() {
    for shape in [Shape::Classic, Shape::Newer] {
        let (mut sim, _, _) = subscribed(shape);
        pass(&mut sim, 31 * DAY);
        let events = events(&sim);
        let mut updates = events
            .iter()
            .filter(|(kind, _)| kind == "customer.subscription.updated");
        let previous = updates.next_back().unwrap().1["data"]["previous_attributes"].clone();
        let old = match shape {
            Shape::Classic => &previous["current_period_start"],
            Shape::Newer | Shape::Mixed => &previous["items"]["data"][0]["current_period_start"],
        };
        assert_eq!(*old, 1_793_437_200, "{previous}");
    }
}

#[test]
fn mixed_events_come_in_both_shapes_and_say_which() {
    let (mut sim, _, _) = subscribed(Shape::Mixed);
    pass(&mut sim, 200 * DAY);
    let mut seen = (0, 0);
    for (kind, event) in events(&sim) {
        let version = event["api_version"].as_str().unwrap();
        let object = &event["data"]["object"];
        if kind.starts_with("invoice.") {
            let newer = version >= "2025-03-31";
            assert_eq!(has(object, "parent"), newer);
            assert_eq!(has(object, "subscription"), !newer);
            if newer { seen.0 += 1 } else { seen.1 += 1 }
        }
    }
    assert!(seen.0 > 5 && seen.1 > 5, "{seen:?}");
}

#[test]
fn answers_follow_the_version_a_request_names() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let mut ask = request(Method::Get, &format!("/v1/subscriptions/{subscription}"));
    assert!(!has(&json(&reply(&mut sim, &ask)), "current_period_end"));
    ask.headers[0].1 = "2025-02-24.acacia".to_owned();
    assert!(has(&json(&reply(&mut sim, &ask)), "current_period_end"));
    ask.headers.clear();
    assert!(!has(&json(&reply(&mut sim, &ask)), "current_period_end"));
    ask.target = "/v1/invoices?expand[]=data.payments".to_owned();
    ask.headers = vec![("stripe-version".to_owned(), "2024-06-20".to_owned())];
    assert_eq!(call(&mut sim, &ask).0, 400);
    let (mut classic, _, subscription) = subscribed(Shape::Classic);
    let body = get(&mut classic, &format!("/v1/subscriptions/{subscription}"));
    assert!(has(&body, "current_period_end"));
    let page = get(&mut classic, "/v1/invoices?expand[]=data.payments");
    assert!(has(&page["data"][0], "charge"));
}

#[test]
fn the_same_seed_gives_the_same_events_byte_for_byte() {
    let run = |seed: u64, reads: usize| {
        let mut sim = seeded(Shape::Mixed, seed);
        let customer = sim.create_customer("canary-pii-2@example.test", "Alex", "sv");
        let subscription = sim.subscribe(&customer, &crate::world::monthly());
        for _ in 0..reads {
            get(&mut sim, "/v1/charges");
        }
        sim.faults()
            .shuffle_deliveries()
            .duplicate_percent(u8::try_from(reads).unwrap());
        sim.set_payment_behavior(&customer, PaymentBehavior::SplitsInTwo);
        pass(&mut sim, 100 * DAY);
        sim.dashboard_cancel(&subscription);
        sim.all_events()
    };
    let first = run(3, 0);
    assert!(first.len() > 40);
    assert_eq!(first, run(3, 0));
    assert_eq!(first, run(3, 50));
    assert_ne!(first[0].body, run(4, 0)[0].body);
}

#[test]
fn the_invoice_period_looks_back_and_the_line_period_ahead() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let old = sim.subscription_view(&subscription).unwrap();
    let invoice = sim.start_renewal(&subscription);
    let shown = get(&mut sim, &format!("/v1/invoices/{invoice}"));
    assert_eq!(shown["period_end"], old.current_period_end.unix_seconds());
    let line = &shown["lines"]["data"][0]["period"];
    assert_eq!(line["start"], old.current_period_end.unix_seconds());
}
