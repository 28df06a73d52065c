//! What Stripe's official SDK says of us: its signatures are let in and ours are read by it, it understands
//! the provider that we test with, and every call of ours is the one that it would make itself.

use super::{ask_sdk, call};
use crate::company::{Person, ago, simulator, subscriber};
use crate::serving::{Database, Served, now, on_both_served};
use crate::world::{API_KEY, WEBHOOK_SECRET, monthly};
use avstem::demo::ProviderServer;
use avstem_simulator::{ChargeView, Simulator};
use serde_json::{Value, json};

on_both_served! {
    webhooks_signed_by_the_sdk_are_taken_in_and_forged_ones_are_not,
}

/// A provider with one subscriber who paid twice, and who that is.
fn provider_with_a_subscriber() -> (Simulator, Person) {
    let mut provider = simulator(60);
    let person = subscriber(&mut provider, ago(36), "Ada Canary-PII", &monthly());
    provider.advance_to(now());
    (provider, person)
}

/// What the SDK makes of events: its own text of each, and the header of its signature.
fn signed_by_the_sdk(events: &[(Value, &str, i64)]) -> Vec<(Vec<u8>, String)> {
    let asked: Vec<Value> = events
        .iter()
        .map(|(event, secret, age_s)| {
            let time = now().unix_seconds() - age_s;
            json!({"event": event, "secret": secret, "time": time})
        })
        .collect();
    let signed = ask_sdk(&["sign"], &Value::Array(asked));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    signed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(&one["payload"]).into_bytes(), text(&one["header"])))
        .collect()
}

fn webhooks_signed_by_the_sdk_are_taken_in_and_forged_ones_are_not(database: &Database) {
    let (provider, person) = provider_with_a_subscriber();
    let events: Vec<Value> = provider
        .all_events()
        .iter()
        .map(|event| serde_json::from_slice(&event.body).unwrap())
        .collect();
    let served = Served::tracking(database);
    let deliver = |body: &[u8], header: &str| {
        let headers = [("stripe-signature", header)];
        served.send("POST", "/webhooks/stripe", &headers, body)
    };

    let one = |secret, age_s| signed_by_the_sdk(&[(events[0].clone(), secret, age_s)]).remove(0);
    let (body, header) = one(WEBHOOK_SECRET, 0);
    let mut changed = body.clone();
    *changed.last_mut().unwrap() = b' ';
    let (_, by_another) = one("whsec_CANARY_of_another", 0);
    let (_, old) = one(WEBHOOK_SECRET, 310);
    for (body, header) in [(&changed, &header), (&body, &by_another), (&body, &old)] {
        assert_eq!(deliver(body, header).problem(400), "invalid_signature");
    }
    assert_eq!(served.read("/v1/events")["data"], json!([]));

    let all: Vec<_> = events
        .into_iter()
        .map(|event| (event, WEBHOOK_SECRET, 290))
        .collect();
    for (body, header) in signed_by_the_sdk(&all) {
        assert_eq!(deliver(&body, &header).expect(200)["duplicate"], false);
    }
    served.quiet();
    let read = served.read(&format!("/v1/subscriptions/{}", person.subscription));
    assert_eq!(read["status"], "active");
    let charges = served.read(&format!(
        "/v1/subscriptions/{}/charges",
        person.subscription
    ));
    let ids: Vec<&Value> = charges["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|charge| &charge["provider_id"])
        .collect();
    let mut expected = provider.charges_of(&person.subscription);
    expected.reverse();
    let expected: Vec<Value> = expected
        .into_iter()
        .map(|charge| json!(charge.id))
        .collect();
    assert_eq!(ids, expected.iter().collect::<Vec<_>>());
    assert_eq!(database.run(&["verify"]).code, Some(0));
}

#[test]
fn what_the_simulated_provider_delivers_is_verified_and_read_by_the_sdk() {
    let (mut provider, _) = provider_with_a_subscriber();
    let due = provider.deliveries_due();
    let mut asked = Vec::new();
    let mut expected = Vec::new();
    for delivery in &due {
        let header = &delivery
            .headers
            .iter()
            .find(|(name, _)| name == "stripe-signature");
        let body = String::from_utf8(delivery.body.clone()).unwrap();
        let object: Value = serde_json::from_str(&body).unwrap();
        let object = object["data"]["object"]["object"].as_str().unwrap();
        let class: String = object
            .split('_')
            .map(|word| word[..1].to_uppercase() + &word[1..])
            .collect();
        asked.push(json!({"payload": body, "header": header.unwrap().1, "secret": WEBHOOK_SECRET}));
        expected.push(json!({"type": delivery.kind, "object": class}));
    }
    let forged = json!({"payload": "{}", "header": asked[0]["header"], "secret": WEBHOOK_SECRET});
    asked.push(forged);
    expected.push(json!({"error": "SignatureVerificationError"}));
    let read = ask_sdk(&["receive"], &Value::Array(asked));
    assert!(due.len() > 10, "{} deliveries", due.len());
    assert_eq!(read, Value::Array(expected));
}

/// What the SDK reads of the simulated provider's answers, one for each call.
fn answers(provider: &ProviderServer, key: &str, calls: &[Value]) -> Vec<Value> {
    let answers = ask_sdk(&["call", &provider.base(), key], &json!(calls));
    answers.as_array().unwrap().clone()
}

/// A provider that is served, its subscriber, and the subscriber's charges, oldest first.
fn served_provider() -> (ProviderServer, Person, Vec<ChargeView>) {
    let (simulator, person) = provider_with_a_subscriber();
    let charges = simulator.charges_of(&person.subscription);
    assert_eq!(charges.len(), 2, "{charges:?}");
    (
        ProviderServer::start(simulator, now).unwrap(),
        person,
        charges,
    )
}

#[test]
fn the_sdk_reads_subscriptions_and_charges_of_the_simulated_provider() {
    let (provider, person, charges) = served_provider();
    let subscription = [person.subscription.as_str()];
    // One on a page: the SDK turns the pages.
    let pages = json!({"customer": person.customer, "limit": 1});
    let calls = [
        call("subscriptions.retrieve", &subscription, json!({}), None),
        call("charges.list", &[], pages, None),
        call(
            "subscriptions.cancel",
            &subscription,
            json!({"prorate": false}),
            None,
        ),
        call("subscriptions.cancel", &subscription, json!({}), None),
    ];
    let read = answers(&provider, API_KEY, &calls);
    let active = json!({
        "type": "Subscription", "id": subscription[0], "status": "active",
        "canceled_at": null, "metadata": {},
    });
    assert_eq!(read[0], active);
    let listed: Vec<_> = read[1]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["id"])
        .collect();
    assert_eq!(listed, [&charges[1].id, &charges[0].id]);
    assert_eq!(read[2]["status"], "canceled");
    assert!(read[2]["canceled_at"].is_i64());
    assert_eq!(
        read[3],
        refused("InvalidRequestError", 404, "resource_missing")
    );
    let by_another = answers(&provider, "sk_test_of_nobody", &calls[..1]);
    assert_eq!(by_another[0]["error"], "AuthenticationError");
}

#[test]
fn the_sdk_makes_refunds_at_the_simulated_provider_once_for_each_key() {
    let (provider, _, charges) = served_provider();
    let charge = charges[1].id.as_str();
    let refund = |params, key| call("refunds.create", &[], params, key);
    let part = json!({"charge": charge, "amount": 10_000, "metadata": {"mark": "CANARY"}});
    let too_much = json!({"charge": charge, "amount": 15_000});
    let calls = [
        refund(part.clone(), Some("key-1")),
        refund(part, Some("key-1")),
        refund(json!({"charge": charge}), Some("key-1")),
        refund(too_much, None),
        call("refunds.list", &[], json!({"charge": charge}), None),
        call("charges.retrieve", &[charge], json!({}), None),
    ];
    let read = answers(&provider, API_KEY, &calls);
    let made = json!({
        "type": "Refund", "id": read[0]["id"], "status": "succeeded",
        "amount": 10_000, "charge": charge, "metadata": {"mark": "CANARY"},
    });
    assert_eq!(read[0], made);
    assert_eq!(read[1], made, "the key is answered as before");
    assert_eq!(read[2], refused("IdempotencyError", 400, Value::Null));
    assert_eq!(read[3], refused("InvalidRequestError", 400, Value::Null));
    assert_eq!(read[4], json!([made]));
    assert_eq!(
        (&read[5]["type"], &read[5]["amount_refunded"]),
        (&json!("Charge"), &json!(10_000))
    );
    let there: Vec<_> = provider.simulator().refunds_of(charge);
    let there: Vec<_> = there.iter().map(|refund| json!(refund.id)).collect();
    assert_eq!(there, [read[0]["id"].clone()]);
}

/// An error as `sdk.py` tells it.
fn refused(error: &str, status: u16, code: impl Into<Value>) -> Value {
    let code: Value = code.into();
    json!({"error": error, "status": status, "code": code})
}
