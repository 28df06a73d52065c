//! Lists page by page, and requests that are sent again.

use crate::http_api::caught_up;
use crate::serving::{ADMIN_KEY, Database, on_both_served};
use crate::wire::Reply;
use serde_json::json;
use std::sync::Barrier;

on_both_served! {
    pages_are_bounded_and_follow_their_cursors,
    the_same_key_gives_the_same_answer_and_another_request_none,
    the_same_key_at_the_same_time_has_one_effect,
}

fn pages_are_bounded_and_follow_their_cursors(database: &Database) {
    let (company, served) = caught_up(database);
    let charges = format!("/v1/subscriptions/{}/charges", company.ada.subscription);
    let lists = [
        "/v1/events",
        "/v1/customers",
        "/v1/subscriptions",
        "/v1/ledger/journals",
        &charges,
    ];
    for list in lists {
        let whole = served.read(&format!("{list}?limit=100"))["data"]
            .as_array()
            .unwrap()
            .clone();
        assert!(whole.len() > 1, "{list} has {}", whole.len());
        let ids: Vec<&str> = whole
            .iter()
            .map(|object| object["id"].as_str().unwrap())
            .collect();
        // Our ids grow with time. Charges go by the time they were paid.
        if list != charges {
            assert!(
                ids.is_sorted_by(|newer, older| newer > older),
                "{list} is not newest first: {ids:?}"
            );
        }
        let mut walked = Vec::new();
        let mut target = format!("{list}?limit=1");
        loop {
            let page = served.read(&target);
            let data = page["data"].as_array().unwrap();
            assert_eq!(data.len(), 1, "{target}");
            walked.extend(data.clone());
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            target = format!("{list}?limit=1&cursor={cursor}");
        }
        assert_eq!(walked, whole, "{list}");
    }
    for list in lists
        .into_iter()
        .chain(["/v1/refunds", "/v1/cancellations"])
    {
        for cursor in [
            "nonsense",
            "avevt_1",
            "0",
            "%27",
            "avx_019ab0c8000070008000000000000001",
        ] {
            assert_eq!(
                served.get(&format!("{list}?cursor={cursor}")).problem(400),
                "invalid_cursor",
                "{list} {cursor}"
            );
        }
    }
    let events = served.read("/v1/events?limit=100")["data"]
        .as_array()
        .unwrap()
        .len();
    let default = served.read("/v1/events")["data"].as_array().unwrap().len();
    assert_eq!(default, events.min(50));
}

fn the_same_key_gives_the_same_answer_and_another_request_none(database: &Database) {
    let (company, served) = caught_up(database);
    let support = served.key(database, "support");
    let charge = &company.charges(&company.cleo)[0];
    let target = format!("/v1/subscriptions/{}/deliveries", company.cleo.subscription);
    let body = json!({ "charge": charge, "ordered": 30, "delivered": 3 }).to_string();
    let other = body.replace(":3}", ":4}").replace(":3,", ":4,");
    assert_ne!(body, other);
    let keyed = |key: &str, target: &str, body: &str| {
        served.post_with(key, target, &[("idempotency-key", "k-1")], body)
    };

    let first = keyed(&support, &target, &body);
    assert_eq!(
        (first.status, first.header("idempotent-replayed")),
        (201, None)
    );
    let again = keyed(&support, &target, &body);
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (201, Some("true"))
    );
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!(
        keyed(&support, &target, &other).problem(422),
        "idempotency_key_reused"
    );
    assert_eq!(
        keyed(&support, "/v1/refunds", &body).problem(422),
        "idempotency_key_reused"
    );
    // Another API key has its own; without a key every request is a new one.
    assert_ne!(keyed(ADMIN_KEY, &target, &body).body, first.body);
    assert_ne!(served.post_as(&support, &target, &body).body, first.body);

    // A refusal is kept too, and is still a problem.
    let wrong = |key: &str| {
        served.post_with(
            &support,
            "/v1/refunds",
            &[("idempotency-key", key)],
            "{\"charge\":\"ch_0\"}",
        )
    };
    let refused = wrong("k-2");
    assert_eq!(refused.problem(404), "not_found");
    let repeated = wrong("k-2");
    assert_eq!((repeated.status, &repeated.body), (404, &refused.body));
    assert_eq!(
        repeated.header("content-type"),
        Some("application/problem+json")
    );
    for bad in ["", "a b", &"x".repeat(256)] {
        let refused = served.post_with(&support, &target, &[("idempotency-key", bad)], &body);
        assert_eq!(refused.problem(400), "invalid_idempotency_key", "{bad:?}");
    }
}

fn the_same_key_at_the_same_time_has_one_effect(database: &Database) {
    let (company, served) = caught_up(database);
    let charge = &company.charges(&company.cleo)[0];
    let body = json!({ "charge": charge }).to_string();
    let start = Barrier::new(12);
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let askers: Vec<_> = (0..12)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    served.post_with(
                        ADMIN_KEY,
                        "/v1/refunds",
                        &[("idempotency-key", "once")],
                        &body,
                    )
                })
            })
            .collect();
        askers
            .into_iter()
            .map(|asker| asker.join().unwrap())
            .collect()
    });
    let made: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 201).collect();
    assert!(!made.is_empty());
    for reply in &replies {
        match reply.status {
            201 => assert_eq!(reply.body, made[0].body),
            _ => {
                assert_eq!(reply.problem(409), "idempotency_key_in_use");
                assert!(reply.header("retry-after").is_some());
            }
        }
    }
    let first_hand = made
        .iter()
        .filter(|reply| reply.header("idempotent-replayed").is_none());
    assert_eq!(first_hand.count(), 1);
    let id = made[0].json()["id"].as_str().unwrap().to_owned();
    served.until(&format!("/v1/refunds/{id}"), |refund| {
        refund["state"] == "succeeded"
    });
    assert_eq!(company.provider.simulator().refunds_of(charge).len(), 1);
    assert_eq!(
        served.read("/v1/refunds")["data"].as_array().unwrap().len(),
        1
    );
}
