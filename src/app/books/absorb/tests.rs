mod facts;

use super::*;
use avstem_domain::event::{CustomerFact, Fact, Presence, Version};
use avstem_domain::id::ProviderCustomerId;
use avstem_domain::time::Timestamp;
use facts::observation;
use proptest::prelude::*;
use serde_json::Value;

fn stored(told: String) -> StoredAnswer {
    StoredAnswer {
        id: "avans_1".to_owned(),
        connection: "stripe".to_owned(),
        told,
        absorbed_at: 1,
    }
}

proptest! {
    #[test]
    fn whatever_an_answer_told_is_read_back_exactly(told in prop::collection::vec(observation(), 0..4)) {
        prop_assert_eq!(kept(&stored(text(&told).unwrap())).unwrap(), told);
    }
}

fn told(fact: Fact) -> Observation {
    Observation {
        version: Version {
            terminal: false,
            observed_at: Timestamp::from_unix_seconds(1_700_000_000).unwrap(),
            rank: 3,
            tie: "~".to_owned(),
        },
        fact,
    }
}

#[test]
fn facts_about_customers_are_never_kept() {
    let customer = told(Fact::Customer(CustomerFact {
        id: ProviderCustomerId::parse("cus_1").unwrap(),
        email: Some("canary@example.test".to_owned()),
        name: None,
        locale: None,
        deleted: Presence::Exists,
    }));
    let error = text(&[customer]).unwrap_err().to_string();
    assert!(error.contains("cannot be serialized"), "{error}");
    assert!(!error.contains("canary"), "{error}");
}

/// Whether everything in `part` is in `whole`, in its place.
fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .all(|(name, part)| whole.get(name).is_some_and(|whole| holds(whole, part))),
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(w, p)| holds(w, p))
        }
        (whole, part) => whole == part,
    }
}

/// Answers are kept for good: what an earlier version wrote must be read by every later one.
#[test]
fn what_the_first_version_kept_is_read_for_ever() {
    let text = include_str!("first_version.json");
    let read = kept(&stored(text.to_owned())).unwrap();
    let subjects: Vec<String> = read.iter().map(|told| told.fact.subject()).collect();
    assert_eq!(
        subjects,
        [
            "subscription sub_1",
            "invoice in_1",
            "a payment of invoice in_1",
            "charge ch_1",
            "refund re_1",
            "dispute du_1",
            "payout po_1",
        ]
    );
    // Nothing that it said is lost: each field has its name and its value still.
    let again = serde_json::to_value(&read).unwrap();
    let first: Value = serde_json::from_str(text).unwrap();
    assert!(holds(&again, &first), "{again:#}\nis not\n{first:#}");
}

#[test]
fn an_answer_that_was_changed_into_nonsense_is_not_read() {
    let first = include_str!("first_version.json");
    for (good, bad) in [
        ("\"SEK\"", "\"XXX\""),
        ("\"succeeded\"", "\"succeded\""),
        ("\"ch_1\"", "\"\""),
        ("\"2026-11-24\"", "\"2026-11-31\""),
        ("1700000000000000", "-1"),
    ] {
        assert!(first.contains(good), "{good}");
        let changed = stored(first.replacen(good, bad, 1));
        assert!(kept(&changed).is_err(), "{good} → {bad}");
    }
}
