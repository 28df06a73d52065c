//! Sample deliveries, both shapes: signed, decoded, and compared with what a person wrote they mean.

use super::*;
use crate::{Envelope, RawWebhook, SameEvent};
use secrecy::SecretString;
use std::collections::BTreeSet;

const SECRET: &str = "whsec_test_fixtures_4mQ";

#[test]
fn every_sample_delivery_means_what_is_written_beside_it() {
    let mut text = String::new();
    for name in all_samples() {
        let delivery = Stripe.decode(&sample(&name).body).expect(&name);
        text.push_str(&summary::of(&name, &delivery));
    }
    let expected = std::fs::read_to_string(folder().join("expected.txt")).unwrap();
    for (line, (now, then)) in text.lines().zip(expected.lines()).enumerate() {
        assert_eq!(now, then, "line {} of expected.txt", line + 1);
    }
    assert_eq!(text.lines().count(), expected.lines().count());
}

#[test]
fn every_sample_delivery_is_genuine_and_its_envelope_agrees_with_its_contents() {
    for name in all_samples() {
        let Sample { headers, body } = sample(&name);
        let delivery = Stripe.decode(&body).unwrap();
        let raw = RawWebhook {
            headers: &headers,
            body: &body,
        };
        let now = delivery.created.saturating_add_seconds(3);
        let verified = Stripe
            .verify(raw, &[SecretString::from(SECRET)], now)
            .expect(&name);
        let body = verified.into_body();
        let (event, kind) = (delivery.event, delivery.kind);
        assert_eq!(
            Stripe.envelope(&body),
            Envelope::Readable {
                event,
                kind,
                customer: customer_of(&body)
            },
            "{name}"
        );
    }
}

/// Whose an event is, as its document says it.
fn customer_of(body: &[u8]) -> Option<String> {
    let document: serde_json::Value = serde_json::from_slice(body).unwrap();
    let object = &document["data"]["object"];
    let of = if object["object"] == "customer" {
        "id"
    } else {
        "customer"
    };
    object[of].as_str().map(str::to_owned)
}

#[test]
fn events_of_charges_invoices_subscriptions_and_customers_say_whose_they_are() {
    for name in all_samples() {
        let says = ["charge.", "invoice.", "customer.", "payment_intent."]
            .iter()
            .any(|prefix| name.starts_with(prefix));
        let of_money = ["charge.dispute.", "charge.refund."]
            .iter()
            .any(|prefix| name.starts_with(prefix));
        if says && !of_money {
            assert!(customer_of(&sample(&name).body).is_some(), "{name}");
        }
    }
}

#[test]
fn every_supported_event_type_has_a_sample_in_each_shape_it_has() {
    let samples: BTreeSet<_> = all_samples().into_iter().collect();
    let mut expected = BTreeSet::new();
    for kind in Stripe::event_types() {
        expected.insert(kind.to_owned());
        let one_shape = ["refund.", "invoice_payment.", "charge.dispute.", "payout."]
            .iter()
            .any(|prefix| kind.starts_with(prefix));
        let customer = kind.starts_with("customer.") && !kind.starts_with("customer.subscription.");
        if !(one_shape || customer || kind == "charge.refund.updated") {
            expected.insert(format!("{kind}.classic"));
        }
    }
    assert_eq!(samples, expected);
}

#[test]
fn both_shapes_of_one_event_tell_the_same_about_the_object() {
    for kind in Stripe::event_types()
        .filter(|k| k.starts_with("customer.subscription") || k.starts_with("invoice."))
    {
        let fact = |name: &str| match Stripe.decode(&sample(name).body).unwrap().contents {
            Contents::Facts(mut observations) => observations.remove(0).fact,
            Contents::Unrecognised => panic!("{name}"),
        };
        assert_eq!(fact(kind), fact(&format!("{kind}.classic")), "{kind}");
    }
}

#[test]
fn a_redelivery_is_the_same_event_and_anything_else_is_a_conflict() {
    let body = sample("invoice.paid").body;
    let text = String::from_utf8(body.clone()).unwrap();
    let compact: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let same = [
        text.replace(r#""pending_webhooks": 1"#, r#""pending_webhooks": 0"#),
        text.replace("  \"pending_webhooks\": 1,\n", ""),
        compact.to_string(),
        text.clone(),
    ];
    for other in same {
        assert_eq!(Stripe.same_event(&body, other.as_bytes()), SameEvent::Same);
    }
    let conflicting = [
        text.replace(r#""total": 24900"#, r#""total": 24901"#),
        text.replace(r#""livemode": false"#, r#""livemode": true"#),
        format!("{text} x"),
        String::new(),
    ];
    for other in conflicting {
        assert_eq!(
            Stripe.same_event(&body, other.as_bytes()),
            SameEvent::Conflict
        );
    }
    assert_eq!(Stripe.same_event(b"garbage", b"garbage"), SameEvent::Same);
    assert_eq!(
        Stripe.same_event(b"garbage", b"Garbage"),
        SameEvent::Conflict
    );
}

#[test]
fn types_that_mean_nothing_here_are_unrecognised_whatever_they_carry() {
    let kinds = [
        "invoice.upcoming",
        "radar.early_fraud_warning.created",
        "balance.available",
        "customer.source.expiring",
        "brand.new",
    ];
    for kind in kinds {
        assert_eq!(
            decode(kind, "{}").unwrap().contents,
            Contents::Unrecognised,
            "{kind}"
        );
    }
    let open = object("invoice_payment.paid", &[("status", "\"open\"")]);
    assert_eq!(
        decode("invoice_payment.paid", &open).unwrap().contents,
        Contents::Unrecognised
    );
}
