//! Signed bodies that cannot be read: each refused with a path, none with a panic or a guess.

use super::*;
use crate::Envelope;

fn refused(body: &[u8]) -> String {
    Stripe
        .decode(body)
        .expect_err("must be refused")
        .to_string()
}

fn sample_with(from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(sample("charge.succeeded").body).unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

/// A change to a sample charge, and how the refusal begins.
const CHANGES: &[(&str, &str, &str)] = &[
    (
        r#""amount": 24900"#,
        r#""amount": 249.5"#,
        "data.object.amount: expected an integer",
    ),
    (
        r#""amount": 24900"#,
        r#""amount": 24900.0"#,
        "data.object.amount: expected an integer",
    ),
    (
        r#""amount": 24900"#,
        r#""amount": "24900""#,
        "data.object.amount: expected an integer",
    ),
    (
        r#""amount": 24900"#,
        r#""amount": 9223372036854775808"#,
        "data.object.amount: expected an integer",
    ),
    (
        r#""amount": 24900"#,
        r#""amount": 1000000000000001"#,
        "data.object.amount: is larger than 1000000000000000",
    ),
    (
        r#""amount": 24900"#,
        r#""amount": 1e400"#,
        "body: number out of range",
    ),
    (
        r#""amount": 24900"#,
        r#""amount": -1"#,
        "data.object.amount: is negative",
    ),
    (
        r#""amount": 24900"#,
        r#""amount": null"#,
        "data.object.amount: is missing",
    ),
    (
        r#""amount": 24900"#,
        r#""amount": 24900, "amount": 1"#,
        "body: a key occurs twice",
    ),
    (
        r#""currency": "sek""#,
        r#""currency": "xyz""#,
        "data.object.currency: ",
    ),
    (
        r#""currency": "sek""#,
        r#""currency": 7"#,
        "data.object.currency: expected a string",
    ),
    (
        r#""id": "ch_3SaAaA0000000000000000A1""#,
        r#""id": """#,
        "data.object.id: ",
    ),
    (
        r#""id": "ch_3SaAaA0000000000000000A1""#,
        r#""id": "ch\n1""#,
        "data.object.id: ",
    ),
    (
        r#""status": "succeeded""#,
        r#""status": "brand_new""#,
        "data.object.status: is a charge status we do not know",
    ),
    (
        r#""object": "charge""#,
        r#""object": "refund""#,
        "data.object.object: expected charge",
    ),
    (
        r#""created": 1793494900"#,
        r#""created": -1"#,
        "data.object.created: ",
    ),
    (
        r#""created": 1793494900"#,
        r#""created": 99999999999999"#,
        "data.object.created: ",
    ),
    (
        r#""object": "event""#,
        r#""object": "v2.core.event""#,
        "object: is a thin event",
    ),
    (
        r#""object": "event""#,
        r#""object": "list""#,
        "object: expected event",
    ),
    (
        r#""description": "Subscription update""#,
        r#""description": "\u0000""#,
        "body: a NUL character",
    ),
    (
        r#""description": "Subscription update""#,
        r#""description": "\ud800""#,
        "body: ",
    ),
    (
        r#""type": "charge.succeeded""#,
        r#""type": """#,
        "type: is not an event type",
    ),
];

#[test]
fn a_changed_field_is_refused_where_it_is() {
    for (from, to, problem) in CHANGES {
        let error = refused(&sample_with(from, to));
        assert!(error.starts_with(problem), "{to}: {error}");
    }
}

#[test]
fn an_id_longer_than_any_is_refused() {
    let id = format!("\"ch_{}\"", "x".repeat(253));
    let error = decode(
        "charge.succeeded",
        &object("charge.succeeded", &[("id", &id)]),
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("data.object.id: a provider's id is 1 to 255"),
        "{error}"
    );
}

#[test]
fn an_amount_that_its_currency_cannot_have_is_refused() {
    let krona = [("currency", "\"isk\""), ("amount", "24950")];
    let error = decode("charge.succeeded", &object("charge.succeeded", &krona)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("data.object.amount: is not a multiple of 100"),
        "{error}"
    );
}

#[test]
fn bodies_that_are_not_an_event_are_refused() {
    let deep = |n: usize| {
        format!(
            r#"{{"id":"evt_1","type":"a","object":"event","x":{}{}}}"#,
            "[".repeat(n),
            "]".repeat(n)
        )
    };
    let bom = format!(
        "\u{feff}{}",
        String::from_utf8(sample("charge.succeeded").body).unwrap()
    );
    let cases = [
        String::new(), "null".to_owned(), "[]".to_owned(), "\"x\"".to_owned(), "{}".to_owned(), "<html>".to_owned(), "{\0}".to_owned(),
        deep(200), deep(100_000), "[".repeat(100_000), bom, r#"["evt_1","charge.succeeded"]"#.to_owned(),
        r#"{"object":"event","type":"charge.succeeded","created":1,"data":{"object":{}}}"#.to_owned(),
        r#"{"object":"event","id":"evt_1","created":1,"data":{"object":{}}}"#.to_owned(),
        r#"{"object":"event","id":"evt_1","type":"charge.succeeded","data":{"object":{}}}"#.to_owned(),
        r#"{"object":"event","id":"evt_1","type":"charge.succeeded","created":1,"data":null}"#.to_owned(),
        r#"{"object":"event","id":"evt_1","type":"charge.succeeded","created":1,"data":{"object":[]}}"#.to_owned(),
    ];
    for case in cases {
        let _ = refused(case.as_bytes());
    }
    let _ = refused(b"\xff\xfe{\0}\0");
}

#[test]
fn a_body_cut_anywhere_is_refused() {
    let body = sample("invoice.paid.classic").body;
    for length in 0..body.len() {
        assert!(Stripe.decode(&body[..length]).is_err(), "{length}");
    }
}

#[test]
fn an_unreadable_body_still_shows_its_id_and_type_when_they_can_be_had() {
    let seen = |body: &str| match Stripe.envelope(body.as_bytes()) {
        Envelope::Readable { event, kind, .. } => Some(format!("{event} {kind}")),
        Envelope::Unreadable => None,
    };
    let deep = format!(
        r#"{{"id":"evt_1","type":"a.b","x":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let readable = [
        r#"{"id":"evt_1","type":"a.b","amount":1e400}"#,
        r#"{"id":"evt_1","type":"a.b","x":1,"x":2}"#,
        r#"{"id":"evt_1","type":"a.b","object":"v2.core.event"}"#,
        r#" {"type":"a.b","id":"evt_1"} "#,
        r#"{"id":"evt_1","type":"a.b","data":null}"#,
        r#"{"id":"evt_1","type":"a.b","data":[[1,2,3]]}"#,
        r#"{"id":"evt_1","type":"a.b","data":{"object":{"customer":{"id":"cus_1"}}}}"#,
        r#"{"id":"evt_1","type":"a.b","data":{"object":{"customer":"cus_1","customer":"cus_2"}}}"#,
        r#"{"id":"evt_1","type":"a.b","data":{"object":{"object":"customer","id":1e400}}}"#,
        &deep,
    ];
    for body in readable {
        assert_eq!(
            seen(body).as_deref(),
            Some("evt_1 a.b"),
            "{}",
            &body[..body.len().min(60)]
        );
    }
    let long = format!(r#"{{"id":"evt_1","type":"{}"}}"#, "a".repeat(256));
    let unreadable = [
        "",
        "{",
        "[]",
        r#"["evt_1","a.b"]"#,
        r#"{"id":"evt_1"}"#,
        r#"{"type":"a.b"}"#,
        r#"{"id":7,"type":"a.b"}"#,
        r#"{"id":"evt_1","id":"evt_2","type":"a.b"}"#,
        r#"{"id":"","type":"a.b"}"#,
        r#"{"id":"evt_1","type":"a\u0000b"}"#,
        r#"{"id":"\ud800","type":"a.b"}"#,
        r#"{"id":"evt_1","type":"a.b"} x"#,
        r#"{"id":"evt_1","type":"a.b","#,
        &long,
    ];
    for body in unreadable {
        assert_eq!(seen(body), None, "{body}");
    }
}

#[test]
fn an_error_never_quotes_what_it_found() {
    let cases = [
        ("email", "[\"canary-pii-1@example.test\"]"),
        ("email", "{\"canary-pii-1@example.test\":1}"),
        ("id", "\"canary pii 1@example.test\""),
        ("deleted", "\"canary-pii-1@example.test\""),
    ];
    for (field, value) in cases {
        let error = decode(
            "customer.updated",
            &object("customer.updated", &[(field, value)]),
        )
        .unwrap_err()
        .to_string();
        assert!(
            error.starts_with(&format!("data.object.{field}: ")) && !error.contains("canary"),
            "{error}"
        );
    }
}
