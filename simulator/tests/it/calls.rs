use avstem_simulator::{Exchange, PaymentBehavior, Shape};
use avstem_webhooks::outbound::Method;

use crate::world::{BEARER, DAY, call, get, json, pass, reply, request, subscribed};

fn ids(page: &serde_json::Value) -> Vec<String> {
    let data = page["data"].as_array().unwrap().iter();
    data.map(|object| object["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn pages_go_from_the_newest_back_and_miss_nothing() {
    let (mut sim, customer, _) = subscribed(Shape::Newer);
    let mut made: Vec<String> = (0..24)
        .map(|n| sim.one_off_charge(&customer, 100 + n))
        .collect();
    made.reverse();
    let first = get(&mut sim, &format!("/v1/charges?customer={customer}"));
    assert_eq!(ids(&first), made[..10]);
    assert_eq!(first["has_more"], true);
    let mut seen: Vec<String> = Vec::new();
    let mut after = String::new();
    for _ in 0..4 {
        let page = get(
            &mut sim,
            &format!("/v1/charges?customer={customer}&limit=7{after}"),
        );
        seen.extend(ids(&page));
        if page["has_more"] == false {
            break;
        }
        after = format!("&starting_after={}", seen.last().unwrap());
    }
    assert_eq!(seen.len(), 25);
    assert_eq!(seen[..24], made);
    for wrong in [
        "limit=0",
        "limit=101",
        "limit=x",
        "starting_after=ch_none",
        "colour=red",
    ] {
        let (status, _) = call(
            &mut sim,
            &request(Method::Get, &format!("/v1/charges?{wrong}")),
        );
        assert_eq!(status, 400, "{wrong}");
    }
}

#[test]
fn a_page_that_ends_exactly_has_no_more() {
    let (mut sim, customer, _) = subscribed(Shape::Newer);
    sim.one_off_charge(&customer, 100);
    let page = get(&mut sim, "/v1/charges?limit=2");
    assert_eq!((ids(&page).len(), &page["has_more"]), (2, &false.into()));
}

#[test]
fn invoices_are_found_by_subscription_and_status_and_show_their_payments_when_asked() {
    let (mut sim, customer, subscription) = subscribed(Shape::Newer);
    sim.set_payment_behavior(&customer, PaymentBehavior::SplitsInTwo);
    let draft = sim.start_renewal(&subscription);
    let by_status = format!("/v1/invoices?subscription={subscription}&status=draft");
    assert_eq!(ids(&get(&mut sim, &by_status)), [draft.as_str()]);
    let charge = sim.pay_renewal(&draft).unwrap();
    let target = format!("/v1/invoices?subscription={subscription}&expand[]=data.payments");
    let page = get(&mut sim, &target);
    let payments = page["data"][0]["payments"]["data"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(payments.len(), 2);
    let intent = payments[0]["payment"]["payment_intent"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(sim.charge_view(&charge).unwrap().payment_intent, intent);
    let found = get(
        &mut sim,
        &format!(
            "/v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]={intent}"
        ),
    );
    assert_eq!(found["data"][0]["invoice"], draft.as_str());
    let of_invoice = get(&mut sim, &format!("/v1/invoice_payments?invoice={draft}"));
    assert_eq!(ids(&of_invoice).len(), 2);
    let deep =
        format!("/v1/invoices/{draft}?expand[]=payments.data.payment.payment_intent.latest_charge");
    let invoice = get(&mut sim, &deep);
    let first = &invoice["payments"]["data"][0]["payment"]["payment_intent"];
    assert_eq!(first["latest_charge"]["id"], charge.as_str());
    let wrong = request(Method::Get, "/v1/invoices?expand[]=data.colour");
    assert_eq!(call(&mut sim, &wrong).0, 400);
}

#[test]
fn charges_refunds_and_events_are_listed_by_what_they_belong_to() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let charge = sim.charges_of(&subscription)[0].clone();
    let refund = sim.dashboard_refund(&charge.id, Some(100)).unwrap();
    let by_intent = format!("/v1/charges?payment_intent={}", charge.payment_intent);
    assert_eq!(ids(&get(&mut sim, &by_intent)), [charge.id.as_str()]);
    assert_eq!(
        ids(&get(&mut sim, &format!("/v1/refunds?charge={}", charge.id))),
        [refund]
    );
    assert!(ids(&get(&mut sim, "/v1/refunds?charge=ch_none")).is_empty());
    let page = get(
        &mut sim,
        "/v1/events?types[]=refund.created&types[]=charge.refunded",
    );
    assert_eq!(ids(&page).len(), 2);
    assert_eq!(page["data"][0]["type"], "charge.refunded");
    pass(&mut sim, 31 * DAY);
    assert!(ids(&get(&mut sim, "/v1/events?type=refund.created")).is_empty());
}

#[test]
fn canceled_subscriptions_are_listed_only_when_asked_for() {
    let (mut sim, customer, subscription) = subscribed(Shape::Newer);
    sim.dashboard_cancel(&subscription);
    let target = format!("/v1/subscriptions?customer={customer}");
    assert!(ids(&get(&mut sim, &target)).is_empty());
    assert_eq!(
        ids(&get(&mut sim, &format!("{target}&status=all"))),
        [subscription]
    );
}

#[test]
fn a_wrong_key_and_an_unknown_route_are_refused_as_json() {
    let (mut sim, customer, subscription) = subscribed(Shape::Newer);
    let cancel = request(Method::Delete, &format!("/v1/subscriptions/{subscription}"));
    for authorization in [None, Some("Bearer sk_other"), Some("sk_test_CANARY")] {
        let Exchange::Reply(reply) = sim.handle(&cancel, authorization) else {
            panic!("lost");
        };
        assert_eq!(reply.status, 401);
        assert_eq!(json(&reply)["error"]["type"], "invalid_request_error");
    }
    assert_eq!(
        sim.subscription_view(&subscription).unwrap().status,
        "active"
    );
    for target in [
        "/v1/teapots",
        "/v2/charges",
        "/v1/teapots/tp_1",
        "/v1/charges/x/y",
    ] {
        assert_eq!(
            reply(&mut sim, &request(Method::Get, target)).status,
            404,
            "{target}"
        );
    }
    let another_kind = request(Method::Get, &format!("/v1/charges/{customer}"));
    assert_eq!(
        call(&mut sim, &another_kind).1["error"]["code"],
        "resource_missing"
    );
}

#[test]
fn events_name_the_request_that_caused_them_and_requests_are_remembered_in_order() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let charge = sim.charges_of(&subscription)[0].id.clone();
    let cancel = request(Method::Delete, &format!("/v1/subscriptions/{subscription}"));
    sim.handle(&cancel, Some(BEARER));
    sim.handle(
        &crate::world::refund_request(&charge, 100, "k9"),
        Some(BEARER),
    );
    let seen = sim.requests_seen();
    assert_eq!(
        (seen[0].method, seen[0].status),
        (Method::Delete, Some(200))
    );
    assert_eq!(seen[1].idempotency_key.as_deref(), Some("k9"));
    assert_eq!((seen[1].order, seen[1].money_moved_before), (1, 1));
    let events = crate::world::events(&sim);
    let (_, refunded) = events
        .iter()
        .find(|(kind, _)| kind == "refund.created")
        .unwrap();
    assert_eq!(refunded["request"]["idempotency_key"], "k9");
    assert!(events[0].1["request"]["id"].is_null());
}
