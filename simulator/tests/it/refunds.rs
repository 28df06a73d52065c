use avstem_simulator::{MovementKind, PaymentBehavior, Shape};
use avstem_webhooks::outbound::Method;

use crate::world::{DAY, call, get, header, json, keyed, kinds_since, last, pass, post};
use crate::world::{refund_request, reply, request, subscribed};

fn error(body: &serde_json::Value, field: &str) -> String {
    body["error"][field].as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_same_key_refunds_once_and_replays_the_answer() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let charge = sim.charges_of(&subscription)[0].id.clone();
    let order = refund_request(&charge, 5_000, "k1");
    let first = reply(&mut sim, &order);
    let again = reply(&mut sim, &order);
    assert_eq!(first.status, 200);
    assert_eq!(first.body, again.body);
    assert_eq!(header(&first, "idempotent-replayed"), None);
    assert_eq!(header(&again, "idempotent-replayed"), Some("true"));
    let refunds = sim.refunds_of(&charge);
    assert_eq!(refunds.len(), 1);
    assert_eq!(refunds[0].metadata["refund_op"], "rf_k1");
    let moved = sim.money_moved().last().unwrap();
    assert_eq!(
        (moved.kind, moved.amount_minor),
        (MovementKind::Refund, 5_000)
    );
    assert_eq!(moved.metadata["refund_op"], "rf_k1");
}

#[test]
fn a_key_with_other_parameters_is_refused_and_forgotten_after_a_day() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let charge = sim.charges_of(&subscription)[0].id.clone();
    assert_eq!(call(&mut sim, &refund_request(&charge, 5_000, "k1")).0, 200);
    let other = refund_request(&charge, 4_000, "k1");
    let (status, body) = call(&mut sim, &other);
    assert_eq!(
        (status, error(&body, "type").as_str()),
        (400, "idempotency_error")
    );
    pass(&mut sim, DAY - 1);
    assert_eq!(call(&mut sim, &other).0, 400);
    pass(&mut sim, 1);
    assert_eq!(call(&mut sim, &other).0, 200);
    assert_eq!(sim.refunds_of(&charge).len(), 2);
}

#[test]
fn more_than_is_left_is_refused_and_the_refusal_is_kept() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let charge = sim.charges_of(&subscription)[0].id.clone();
    assert_eq!(call(&mut sim, &refund_request(&charge, 5_000, "k1")).0, 200);
    let too_much = refund_request(&charge, 7_501, "k2");
    let (status, body) = call(&mut sim, &too_much);
    assert_eq!(status, 400);
    assert!(
        error(&body, "message").contains("greater than unrefunded amount"),
        "{body}"
    );
    assert_eq!(
        header(&reply(&mut sim, &too_much), "idempotent-replayed"),
        Some("true")
    );
    let rest = keyed("/v1/refunds", &format!("charge={charge}"), "k3");
    assert_eq!(call(&mut sim, &rest).1["amount"], 7_500);
    let (status, body) = call(&mut sim, &refund_request(&charge, 1, "k4"));
    assert_eq!(
        (status, error(&body, "code").as_str()),
        (400, "charge_already_refunded")
    );
    assert!(sim.charge_view(&charge).unwrap().refunded_minor <= 12_500);
    assert_eq!(last(&sim, "charge.refunded")["refunded"], true);
    assert_eq!(last(&sim, "charge.refunded")["amount_refunded"], 12_500);
}

#[test]
fn disputed_failed_and_unknown_charges_are_not_refunded() {
    let (mut sim, customer, subscription) = subscribed(Shape::Newer);
    let charge = sim.charges_of(&subscription)[0].id.clone();
    sim.open_dispute(&charge);
    let (status, body) = call(&mut sim, &refund_request(&charge, 100, "k1"));
    assert_eq!(
        (status, error(&body, "code").as_str()),
        (400, "charge_disputed")
    );
    sim.set_payment_behavior(&customer, PaymentBehavior::Fails);
    let failed = sim.one_off_charge(&customer, 500);
    let (status, body) = call(&mut sim, &refund_request(&failed, 100, "k2"));
    assert_eq!(
        (status, error(&body, "code").as_str()),
        (400, "charge_not_refundable")
    );
    let (status, body) = call(&mut sim, &refund_request("ch_none", 100, "k3"));
    assert_eq!(
        (status, error(&body, "code").as_str()),
        (404, "resource_missing")
    );
    let refunds = sim.money_moved().iter();
    let mut refunds = refunds.filter(|moved| moved.kind == MovementKind::Refund);
    assert_eq!(refunds.next(), None);
    assert_eq!(sim.dashboard_refund(&charge, None), None);
}

#[test]
fn invalid_parameters_are_not_kept_under_the_key() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let charge = sim.charges_of(&subscription)[0].id.clone();
    for body in [
        "amount=1x&charge=a",
        "colour=red",
        "reason=other&charge=a",
        "amount=5",
    ] {
        assert_eq!(
            call(&mut sim, &keyed("/v1/refunds", body, "k1")).0,
            400,
            "{body}"
        );
    }
    let zero = refund_request(&charge, 0, "k1");
    assert_eq!(call(&mut sim, &zero).0, 400);
    assert_eq!(call(&mut sim, &refund_request(&charge, 5, "k1")).0, 200);
}

#[test]
fn a_pending_refund_settles_later_and_can_still_fail() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    sim.refunds_start_pending(5 * DAY);
    let charge = sim.charges_of(&subscription)[0].id.clone();
    let (_, refund) = call(&mut sim, &refund_request(&charge, 12_500, "k1"));
    assert_eq!(refund["status"], "pending");
    let before = sim.all_events().len();
    pass(&mut sim, 5 * DAY);
    assert_eq!(kinds_since(&sim, before), ["refund.updated"]);
    assert_eq!(sim.refunds_of(&charge)[0].status, "succeeded");
    let id = sim.refunds_of(&charge)[0].id.clone();
    assert!(sim.fail_refund(&id));
    assert!(!sim.fail_refund(&id));
    assert_eq!(sim.charge_view(&charge).unwrap().refunded_minor, 0);
    assert_eq!(
        get(&mut sim, &format!("/v1/refunds/{id}"))["status"],
        "failed"
    );
    let kinds: Vec<MovementKind> = sim.money_moved().iter().map(|moved| moved.kind).collect();
    let expected = [
        MovementKind::Charge,
        MovementKind::Refund,
        MovementKind::RefundReturned,
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn cancelling_twice_finds_nothing_the_second_time() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let target = format!("/v1/subscriptions/{subscription}?prorate=false&invoice_now=false");
    let cancel = request(Method::Delete, &target);
    let (status, body) = call(&mut sim, &cancel);
    assert_eq!((status, &body["status"]), (200, &"canceled".into()));
    assert_eq!(body["ended_at"], sim.now().unix_seconds());
    let (status, body) = call(&mut sim, &cancel);
    assert_eq!(
        (status, error(&body, "code").as_str()),
        (404, "resource_missing")
    );
    let (status, _) = post(
        &mut sim,
        &format!("/v1/subscriptions/{subscription}"),
        "cancel_at=",
    );
    assert_eq!(status, 400);
    pass(&mut sim, 90 * DAY);
    assert_eq!(sim.money_moved().len(), 1);
}

#[test]
fn a_subscription_set_to_end_ends_without_another_invoice() {
    let (mut sim, _, subscription) = subscribed(Shape::Newer);
    let path = format!("/v1/subscriptions/{subscription}");
    let (_, body) = post(&mut sim, &path, "cancel_at_period_end=true");
    let view = sim.subscription_view(&subscription).unwrap();
    assert_eq!(body["cancel_at"], view.current_period_end.unix_seconds());
    assert_eq!(body["status"], "active");
    sim.advance_to(view.current_period_end);
    let ended = sim.subscription_view(&subscription).unwrap();
    assert_eq!(ended.status, "canceled");
    assert_eq!(ended.ended_at, Some(view.current_period_end));
    assert_eq!(sim.invoices_of(&subscription).len(), 1);
}

#[test]
fn a_subscription_can_end_at_a_given_time_or_go_on_after_all() {
    let (mut sim, _, subscription) = subscribed(Shape::Classic);
    let path = format!("/v1/subscriptions/{subscription}");
    let end = sim.now().saturating_add_seconds(10 * DAY);
    let at = format!("cancel_at={}&proration_behavior=none", end.unix_seconds());
    assert_eq!(post(&mut sim, &path, &at).0, 200);
    assert_eq!(post(&mut sim, &path, "cancel_at=5").0, 400);
    assert_eq!(post(&mut sim, &path, "cancel_at_period_end=false").0, 200);
    pass(&mut sim, 11 * DAY);
    assert_eq!(
        sim.subscription_view(&subscription).unwrap().status,
        "active"
    );
    let end = sim.now().saturating_add_seconds(DAY).unix_seconds();
    assert_eq!(post(&mut sim, &path, &format!("cancel_at={end}")).0, 200);
    pass(&mut sim, DAY);
    assert_eq!(
        sim.subscription_view(&subscription).unwrap().status,
        "canceled"
    );
}

#[test]
fn replies_carry_a_request_id_and_the_simulated_date() {
    let (mut sim, customer, _) = subscribed(Shape::Newer);
    let reply = reply(
        &mut sim,
        &request(Method::Get, &format!("/v1/customers/{customer}")),
    );
    assert_eq!(
        header(&reply, "date"),
        Some("Sat, 31 Oct 2026 09:00:00 GMT")
    );
    assert!(header(&reply, "request-id").unwrap().starts_with("req_"));
    assert_eq!(json(&reply)["email"], "canary-pii-1@example.test");
}
