//! Deliveries that are wrong: what nobody signed is not stored, what the provider signed always is.

use crate::story::{
    balances_of, events_in, events_of, hmac_hex, marked, receive_all, signature, stored,
    storyteller,
};
use crate::world::{WEBHOOK_SECRET, World, monthly};
use avstem::app::receive_webhook::{self, Refused};
use avstem::store::StoreError;
use avstem_simulator::Shape;
use avstem_webhooks::signature::SignatureError;

/// A classic charge of 249.00 SEK.
fn charge() -> String {
    let mut provider = storyteller(Shape::Classic);
    let customer = provider.create_customer("canary-pii-4@example.test", "Canary Person", "sv");
    provider.subscribe(&customer, &monthly());
    events_of(&provider, &["charge.succeeded"]).remove(0)
}

/// Hands over a delivery with these `stripe-signature` headers; true when it was believed.
fn hand_over(world: &World, headers: &[String], body: &[u8]) -> Result<(), SignatureError> {
    let headers: Vec<(String, String)> = headers
        .iter()
        .map(|value| ("stripe-signature".to_owned(), value.clone()))
        .collect();
    match receive_webhook::admit(&world.app, "stripe", &headers, body.to_vec()) {
        Ok(event) => {
            receive_webhook::store(&world.app, &[event]).unwrap();
            Ok(())
        }
        Err(Refused::InvalidSignature(error)) => Err(error),
        Err(Refused::UnknownConnection(name)) => panic!("connection {name}"),
    }
}

fn what_is_not_signed_right_is_not_stored(world: &mut World) {
    let body = charge().into_bytes();
    let by = |secret: &str, age_s: i64| signature(world, secret, age_s, &body);
    let (now, right) = by(WEBHOOK_SECRET, 0);
    let v1 = |(time, hex): (i64, String)| vec![format!("t={time},v1={hex}")];
    let bare_key = WEBHOOK_SECRET.trim_start_matches("whsec_");
    let unstamped = hmac_hex(WEBHOOK_SECRET, &body);
    let cases: Vec<(&str, Vec<String>)> = vec![
        ("unsigned", Vec::new()),
        ("empty header", vec![String::new()]),
        ("a stale one, 301 s", v1(by(WEBHOOK_SECRET, 301))),
        ("a future one, 301 s", v1(by(WEBHOOK_SECRET, -301))),
        ("another secret", v1(by("whsec_CANARY_another", 0))),
        ("the secret without its prefix", v1(by(bare_key, 0))),
        ("an empty secret", v1(by("", 0))),
        ("v0 only", vec![format!("t={now},v0={right}")]),
        ("another scheme's name", vec![format!("t={now},v2={right}")]),
        (
            "upper-case hex",
            vec![format!("t={now},v1={}", right.to_uppercase())],
        ),
        ("cut hex", vec![format!("t={now},v1={}", &right[..63])]),
        ("longer hex", vec![format!("t={now},v1={right}0")]),
        ("no time", vec![format!("v1={right}")]),
        (
            "another time than signed",
            vec![format!("t={},v1={right}", now + 1)],
        ),
        ("two times", vec![format!("t={now},t={now},v1={right}")]),
        (
            "a time that is not a number",
            vec![format!("t=+{now},v1={right}")],
        ),
        (
            "signed without the time",
            vec![format!("t={now},v1={unstamped}")],
        ),
        ("two headers", vec![format!("t={now},v1={right}"); 2]),
    ];
    for (name, headers) in cases {
        hand_over(world, &headers, &body).expect_err(name);
    }
    let mut tampered = body.clone();
    let at = body.windows(5).position(|bytes| bytes == b"24900").unwrap();
    tampered[at] = b'9';
    assert_eq!(
        hand_over(world, &v1((now, right.clone())), &tampered),
        Err(SignatureError::Mismatch)
    );
    let spaced = [body.as_slice(), b"\n"].concat();
    assert_eq!(
        hand_over(world, &v1((now, right.clone())), &spaced),
        Err(SignatureError::Mismatch)
    );
    let list = |tx: &mut avstem::store::ReadTx<'_>| tx.list_events(None, None, None, None, 10);
    let listed = world.app.store.read::<_, StoreError>(list).unwrap();
    assert_eq!(listed.rows, []);
    // The same bytes are believed once the signature is right, beside wrong ones as in a rotation.
    hand_over(
        world,
        &[format!("t={now},v1={},v1={right},v0=00", "0".repeat(64))],
        &body,
    )
    .unwrap();
}

fn exactly_300_seconds_are_accepted_both_ways(world: &mut World) {
    for (mark, age_s) in [("old", 300), ("new", -300)] {
        let body = marked(&charge(), mark).into_bytes();
        let (time, hex) = signature(world, WEBHOOK_SECRET, age_s, &body);
        hand_over(world, &[format!("t={time},v1={hex}")], &body).unwrap();
    }
    assert_eq!(events_in(world, "received").len(), 2);
}

fn a_connection_that_is_not_configured_is_refused(world: &mut World) {
    let body = charge().into_bytes();
    let (time, hex) = signature(world, WEBHOOK_SECRET, 0, &body);
    let headers = [("stripe-signature".to_owned(), format!("t={time},v1={hex}"))];
    for name in ["other", "", "Stripe", "stripe/", "../stripe"] {
        let refused = receive_webhook::admit(&world.app, name, &headers, body.clone());
        assert!(
            matches!(refused, Err(Refused::UnknownConnection(_))),
            "{name}"
        );
    }
}

/// A name, a body that the provider signed and that cannot be read, and the beginning of what is said
/// of it.
type Garbage = (&'static str, Vec<u8>, &'static str);

/// Amounts that a charge of 249.00 cannot have.
const AMOUNTS: &[(&str, &str, &str)] = &[
    (
        "a key twice",
        "24900, \"amount\": 1",
        "body: a key occurs twice in one object",
    ),
    (
        "an escaped key twice",
        "1, \"\\u0061mount\": 24900",
        "body: a key occurs twice in one object",
    ),
    ("1e400", "1e400", "body: number out of range"),
    ("-1e400", "-1e400", "body: number out of range"),
    ("one above i64", "9223372036854775808", NOT_WHOLE),
    ("far above i64", "99999999999999999999999999", NOT_WHOLE),
    ("a fraction", "249.5", NOT_WHOLE),
    ("a whole float", "24900.0", NOT_WHOLE),
    ("an exponent", "249e2", NOT_WHOLE),
    ("minus zero", "-0", NOT_WHOLE),
    ("text", "\"24900\"", NOT_WHOLE),
    ("a boolean", "true", NOT_WHOLE),
    ("negative", "-24900", "data.object.amount: is negative"),
    (
        "more than any charge",
        "9223372036854775807",
        "data.object.amount: is larger than",
    ),
    ("no amount", "null", "data.object.amount: is missing"),
];
const NOT_WHOLE: &str = "data.object.amount: expected an integer";

/// Other replacements in a charge.
const REPLACED: &[(&str, &str, &str, &str)] = &[
    (
        "NUL",
        "\"sek\"",
        "\"s\\u0000k\"",
        "body: a NUL character in a string",
    ),
    ("raw NUL", "\"sek\"", "\"s\0k\"", "body: control character"),
    ("a lone surrogate", "\"sek\"", "\"\\ud800\"", "body: "),
    ("a swapped pair", "\"sek\"", "\"\\udc00\\ud800\"", "body: "),
    (
        "no such currency",
        "\"sek\"",
        "\"xyz\"",
        "data.object.currency: ",
    ),
    ("no currency", "\"sek\"", "\"\"", "data.object.currency: "),
    (
        "another currency's öre",
        "\"sek\"",
        "\"isk\"",
        "data.object.amount: is not a multiple of 100",
    ),
    (
        "a status nobody knows",
        "\"succeeded\"",
        "\"very\"",
        "data.object",
    ),
    (
        "a time before time",
        "\"created\": 1",
        "\"created\": -1",
        "created: a time outside the years",
    ),
    (
        "another object",
        "\"event\"",
        "\"list\"",
        "object: expected event",
    ),
];

/// Signed charges with something wrong.
fn broken_charges() -> Vec<Garbage> {
    let charge = charge();
    let with = |from: &str, to: &str| {
        assert!(charge.contains(from), "{from}");
        charge.replacen(from, to, 1)
    };
    let amount = |to: &str| with("\"amount\": 24900", &format!("\"amount\": {to}"));
    let mut broken = Vec::new();
    for (name, to, expected) in AMOUNTS {
        broken.push((*name, amount(to).into_bytes(), *expected));
    }
    for (name, from, to, expected) in REPLACED {
        // An odd amount, for currencies that Stripe counts in hundreds.
        let body = with(from, to).replace("24900", "24950");
        broken.push((*name, body.into_bytes(), *expected));
    }
    for depth in [130, 100_000] {
        let nested = format!("\"x\": {}{}", "[".repeat(depth), "]".repeat(depth));
        let body = with("\"livemode\": false", &nested);
        broken.push((
            "a depth bomb",
            body.into_bytes(),
            "body: recursion limit exceeded",
        ));
    }
    broken
}

/// Signed bodies that are no event at all.
fn no_events() -> Vec<Garbage> {
    let charge = charge();
    vec![
        (
            "cut",
            charge.as_bytes()[..charge.len() / 2].to_vec(),
            "body: EOF while parsing",
        ),
        ("an empty body", Vec::new(), "body: EOF while parsing"),
        ("blanks", b" \r\n".to_vec(), "body: EOF while parsing"),
        (
            "a byte order mark",
            [b"\xef\xbb\xbf", charge.as_bytes()].concat(),
            "body: expected value",
        ),
        (
            "UTF-16",
            charge.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "body: ",
        ),
        (
            "bytes that are no text",
            b"{\"id\": \"\xff\xfe\"}".to_vec(),
            "body: invalid unicode",
        ),
        ("random bytes", (0..=255).collect(), "body: invalid unicode"),
        (
            "two documents",
            format!("{charge}{{}}").into_bytes(),
            "body: trailing characters",
        ),
        (
            "a list",
            format!("[{charge}]").into_bytes(),
            "body: expected an object",
        ),
        ("not an event", b"{}".to_vec(), "object: is missing"),
    ]
}

fn signed_garbage_is_kept_as_it_came_and_holds_nobody_up(world: &mut World) {
    let good = charge();
    let mut garbage = [broken_charges(), no_events()].concat();
    for (number, (_, body, _)) in garbage.iter_mut().enumerate() {
        // An event of its own wherever there is one.
        if let Ok(text) = std::str::from_utf8(body) {
            *body = marked(text, &format!("g{number}g")).into_bytes();
        }
    }
    let mut batch: Vec<&[u8]> = garbage.iter().map(|(_, body, _)| body.as_slice()).collect();
    batch.insert(batch.len() / 2, good.as_bytes());
    receive_all(world, &batch);
    let done = world.process();
    assert_eq!((done.processed, done.failed), (1, garbage.len()));
    assert_eq!(
        balances_of(world, &[good])["assets:provider:stripe"],
        24_900
    );
    let shown = events_in(world, "failed");
    assert_eq!(shown.len(), garbage.len());
    for ((name, body, expected), shown) in garbage.iter().zip(shown) {
        let error = shown.error.clone().unwrap();
        assert!(error.starts_with(expected), "{name}: {error}");
        assert!(
            !error.contains("canary") && !error.contains("Canary"),
            "{name}: {error}"
        );
        let row = stored(world, body);
        assert_eq!(
            (row.id.as_str(), &row.body),
            (shown.id.as_str(), body),
            "{name}"
        );
        assert_eq!((row.state.as_str(), row.attempts), ("failed", 1), "{name}");
    }
    assert_eq!(world.process().total(), 0, "dead letters rest");
}

fn a_body_that_cannot_be_read_still_shows_whose_event_it_is(world: &mut World) {
    let body = charge().replace("\"amount\": 24900", "\"amount\": -1");
    receive_all(world, &[&body]);
    world.process();
    let failed = events_in(world, "failed").remove(0);
    let event: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(failed.provider_event_id.as_deref(), event["id"].as_str());
    assert_eq!(failed.kind.as_deref(), Some("charge.succeeded"));
}

on_both_databases! {
    what_is_not_signed_right_is_not_stored,
    exactly_300_seconds_are_accepted_both_ways,
    a_connection_that_is_not_configured_is_refused,
    signed_garbage_is_kept_as_it_came_and_holds_nobody_up,
    a_body_that_cannot_be_read_still_shows_whose_event_it_is,
}
