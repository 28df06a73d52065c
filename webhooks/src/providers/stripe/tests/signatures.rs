//! Signatures: the published cases, the limits of time, and headers that are not quite right.

use super::*;
use crate::RawWebhook;
use crate::signature::{SignatureError, hmac_sha256_hex};
use secrecy::SecretString;

const SECRET: &str = "whsec_test_A";
const BODY: &[u8] = b"{\"id\":\"evt_1\"}";

fn sign(secret: &str, time: &str) -> String {
    hmac_sha256_hex(secret.as_bytes(), &[time.as_bytes(), b".", BODY]).unwrap()
}

fn check(header: &str, secrets: &[&str]) -> Result<(), SignatureError> {
    check_at(header, secrets, START)
}

fn check_at(header: &str, secrets: &[&str], now: i64) -> Result<(), SignatureError> {
    let headers = [("stripe-signature".to_owned(), header.to_owned())];
    let secrets: Vec<_> = secrets.iter().map(|s| SecretString::from(*s)).collect();
    Stripe
        .verify(
            RawWebhook {
                headers: &headers,
                body: BODY,
            },
            &secrets,
            at(now),
        )
        .map(|verified| {
            assert_eq!(verified.into_body(), BODY);
        })
}

#[test]
fn every_published_case_is_judged_as_published() {
    let text = std::fs::read_to_string(folder().join("vectors.json")).unwrap();
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(cases.len(), 12);
    for case in cases {
        let headers = case["headers"].as_object().unwrap().iter();
        let headers: Vec<_> = headers
            .map(|(n, v)| (n.to_lowercase(), v.as_str().unwrap().to_owned()))
            .collect();
        let raw = RawWebhook {
            headers: &headers,
            body: case["body"].as_str().unwrap().as_bytes(),
        };
        let secret = SecretString::from(case["secret"].as_str().unwrap());
        let verdict = Stripe.verify(raw, &[secret], at(case["now"].as_i64().unwrap()));
        assert_eq!(
            verdict.is_ok(),
            case["valid"].as_bool().unwrap(),
            "{}: {verdict:?}",
            case["why"]
        );
        let expected = match case["id"].as_str().unwrap() {
            "stripe-07" => Some(SignatureError::TooOld { age_s: 301 }),
            "stripe-13" => Some(SignatureError::NoTimestamp {
                header: "stripe-signature",
            }),
            "stripe-14" => Some(SignatureError::NoSignature {
                header: "stripe-signature",
            }),
            "stripe-16" => Some(SignatureError::MissingHeader {
                header: "stripe-signature",
            }),
            _ if verdict.is_err() => Some(SignatureError::Mismatch),
            _ => None,
        };
        assert_eq!(verdict.err(), expected, "{}", case["why"]);
    }
}

#[test]
fn a_signature_is_good_for_exactly_300_seconds_both_ways() {
    let time = START.to_string();
    let header = format!("t={time},v1={}", sign(SECRET, &time));
    for (offset, good) in [
        (0, true),
        (300, true),
        (-300, true),
        (301, false),
        (-301, false),
    ] {
        assert_eq!(
            check_at(&header, &[SECRET], START + offset).is_ok(),
            good,
            "{offset}"
        );
    }
    assert_eq!(
        check_at(&header, &[SECRET], START - 301),
        Err(SignatureError::TooFarInTheFuture { ahead_s: 301 })
    );
}

#[test]
fn while_a_secret_is_rotated_any_signature_may_fit_any_secret() {
    let time = START.to_string();
    let (old, new) = (sign("whsec_old", &time), sign("whsec_new", &time));
    let header = format!("t={time},v1={old},v1={new}");
    for secrets in [
        &["whsec_old"][..],
        &["whsec_new"],
        &["whsec_x", "whsec_new"],
        &["whsec_old", ""],
        &["", "whsec_new"],
    ] {
        assert_eq!(check(&header, secrets), Ok(()), "{secrets:?}");
    }
    assert_eq!(check(&header, &["whsec_x"]), Err(SignatureError::Mismatch));
}

#[test]
fn without_a_usable_secret_nothing_is_believed() {
    let time = START.to_string();
    for secrets in [&[][..], &[""], &["  ", "\n"]] {
        let header = format!(
            "t={time},v1={}",
            sign(secrets.first().unwrap_or(&""), &time)
        );
        assert_eq!(check(&header, secrets), Err(SignatureError::NoSecret));
    }
}

#[test]
fn headers_that_are_not_quite_right_are_refused() {
    let time = START.to_string();
    let good = sign(SECRET, &time);
    let malformed = [
        String::new(),
        "t".to_owned(),
        format!("t={time},v1={good},"),
        format!("t={time},t={time},v1={good}"),
        format!("t=,v1={good}"),
        format!("t=+{time},v1={good}"),
        format!("t=-1,v1={good}"),
        format!("t= {time},v1={good}"),
        format!("t=1e9,v1={good}"),
        format!("t=99999999999999999999,v1={good}"),
        format!("t={time},{good}"),
    ];
    for header in malformed {
        assert!(
            matches!(
                check(&header, &[SECRET]),
                Err(SignatureError::Malformed { .. })
            ),
            "{header}"
        );
    }
    let mismatched = [
        format!("t={time},v1={}", good.to_uppercase()),
        format!("t={time},v1={}", &good[..63]),
        format!("t={time},v1={good}0"),
        format!("t={time},v1="),
        format!("t={time},v1= {good}"),
        format!("t=0{time},v1={good}"),
    ];
    for header in mismatched {
        assert_eq!(
            check(&header, &[SECRET]),
            Err(SignatureError::Mismatch),
            "{header}"
        );
    }
    let v0 = format!("t={time},v0={good}");
    assert_eq!(
        check(&v0, &[SECRET]),
        Err(SignatureError::NoSignature {
            header: "stripe-signature"
        })
    );
}

#[test]
fn two_signature_headers_are_refused() {
    let time = START.to_string();
    let header = (
        "stripe-signature".to_owned(),
        format!("t={time},v1={}", sign(SECRET, &time)),
    );
    let headers = [header.clone(), header];
    let verdict = Stripe.verify(
        RawWebhook {
            headers: &headers,
            body: BODY,
        },
        &[SecretString::from(SECRET)],
        at(START),
    );
    assert!(matches!(verdict, Err(SignatureError::Malformed { .. })));
}
