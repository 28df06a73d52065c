use avstem_simulator::{Action, CallMatch, Exchange, FILLER, Fault, Outage};
use avstem_webhooks::outbound::Method;

use crate::world::{
    BEARER, call, charged, get, header, json, pass, refund_request, reply, request,
};

fn refunds() -> CallMatch {
    CallMatch::next(Method::Post, "/v1/refunds")
}

#[test]
fn a_lost_answer_has_really_happened_and_the_key_finds_it() {
    let (mut sim, charge, _) = charged();
    sim.faults().on(refunds(), Fault::LoseAnswerAfterEffect);
    let order = refund_request(&charge, 5_000, "k1");
    assert_eq!(sim.handle(&order, Some(BEARER)), Exchange::Lost);
    assert_eq!(Exchange::Lost.read_up_to(10), None);
    assert_eq!(sim.refunds_of(&charge).len(), 1);
    assert_eq!(sim.requests_seen()[0].status, None);
    let again = reply(&mut sim, &order);
    assert_eq!(header(&again, "idempotent-replayed"), Some("true"));
    assert_eq!(sim.refunds_of(&charge).len(), 1);
}

#[test]
fn faults_before_the_effect_leave_nothing_behind() {
    let faults = [
        (Fault::LoseBeforeEffect, None),
        (Fault::ServerErrorBeforeEffect { status: 503 }, Some(503)),
        (Fault::KeyInUse, Some(409)),
        (Fault::WrongKey, Some(401)),
        (Fault::Html, Some(200)),
        (Fault::Redirect, Some(302)),
        (
            Fault::RateLimit {
                retry_after_s: Some(9),
            },
            Some(429),
        ),
    ];
    for (fault, status) in faults {
        let (mut sim, charge, _) = charged();
        sim.faults().on(refunds(), fault);
        let order = refund_request(&charge, 5_000, "k1");
        let got = match sim.handle(&order, Some(BEARER)) {
            Exchange::Lost | Exchange::Huge { .. } => None,
            Exchange::Reply(reply) => Some(reply.status),
        };
        assert_eq!(got, status, "{fault:?}");
        assert!(sim.refunds_of(&charge).is_empty(), "{fault:?}");
        let retried = reply(&mut sim, &order);
        assert_eq!(retried.status, 200, "{fault:?}");
        assert_eq!(header(&retried, "idempotent-replayed"), None, "{fault:?}");
    }
}

#[test]
fn a_stored_server_error_is_replayed_with_and_without_an_effect() {
    for (fault, refunded) in [(Fault::StoredError, 0), (Fault::StoredErrorAfterEffect, 1)] {
        let (mut sim, charge, _) = charged();
        sim.faults().on(refunds(), fault);
        let order = refund_request(&charge, 5_000, "k1");
        let first = reply(&mut sim, &order);
        let again = reply(&mut sim, &order);
        assert_eq!((first.status, again.status), (500, 500));
        assert_eq!(header(&again, "idempotent-replayed"), Some("true"));
        assert_eq!(json(&again)["error"]["type"], "api_error");
        assert_eq!(sim.refunds_of(&charge).len(), refunded);
        assert_eq!(call(&mut sim, &refund_request(&charge, 100, "k2")).0, 200);
    }
}

#[test]
fn a_server_error_after_the_effect_is_not_the_answer_the_key_keeps() {
    let (mut sim, charge, _) = charged();
    sim.faults().on(refunds(), Fault::ServerErrorAfterEffect);
    let order = refund_request(&charge, 5_000, "k1");
    assert_eq!(call(&mut sim, &order).0, 500);
    assert_eq!(call(&mut sim, &order).0, 200);
    assert_eq!(sim.refunds_of(&charge).len(), 1);
}

#[test]
fn answers_can_be_cut_and_can_speak_of_another_charge() {
    let (mut sim, charge, _) = charged();
    sim.faults().on(refunds(), Fault::CutBody);
    let cut = reply(&mut sim, &refund_request(&charge, 100, "k1"));
    assert_eq!(cut.status, 200);
    assert!(serde_json::from_slice::<serde_json::Value>(&cut.body).is_err());
    sim.faults().on(refunds(), Fault::AnotherChargesAnswer);
    let (status, other) = call(&mut sim, &refund_request(&charge, 200, "k2"));
    assert_eq!(status, 200);
    assert_ne!(other["charge"], charge.as_str());
    assert_eq!(sim.refunds_of(&charge).len(), 2);
}

#[test]
fn rate_limits_say_how_long_only_when_told_to() {
    let (mut sim, _, _) = charged();
    let charges = || CallMatch::next(Method::Get, "/v1/charges");
    sim.faults().on(
        charges(),
        Fault::RateLimit {
            retry_after_s: Some(9),
        },
    );
    let list = request(Method::Get, "/v1/charges?limit=1");
    assert_eq!(header(&reply(&mut sim, &list), "retry-after"), Some("9"));
    sim.faults().on(
        charges(),
        Fault::RateLimit {
            retry_after_s: None,
        },
    );
    let limited = reply(&mut sim, &list);
    assert_eq!(
        (limited.status, header(&limited, "retry-after")),
        (429, None)
    );
}

#[test]
fn a_fault_meets_exactly_the_calls_it_was_planned_for() {
    let (mut sim, charge, _) = charged();
    let charges = |n| CallMatch::nth(n, Method::Get, "/v1/charges/*");
    sim.faults()
        .on(charges(2), Fault::ServerErrorBeforeEffect { status: 500 });
    let ask = request(Method::Get, &format!("/v1/charges/{charge}"));
    get(&mut sim, "/v1/charges");
    let statuses: Vec<u16> = (0..4).map(|_| reply(&mut sim, &ask).status).collect();
    assert_eq!(statuses, [200, 500, 200, 200]);
    let every = CallMatch::every(Method::Get, "/v1/charges/*");
    sim.faults()
        .on(every, Fault::ServerErrorBeforeEffect { status: 503 });
    assert!((0..3).all(|_| reply(&mut sim, &ask).status == 503));
    sim.faults().clear();
    assert_eq!(reply(&mut sim, &ask).status, 200);
}

#[test]
fn a_renewal_can_be_paid_right_before_the_cancellation_arrives() {
    let (mut sim, _, subscription) = charged();
    let renewal = Action::PayRenewal {
        subscription: subscription.clone(),
    };
    let cancels = CallMatch::next(Method::Delete, "/v1/subscriptions/*");
    sim.faults().before(cancels, renewal);
    let cancel = request(Method::Delete, &format!("/v1/subscriptions/{subscription}"));
    assert_eq!(call(&mut sim, &cancel).1["status"], "canceled");
    assert_eq!(sim.charges_of(&subscription).len(), 2);
    assert_eq!(sim.requests_seen()[0].money_moved_before, 1);
    assert_eq!(sim.money_moved().len(), 2);
}

#[test]
fn actions_happen_before_the_call_in_the_order_planned() {
    let (mut sim, charge, subscription) = charged();
    let refund = Action::DashboardRefund {
        charge: charge.clone(),
        amount_minor: Some(12_000),
    };
    let renewal = Action::StartRenewal {
        subscription: subscription.clone(),
    };
    let wait = Action::AdvanceSeconds(3_600);
    sim.faults()
        .before(refunds(), refund)
        .before(refunds(), renewal)
        .before(refunds(), wait);
    let (status, _) = call(&mut sim, &refund_request(&charge, 12_500, "k1"));
    assert_eq!(status, 400);
    assert_eq!(sim.charge_view(&charge).unwrap().refunded_minor, 12_000);
    assert_eq!(sim.charges_of(&subscription).len(), 2);
    let dispute = Action::OpenDispute {
        charge: charge.clone(),
    };
    sim.faults().before(refunds(), dispute);
    let (_, body) = call(&mut sim, &refund_request(&charge, 500, "k2"));
    assert_eq!(body["error"]["code"], "charge_disputed");
}

#[test]
fn every_call_is_lost_during_an_outage() {
    let (mut sim, charge, _) = charged();
    sim.faults().outage(Outage::Down);
    let order = refund_request(&charge, 100, "k1");
    assert_eq!(sim.handle(&order, Some(BEARER)), Exchange::Lost);
    assert!(sim.refunds_of(&charge).is_empty());
    sim.faults().outage(Outage::Up);
    assert_eq!(call(&mut sim, &order).0, 200);
}

#[test]
fn a_rate_limit_can_say_anything_and_a_lock_conflict_is_one() {
    let (mut sim, charge, _) = charged();
    for retry_after in ["soon", "-1", "99999999999999999999"] {
        let fault = Fault::RateLimitSaying { retry_after };
        sim.faults().on(refunds(), fault);
        let limited = reply(&mut sim, &refund_request(&charge, 100, "k1"));
        assert_eq!(limited.status, 429);
        assert_eq!(header(&limited, "retry-after"), Some(retry_after));
    }
    sim.faults().on(refunds(), Fault::LockConflict);
    let (status, body) = call(&mut sim, &refund_request(&charge, 100, "k1"));
    assert_eq!(
        (status, &body["error"]["code"]),
        (429, &"lock_timeout".into())
    );
    assert!(sim.refunds_of(&charge).is_empty());
    assert_eq!(call(&mut sim, &refund_request(&charge, 100, "k1")).0, 200);
}

#[test]
fn a_huge_answer_is_told_of_without_being_made() {
    let (mut sim, charge, _) = charged();
    let bytes = 200_000_000;
    sim.faults().on(refunds(), Fault::Huge { bytes });
    let order = refund_request(&charge, 100, "k1");
    let exchange = sim.handle(&order, Some(BEARER));
    let Exchange::Huge { beginning, bytes } = exchange.clone() else {
        panic!("an answer of ordinary size");
    };
    assert_eq!((beginning.status, bytes), (200, 200_000_000));
    assert!(beginning.body.len() < 100);
    let read = exchange.read_up_to(1_000).unwrap();
    assert_eq!((read.body.len(), read.body[999]), (1_000, FILLER));
    let parsed = serde_json::from_slice::<serde_json::Value>(&read.body);
    assert!(parsed.unwrap_err().is_eof(), "it only lacks its end");
    assert_eq!(sim.requests_seen()[0].status, Some(200));
    assert_eq!(sim.refunds_of(&charge).len(), 1);
}

#[test]
fn lists_lag_behind_while_single_objects_are_there_at_once() {
    let (mut sim, charge, _) = charged();
    sim.faults().lists_lag(60);
    let list = format!("/v1/refunds?charge={charge}");
    let listed = |sim: &mut avstem_simulator::Simulator| {
        let page = get(sim, &list);
        page["data"].as_array().unwrap().len()
    };
    let (_, refund) = call(&mut sim, &refund_request(&charge, 100, "k1"));
    let id = refund["id"].as_str().unwrap();
    assert_eq!(get(&mut sim, &format!("/v1/refunds/{id}"))["id"], id);
    assert_eq!(listed(&mut sim), 0);
    pass(&mut sim, 59);
    assert_eq!(listed(&mut sim), 0);
    pass(&mut sim, 1);
    assert_eq!(listed(&mut sim), 1);
    sim.dashboard_refund(&charge, Some(100)).unwrap();
    assert_eq!(listed(&mut sim), 1);
    sim.faults().clear();
    assert_eq!(listed(&mut sim), 2);
}

#[test]
fn one_charge_can_have_three_pages_of_refunds() {
    let (mut sim, charge, _) = charged();
    let made = sim.dashboard_refund_in_parts(&charge, 250, 10);
    assert_eq!(made.len(), 250);
    let mut seen: Vec<String> = Vec::new();
    let mut after = String::new();
    for page in 1..=3 {
        let list = format!("/v1/refunds?charge={charge}&limit=100{after}");
        let body = get(&mut sim, &list);
        let data = body["data"].as_array().unwrap().iter();
        seen.extend(data.map(|found| found["id"].as_str().unwrap().to_owned()));
        assert_eq!(body["has_more"], page < 3);
        after = format!("&starting_after={}", seen.last().unwrap());
    }
    seen.reverse();
    assert_eq!(seen, made);
    assert_eq!(sim.charge_view(&charge).unwrap().refunded_minor, 2_500);
}
