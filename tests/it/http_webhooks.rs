//! The webhook endpoint from outside: what is acknowledged, what is refused, and what survives a crash.

use crate::serving::{Database, Served, now, on_both_served, signature};
use crate::story::hmac_hex;
use crate::wire::{self, Reply};
use crate::world::WEBHOOK_SECRET;
use std::collections::BTreeSet;
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

on_both_served! {
    a_delivery_is_acknowledged_once_stored_and_a_second_one_is_a_duplicate,
    an_unreadable_delivery_is_stored_shown_as_failed_and_can_be_replayed,
    refusals_come_in_their_order_and_store_nothing,
    a_mebibyte_is_accepted_and_one_byte_more_is_not,
    only_a_signature_that_holds_lets_a_delivery_in,
    each_of_several_secrets_is_accepted,
    what_was_acknowledged_survives_a_kill_at_any_instant,
    deliveries_of_one_event_at_the_same_time_are_stored_once,
}

const TARGET: &str = "/webhooks/stripe";

fn unknown_event(id: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"object\":\"event\",\"type\":\"tax.rate.dreamt\",\"created\":1700000000,\"livemode\":false,\"data\":{{\"object\":{{}}}}}}"
    )
}

fn count(served: &Served) -> usize {
    served.read("/v1/events?limit=100")["data"]
        .as_array()
        .unwrap()
        .len()
}

fn a_delivery_is_acknowledged_once_stored_and_a_second_one_is_a_duplicate(database: &Database) {
    let served = Served::tracking(database);
    let body = unknown_event("evt_1");
    let first = served.webhook(body.as_bytes());
    assert_eq!(
        (first.status, first.text()),
        (
            200,
            r#"{"received":true,"event":"evt_1","duplicate":false}"#
        )
    );
    assert_eq!(first.header("content-type"), Some("application/json"));
    let second = served.webhook(body.as_bytes());
    assert_eq!(
        (second.status, second.text()),
        (200, r#"{"received":true,"event":"evt_1","duplicate":true}"#)
    );

    let event = served.until("/v1/events/evt_1", |event| event["state"] != "received");
    assert_eq!(event["state"], "ignored");
    assert_eq!(event["type"], "tax.rate.dreamt");
    assert_eq!(event["conflict"], serde_json::Value::Null);
    assert_ne!(event["processed_at"], serde_json::Value::Null);

    // The same id with another body: the first stays, and the event says so.
    let other = body.replace("1700000000", "1700000001");
    assert_eq!(served.webhook(other.as_bytes()).json()["duplicate"], true);
    assert_eq!(count(&served), 1);
    assert!(served.read("/v1/events/evt_1")["conflict"].is_string());
}

fn an_unreadable_delivery_is_stored_shown_as_failed_and_can_be_replayed(database: &Database) {
    let served = Served::tracking(database);
    let cut = served.webhook(br#"{"id":"evt_cut","type":"#);
    assert_eq!(
        (cut.status, cut.text()),
        (200, r#"{"received":true,"event":null,"duplicate":false}"#)
    );
    let nothing = served.webhook(b"");
    assert_eq!(
        nothing.text(),
        r#"{"received":true,"event":null,"duplicate":false}"#
    );
    let failed = served.until("/v1/events?state=failed", |list| {
        list["data"].as_array().unwrap().len() == 2
    });
    for event in failed["data"].as_array().unwrap() {
        assert_eq!(event["provider_event_id"], serde_json::Value::Null);
        assert!(event["error"].is_string(), "{event}");
        assert!(event["attempts"].as_i64().unwrap() >= 1, "{event}");
    }
    let id = failed["data"][1]["id"].as_str().unwrap().to_owned();
    let before = failed["data"][1]["attempts"].as_i64().unwrap();
    let target = format!("/v1/events/{id}");
    let replayed = served.post(&format!("{target}/replay"), &serde_json::json!({}));
    assert_eq!(replayed.expect(202)["id"], id);
    let again = served.until(&target, |event| event["attempts"].as_i64() > Some(before));
    assert_eq!(again["state"], "failed");
}

/// The head of a delivery with some things wrong: path, size, encoding, signature.
fn faulty([path, size, encoding, signed]: [bool; 4]) -> Vec<u8> {
    let body = unknown_event("evt_refused");
    let signature = if signed {
        "t=1,v1=00".to_owned()
    } else {
        signature(0, body.as_bytes())
    };
    let mut headers = vec![("stripe-signature", signature.as_str())];
    if encoding {
        headers.push(("content-encoding", "gzip"));
    }
    let target = if path { "/webhooks/nobody" } else { TARGET };
    if size {
        headers.push(("content-length", "1048577"));
        return wire::head("POST", target, &headers);
    }
    wire::request("POST", target, &headers, body.as_bytes())
}

fn refusals_come_in_their_order_and_store_nothing(database: &Database) {
    let served = Served::tracking(database);
    let expected = [
        (404, "unknown_connection"),
        (413, "payload_too_large"),
        (415, "unsupported_content_encoding"),
        (400, "invalid_signature"),
    ];
    for faults in 1..16u8 {
        let wrong = [0, 1, 2, 3].map(|fault| faults & (1 << fault) != 0);
        let first = wrong.iter().position(|wrong| *wrong).unwrap();
        let reply = wire::exchange(&served.address, &faulty(wrong)).unwrap();
        let (status, code) = expected[first];
        assert_eq!(reply.problem(status), code, "{wrong:?}");
    }
    assert_eq!(count(&served), 0);
    assert_eq!(
        wire::exchange(&served.address, &faulty([false; 4]))
            .unwrap()
            .status,
        200
    );
}

fn a_mebibyte_is_accepted_and_one_byte_more_is_not(database: &Database) {
    let served = Served::tracking(database);
    let body = |id: &str, length: usize| {
        let mut body = unknown_event(id);
        body.push_str(&" ".repeat(length - body.len()));
        body.into_bytes()
    };
    let announced = |body: &[u8]| -> Reply { served.webhook(body) };
    let in_pieces = |body: &[u8]| {
        let signature = signature(0, body);
        let bytes = wire::chunked("POST", TARGET, &[("stripe-signature", &signature)], body);
        wire::exchange(&served.address, &bytes).unwrap()
    };
    assert_eq!(
        announced(&body("evt_whole", 1 << 20)).expect(200)["event"],
        "evt_whole"
    );
    assert_eq!(
        in_pieces(&body("evt_pieces", 1 << 20)).expect(200)["event"],
        "evt_pieces"
    );
    assert_eq!(
        in_pieces(&body("evt_too_long", (1 << 20) + 1)).problem(413),
        "payload_too_large"
    );
    let too_long = body("evt_too_long", (1 << 20) + 1);
    let length = too_long.len().to_string();
    let announcing = [
        ("content-length", length.as_str()),
        ("stripe-signature", &signature(0, &too_long)),
    ];
    let refused =
        wire::exchange(&served.address, &wire::head("POST", TARGET, &announcing)).unwrap();
    assert_eq!(refused.problem(413), "payload_too_large");
    assert_eq!(count(&served), 2);
}

fn only_a_signature_that_holds_lets_a_delivery_in(database: &Database) {
    let served = Served::tracking(database);
    let body = unknown_event("evt_signed");
    let with = |headers: &[(&str, &str)]| served.send("POST", TARGET, headers, body.as_bytes());
    let signed_by = |secret: &str, time: i64| hmac_hex(secret, format!("{time}.{body}").as_bytes());
    let time = now().unix_seconds();
    let right = signed_by(WEBHOOK_SECRET, time);
    let wrong = signed_by("whsec_of_another", time);
    let refused = [
        String::new(),
        "nonsense".to_owned(),
        format!("v1={right}"),
        format!("t={time}"),
        format!("t={time},v0={right}"),
        format!("t={time},v1={wrong}"),
        format!("t={time},v1={}", right.to_uppercase()),
        format!("t={time},v1={}", &right[..62]),
        format!("t={},v1={right}", time + 1),
        // The clock goes on while this runs: a second or more on the safe side.
        signature(302, body.as_bytes()),
        signature(-310, body.as_bytes()),
    ];
    for header in &refused {
        assert_eq!(
            with(&[("stripe-signature", header)]).problem(400),
            "invalid_signature",
            "{header}"
        );
    }
    assert_eq!(with(&[]).problem(400), "invalid_signature");
    let changed = body.replace("1700000000", "1700000009");
    let tampered = served.send(
        "POST",
        TARGET,
        &[("stripe-signature", &signature(0, body.as_bytes()))],
        changed.as_bytes(),
    );
    assert_eq!(tampered.problem(400), "invalid_signature");
    assert_eq!(count(&served), 0);

    let accepted = [
        signature(290, body.as_bytes()),
        signature(-290, body.as_bytes()),
        format!("t={time},v1={wrong},v1={right}"),
    ];
    for header in accepted {
        assert_eq!(
            with(&[("stripe-signature", &header)]).expect(200)["event"],
            "evt_signed",
            "{header}"
        );
    }
    assert_eq!(count(&served), 1);
}

fn each_of_several_secrets_is_accepted(database: &Database) {
    let secrets = format!("whsec_old,{WEBHOOK_SECRET}");
    let served = Served::start(
        database,
        &[("AVSTEM_CONNECTIONS__STRIPE__WEBHOOK_SECRETS", &secrets)],
    );
    for (secret, id) in [("whsec_old", "evt_old"), (WEBHOOK_SECRET, "evt_new")] {
        let (body, time) = (unknown_event(id), now().unix_seconds());
        let header = format!(
            "t={time},v1={}",
            hmac_hex(secret, format!("{time}.{body}").as_bytes())
        );
        let reply = served.send(
            "POST",
            TARGET,
            &[("stripe-signature", &header)],
            body.as_bytes(),
        );
        assert_eq!(reply.expect(200)["event"], id);
    }
}

fn what_was_acknowledged_survives_a_kill_at_any_instant(database: &Database) {
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    // Different instants of the writer's work; with the machine's own timing no two runs are the same.
    for (round, lives_ms) in [(0, 97), (1, 211), (2, 338)] {
        let served = Served::tracking(database);
        let posters: Vec<_> = (0..6)
            .map(|poster| {
                let (address, acknowledged) = (served.address.clone(), Arc::clone(&acknowledged));
                std::thread::spawn(move || {
                    for number in 0.. {
                        let id = format!("evt_{round}_{poster}_{number}");
                        let body = unknown_event(&id);
                        let signature = signature(0, body.as_bytes());
                        let bytes = wire::request(
                            "POST",
                            TARGET,
                            &[("stripe-signature", &signature)],
                            body.as_bytes(),
                        );
                        match wire::exchange(&address, &bytes) {
                            Ok(reply) if reply.status == 200 => {
                                acknowledged.lock().unwrap().insert(id)
                            }
                            Ok(_) => continue,
                            Err(_) => return,
                        };
                    }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(lives_ms));
        drop(served.kill());
        for poster in posters {
            poster.join().unwrap();
        }
    }
    let acknowledged = acknowledged.lock().unwrap();
    assert!(
        acknowledged.len() > 20,
        "only {} were acknowledged: this shows nothing",
        acknowledged.len()
    );
    let served = Served::tracking(database);
    let mut stored = BTreeSet::new();
    let mut target = "/v1/events?limit=100".to_owned();
    loop {
        let page = served.read(&target);
        for event in page["data"].as_array().unwrap() {
            assert!(
                stored.insert(event["provider_event_id"].as_str().unwrap().to_owned()),
                "listed twice: {event}"
            );
        }
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        target = format!("/v1/events?limit=100&cursor={cursor}");
    }
    let lost: Vec<&String> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    // Nobody who was killed leaves work behind that the next one does not do.
    served.quiet();
}

fn deliveries_of_one_event_at_the_same_time_are_stored_once(database: &Database) {
    let served = Served::tracking(database);
    let body = unknown_event("evt_storm");
    let start = Barrier::new(16);
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let posters: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    served.webhook(body.as_bytes())
                })
            })
            .collect();
        posters
            .into_iter()
            .map(|poster| poster.join().unwrap())
            .collect()
    });
    let new = replies
        .iter()
        .filter(|reply| reply.expect(200)["duplicate"] == false)
        .count();
    assert_eq!(new, 1);
    assert_eq!(count(&served), 1);
}
